package marshal

import (
	"cmp"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"wasmgate/go/wasmbin"
)

var update = flag.Bool("update", false, "rewrite testdata/plans.txt")

// vectors cover every kind and form. testdata/plans.txt holds what they encode to
// and what they mean; test/native/plan_test.cc reads the same file, so that the
// two halves of the format cannot drift apart.
func vectors() Plans {
	var kinds []Value
	for k := Unit; k <= Function; k++ {
		kinds = append(kinds, Value{Kind: k})
	}
	forms := []Value{
		{Kind: I64, Form: Pair64},
		{Kind: U8, Form: OptSmall},
		{Kind: U32, Form: OptDoubleOld},
		{Kind: F32, Form: OptDouble},
		{Kind: F64, Form: OptFlag},
		{Kind: I64, Form: OptFlag},
		{Kind: U64, Form: OptFlagPair64},
		{Kind: String, Form: OptPointer},
		{Kind: F64Array, Form: OptPointer},
		{Kind: Enum, Form: OptHole, Extra: 7},
		{Kind: StringEnum, Form: OptHole, Extra: 1},
		{Kind: Any, Form: OptHole, Flags: Borrowed},
		{Kind: AnyArray, Form: OptPointer},
		{Kind: I128, Form: OptFlag},
		{Kind: U8Array, Flags: Mutable | WithArray},
		{Kind: Object, Extra: 3},
	}
	text := []Value{{Kind: String}}
	exports := []Export{
		{Name: "nothing"},
		{Name: "every kind", Wasm: Plan{Params: kinds}, Typed: Plan{Results: []Value{{Kind: I32}}}},
		{Name: "every form", Typed: Plan{Params: forms}, WasmReason: "values of type ref cannot be passed"},
		{Name: "grüße", Typed: Plan{Params: text, Results: text, Placement: InArea, Fallible: FallibleIfSeen}, Adapter: "an adapter"},
		{
			Name: "fallible", Wasm: Plan{Results: []Value{{Kind: I64}, {Kind: I32}, {Kind: I32}}},
			Typed: Plan{Results: []Value{{Kind: U64}}, Fallible: Fallible},
		},
		{Name: "padded", Title: "Class.padded", Lead: 1, Typed: Plan{Results: []Value{{Kind: I64, Form: OptFlag}}, Placement: InArea, Fallible: Fallible}},
		{Name: "too many", Typed: Plan{Params: make([]Value, MaxValues+1)}},
	}
	word := Value{Kind: U32}
	return Plans{
		Lists: [][]string{{"a", "größe"}, {"b"}},
		Functions: []FunctionPlan{
			{Planned: Planned{Plan: Plan{Params: []Value{word, word, {Kind: F32}, {Kind: F64}, {Kind: I64}}, Results: []Value{{Kind: F32}}}}, Shim: 5, Owned: true},
			{Planned: Planned{Plan: Plan{Params: []Value{word, word}, Results: text, Placement: InArea}}, Dtor: 9, Mutable: true},
		},
		Exports: exports,
		Imports: []ImportPlan{
			{Planned: Planned{Plan: Plan{Params: text, Results: []Value{{Kind: Any}}, Fallible: Fallible}}, Name: "console.log"},
			{Planned: Planned{Reason: "no reason"}, Name: "none"},
		},
	}
}

func dump(name string, p Plan, reason string) string {
	if len(p.Params) > MaxValues {
		reason = "it has more than 1000 parameters or results"
	}
	if reason != "" {
		return name + " unusable: " + reason
	}
	values := func(list []Value) string {
		var parts []string
		for _, v := range list {
			parts = append(parts, fmt.Sprintf("%d.%d.%d.%d", v.Kind, v.Form, v.Flags, v.Extra))
		}
		return strings.Join(parts, ",")
	}
	in, out := 0, 0
	var offsets []string
	at := 0
	place := func(words []wasmbin.ValType) {
		for _, w := range words {
			bytes := map[wasmbin.ValType]int{wasmbin.I64: 8, wasmbin.F64: 8, wasmbin.V128: 16}[w]
			bytes = max(bytes, 4)
			at = (at + bytes - 1) / bytes * bytes
			offsets = append(offsets, fmt.Sprint(at))
			at += bytes
		}
	}
	for _, v := range p.Params {
		in += len(v.words())
	}
	for _, v := range p.Results {
		out += len(v.words())
		place(v.words())
	}
	if p.Fallible != Infallible {
		out += 2
		place(errorWords)
	}
	if p.Placement == InArea {
		in, out = in+1, 1
	}
	return fmt.Sprintf("%s params=%s results=%s placement=%d fallible=%d slots=%d offsets=%s",
		name, values(p.Params), values(p.Results), p.Placement, p.Fallible, max(in, out), strings.Join(offsets, ","))
}

func TestEncode_matchesTheSharedVectors(t *testing.T) {
	plans := vectors()
	lines := []string{hex.EncodeToString(plans.Encode())}
	for i, list := range plans.Lists {
		lines = append(lines, fmt.Sprintf("list %d %s", i, strings.Join(list, "|")))
	}
	for i, f := range plans.Functions {
		lines = append(lines, fmt.Sprintf("%s shim=%d dtor=%d owned=%t mutable=%t shape=%s",
			dump(fmt.Sprintf("function %d", i), f.Plan, f.Reason), f.Shim, f.Dtor, f.Owned, f.Mutable, Shape(f.Plan.FuncType())))
	}
	for _, i := range plans.Imports {
		lines = append(lines, dump("import "+i.Name, i.Plan, i.Reason))
	}
	for _, e := range plans.Exports {
		lines = append(lines, dump(e.Name+" wasm", e.Wasm, e.WasmReason), dump(e.Name+" typed", e.Typed, e.TypedReason),
			fmt.Sprintf("%s adapter=%s title=%s lead=%d", e.Name, e.Adapter, cmp.Or(e.Title, e.Name), e.Lead))
	}
	got := strings.Join(lines, "\n") + "\n"
	const path = "testdata/plans.txt"
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not what Encode gives; after a change of the format run go test ./go/marshal -update", path)
	}
}
