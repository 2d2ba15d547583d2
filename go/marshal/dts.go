package marshal

import (
	"regexp"
	"strings"
)

// ParseDTS reads the functions out of a .d.ts file as wasm-bindgen writes it.
// Functions with a type that cannot be marshalled come out with the reason in
// Unsupported; declarations that are not functions are passed over.
func ParseDTS(text string) map[string]Signature {
	text = strings.TrimPrefix(stripComments(text), "\ufeff")
	names := declaredNames(text)
	out := map[string]Signature{}
	starts := functionStart.FindAllStringSubmatchIndex(text, -1)
	for i, at := range starts {
		name := text[at[2]:at[3]]
		params, rest, ok := splitParams(text[at[1]:nextStart(starts, i, text)])
		if !ok {
			continue
		}
		result, ok := strings.CutPrefix(strings.TrimSpace(rest), ":")
		if !ok {
			continue
		}
		if end := strings.IndexAny(result, ";\n"); end >= 0 {
			result = result[:end]
		}
		out[name] = signatureOf(params, strings.TrimSpace(result), names)
	}
	return out
}

// nextStart is where the match after the i-th begins: what one leaves open must
// not make every other one read to the end of the text.
func nextStart(starts [][]int, i int, text string) int {
	if i+1 < len(starts) {
		return starts[i+1][0]
	}
	return len(text)
}

var (
	functionStart = regexp.MustCompile(`(?m)^\s*export\s+(?:declare\s+)?function\s+([\w$]+)\s*\(`)
	declaration   = regexp.MustCompile(`(?m)^\s*export\s+(?:declare\s+)?(?:const\s+)?(enum|class|interface|type)\s+([\w$]+)`)
	comment       = regexp.MustCompile(`(?s)/\*.*?\*/|//[^\n]*`)
	paramShape    = regexp.MustCompile(`(?s)^\s*(\.\.\.)?([\w$]+)\s*(\??)\s*:\s*(.*?)\s*$`)
)

func stripComments(text string) string { return comment.ReplaceAllString(text, "") }

// declaredNames maps the names that the file declares to what they are.
func declaredNames(text string) map[string]string {
	names := map[string]string{}
	for _, m := range declaration.FindAllStringSubmatch(text, -1) {
		names[m[2]] = m[1]
	}
	return names
}

// splitParams cuts "a: T, b: U): R…" into the parameters and what follows ")".
func splitParams(text string) (params []string, rest string, ok bool) {
	for {
		end := topLevel(text, ",)")
		if end < 0 {
			return nil, "", false
		}
		if part := text[:end]; strings.TrimSpace(part) != "" {
			params = append(params, part)
		}
		if text[end] == ')' {
			return params, text[end+1:], true
		}
		text = text[end+1:]
	}
}

// topLevel finds the first of the stop characters that no bracket or quote
// encloses, -1 if there is none.
func topLevel(text, stops string) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case depth == 0 && strings.IndexByte(stops, c) >= 0:
			return i
		case c == '>' && i > 0 && text[i-1] == '=': // the arrow of a function type
		case strings.IndexByte("([{<", c) >= 0:
			depth++
		case strings.IndexByte(")]}>", c) >= 0:
			depth--
		case c == '"' || c == '\'':
			end := strings.IndexByte(text[i+1:], c)
			if end < 0 {
				return -1
			}
			i += end + 1
		}
	}
	return -1
}

func signatureOf(params []string, result string, names map[string]string) Signature {
	s := Signature{MaybeFallible: true}
	unsupported := func(reason string) {
		if s.Unsupported == "" {
			s.Unsupported = reason
		}
	}
	for _, text := range params {
		m := paramShape.FindStringSubmatch(text)
		if m == nil {
			unsupported("its .d.ts entry cannot be read: " + strings.TrimSpace(text))
			continue
		}
		t, reason := tsType(m[4], names)
		if reason != "" {
			unsupported("parameter " + m[2] + " has the type " + reason)
		}
		t.Optional = t.Optional || m[3] == "?"
		s.Params = append(s.Params, Param{Name: m[2], Type: orEnum(t, names)})
		s.Variadic = m[1] != ""
	}
	if result == "void" {
		return s
	}
	t, reason := tsType(result, names)
	if reason != "" {
		unsupported("the result has the type " + reason)
	}
	s.Results = []Type{orEnum(t, names)}
	return s
}

// orEnum notes that an optional number may be an enum of the file.
func orEnum(t Type, names map[string]string) Type {
	if t.Kind != tsNumber || !t.Optional {
		return t
	}
	for _, what := range names {
		if what == "enum" {
			t.Kind = tsNumberOrEnum
		}
	}
	return t
}

var tsKinds = map[string]Kind{
	"number": tsNumber, "bigint": tsBigint, "BigInt": tsBigint, // as 0.2.82 and older write it
	"string": tsString, "boolean": Bool,
	"Int8Array": I8Array, "Uint8Array": U8Array, "Uint8ClampedArray": U8ClampedArray,
	"Int16Array": I16Array, "Uint16Array": U16Array, "Int32Array": I32Array, "Uint32Array": U32Array,
	"BigInt64Array": I64Array, "BigUint64Array": U64Array, "Float32Array": F32Array, "Float64Array": F64Array,
}

// tsType maps a TypeScript type; the second result, if not empty, is the type
// that cannot be marshalled and why.
func tsType(text string, names map[string]string) (Type, string) {
	var t Type
	var base []string
	for text != "" {
		end := topLevel(text, "|")
		if end < 0 {
			end = len(text)
		}
		switch part := strings.TrimSpace(text[:end]); part {
		case "undefined", "null":
			t.Optional = true
		case "":
		default:
			base = append(base, part)
		}
		text = text[min(end+1, len(text)):]
	}
	if len(base) != 1 {
		return t, strings.Join(base, " | ") + ", a union"
	}
	name, _, _ := strings.Cut(base[0], "<")
	if kind, ok := tsKinds[base[0]]; ok {
		t.Kind = kind
		return t, ""
	}
	if kind, ok := tsKinds[name]; ok && kind.isArray() {
		t.Kind = kind
		return t, ""
	}
	switch names[base[0]] {
	case "enum":
		t.Kind = tsEnum
		return t, ""
	case "class":
		return t, base[0] + ", a class of the guest"
	case "type":
		return t, base[0] + ", a string enum"
	}
	switch {
	case name == "Promise":
		return t, base[0] + ", an asynchronous result"
	case strings.HasSuffix(base[0], "[]"):
		return t, base[0] + ", a list of JavaScript values"
	}
	return t, base[0] + ", a JavaScript value"
}
