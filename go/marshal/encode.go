package marshal

import (
	"cmp"
	"encoding/binary"
)

// EncodingVersion is the first byte of what Encode writes; binding/plan.cc
// refuses any other.
const EncodingVersion = 3

// Export is what the shim needs to know of one exported function.
type Export struct {
	Name string
	// Wasm calls it with wasm-level types, Typed with its signature; a reason
	// instead of a plan says why that cannot be done.
	Wasm, Typed             Plan
	WasmReason, TypedReason string
	// Title is what messages call it, Name if empty; Lead is how many parameters
	// come before those that a caller gives (the receiver of a method).
	Title string
	Lead  int
	// Adapter names the export that does a short typed call in one go (see
	// Adapters); empty if there is none.
	Adapter string
}

// Plans is all that the shim needs to know of a module.
type Plans struct {
	// Lists are the strings of the string enums.
	Lists [][]string
	// Functions are plans for functions of the guest's table; their first two
	// parameters say which closure it is.
	Functions []FunctionPlan
	Exports   []Export
	// Imports are those that JavaScript provides. Their Params are what the guest
	// gives, their Results what it gets; Fallible: it catches what is thrown.
	Imports []ImportPlan
}

// FunctionPlan is how JavaScript calls a function that the guest gave it.
type FunctionPlan struct {
	Planned
	// Shim is the function's index in the guest's table, Dtor that of what frees
	// it; 0 if something else does.
	Shim, Dtor uint32
	// Owned: JavaScript frees it. Mutable: it is not to be called while it runs.
	Owned, Mutable bool
}

// ImportPlan is how the guest calls a function of JavaScript.
type ImportPlan struct {
	Planned
	Name string // for messages
}

// Planned is a plan, or the reason why there is none.
type Planned struct {
	Plan   Plan
	Reason string
}

// Encode writes plans in the form that the shim reads, numbers little-endian:
//
//	u8 version
//	u32 count of lists, per list u32 count, per string u32 length and bytes
//	u32 count of functions, per function a plan, u32 shim, u32 dtor, u8 owned, u8 mutable
//	u32 count of exports, per export
//	  u32 length and bytes of the name, the same of the title, u8 lead
//	  plan (wasm-level), plan (typed)
//	  u32 length and bytes of the name of the adapter, empty if it has none
//	u32 count of imports, per import u32 length and bytes of its name, a plan
//	plan:  u8 1 | u16 params | values | u16 results | values | u8 placement | u8 fallibility
//	 or    u8 0 | u32 length and bytes of the reason why there is none
//	value: u8 kind | u8 form | u8 flags | u32 extra
func (p Plans) Encode() []byte {
	out := []byte{EncodingVersion}
	out = appendCount(out, len(p.Lists))
	for _, list := range p.Lists {
		out = appendCount(out, len(list))
		for _, text := range list {
			out = appendText(out, text)
		}
	}
	out = appendCount(out, len(p.Functions))
	for _, f := range p.Functions {
		out = appendPlan(out, f.Plan, f.Reason)
		out = binary.LittleEndian.AppendUint32(out, f.Shim)
		out = binary.LittleEndian.AppendUint32(out, f.Dtor)
		out = append(out, bit(f.Owned), bit(f.Mutable))
	}
	out = appendCount(out, len(p.Exports))
	for _, e := range p.Exports {
		out = appendText(out, e.Name)
		out = append(appendText(out, cmp.Or(e.Title, e.Name)), byte(e.Lead))
		out = appendPlan(out, e.Wasm, e.WasmReason)
		out = appendPlan(out, e.Typed, e.TypedReason)
		out = appendText(out, e.Adapter)
	}
	out = appendCount(out, len(p.Imports))
	for _, i := range p.Imports {
		out = appendPlan(appendText(out, i.Name), i.Plan, i.Reason)
	}
	return out
}

// MaxValues is the most parameters or results that a plan can carry; it is
// also the limit that the JavaScript API of WebAssembly sets.
const MaxValues = 1000

func bit(b bool) byte {
	if b {
		return 1
	}
	return 0
}

func appendCount(out []byte, count int) []byte {
	return binary.LittleEndian.AppendUint32(out, uint32(count))
}

func appendText(out []byte, text string) []byte {
	out = appendCount(out, len(text))
	return append(out, text...)
}

func appendPlan(out []byte, p Plan, reason string) []byte {
	if reason == "" && (len(p.Params) > MaxValues || len(p.Results) > MaxValues) {
		reason = "it has more than 1000 parameters or results"
	}
	if reason != "" {
		return appendText(append(out, 0), reason)
	}
	out = append(out, 1)
	out = appendValues(out, p.Params)
	out = appendValues(out, p.Results)
	return append(out, byte(p.Placement), byte(p.Fallible))
}

func appendValues(out []byte, values []Value) []byte {
	out = binary.LittleEndian.AppendUint16(out, uint16(len(values)))
	for _, v := range values {
		out = append(out, byte(v.Kind), byte(v.Form), byte(v.Flags))
		out = binary.LittleEndian.AppendUint32(out, v.Extra)
	}
	return out
}
