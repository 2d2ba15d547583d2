package marshal

import (
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
func vectors() []Export {
	var kinds []Value
	for k := Unit; k <= F64Array; k++ {
		kinds = append(kinds, Value{Kind: k})
	}
	forms := []Value{
		{I64, Pair64},
		{U8, OptSmall},
		{U32, OptDoubleOld},
		{F32, OptDouble},
		{F64, OptFlag},
		{I64, OptFlag},
		{U64, OptFlagPair64},
		{String, OptPointer},
		{F64Array, OptPointer},
	}
	text := []Value{{Kind: String}}
	return []Export{
		{Name: "nothing"},
		{Name: "every kind", Wasm: Plan{Params: kinds}, Typed: Plan{Results: []Value{{Kind: I32}}}},
		{Name: "every form", Typed: Plan{Params: forms}, WasmReason: "values of type ref cannot be passed"},
		{Name: "grüße", Typed: Plan{Params: text, Results: text, Placement: InArea, Fallible: FallibleIfSeen}, Adapter: "an adapter"},
		{
			Name: "fallible", Wasm: Plan{Results: []Value{{Kind: I64}, {Kind: I32}, {Kind: I32}}},
			Typed: Plan{Results: []Value{{Kind: U64}}, Fallible: Fallible},
		},
		{Name: "padded", Typed: Plan{Results: []Value{{I64, OptFlag}}, Placement: InArea, Fallible: Fallible}},
		{Name: "too many", Typed: Plan{Params: make([]Value, MaxValues+1)}},
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
			parts = append(parts, fmt.Sprintf("%d.%d", v.Kind, v.Form))
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
	exports := vectors()
	lines := []string{hex.EncodeToString(Encode(exports))}
	for _, e := range exports {
		lines = append(lines, dump(e.Name+" wasm", e.Wasm, e.WasmReason), dump(e.Name+" typed", e.Typed, e.TypedReason),
			e.Name+" adapter="+e.Adapter)
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
