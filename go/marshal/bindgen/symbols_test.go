package bindgen

import (
	"slices"
	"testing"
)

var here = Origin{CrateID: "my-crate-0123", ModulePath: "my_crate::m"}

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
		{"crate", 128, Export{Origin: here, Function: Function{Name: "f"}}, []string{"f_0123"}},
		{
			"crate and namespace", 130,
			Export{Origin: here, Namespace: ns, Class: "C", Function: Function{Name: "m"}},
			[]string{"a__b__c_m_0123", "c_m_0123"},
		},
		{"other characters, earlier", 120, Export{Function: Function{Name: "$a"}}, []string{"$a"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := tc.export.Symbols(released(tc.minor)); !slices.Equal(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestVersion_Unmangle(t *testing.T) {
	for _, tc := range []struct {
		minor        int
		symbol, want string
	}{
		{127, "f_0123456789abcdef", "f_0123456789abcdef"},
		{128, "f_0123456789abcdef", "f"},
		{130, "a_b_0123456789abcdef", "a_b"},
		{130, "f_0123456789abcdeX", "f_0123456789abcdeX"},
		{130, "f-0123456789abcdef", "f-0123456789abcdef"},
		{130, "_0123456789abcdef", "_0123456789abcdef"},
		{130, "f", "f"},
	} {
		if got := released(tc.minor).Unmangle(tc.symbol); got != tc.want {
			t.Errorf("0.2.%d: %s became %s", tc.minor, tc.symbol, got)
		}
	}
}

func TestStruct_symbols(t *testing.T) {
	s := Struct{Name: "Point", Namespace: []string{"geo"}, Extends: "Base", version: released(127)}
	hashed := Struct{Name: "Point", Namespace: []string{"geo"}, Extends: "Base", Origin: here, version: released(128)}
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
		{hashed.FreeSymbol(), "__wbg_geo__point_free_0123"},
		{hashed.NewSymbol(), "__wbg_geo__point_new_0123"},
		{hashed.UnwrapSymbol(), "__wbg_geo__point_unwrap_0123"},
		{hashed.GetterSymbol("x"), "__wbg_get_geo__point_x_0123"},
		{hashed.SetterSymbol("x"), "__wbg_set_geo__point_x_0123"},
		{hashed.UpcastSymbol(), "__wbg_upcast_geo__point_to_base_0123"},
		{DynamicUnion{Name: "AnyOf", Origin: here, version: released(128)}.VariantSymbol(0), "__wbg_dynamic_union_anyof_0_0123"},
		{
			DynamicUnion{Name: "AnyOf", Origin: here, version: released(130)}.VariantSymbol(0),
			"__wbg_dynamic_union_anyof_0_0123_my_crate::m",
		},
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
		{Name: "C", Origin: here},
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
		{"name in another crate", Export{Class: "C", Origin: here}, 4},
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
	there := Origin{CrateID: here.CrateID, ModulePath: "my_crate::n"}
	c := &Crate{
		StringEnums: []StringEnum{{Name: "A"}, {Name: "B"}, {Name: "C", Origin: here}, {Name: "C", Origin: there}},
		Enums:       []Enum{{Name: "E", Origin: here}, {Name: "E", Origin: Origin{CrateID: "other-4567"}}},
	}
	for _, tc := range []struct {
		t    *Type
		want int
	}{
		{&Type{Name: "B"}, 1},
		{&Type{Name: "D"}, -1},
		{&Type{Name: "C", Crate: there.CrateID, Module: moduleHash(there.ModulePath)}, 3},
		{&Type{Name: "C", Crate: "other-4567", Module: moduleHash(there.ModulePath)}, -1},
	} {
		got := c.StringEnum(tc.t)
		if tc.want < 0 && got != nil || tc.want >= 0 && got != &c.StringEnums[tc.want] {
			t.Errorf("%+v is %+v", tc.t, got)
		}
	}
	if got := c.Enum(&Type{Name: "E", Crate: "other-4567"}); got != &c.Enums[1] {
		t.Errorf("got %v", got)
	}
	if got := c.Enum(&Type{Name: "F"}); got != nil {
		t.Errorf("got %v", got)
	}
}

func TestModuleHash(t *testing.T) {
	// Values of FNV-1a by its authors.
	for path, want := range map[string]uint32{"": 0x811c9dc5, "a": 0xe40c292c, "foobar": 0xbf9cf968} {
		if got := moduleHash(path); got != want {
			t.Errorf("%q has %#x", path, got)
		}
	}
}
