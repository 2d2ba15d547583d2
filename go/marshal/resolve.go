package marshal

import (
	"fmt"
	"slices"
	"strings"

	"wasmgate/go/wasmbin"
)

// Placement says where an export leaves its results.
type Placement uint8

// Placements. The numbers are those of enum wg_placement in wg_types.h.
const (
	// InSlots: as wasm results, one or (multi-value) several.
	InSlots Placement = iota
	// InArea: in memory, at the address passed as the first parameter.
	InArea
)

// Fallibility of a plan. The numbers are those of enum wg_fallible.
type Fallibility uint8

// Fallibilities. Seen: whether the reply carries an error is recognised by the
// guest having written the error words of the return area.
const (
	Infallible Fallibility = iota
	Fallible
	FallibleIfSeen
	// FallibleBytes: the error words are an address and a length, of what the guest
	// crate writes for an error; address 0 says that there is none.
	FallibleBytes
)

// Plan says how to call one export. The shim executes it.
type Plan struct {
	Params    []Value
	Results   []Value
	Placement Placement
	Fallible  Fallibility
}

// errorWords follow the payload of a Result: the thrown value, and whether there is one.
var errorWords = []wasmbin.ValType{wasmbin.I32, wasmbin.I32}

// WasmPlan calls an export with its wasm-level types. The second result says,
// if not empty, why that is not possible.
func WasmPlan(t wasmbin.FuncType) (Plan, string) {
	kinds := map[wasmbin.ValType]Kind{
		wasmbin.I32: I32, wasmbin.I64: I64, wasmbin.F32: F32, wasmbin.F64: F64, wasmbin.V128: V128,
		wasmbin.ExternRef: ExternRef, wasmbin.FuncRef: FuncRef,
	}
	var plan Plan
	convert := func(types []wasmbin.ValType) ([]Value, string) {
		var values []Value
		for _, t := range types {
			kind, ok := kinds[t]
			if !ok {
				return nil, fmt.Sprintf("values of type %s cannot be passed", t)
			}
			values = append(values, Value{Kind: kind})
		}
		return values, ""
	}
	var reason string
	if plan.Params, reason = convert(t.Params); reason == "" {
		plan.Results, reason = convert(t.Results)
	}
	return plan, reason
}

// Resolve fits a signature to the wasm type of an export. facts are what the
// glue beside the module tells (zero if there is none). The reason, if not
// empty, says why the two do not fit.
func Resolve(s Signature, t wasmbin.FuncType, abi *ABI, facts Facts) (Plan, string) {
	if s.Unsupported != "" {
		return Plan{}, s.Unsupported
	}
	if abi.Guest {
		return resolveExact(s, t, abi)
	}
	found := fitting(s, t, abi, facts)
	switch {
	case len(found) == 0:
		return Plan{}, misfit(s, t, facts)
	case unsettled(s, found, facts) != "":
		return Plan{}, unsettled(s, found, facts)
	case len(found) > 1:
		return Plan{}, ambiguous(s)
	}
	if !abi.Raw && slices.ContainsFunc(found[0].Params, isWithArray) {
		return Plan{}, mutableSlice
	}
	return found[0], checkPlan(found[0], abi)
}

// fitting lists every plan that serves a signature with exactly this wasm type.
func fitting(s Signature, t wasmbin.FuncType, abi *ABI, facts Facts) []Plan {
	var found []Plan
	for _, result := range resultChoices(s, t, abi, facts) {
		params := t.Params
		if result.Placement == InArea {
			params = params[1:]
		}
		for _, values := range paramChoices(s.Params, params, abi, facts) {
			if !explicitSlices(s, values) {
				continue
			}
			plan := result
			plan.Params = values
			found = append(found, plan)
		}
	}
	return found
}

// ResolveImport fits a signature to the wasm type of an import that JavaScript provides.
// What the guest gives stays its own; text and bytes that it gets are in memory of its
// allocator, and the guest's from then on. The reason, if not empty, says why the two do
// not fit.
func ResolveImport(s Signature, t wasmbin.FuncType, abi *ABI) (Plan, string) {
	for i := range s.Params {
		s.Params[i].Type.Flags |= Borrowed
	}
	if abi.Guest {
		plan, reason := Flatten(s, abi)
		if reason == "" && !plan.FuncType().Equal(t) {
			reason = misfit(s, t, Facts{})
		}
		return plan, reason
	}
	if EncodedIn(s) != nil {
		return Plan{}, "`value` is a type of the guest crate, which did not make this module"
	}
	if s.Fallible {
		return Plan{}, "result<…> is for modules of the guest crate; elsewhere what a host function throws ends the call"
	}
	found := fitting(s, t, abi, Facts{})
	switch len(found) {
	case 0:
		return Plan{}, misfit(s, t, Facts{})
	case 1:
		return found[0], checkImport(found[0], abi)
	}
	return Plan{}, ambiguous(s)
}

// checkImport refuses plans of imports that need a helper the guest does not export.
func checkImport(p Plan, abi *ABI) string {
	isRef := func(v Value) bool { return v.Kind == ExternRef || v.Kind == FuncRef }
	results := slices.ContainsFunc(p.Results, Value.needsMemory)
	memory := results || p.Placement == InArea || slices.ContainsFunc(p.Params, Value.needsMemory)
	switch {
	case p.Placement == InArea && slices.ContainsFunc(p.Results, isRef):
		return "references cannot be in memory"
	case p.Placement == InArea && areaBytes(p) > AreaBytes:
		return fmt.Sprintf("its results need more than the %d bytes of a return area", AreaBytes)
	case memory && abi.Memory == "":
		return "text and bytes need a memory, which the module does not export"
	case results && abi.Malloc == "":
		return "results of text and bytes need an allocator (__wbindgen_malloc, __wasmgate_malloc or malloc), which the module does not export"
	}
	return ""
}

// resolveExact serves the guest crate, whose types leave nothing open.
func resolveExact(s Signature, t wasmbin.FuncType, abi *ABI) (Plan, string) {
	plan, reason := Flatten(s, abi)
	if reason == "" && !plan.FuncType().Equal(t) {
		reason = fmt.Sprintf("the signature %s does not fit the wasm type %s", s, typeText(t))
	}
	return plan, reason
}

// ambiguous says why nothing was chosen, and what helps.
func ambiguous(s Signature) string {
	if s.MaybeFallible {
		return "its types do not say which of several encodings the guest uses; give `signatures`"
	}
	return "the guest's version of wasm-bindgen decides how it is encoded, and the module does not say (it has no producers section)"
}

// explicitSlices keeps a caller's explicit signature from being taken for a
// mutable slice: that is what a .d.ts leaves open, not what a caller means.
func explicitSlices(s Signature, values []Value) bool {
	return s.MaybeFallible || !slices.ContainsFunc(values, func(v Value) bool { return isMutable(v) && !s.mutable() })
}

func isMutable(v Value) bool { return v.Flags&Mutable != 0 }

func isWithArray(v Value) bool { return v.Flags&WithArray != 0 }

func typeText(t wasmbin.FuncType) string {
	join := func(list []wasmbin.ValType) string {
		names := make([]string, len(list))
		for i, v := range list {
			names[i] = v.String()
		}
		return "(" + strings.Join(names, ", ") + ")"
	}
	return join(t.Params) + " -> " + join(t.Results)
}

// AreaBytes is the size of an instance's return area, WG_AREA_BYTES in
// wg_types.h: the largest reply of a wasm-bindgen type, rounded up.
const AreaBytes = 48

// areaBytes is what the results of a plan take in a return area, each word at
// its natural alignment.
func areaBytes(p Plan) int {
	words := p.resultWords()
	if p.Fallible != Infallible {
		words = append(words, errorWords...)
	}
	size := 0
	for _, w := range words {
		bytes := max(4, map[wasmbin.ValType]int{wasmbin.I64: 8, wasmbin.F64: 8, wasmbin.V128: 16}[w])
		size = (size+bytes-1)/bytes*bytes + bytes
	}
	return size
}

// checkPlan refuses plans that need a helper the guest does not export.
func checkPlan(p Plan, abi *ABI) string {
	if p.Placement == InArea && areaBytes(p) > AreaBytes {
		return fmt.Sprintf("its results need more than the %d bytes of a return area", AreaBytes)
	}
	isRef := func(v Value) bool { return v.Kind == ExternRef || v.Kind == FuncRef }
	if p.Placement == InArea && slices.ContainsFunc(p.Results, isRef) {
		return "references cannot be in memory"
	}
	memory := p.Placement == InArea || slices.ContainsFunc(p.Results, Value.needsMemory)
	allocate := p.Placement == InArea || slices.ContainsFunc(p.Params, Value.needsMemory)
	free := slices.ContainsFunc(p.Results, Value.needsMemory)
	missing := ""
	switch {
	case (memory || allocate) && abi.Memory == "":
		missing = "a memory"
	case allocate && abi.Malloc == "":
		missing = "an allocator (__wbindgen_malloc, __wasmgate_malloc or malloc)"
	case free && abi.Free == "":
		missing = "a deallocator (__wbindgen_free, __wasmgate_free or free)"
	case p.Fallible != Infallible && !abi.Bindgen && !abi.Guest:
		return "result<…> is an ABI of wasm-bindgen, which did not make this module"
	}
	if missing == "" {
		return ""
	}
	reason := "text and bytes need " + missing + ", which the module does not export"
	if abi.Clash != "" {
		reason += " under a known name: " + abi.Clash
	}
	return reason
}

// paramChoices lists every way to spread params over exactly these wasm types.
func paramChoices(params []Param, words []wasmbin.ValType, abi *ABI, facts Facts) [][]Value {
	if len(params) == 0 {
		if len(words) == 0 {
			return [][]Value{{}}
		}
		return nil
	}
	var out [][]Value
	for _, v := range facts.param(params[0].Name, valueChoices(params[0].Type, abi, facts)) {
		w := v.words()
		if len(w) > len(words) || !slices.Equal(w, words[:len(w)]) {
			continue
		}
		for _, rest := range paramChoices(params[1:], words[len(w):], abi, facts) {
			out = append(out, append([]Value{v}, rest...))
		}
	}
	return out
}

// resultChoices lists the ways in which t can give the results of s.
func resultChoices(s Signature, t wasmbin.FuncType, abi *ABI, facts Facts) []Plan {
	var out []Plan
	for _, values := range resultValues(s.Results, abi, facts) {
		words := Plan{Results: values}.resultWords()
		for _, fallible := range fallibilities(s, abi, facts) {
			all := words
			if fallible != Infallible {
				all = slices.Concat(words, errorWords)
			}
			switch {
			case slices.Equal(all, t.Results) && fallible != FallibleIfSeen:
				out = append(out, Plan{Results: values, Fallible: fallible})
			case !abi.MultiValue && len(all) > 1 && len(t.Results) == 0 && len(t.Params) > 0 && t.Params[0] == wasmbin.I32:
				if !facts.area(all) {
					continue
				}
				out = append(out, Plan{Results: values, Placement: InArea, Fallible: fallible})
			}
		}
	}
	return preferSeen(out)
}

// preferSeen settles what a .d.ts leaves open about a reply in an area. Where the
// payload alone would need the area, the reply shows whether error words follow
// it (the shim looks). Where only error words explain the area, there are some.
func preferSeen(plans []Plan) []Plan {
	payload := func(p Plan) int { return len(p.resultWords()) }
	open := slices.ContainsFunc(plans, func(p Plan) bool { return p.Fallible == FallibleIfSeen })
	text := slices.ContainsFunc(plans, func(p Plan) bool { return p.Fallible == FallibleIfSeen && payload(p) > 1 })
	return slices.DeleteFunc(plans, func(p Plan) bool {
		switch {
		case p.Placement == InSlots || !open:
			return false
		case payload(p) > 1:
			return p.Fallible != FallibleIfSeen
		case text: // Result<char> beside String: the shim tells them apart in the reply
			return true
		}
		return p.Fallible != Fallible
	})
}

func (p Plan) resultWords() []wasmbin.ValType {
	var words []wasmbin.ValType
	for _, v := range p.Results {
		words = append(words, v.words()...)
	}
	return words
}

func fallibilities(s Signature, abi *ABI, facts Facts) []Fallibility {
	switch {
	case s.Fallible && abi.upTo(lastRethrow) && !abi.after(lastRethrow):
		return []Fallibility{Infallible} // Err does not return: the guest throws
	case s.Fallible:
		return []Fallibility{Fallible}
	case !s.MaybeFallible:
		return []Fallibility{Infallible}
	case facts.Known && facts.Fallible:
		return []Fallibility{Fallible}
	case facts.Known:
		return []Fallibility{Infallible}
	}
	return []Fallibility{Infallible, Fallible, FallibleIfSeen}
}

func resultValues(types []Type, abi *ABI, facts Facts) [][]Value {
	out := [][]Value{{}}
	for _, t := range types {
		var next [][]Value
		for _, head := range out {
			for _, v := range facts.result(valueChoices(t, abi, facts)) {
				v.Kind = facts.signedness(v.Kind)
				next = append(next, append(slices.Clone(head), v))
			}
		}
		out = next
	}
	return out
}

// Flatten plans calls of a signature whose every type has one encoding (that of a
// raw module). The reason, if not empty, says why there is no plan.
func Flatten(s Signature, abi *ABI) (Plan, string) {
	var plan Plan
	one := func(t Type) (Value, bool) {
		choices := valueChoices(t, abi, Facts{})
		if len(choices) != 1 {
			return Value{}, false
		}
		return choices[0], true
	}
	for _, p := range s.Params {
		v, ok := one(p.Type)
		if !ok {
			return Plan{}, fmt.Sprintf("the type %s has no encoding in this version of wasm-bindgen", p.Type)
		}
		plan.Params = append(plan.Params, v)
	}
	for _, t := range s.Results {
		v, ok := one(t)
		if !ok {
			return Plan{}, fmt.Sprintf("the type %s has no encoding in this version of wasm-bindgen", t)
		}
		plan.Results = append(plan.Results, v)
	}
	words := len(plan.resultWords())
	if s.Fallible && abi.after(lastRethrow) {
		plan.Fallible = Fallible
		if abi.Guest {
			plan.Fallible = FallibleBytes
		}
		words += len(errorWords)
	}
	if words > 1 {
		plan.Placement = InArea
	}
	return plan, checkPlan(plan, abi)
}

// FuncType is the wasm type of a function with that plan.
func (p Plan) FuncType() wasmbin.FuncType {
	var t wasmbin.FuncType
	if p.Placement == InArea {
		t.Params = append(t.Params, wasmbin.I32)
	}
	for _, v := range p.Params {
		t.Params = append(t.Params, v.words()...)
	}
	if p.Placement == InSlots {
		t.Results = p.resultWords()
	}
	return t
}
