package marshal

import (
	"strings"
	"testing"

	"wasmgate/go/errs"
)

func TestParseSignature(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"()", "() -> ()"},
		{"() -> ()", "() -> ()"},
		{"(string) -> string", "(string) -> string"},
		{" ( name : string , n:u32? )->bytes? ", "(name: string, n: u32?) -> bytes?"},
		{"(u8[], f64[], i64[]) -> u8clamped[]", "(bytes, f64[], i64[]) -> u8clamped[]"},
		{"() -> (i32, i64, f32)", "() -> (i32, i64, f32)"},
		{"(string) -> result<u64>", "(string) -> result<u64>"},
		{"() -> result<()>", "() -> result<()>"},
		{"(string: string, bool: bool) -> char", "(string: string, bool: bool) -> char"},
		{"(v128, externref, funcref) -> v128", "(v128, externref, funcref) -> v128"},
	} {
		t.Run(tc.in, func(t *testing.T) {
			got, err := ParseSignature(tc.in)
			if err != nil || got.String() != tc.want {
				t.Errorf("got %s, %v; want %s", got, err, tc.want)
			}
		})
	}
}

func TestParseSignature_errors(t *testing.T) {
	for _, tc := range []struct{ in, says string }{
		{"", `expected "(" at character 1, got the end`},
		{"string", `expected "(" at character 1, got "string"`},
		{"(strnig)", `at character 2, got "strnig"`},
		{"(string", `expected "," at character 8`},
		{"(string,)", `at character 9, got ")"`},
		{"(string) ->", "at character 12, got the end"},
		{"(string) string", "nothing after the result"},
		{"() -> result<result<u8>>", "one result<…> only"},
		{"() -> result<u8", `expected ">"`},
		{"(string[])", "expected a type"},
		{"(u32??)", `expected ","`},
		{"(a: )", "expected a type"},
		{"(é)", `got "é"`},
	} {
		t.Run(tc.in, func(t *testing.T) {
			_, err := ParseSignature(tc.in)
			if err == nil || errs.From(err).Code != errs.SignatureSyntax || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("got %v, want it to say %s", err, tc.says)
			}
		})
	}
}

// What String writes, ParseSignature reads as the same.
func FuzzParseSignature(f *testing.F) {
	f.Add("(name: string, n: u32?) -> result<bytes>")
	f.Add("() -> (i32, f64)")
	f.Fuzz(func(t *testing.T, text string) {
		first, err := ParseSignature(text)
		if err != nil {
			return
		}
		second, err := ParseSignature(first.String())
		if err != nil || second.String() != first.String() {
			t.Errorf("%q became %s, then %s, %v", text, first, second, err)
		}
	})
}
