package marshal

import "encoding/binary"

// EncodingVersion is the first byte of what Encode writes; binding/plan.cc
// refuses any other.
const EncodingVersion = 2

// Export is what the shim needs to know of one exported function.
type Export struct {
	Name string
	// Wasm calls it with wasm-level types, Typed with its signature; a reason
	// instead of a plan says why that cannot be done.
	Wasm, Typed             Plan
	WasmReason, TypedReason string
	// Adapter names the export that does a short typed call in one go (see
	// Adapters); empty if there is none.
	Adapter string
}

// Encode writes exports in the form that the shim reads, numbers little-endian:
//
//	u8 version, u32 count, then per export
//	  u32 length and bytes of the name
//	  plan (wasm-level), plan (typed)
//	  u32 length and bytes of the name of the adapter, empty if it has none
//	plan:  u8 1 | u16 params | per param u8 kind u8 form | u16 results | per result
//	       u8 kind u8 form | u8 placement | u8 fallibility
//	 or    u8 0 | u32 length and bytes of the reason why there is none
func Encode(exports []Export) []byte {
	out := []byte{EncodingVersion}
	out = binary.LittleEndian.AppendUint32(out, uint32(len(exports)))
	for _, e := range exports {
		out = appendText(out, e.Name)
		out = appendPlan(out, e.Wasm, e.WasmReason)
		out = appendPlan(out, e.Typed, e.TypedReason)
		out = appendText(out, e.Adapter)
	}
	return out
}

// MaxValues is the most parameters or results that a plan can carry; it is
// also the limit that the JavaScript API of WebAssembly sets.
const MaxValues = 1000

func appendText(out []byte, text string) []byte {
	out = binary.LittleEndian.AppendUint32(out, uint32(len(text)))
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
		out = append(out, byte(v.Kind), byte(v.Form))
	}
	return out
}
