package vm

import (
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

// bindLate settles what stands behind each late-bound import of an instance. What nobody
// provides is named all at once.
func (m *Module) bindLate(spec *engine.Spec) error {
	count := 0
	for _, w := range m.wanted {
		if w.late >= 0 {
			count++
		}
	}
	spec.Late = make([]engine.LateImport, count)
	for _, given := range spec.Imports {
		if given.Number < 0 || given.Number >= count {
			return errs.New(errs.OptionRange, "imports: the module has no late-bound import %d", given.Number)
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
