package vm

import (
	"encoding/json"
	"slices"

	"wasmgate/go/config"
	"wasmgate/go/engine"
	"wasmgate/go/errs"
	"wasmgate/go/marshal"
	"wasmgate/go/wasmbin"
)

// wanted is an import that wasmgate itself does not provide: late is its number among the
// late-bound ones, -1 if nobody can provide it.
type wanted struct {
	name string
	late int
}

func wantedOf(shape *wasmbin.Module, abi *marshal.ABI) []wanted {
	var out []wanted
	missing := map[int]bool{}
	for _, i := range engine.Missing(shape, abi) {
		missing[i] = true
	}
	late := 0
	for i, imp := range shape.Imports {
		entry := wanted{name: imp.Module + "." + imp.Name, late: -1}
		if engine.IsLate(shape, abi, i) {
			entry.late = late
			late++
		} else if !missing[i] {
			continue
		}
		out = append(out, entry)
	}
	return out
}

// latePlans are those of the late-bound imports with their wasm-level types.
func latePlans(shape *wasmbin.Module, abi *marshal.ABI) []marshal.ImportPlan {
	var out []marshal.ImportPlan
	for _, imp := range engine.Late(shape, abi) {
		plan := marshal.ImportPlan{Name: imp.Module + "." + imp.Name}
		plan.Plan, plan.Reason = marshal.WasmPlan(imp.Type.Func)
		out = append(out, plan)
	}
	return out
}

// importDetail is what js/imports.js has to know of a plan.
type importDetail struct {
	// Plain: it is that of the wasm-level types.
	Plain bool `json:"plain"`
	// Encoded are the values that js/codec.js decodes and encodes.
	Encoded *marshal.APIEncoded `json:"encoded,omitempty"`
}

// ImportPlans plans the late-bound imports with the signatures that JavaScript gives for
// some of them: encoded plans of all, and a JSON document about those that are given.
func (m *Module) ImportPlans(given []config.Import) ([]byte, []byte, error) {
	plans := make([]marshal.ImportPlan, len(m.late))
	for i, imp := range m.late {
		plans[i].Name = imp.Module + "." + imp.Name
		plans[i].Plan, plans[i].Reason = marshal.WasmPlan(imp.Type.Func)
	}
	details := make([]importDetail, len(given))
	for i, entry := range given {
		if err := m.checkNumber(entry.Number); err != nil {
			return nil, nil, err
		}
		plan := &plans[entry.Number]
		details[i].Plain = true
		if entry.Signature == nil {
			continue
		}
		signature, err := marshal.ParseSignature(*entry.Signature)
		if err != nil {
			return nil, nil, errs.From(err).With("imports", []string{plan.Name})
		}
		details[i].Encoded = marshal.EncodedIn(signature)
		typed, reason := marshal.ResolveImport(signature, m.late[entry.Number].Type.Func, m.abi)
		if reason != "" {
			return nil, nil, errs.New(errs.SignatureMismatch, "imports.%s: %s", plan.Name, reason).
				With("imports", []string{plan.Name})
		}
		details[i].Plain = samePlan(typed, plan.Plan)
		plan.Plan = typed
	}
	text, err := json.Marshal(details)
	return marshal.Plans{Imports: plans}.Encode(), text, err
}

// samePlan reports whether two plans pass the same values in the same way.
func samePlan(a, b marshal.Plan) bool {
	borrowed := func(values []marshal.Value) []marshal.Value {
		values = slices.Clone(values)
		for i := range values {
			values[i].Flags = 0
		}
		return values
	}
	return a.Placement == b.Placement && a.Fallible == b.Fallible &&
		slices.Equal(borrowed(a.Params), borrowed(b.Params)) && slices.Equal(a.Results, b.Results)
}

func (m *Module) checkNumber(number int) error {
	if number >= 0 && number < len(m.late) {
		return nil
	}
	return errs.New(errs.OptionRange, "imports: the module has no late-bound import %d", number)
}

// bindLate settles what stands behind each late-bound import of an instance. What nobody
// provides is named all at once.
func (m *Module) bindLate(spec *engine.Spec) error {
	spec.Late = make([]engine.LateImport, len(m.late))
	for _, given := range spec.Imports {
		if err := m.checkNumber(given.Number); err != nil {
			return err
		}
		spec.Late[given.Number] = engine.LateImport{Kind: engine.LateJS, Number: uint32(m.hostImports + given.Number)}
	}
	var missing []string
	for _, w := range m.wanted {
		if w.late < 0 || spec.Late[w.late].Kind == engine.LateNone {
			missing = append(missing, w.name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return errs.New(errs.ImportMissing, "the module imports what nobody provides: %s", join(missing)).With("imports", missing)
}
