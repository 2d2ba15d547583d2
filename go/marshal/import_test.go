package marshal

import (
	"strings"
	"testing"
)

func TestResolveImport(t *testing.T) {
	plain := &ABI{Memory: "memory"}
	allocating := &ABI{Memory: "memory", Malloc: "malloc", MallocArgs: 1}
	crate := &ABI{Guest: true, Memory: "memory", Malloc: "__wasmgate_malloc", MallocArgs: 2, Free: "__wasmgate_free", FreeArgs: 3}
	borrowed := func(kinds ...Kind) (values []Value) {
		for _, kind := range kinds {
			values = append(values, Value{Kind: kind, Flags: Borrowed})
		}
		return values
	}
	text := []Value{{Kind: String}}
	for _, tc := range []struct {
		name, signature, shape string
		abi                    *ABI
		want                   Plan
		says                   string // the reason, if there is no plan
	}{
		{name: "text in", signature: "(string, bytes) -> ()", shape: "wwww>", abi: plain, want: Plan{Params: borrowed(String, U8Array)}},
		{name: "numbers need nothing", signature: "(u8, i64?) -> bool", shape: "wwl>w", abi: &ABI{}, want: Plan{
			Params: []Value{{Kind: U8, Flags: Borrowed}, {Kind: I64, Form: OptFlag}}, Results: []Value{{Kind: Bool}},
		}},
		{name: "text out", signature: "() -> string", shape: ">ww", abi: allocating, want: Plan{Results: text}},
		{name: "text out, in an area", signature: "(f64) -> string", shape: "wd>", abi: allocating, want: Plan{
			Params: borrowed(F64), Results: text, Placement: InArea,
		}},
		{name: "references", signature: "(externref, funcref) -> externref", shape: "xr>x", abi: &ABI{}, want: Plan{
			Params: borrowed(ExternRef, FuncRef), Results: []Value{{Kind: ExternRef}},
		}},
		{name: "guest crate", signature: "(value) -> result<string>", shape: "www>", abi: crate, want: Plan{
			Params: borrowed(U8Array), Results: text, Placement: InArea, Fallible: FallibleBytes,
		}},
		{name: "no memory", signature: "(string) -> ()", shape: "ww>", abi: &ABI{}, says: "a memory"},
		{name: "no allocator", signature: "() -> string", shape: ">ww", abi: plain, says: "an allocator"},
		{name: "too few words", signature: "(string) -> ()", shape: "w>", abi: plain, says: "does not fit the wasm type (i32) -> ()"},
		{name: "guest crate, too few words", signature: "(string) -> ()", shape: "w>", abi: crate, says: "does not fit the wasm type (i32) -> ()"},
		{name: "references in memory", signature: "() -> (externref, i32)", shape: "w>", abi: allocating, says: "references"},
		{name: "value elsewhere", signature: "(value) -> ()", shape: "ww>", abi: allocating, says: "guest crate"},
		{name: "result<> elsewhere", signature: "() -> result<()>", shape: ">", abi: allocating, says: "guest crate"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, reason := ResolveImport(mustParse(t, tc.signature), funcOf(tc.shape), tc.abi)
			if (reason == "") != (tc.says == "") || !strings.Contains(reason, tc.says) {
				t.Fatalf("got %+v, %q; want %q", got, reason, tc.says)
			}
			for i := range got.Params { // whether what is no text is borrowed makes no difference
				if !got.Params[i].needsMemory() {
					got.Params[i].Flags = 0
				}
			}
			for i := range tc.want.Params {
				if !tc.want.Params[i].needsMemory() {
					tc.want.Params[i].Flags = 0
				}
			}
			if reason == "" && !samePlan(got, tc.want) {
				t.Errorf("got %+v, want %+v", got, tc.want)
			}
		})
	}
}
