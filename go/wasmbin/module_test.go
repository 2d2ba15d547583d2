package wasmbin

import (
	"reflect"
	"testing"

	"wasmgate/go/errs"
)

// module assembles a binary module out of (id, body) sections.
func module(sections ...string) []byte {
	out := "\x00asm\x01\x00\x00\x00"
	for _, s := range sections {
		out += s[:1] + string(rune(len(s)-1)) + s[1:]
	}
	return []byte(out)
}

func TestParse_readsImportsExportsAndTypes(t *testing.T) {
	m, err := Parse(module(
		"\x01\x02\x60\x02\x7f\x7e\x01\x7d\x60\x00\x00",             // types: (i32 i64)->f32, ()->()
		"\x02\x02\x03env\x01f\x00\x01\x03env\x01m\x02\x03\x01\x10", // func env.f, shared memory 1..16
		"\x03\x01\x00",                     // one function of type 0
		"\x04\x01\x6f\x00\x05",             // table of externref
		"\x06\x01\x7e\x01\x42\x80\x7f\x0b", // mutable i64 global
		"\x07\x04\x03add\x00\x01\x03mem\x02\x00\x01g\x03\x00\x01t\x01\x00",
		"\x00\x04notehi",
	))
	if err != nil {
		t.Fatal(err)
	}
	add := m.Export("add")
	if add == nil || !reflect.DeepEqual(add.Type.Func, FuncType{Params: []ValType{I32, I64}, Results: []ValType{F32}}) {
		t.Errorf("add: %+v", add)
	}
	if mem := m.Export("mem").Type.Limits; mem != (Limits{Min: 1, Max: 16, HasMax: true, Shared: true}) {
		t.Errorf("mem: %+v", mem)
	}
	if g := m.Export("g").Type; g.Content != I64 || !g.Mutable {
		t.Errorf("g: %+v", g)
	}
	if tab := m.Export("t").Type; tab.Elem != ExternRef || tab.Limits.Min != 5 {
		t.Errorf("t: %+v", tab)
	}
	if len(m.Imports) != 2 || m.Imports[0].Name != "f" || m.Imports[1].Type.Kind != Memory {
		t.Errorf("imports: %+v", m.Imports)
	}
	if string(m.Custom("note")) != "hi" {
		t.Errorf("custom: %q", m.Custom("note"))
	}
	if m.Export("none") != nil {
		t.Error("an export that does not exist was found")
	}
}

func TestParse_readsNewerTypeForms(t *testing.T) {
	m, err := Parse(module(
		// rec { struct(i32 mut), sub final [] func (ref null extern, ref 0) }, array i8
		"\x01\x02\x4e\x02\x5f\x01\x7f\x01\x4f\x00\x60\x02\x63\x6f\x64\x00\x00\x5e\x78\x00",
		"\x03\x01\x01",
		"\x04\x01\x40\x00\x70\x00\x01\xd0\x70\x0b", // table with an initialiser
		"\x07\x02\x01f\x00\x00\x01t\x01\x00",
	))
	if err != nil {
		t.Fatal(err)
	}
	want := []ValType{ExternRef, heapRef(false, 0)}
	if got := m.Export("f").Type.Func.Params; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestParse_errors(t *testing.T) {
	for name, data := range map[string][]byte{
		"empty":                  {},
		"wrong version":          []byte("\x00asm\x02\x00\x00\x00"),
		"section past the end":   []byte("\x00asm\x01\x00\x00\x00\x01\x7f"),
		"huge vector":            module("\x01\xff\xff\xff\x0f"),
		"unknown type index":     module("\x03\x01\x07"),
		"export of nothing":      module("\x07\x01\x01f\x00\x00"),
		"unknown export kind":    module("\x07\x01\x01f\x09\x00"),
		"name is not UTF-8":      module("\x07\x01\x01\xff\x00\x00"),
		"number too long":        module("\x01\xff\xff\xff\xff\xff\xff"),
		"unknown form":           module("\x01\x01\x33"),
		"unended initialiser":    module("\x06\x01\x7f\x00\x41\x00"),
		"instruction in a const": module("\x06\x01\x7f\x00\x00\x0b"),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(data)
			if err == nil || errs.From(err).Code != errs.ModuleInvalid {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestProducers(t *testing.T) {
	m, err := Parse(module("\x00\x09producers\x01\x0cprocessed-by\x01\x0cwasm-bindgen\x060.2.83"))
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Producers()["processed-by"]["wasm-bindgen"]; got != "0.2.83" {
		t.Errorf("got %q", got)
	}
	damaged := Module{Customs: []Custom{{Name: "producers", Data: []byte("\x05\x01")}}}
	if got := damaged.Producers(); len(got) != 0 {
		t.Errorf("a damaged section gave %v", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(module("\x01\x01\x60\x00\x00", "\x03\x01\x00", "\x07\x01\x01f\x00\x00"))
	f.Fuzz(func(_ *testing.T, data []byte) {
		if m, err := Parse(data); err == nil {
			m.Producers()
		}
	})
}
