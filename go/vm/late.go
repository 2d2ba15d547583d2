package vm

import (
	"encoding/json"

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
	// Short are the values of a call that js/trampolines.js can make, nil if it cannot.
	Short *shortCall `json:"short,omitempty"`
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
		if entry.Signature == nil {
			details[i].Short = shortOf(plan.Plan)
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
		details[i].Short = shortOf(typed)
		plan.Plan = typed
	}
	text, err := json.Marshal(details)
	return marshal.Plans{Imports: plans}.Encode(), text, err
}

// shortCall is a call of numbers and texts with at most one number for a result. Words of
// texts are left out of Slots, which are the places of the parameters among the words.
type shortCall struct {
	Params []string `json:"params"`
	Slots  []int    `json:"slots"`
	Result string   `json:"result,omitempty"`
}

// shortKinds can be parameters of such a call, and those that are true its result.
var shortKinds = map[marshal.Kind]bool{
	marshal.I32: true, marshal.I64: true, marshal.F32: true, marshal.F64: true,
	marshal.U32: false, marshal.Bool: false, marshal.String: false,
}

func shortOf(p marshal.Plan) *shortCall {
	if p.Placement != marshal.InSlots || p.Fallible != marshal.Infallible || len(p.Results) > 1 {
		return nil
	}
	out := &shortCall{Params: []string{}, Slots: []int{}}
	slot := 0
	for _, v := range p.Params {
		if _, ok := shortKinds[v.Kind]; !ok || v.Form != marshal.Plain {
			return nil
		}
		out.Params, out.Slots = append(out.Params, v.Kind.String()), append(out.Slots, slot)
		slot++
		if v.Kind == marshal.String {
			slot++
		}
	}
	for _, v := range p.Results {
		if !shortKinds[v.Kind] || v.Form != marshal.Plain {
			return nil
		}
		out.Result = v.Kind.String()
	}
	return out
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
	if err := m.bindPlugins(spec); err != nil {
		return err
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
