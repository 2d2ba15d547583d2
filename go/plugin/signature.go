// Package plugin loads shared libraries with host functions in C, at run time, and
// knows what each of them offers. docs/plugins.md is for those who write them.
//
// Here is only what happens once per library. A call goes from the engine to the
// library through go/engine/plugin.c and never enters Go.
package plugin

import (
	"fmt"
	"strings"
)

// Kind is a type in a signature. Mirrors enum wg_plugin_kind in wg_plugin.h.
type Kind uint8

// The types of wasm, and those that only parameters and results of plain functions have.
const (
	I32 Kind = iota
	I64
	F32
	F64
	ExternRef
	FuncRef
	U32
	Bytes
	CString
)

var kindNames = []string{"i32", "i64", "f32", "f64", "externref", "funcref", "u32", "bytes", "cstring"}

// words are the wasm types that a kind becomes.
func (k Kind) words() []Kind {
	switch k {
	case U32, CString:
		return []Kind{I32}
	case Bytes:
		return []Kind{I32, I32}
	default:
		return []Kind{k}
	}
}

// Limits of a signature, those of a plain function by the registers that a call has.
const (
	maxParams   = 32
	maxResults  = 16
	maxIntegers = 6
	maxFloats   = 8
)

// Signature is the type of a host function.
type Signature struct{ Params, Results []Kind }

// ParseSignature reads "(i32, f64) -> i32": no result is "()" or nothing, several are
// in parentheses. White space is free between words.
func ParseSignature(text string) (Signature, error) {
	p := parser{rest: text}
	var s Signature
	var err error
	if s.Params, err = p.list(); err != nil {
		return s, fmt.Errorf("the signature %q: %w", clip(text), err)
	}
	if p.accept("->") {
		if p.peek() == '(' {
			s.Results, err = p.list()
		} else {
			var k Kind
			k, err = p.kind()
			s.Results = []Kind{k}
		}
	}
	if p.peek(); err == nil && p.rest != "" {
		err = fmt.Errorf("expected the end, got %q", clip(p.rest))
	}
	if err != nil {
		return s, fmt.Errorf("the signature %q: %w", clip(text), err)
	}
	return s, nil
}

type parser struct{ rest string }

// peek gives the next character that is not white space, 0 at the end.
func (p *parser) peek() byte {
	p.rest = strings.TrimLeft(p.rest, " \t\r\n")
	if p.rest == "" {
		return 0
	}
	return p.rest[0]
}

func (p *parser) accept(word string) bool {
	p.peek()
	rest, found := strings.CutPrefix(p.rest, word)
	if found {
		p.rest = rest
	}
	return found
}

func (p *parser) list() ([]Kind, error) {
	if !p.accept("(") {
		return nil, fmt.Errorf("expected \"(\", got %q", clip(p.rest))
	}
	var out []Kind
	for !p.accept(")") {
		if len(out) > 0 && !p.accept(",") {
			return nil, fmt.Errorf("expected \",\" or \")\", got %q", clip(p.rest))
		}
		k, err := p.kind()
		if err != nil {
			return nil, err
		}
		out = append(out, k)
	}
	return out, nil
}

func (p *parser) kind() (Kind, error) {
	p.peek()
	end := strings.IndexFunc(p.rest, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	if end < 0 {
		end = len(p.rest)
	}
	word := p.rest[:end]
	for k, name := range kindNames {
		if name == word {
			p.rest = p.rest[end:]
			return Kind(k), nil
		}
	}
	return 0, fmt.Errorf("expected one of %s, got %q", strings.Join(kindNames, " "), clip(p.rest))
}

// check says whether a callback, or a plain function, can have the signature.
func (s *Signature) check(plain bool) error {
	wasm := s.Wasm()
	switch {
	case len(wasm.Params) > maxParams:
		return fmt.Errorf("at most %d parameters are possible, not %d", maxParams, len(wasm.Params))
	case len(s.Results) > maxResults:
		return fmt.Errorf("at most %d results are possible, not %d", maxResults, len(s.Results))
	case plain:
		return s.checkPlain()
	}
	for _, k := range append(append([]Kind{}, s.Params...), s.Results...) {
		if k > FuncRef {
			return fmt.Errorf("%s is for plain functions, a callback has wasm types", kindNames[k])
		}
	}
	return nil
}

func (s *Signature) checkPlain() error {
	integers, floats := 0, 0
	for _, k := range s.Params {
		switch k {
		case F32, F64:
			floats++
		case ExternRef, FuncRef:
			return fmt.Errorf("a plain function cannot take %s", kindNames[k])
		default:
			integers += len(k.words())
		}
	}
	switch {
	case integers > maxIntegers:
		return fmt.Errorf("a plain function has at most %d integers and pointers, not %d", maxIntegers, integers)
	case floats > maxFloats:
		return fmt.Errorf("a plain function has at most %d floating-point numbers, not %d", maxFloats, floats)
	case len(s.Results) > 1:
		return fmt.Errorf("a plain function has at most 1 result, not %d", len(s.Results))
	case len(s.Results) == 1 && s.Results[0] > F64 && s.Results[0] != U32:
		return fmt.Errorf("a plain function cannot return %s", kindNames[s.Results[0]])
	}
	return nil
}

// Wasm is the type that a guest imports.
func (s *Signature) Wasm() Signature {
	var out Signature
	for _, k := range s.Params {
		out.Params = append(out.Params, k.words()...)
	}
	for _, k := range s.Results {
		out.Results = append(out.Results, k.words()...)
	}
	return out
}

// String writes the signature down in the usual way.
func (s Signature) String() string {
	names := func(kinds []Kind) string {
		words := make([]string, len(kinds))
		for i, k := range kinds {
			words[i] = kindNames[k]
		}
		return strings.Join(words, ", ")
	}
	out := "(" + names(s.Params) + ") -> "
	if len(s.Results) == 1 {
		return out + names(s.Results)
	}
	return out + "(" + names(s.Results) + ")"
}

func (s *Signature) hasRefs() bool {
	for _, k := range append(append([]Kind{}, s.Params...), s.Results...) {
		if k == ExternRef || k == FuncRef {
			return true
		}
	}
	return false
}

func clip(text string) string {
	if len(text) > 60 {
		return text[:60] + "…"
	}
	return text
}
