package vm

import (
	"sync"

	"wasmgate/go/caps"
	"wasmgate/go/config"
	"wasmgate/go/engine"
	"wasmgate/go/errs"
	"wasmgate/go/wasi"
	"wasmgate/go/wasmbin"
)

// registry has the rules of all host modules.
var registry = sync.OnceValue(func() *caps.Registry {
	r := &caps.Registry{}
	r.Register(wasi.Rules()...)
	return r
})

// capabilities are the imports of a module as caps sees them.
func capabilities(shape *wasmbin.Module) []caps.Import {
	out := make([]caps.Import, 0, len(shape.Imports))
	for _, imp := range shape.Imports {
		if imp.Type.Kind == wasmbin.Func {
			out = append(out, caps.Import{Module: imp.Module, Name: imp.Name})
		}
	}
	return out
}

// Decisions tells for each import that needs a grant whether an instance with those of
// spec gets it. Open decides the same; what is audited is had from here, also when Open
// refuses.
func (m *Module) Decisions(spec *engine.Spec) []caps.Decision {
	grants := &spec.Grants
	out := registry().Decide(m.imports, caps.Granted{Given: grants.Given, Refused: grants.Refused})
	offers, err := m.offers(spec)
	if err != nil {
		return out // Open fails for it
	}
	return append(out, pluginDecisions(offers, grants)...)
}

// costsOf are the prices of instructions: those that were given, 1 for the others.
func costsOf(given config.Costs) wasmbin.Costs {
	out := wasmbin.DefaultCosts()
	for _, price := range []struct {
		from *int64
		to   *uint32
	}{
		{given.Simple, &out.Simple},
		{given.Memory, &out.Memory},
		{given.Float, &out.Float},
		{given.Division, &out.Division},
		{given.SIMD, &out.SIMD},
		{given.Branch, &out.Branch},
		{given.Call, &out.Call},
		{given.Entry, &out.Entry},
		{given.BulkPer64, &out.BulkPer64},
		{given.Grow, &out.Grow},
	} {
		if price.from != nil {
			*price.to = uint32(*price.from)
		}
	}
	return out
}

// fits reports whether a module of that profile can do what limits ask for.
func fits(profile config.Profile, limits *config.Limits) error {
	switch {
	case limits.Fuel != nil && !profile.Metering:
		return unfit("fuel", "it was loaded without metering: true")
	case limits.Timeout != 0 && !profile.Interruptible:
		return unfit("timeoutMs", "it was loaded with interruptible: false")
	case limits.StackBytes != 0 && limits.StackBytes != profile.StackBytes:
		return unfit("stackBytes", "it was loaded with stackBytes: %d, not %d", profile.StackBytes, limits.StackBytes)
	case limits.TrapOnGrowFailure != nil && *limits.TrapOnGrowFailure != profile.TrapOnGrowFailure:
		return unfit("trapOnGrowFailure", "it was loaded with trapOnGrowFailure: %v", profile.TrapOnGrowFailure)
	}
	return nil
}

func unfit(limit, format string, args ...any) error {
	args = append([]any{limit}, args...)
	return errs.New(errs.Profile, "limits.%s: the module cannot be held to it: "+format, args...).With("option", "limits."+limit)
}
