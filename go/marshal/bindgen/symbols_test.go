package bindgen

import (
	"slices"
	"testing"
)

func TestExport_Symbols(t *testing.T) {
	ns := []string{"a", "b"}
	for _, tc := range []struct {
		name   string
		minor  int
		export Export
		want   []string
	}{
		{"function", 83, Export{Function: Function{Name: "sayHello"}}, []string{"sayHello"}},
		{"method", 83, Export{Class: "MyClass", Function: Function{Name: "getAll"}}, []string{"myclass_getAll"}},
		{"characters of Rust", 100, Export{Class: "İΣÄ", Function: Function{Name: "größe"}}, []string{"i̇σä_größe"}},
		{"namespace", 113, Export{Namespace: ns, Function: Function{Name: "f"}}, []string{"a_b_f"}},
		{"namespace, later", 114, Export{Namespace: ns, Function: Function{Name: "f"}}, []string{"a__b__f"}},
		{"method in a namespace", 127, Export{Namespace: ns, Class: "C", Function: Function{Name: "m"}}, []string{"a__b__c_m", "c_m"}},
		{"computed name", 121, Export{Class: "C", Function: Function{Name: "[Symbol.iterator]"}}, []string{"c_Symbol_iterator"}},
		{"other characters", 121, Export{Function: Function{Name: "$a-ö"}}, []string{"_a__"}},
		{"other characters, earlier", 120, Export{Function: Function{Name: "$a"}}, []string{"$a"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := tc.export.Symbols(released(tc.minor)); !slices.Equal(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestStruct_symbols(t *testing.T) {
	s := Struct{Name: "Point", Namespace: []string{"geo"}, Extends: "Base", version: released(127)}
	old := Struct{Name: "Point", Namespace: []string{"geo"}, version: released(113)}
	renamed := Struct{Name: "P", Extends: "Base", ExtendsClass: "JsBase", ExtendsNamespace: []string{"x"}, version: released(127)}
	for _, tc := range []struct{ got, want string }{
		{s.QualifiedName(), "geo__Point"},
		{s.FreeSymbol(), "__wbg_geo__point_free"},
		{s.GetterSymbol("xPos"), "__wbg_get_geo__point_xPos"},
		{s.SetterSymbol("größe"), "__wbg_set_geo__point_gr__e"},
		{s.NewSymbol(), "__wbg_geo__point_new"},
		{s.UnwrapSymbol(), "__wbg_geo__point_unwrap"},
		{s.ParentName(), "Base"},
		{s.UpcastSymbol(), "__wbg_upcast_geo__point_to_base"},
		{old.QualifiedName(), "Point"},
		{Struct{Name: "S", Namespace: []string{"a", "b"}, version: released(114)}.FreeSymbol(), "__wbg_a__b__s_free"},
		{old.FreeSymbol(), "__wbg_point_free"},
		{old.SetterSymbol("größe"), "__wbg_set_point_größe"},
		{old.ParentName(), ""},
		{old.UpcastSymbol(), ""},
		{renamed.UpcastSymbol(), "__wbg_upcast_p_to_x__jsbase"},
		{Struct{Name: "S"}.FreeSymbol(), "__wbg_s_free"},
		{Enum{Name: "E", Namespace: []string{"n"}, version: released(118)}.QualifiedName(), "E"},
		{Enum{Name: "E", Namespace: []string{"n"}, version: released(119)}.QualifiedName(), "n__E"},
		{DynamicUnion{Name: "AnyOf"}.VariantSymbol(2), "__wbg_dynamic_union_anyof_2"},
		{DescriptorSymbol(s.GetterSymbol("x")), "__wbindgen_describe___wbg_get_geo__point_x"},
	} {
		if tc.got != tc.want {
			t.Errorf("got %s, want %s", tc.got, tc.want)
		}
	}
}

func TestCrate_StructOf(t *testing.T) {
	c := &Crate{Structs: []Struct{
		{Name: "C"},
		{Name: "C", Namespace: []string{"n"}},
		{Name: "Js", RustName: "Rust"},
		{Name: "Rust"},
	}}
	for _, tc := range []struct {
		name   string
		export Export
		want   int
	}{
		{"function", Export{}, -1},
		{"name", Export{Class: "C"}, 0},
		{"namespace", Export{Class: "C", Namespace: []string{"n"}}, 1},
		{"Rust name", Export{Class: "Rust"}, 2},
		{"name in another namespace", Export{Class: "Js", Namespace: []string{"n"}}, 2},
		{"unknown", Export{Class: "D"}, -1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := c.StructOf(tc.export)
			if tc.want < 0 && got != nil || tc.want >= 0 && got != &c.Structs[tc.want] {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestCrate_StringEnum(t *testing.T) {
	c := &Crate{StringEnums: []StringEnum{{Name: "A"}, {Name: "B"}}}
	if got := c.StringEnum("B"); got != &c.StringEnums[1] {
		t.Errorf("got %v", got)
	}
	if got := c.StringEnum("C"); got != nil {
		t.Errorf("got %v", got)
	}
}
