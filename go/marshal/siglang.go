package marshal

import (
	"sort"
	"strings"

	"wasmgate/go/errs"
)

// ParseSignature reads the signature language of the `signatures` option:
//
//	signature = "(" [ param { "," param } ] ")" [ "->" result ]
//	param     = [ name ":" ] type
//	result    = type | "()" | "(" type { "," type } ")" | "result<" result ">"
//	type      = base [ "?" ]
//	base      = bool char string bytes v128 i8 … u128 f32 f64 value, or a number type
//	            of up to 64 bits followed by "[]"; `bytes` is u8[], `value` anything
//
// White space is free between words. Example: "(name: string, limit: u32?) -> result<string>".
func ParseSignature(text string) (Signature, error) {
	p := &sigParser{text: text, rest: text}
	var s Signature
	p.expect("(")
	for !p.accept(")") && p.err == nil {
		if len(s.Params) > 0 {
			p.expect(",")
		}
		s.Params = append(s.Params, p.param())
	}
	if p.accept("->") {
		p.result(&s)
	}
	if p.err == nil && p.peek() != "" {
		p.fail("nothing after the result")
	}
	return s, p.err
}

type sigParser struct {
	text, rest string
	err        error
}

func (p *sigParser) peek() string {
	p.rest = strings.TrimLeft(p.rest, " \t\r\n")
	return p.rest
}

func (p *sigParser) fail(wanted string) {
	if p.err != nil {
		return
	}
	at := len(p.text) - len(p.peek())
	found := "the end"
	if p.rest != "" {
		found = "\"" + firstWord(p.rest) + "\""
	}
	p.err = errs.New(errs.SignatureSyntax, "signature %q: expected %s at character %d, got %s",
		p.text, wanted, at+1, found).With("position", at)
	p.rest = ""
}

func firstWord(text string) string {
	if n := identLength(text); n > 0 {
		return text[:n]
	}
	for i := range text {
		if i > 0 {
			return text[:i]
		}
	}
	return text
}

func identLength(text string) int {
	for i, r := range text {
		letter := r == '_' || r == '$' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return i
		}
	}
	return len(text)
}

func (p *sigParser) accept(token string) bool {
	if strings.HasPrefix(p.peek(), token) {
		p.rest = p.rest[len(token):]
		return true
	}
	return false
}

func (p *sigParser) expect(token string) {
	if !p.accept(token) {
		p.fail("\"" + token + "\"")
	}
}

func (p *sigParser) ident() string {
	n := identLength(p.peek())
	word := p.rest[:n]
	p.rest = p.rest[n:]
	return word
}

func (p *sigParser) param() Param {
	before := p.peek()
	name := p.ident()
	if name != "" && p.accept(":") {
		return Param{Name: name, Type: p.typ()}
	}
	p.rest = before
	return Param{Type: p.typ()}
}

func (p *sigParser) result(s *Signature) {
	before := p.peek()
	if p.ident() == "result" && p.accept("<") {
		if s.Fallible {
			p.rest = before
			p.fail("one result<…> only")
			return
		}
		s.Fallible = true
		p.result(s)
		p.expect(">")
		return
	}
	p.rest = before
	if !p.accept("(") {
		s.Results = []Type{p.typ()}
		return
	}
	for !p.accept(")") && p.err == nil {
		if len(s.Results) > 0 {
			p.expect(",")
		}
		s.Results = append(s.Results, p.typ())
	}
}

var baseKinds = map[string]Kind{
	"bool": Bool, "char": Char, "string": String, "bytes": U8Array, "v128": V128,
	"i8": I8, "u8": U8, "i16": I16, "u16": U16, "i32": I32, "u32": U32,
	"i64": I64, "u64": U64, "f32": F32, "f64": F64,
	"externref": ExternRef, "funcref": FuncRef, "i128": I128, "u128": U128, "value": Encoded,
}

var arrayKinds = map[string]Kind{
	"i8": I8Array, "u8": U8Array, "u8clamped": U8ClampedArray, "i16": I16Array, "u16": U16Array,
	"i32": I32Array, "u32": U32Array, "i64": I64Array, "u64": U64Array,
	"f32": F32Array, "f64": F64Array,
}

func (p *sigParser) typ() Type {
	before := p.peek()
	word := p.ident()
	kinds := baseKinds
	if word != "" && p.accept("[]") {
		kinds = arrayKinds
	}
	kind, known := kinds[word]
	if !known {
		p.rest = before
		p.fail("a type (" + strings.Join(sortedKeys(baseKinds), ", ") + " or a number type with [])")
		return Type{}
	}
	return Type{Kind: kind, Optional: p.accept("?")}
}

func sortedKeys(m map[string]Kind) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
