package plugin

import (
	"slices"
	"strings"
	"testing"
)

func TestParseSignature(t *testing.T) {
	for _, tc := range []struct {
		in, want, wasm string
	}{
		{"()", "() -> ()", "() -> ()"},
		{"() -> ()", "() -> ()", "() -> ()"},
		{" ( i32 ,\ti64 ) \n->f32 ", "(i32, i64) -> f32", "(i32, i64) -> f32"},
		{"(externref, funcref) -> (f64, i32)", "(externref, funcref) -> (f64, i32)", "(externref, funcref) -> (f64, i32)"},
		{"(u32, bytes) -> u32", "(u32, bytes) -> u32", "(i32, i32, i32) -> i32"},
		{"(cstring,f32)->(i64)", "(cstring, f32) -> i64", "(i32, f32) -> i64"},
	} {
		s, err := ParseSignature(tc.in)
		if err != nil || s.String() != tc.want || s.Wasm().String() != tc.wasm {
			t.Errorf("%q: got %s, in wasm %s, %v", tc.in, s, s.Wasm(), err)
		}
	}
}

func TestParseSignature_errors(t *testing.T) {
	for in, want := range map[string]string{
		"":                     `expected "(", got ""`,
		"i32":                  `expected "(", got "i32"`,
		"(":                    `expected one of`,
		"(i32":                 `expected "," or ")", got ""`,
		"(i32 i32)":            `expected "," or ")", got "i32)"`,
		"(i32,)":               `expected one of`,
		"(v128)":               `got "v128)"`,
		"(I32)":                `expected one of`,
		"() ->":                `expected one of`,
		"() - > i32":           `expected the end, got "- > i32"`,
		"() -> i32, i32":       `expected the end`,
		"() -> (i32) i32":      `expected the end`,
		"(i32)" + "\x00":       `expected the end`,
		strings.Repeat("(", 9): `expected one of`,
	} {
		if _, err := ParseSignature(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", in, err, want)
		}
	}
}

func TestSignature_check(t *testing.T) {
	many := func(kind Kind, n int) []Kind { return slices.Repeat([]Kind{kind}, n) }
	for _, tc := range []struct {
		name  string
		s     Signature
		plain bool
		want  string
	}{
		{"32 parameters", Signature{Params: many(I32, 32)}, false, ""},
		{"33 parameters", Signature{Params: many(I32, 33)}, false, "at most 32"},
		{"16 results", Signature{Results: many(F64, 16)}, false, ""},
		{"17 results", Signature{Results: many(F64, 17)}, false, "at most 16"},
		{"bytes in a callback", Signature{Params: many(Bytes, 1)}, false, "bytes is for plain functions"},
		{"u32 from a callback", Signature{Results: many(U32, 1)}, false, "u32 is for plain functions"},
		{"6 integers and 8 floats", Signature{Params: append(many(Bytes, 3), many(F32, 8)...)}, true, ""},
		{"7 integers", Signature{Params: append(many(Bytes, 3), I64)}, true, "not 7"},
		{"9 floats", Signature{Params: many(F64, 9)}, true, "not 9"},
		{"2 results", Signature{Results: many(I32, 2)}, true, "at most 1"},
		{"a pointer out", Signature{Results: many(Bytes, 1)}, true, "cannot return bytes"},
		{"a reference in", Signature{Params: many(ExternRef, 1)}, true, "cannot take externref"},
	} {
		err := tc.s.check(tc.plain)
		if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %v", tc.name, err)
		}
	}
}

func FuzzParseSignature(f *testing.F) {
	for _, seed := range []string{"()", "(i32, bytes) -> u32", "(externref,funcref)->(f64,f32)", "(cstring", "() -> "} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSignature(text)
		if err != nil {
			return
		}
		again, err := ParseSignature(s.String())
		if err != nil || again.String() != s.String() {
			t.Errorf("%q becomes %s, and that %s, %v", text, s, again, err)
		}
	})
}
