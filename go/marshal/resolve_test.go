package marshal

import (
	"reflect"
	"strings"
	"testing"

	"wasmgate/go/wasmbin"
)

// funcOf reads a shape such as "ww>w".
func funcOf(shape string) wasmbin.FuncType {
	types := map[rune]wasmbin.ValType{
		'w': wasmbin.I32, 'l': wasmbin.I64, 'f': wasmbin.F32, 'd': wasmbin.F64, 'v': wasmbin.V128,
		'x': wasmbin.ExternRef, 'r': wasmbin.FuncRef, '?': wasmbin.OtherRef,
	}
	var t wasmbin.FuncType
	list := &t.Params
	for _, c := range shape {
		if c == '>' {
			list = &t.Results
			continue
		}
		*list = append(*list, types[c])
	}
	return t
}

// bindgen is a guest of that version with all helpers.
func bindgen(minor int) *ABI {
	return &ABI{
		Bindgen: true, Minor: minor, Memory: "memory",
		Malloc: "__wbindgen_malloc", MallocArgs: 2, Free: "__wbindgen_free", FreeArgs: 3,
	}
}

func mustParse(t testing.TB, text string) Signature {
	t.Helper()
	s, err := ParseSignature(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func dts(t testing.TB, declaration string) Signature {
	t.Helper()
	s, ok := ParseDTS("export function f" + declaration + ";")["f"]
	if !ok {
		t.Fatalf("no function in %q", declaration)
	}
	return s
}

// The core types are those of the specification's table of representative
// exports, by version.
func TestResolve_signatures(t *testing.T) {
	area := func(p Plan) Plan { p.Placement = InArea; return p }
	text := []Value{{Kind: String}}
	for _, tc := range []struct {
		name, signature, shape string
		minor                  int
		want                   Plan
	}{
		{"&str to String, area", "(string) -> string", "www>", 83, area(Plan{Params: text, Results: text})},
		{"&str to String, multi-value", "(string) -> string", "ww>ww", 127, Plan{Params: text, Results: text}},
		{"&[u8] to Vec<u8>, area", "(bytes) -> bytes", "www>", 100, area(Plan{
			Params: []Value{{Kind: U8Array}}, Results: []Value{{Kind: U8Array}},
		})},
		{"u64 in halves", "(u64, u64) -> u64", "wwwww>", 82, area(Plan{
			Params: []Value{{Kind: U64, Form: Pair64}, {Kind: U64, Form: Pair64}}, Results: []Value{{Kind: U64, Form: Pair64}},
		})},
		{"u64", "(u64, u64) -> u64", "ll>l", 83, Plan{
			Params: []Value{{Kind: U64}, {Kind: U64}}, Results: []Value{{Kind: U64}},
		}},
		{"Option<i64> in halves", "(i32, i64?) -> i64?", "wwwww>", 82, area(Plan{
			Params: []Value{{Kind: I32}, {Kind: I64, Form: OptFlagPair64}}, Results: []Value{{Kind: I64, Form: OptFlagPair64}},
		})},
		{"Option<i64>", "(i32, i64?) -> i64?", "wwwl>", 84, area(Plan{
			Params: []Value{{Kind: I32}, {Kind: I64, Form: OptFlag}}, Results: []Value{{Kind: I64, Form: OptFlag}},
		})},
		{"Option<u32> with a flag", "(u32?) -> u32?", "www>", 95, area(Plan{
			Params: []Value{{Kind: U32, Form: OptFlag}}, Results: []Value{{Kind: U32, Form: OptFlag}},
		})},
		{"Option<u32> as f64, old None", "(u32?) -> u32?", "d>d", 118, Plan{
			Params: []Value{{Kind: U32, Form: OptDoubleOld}}, Results: []Value{{Kind: U32, Form: OptDoubleOld}},
		}},
		{"Option<u32> as f64", "(u32?) -> u32?", "d>d", 119, Plan{
			Params: []Value{{Kind: U32, Form: OptDouble}}, Results: []Value{{Kind: U32, Form: OptDouble}},
		}},
		{"Option<f64>", "(f64?) -> f64?", "wwd>", 100, area(Plan{
			Params: []Value{{Kind: F64, Form: OptFlag}}, Results: []Value{{Kind: F64, Form: OptFlag}},
		})},
		{"Option<bool>", "(bool?) -> bool?", "w>w", 100, Plan{
			Params: []Value{{Kind: Bool, Form: OptSmall}}, Results: []Value{{Kind: Bool, Form: OptSmall}},
		}},
		{"Option<String>", "(string?) -> bytes?", "ww>ww", 127, Plan{
			Params: []Value{{Kind: String, Form: OptPointer}}, Results: []Value{{Kind: U8Array, Form: OptPointer}},
		}},
		{"Result<i32>, area", "(i32) -> result<i32>", "ww>", 83, area(Plan{
			Params: []Value{{Kind: I32}}, Results: []Value{{Kind: I32}}, Fallible: Fallible,
		})},
		{"Result<u64>, multi-value", "(u64) -> result<u64>", "l>lww", 127, Plan{
			Params: []Value{{Kind: U64}}, Results: []Value{{Kind: U64}}, Fallible: Fallible,
		}},
		{"Result<()>", "(bool) -> result<()>", "ww>", 83, area(Plan{
			Params: []Value{{Kind: Bool}}, Fallible: Fallible,
		})},
		{"several results", "() -> (i32, f64)", ">wd", 0, Plan{Results: []Value{{Kind: I32}, {Kind: F64}}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, reason := Resolve(mustParse(t, tc.signature), funcOf(tc.shape), bindgen(tc.minor), Facts{})
			if reason != "" || !samePlan(got, tc.want) {
				t.Errorf("got %+v, %q; want %+v", got, reason, tc.want)
			}
		})
	}
}

func samePlan(a, b Plan) bool {
	same := func(x, y []Value) bool { return len(x) == 0 && len(y) == 0 || reflect.DeepEqual(x, y) }
	return same(a.Params, b.Params) && same(a.Results, b.Results) && a.Placement == b.Placement && a.Fallible == b.Fallible
}

func TestResolve_declarations(t *testing.T) {
	known := Facts{Known: true}
	for _, tc := range []struct {
		name, declaration, shape string
		minor                    int
		facts                    Facts
		want                     Plan
	}{
		{"number is what the word is", "(a: number, b: number, c: number): number", "wfd>d", 127, Facts{}, Plan{
			Params: []Value{{Kind: Any32}, {Kind: F32}, {Kind: F64}}, Results: []Value{{Kind: F64}},
		}},
		{"string of one word is a char", "(c: string): string", "w>w", 127, Facts{}, Plan{
			Params: []Value{{Kind: Char}}, Results: []Value{{Kind: Char}},
		}},
		{"signed, says the glue", "(a: number): number", "w>w", 127, known, Plan{
			Params: []Value{{Kind: Any32}}, Results: []Value{{Kind: I32}},
		}},
		{"unsigned, says the glue", "(a: bigint): bigint", "l>l", 127, Facts{Known: true, Unsigned: true}, Plan{
			Params: []Value{{Kind: Any64}}, Results: []Value{{Kind: U64}},
		}},
		{"Result by surplus words", "(a: bigint): bigint", "l>lww", 127, Facts{}, Plan{
			Params: []Value{{Kind: Any64}}, Results: []Value{{Kind: Any64}}, Fallible: Fallible,
		}},
		{"String or Result, seen in the reply", "(a: string): string", "www>", 83, Facts{}, Plan{
			Params: []Value{{Kind: String}}, Results: []Value{{Kind: String}}, Placement: InArea, Fallible: FallibleIfSeen,
		}},
		{"Result, says the glue", "(a: string): string", "www>", 83, Facts{Known: true, Fallible: true}, Plan{
			Params: []Value{{Kind: String}}, Results: []Value{{Kind: String}}, Placement: InArea, Fallible: Fallible,
		}},
		{"optional number as f64", "(a?: number): number | undefined", "d>d", 127, Facts{}, Plan{
			Params: []Value{{Kind: F64, Form: OptDouble}}, Results: []Value{{Kind: F64, Form: OptDouble}},
		}},
		{"None as the glue has it", "(a?: number | null): void", "d>", 0, Facts{Known: true, OldNone: true}, Plan{
			Params: []Value{{Kind: F64, Form: OptDoubleOld}},
		}},
		{"nothing", "(): void", ">", 127, Facts{}, Plan{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, reason := Resolve(dts(t, tc.declaration), funcOf(tc.shape), bindgen(tc.minor), tc.facts)
			if reason != "" || !samePlan(got, tc.want) {
				t.Errorf("got %+v, %q; want %+v", got, reason, tc.want)
			}
		})
	}
}

func TestResolve_refuses(t *testing.T) {
	plain := &ABI{}
	for _, tc := range []struct {
		name  string
		in    Signature
		shape string
		abi   *ABI
		says  string
	}{
		{"too few words", mustParse(t, "(i32)"), "ww>", bindgen(100), "does not fit the wasm type (i32, i32) -> ()"},
		{"wrong result", mustParse(t, "() -> f64"), ">w", bindgen(100), "does not fit"},
		{"text without memory", mustParse(t, "(string)"), "ww>", plain, "need a memory"},
		{"text without an allocator", mustParse(t, "(string)"), "ww>", &ABI{Memory: "m"}, "need an allocator"},
		{"text out without a deallocator", mustParse(t, "() -> string"), ">ww", &ABI{Memory: "m"}, "need a deallocator"},
		{"result of a plain module", mustParse(t, "() -> result<i32>"), ">www", plain, "ABI of wasm-bindgen"},
		{"a class", dts(t, "(): Counter"), ">w", bindgen(127), "a JavaScript value"},
		{"a promise", dts(t, "(): Promise<number>"), ">x", bindgen(127), "asynchronous"},
		{"a union", dts(t, "(a: string | number): void"), "ww>", bindgen(127), "a union"},
		{"&mut [u8], or &[u8] and a Result<()>", dts(t, "(a: Uint8Array): void"), "www>", bindgen(127), "give `signatures`"},
		{"None of unknown age", dts(t, "(a?: number): void"), "d>", bindgen(0), "give `signatures`"},
		{"optional number in an area", dts(t, "(): number | undefined"), "w>", bindgen(83), "give `signatures`"},
		{"many results in an area", mustParse(t, "() -> (i64, i64, i64, i64, i64, i64, i64)"), "w>", bindgen(100), "return area"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			plan, reason := Resolve(tc.in, funcOf(tc.shape), tc.abi, Facts{})
			if !strings.Contains(reason, tc.says) {
				t.Errorf("got %+v, %q; want it to say %q", plan, reason, tc.says)
			}
		})
	}
}

// What only the JavaScript beside a module tells: with it, and without.
func TestResolve_glue(t *testing.T) {
	bytes := Value{Kind: U8Array}
	back := Value{Kind: U8Array, Flags: Mutable}
	about := func(name string, facts ParamFacts) Facts {
		return Facts{Known: true, Params: map[string]ParamFacts{name: facts}}
	}
	small := None{Told: true, Form: OptSmall}
	const enum = "export enum Color { Red, Green }\nexport function f"
	for _, tc := range []struct {
		name, declaration, shape string
		minor                    int
		facts                    Facts
		want                     Plan
		says                     string // why it is refused
	}{
		{"&mut [u8]", "(a: Uint8Array): void", "ww>", 83, about("a", ParamFacts{CopiesBack: true}), Plan{Params: []Value{back}}, ""},
		{"&[u8]", "(a: Uint8Array): void", "ww>", 83, about("a", ParamFacts{}), Plan{Params: []Value{bytes}}, ""},
		{"one of these", "(a: Uint8Array): void", "ww>", 83, Facts{}, Plan{}, "only the .js of wasm-bindgen tells whether the guest changes"},
		{"another parameter", "(a: Uint8Array): void", "ww>", 83, about("b", ParamFacts{}), Plan{}, "changes the array"},
		{"&[u8], 0.2.84", "(a: Uint8Array): void", "ww>", 84, Facts{}, Plan{Params: []Value{bytes}}, ""},
		{"&mut [u8], 0.2.84", "(a: Uint8Array): void", "www>", 84, about("a", ParamFacts{WithArray: true}), Plan{}, "use the raw module"},
		{"the array as a reference", "(a: Uint8Array): void", "wwx>", 127, about("a", ParamFacts{WithArray: true}), Plan{}, "use the raw module"},
		{"u128", "(a: bigint): void", "ll>", 127, Facts{Known: true, Wide: true}, Plan{}, "a 128-bit integer"},
		{"char and &mut, or String", "(a: string, b: Uint8Array): void", "wwww>", 127, about("a", ParamFacts{}), Plan{
			Params: []Value{{Kind: String}, bytes},
		}, ""},
		{"None of an enum", "(a?: Color | null): void", "w>", 127, about("a", ParamFacts{None: hole(7)}), Plan{
			Params: []Value{{Kind: Enum, Form: OptHole, Extra: 7}},
		}, ""},
		{"of an unknown number", "(a?: Color | null): void", "w>", 127, Facts{}, Plan{}, "which number is None"},
		{"an enum of which the glue says nothing", "(a?: Color): void", "w>", 127, about("a", ParamFacts{}), Plan{}, "does not fit"},
		{"an old enum", "(a?: number): void", "w>", 80, about("a", ParamFacts{None: hole(2)}), Plan{
			Params: []Value{{Kind: Enum, Form: OptHole, Extra: 2}},
		}, ""},
		{"Option<u8> beside enums", "(a?: number): void", "w>", 80, about("a", ParamFacts{None: small}), Plan{
			Params: []Value{{Kind: Any32, Form: OptSmall}},
		}, ""},
		{"one of these", "(a?: number): void", "w>", 80, Facts{}, Plan{}, "which number is None"},
		{"Option<u8> since 0.2.88", "(a?: number): void", "w>", 88, Facts{}, Plan{Params: []Value{{Kind: Any32, Form: OptSmall}}}, ""},
		{"a result", "(): number | undefined", ">w", 80, Facts{Known: true, None: hole(3)}, Plan{
			Results: []Value{{Kind: Enum, Form: OptHole, Extra: 3}},
		}, ""},
		{"a small result", "(): number | undefined", ">w", 80, Facts{Known: true, None: small}, Plan{
			Results: []Value{{Kind: I32, Form: OptSmall}},
		}, ""},
		{"an unknown result", "(): number | undefined", ">w", 80, Facts{}, Plan{}, "which number is None"},
		{"a result of a named enum", "(): Color | undefined", ">w", 100, Facts{}, Plan{}, "which number is None"},
		{"what an f64 holds", "(a?: number): void", "d>", 127, about("a", ParamFacts{
			None: None{Told: true, Form: OptDouble}, Number: U32,
		}), Plan{Params: []Value{{Kind: U32, Form: OptDouble}}}, ""},
		{"Option<u64> in halves", "(): bigint | undefined", "w>", 80, Facts{
			Known: true, Unsigned: true, None: None{Told: true, Form: OptFlag},
		}, Plan{Results: []Value{{Kind: U64, Form: OptFlagPair64}}, Placement: InArea}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			abi := bindgen(tc.minor)
			if tc.minor < 87 {
				abi.MallocArgs = 1
			}
			signature := ParseDTS(enum + tc.declaration + ";")["f"]
			got, reason := Resolve(signature, funcOf(tc.shape), abi, tc.facts)
			if (reason == "") != (tc.says == "") || !strings.Contains(reason, tc.says) || !samePlan(got, tc.want) {
				t.Errorf("got %+v, %q; want %+v, %q", got, reason, tc.want, tc.says)
			}
		})
	}
}

func TestWasmPlan(t *testing.T) {
	plan, reason := WasmPlan(funcOf("wlfdvxr>wl"))
	want := Plan{
		Params:  []Value{{Kind: I32}, {Kind: I64}, {Kind: F32}, {Kind: F64}, {Kind: V128}, {Kind: ExternRef}, {Kind: FuncRef}},
		Results: []Value{{Kind: I32}, {Kind: I64}},
	}
	if reason != "" || !samePlan(plan, want) {
		t.Errorf("got %+v, %q", plan, reason)
	}
	for _, shape := range []string{"?>", ">?", "w?>w"} {
		if _, reason := WasmPlan(funcOf(shape)); reason == "" {
			t.Errorf("%s can be called", shape)
		}
	}
}
