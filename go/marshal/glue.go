package marshal

import (
	"regexp"
	"slices"
	"strings"

	"wasmgate/go/wasmbin"
)

// Facts are what the JavaScript beside a module tells about one function and
// its .d.ts does not.
type Facts struct {
	// Known: the function was found; the other fields mean something.
	Known bool
	// Fallible: it throws a value that the guest returned.
	Fallible bool
	// Unsigned: its integer result is unsigned.
	Unsigned bool
	// OldNone and NewNone tell which number stands for None (see Form).
	OldNone, NewNone bool
	// Char: its string result is one character.
	Char bool
	// Wide: it takes or gives a 128-bit integer.
	Wide bool
	// None is what its result is compared with.
	None None
	// Params tells of its parameters, by name.
	Params map[string]ParamFacts

	areaF64, areaF32, areaI64 bool
}

var (
	glueFunction = regexp.MustCompile(`(?m)^(?:module\.exports\.|exports\.|export function |function )([\w$]+)(?: = function)?\s*\(`)
	throwsTaken  = regexp.MustCompile(`throw take(?:Object|FromExternrefTable\d*)\(`)
	unsignedInt  = regexp.MustCompile(`return [^\n]*(?:>>> 0|BigInt\.asUintN\(64)|[=:] uint64CvtShim\[0\];`)
)

// ParseGlue reads the facts of every function in the JavaScript that
// wasm-bindgen wrote for a module (targets nodejs, bundler and web). It looks
// for the few expressions that the tool emits and runs nothing.
func ParseGlue(text string) map[string]Facts {
	out := map[string]Facts{}
	starts := glueFunction.FindAllStringSubmatchIndex(text, -1)
	for i, at := range starts {
		body := text[at[1]:nextStart(starts, i, text)]
		if end := strings.Index(body, "\n}"); end >= 0 {
			body = body[:end]
		}
		if !strings.Contains(body, "wasm.") {
			continue
		}
		params, body, _ := strings.Cut(body, ")")
		out[text[at[2]:at[3]]] = factsOf(params, body)
	}
	return out
}

func factsOf(params, body string) Facts {
	return Facts{
		Known:    true,
		Fallible: throwsTaken.MatchString(body),
		Unsigned: unsignedInt.MatchString(body),
		OldNone:  strings.Contains(body, "0x100000001"),
		NewNone:  strings.Contains(body, "Number.MAX_SAFE_INTEGER"),
		Char:     strings.Contains(body, "String.fromCodePoint("),
		Wide:     strings.Contains(body, "BigInt(64)"),
		None:     resultNone(body),
		Params:   paramFacts(params, body),
		areaF64:  containsAny(body, "getFloat64Memory0()[retptr", ".getFloat64(retptr"),
		areaF32:  containsAny(body, "getFloat32Memory0()[retptr", ".getFloat32(retptr"),
		areaI64:  containsAny(body, "getBigInt64Memory0()[retptr", "getBigUint64Memory0()[retptr", ".getBigInt64(retptr", ".getBigUint64(retptr"),
	}
}

func containsAny(text string, parts ...string) bool {
	return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(text, p) })
}

// area reports whether a return area of these words is what the glue reads.
func (f Facts) area(words []wasmbin.ValType) bool {
	return !f.Known || f.areaF64 == slices.Contains(words, wasmbin.F64) &&
		f.areaF32 == slices.Contains(words, wasmbin.F32) &&
		f.areaI64 == slices.Contains(words, wasmbin.I64)
}

// signedness settles an integer kind of unknown sign, if the glue told.
func (f Facts) signedness(k Kind) Kind {
	switch {
	case !f.Known:
		return k
	case k == Any32 && f.Unsigned:
		return U32
	case k == Any32:
		return I32
	case k == Any64 && f.Unsigned:
		return U64
	case k == Any64:
		return I64
	}
	return k
}

// result keeps those encodings of a result that the glue reads.
func (f Facts) result(choices []Value) []Value {
	var out []Value
	for _, v := range choices {
		text := v.Kind == String || v.Kind == Char
		if isMutable(v) || f.Known && (text && f.Char != (v.Kind == Char) || !f.None.settle(&v)) {
			continue
		}
		out = append(out, v)
	}
	return out
}

// param keeps those encodings of a parameter that the glue writes.
func (f Facts) param(name string, choices []Value) []Value {
	p, told := f.Params[name]
	if !told {
		return choices
	}
	var out []Value
	for _, v := range choices {
		if p.settle(&v) {
			out = append(out, v)
		}
	}
	return out
}
