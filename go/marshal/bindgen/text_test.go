package bindgen

import "testing"

func TestType_String(t *testing.T) {
	done := sync(of(TagUnit), of(TagI32), in(TagOptional, of(TagF32)))
	async := callable(&Func{Result: of(TagExternref), Inner: in(TagResult, of(TagString))})
	for _, tc := range []struct {
		in   *Type
		want string
	}{
		{nil, "_"},
		{of(TagUnit), "()"},
		{of(TagU64AsF64), "usize"},
		{of(TagCachedString), "String"},
		{in(TagRef, of(TagCachedString)), "&str"},
		{in(TagRefMut, in(TagSlice, of(TagU16))), "&mut [u16]"},
		{in(TagLongRef, of(TagString)), "&str"},
		{in(TagOptional, in(TagVector, of(TagU8))), "Option<Vec<u8>>"},
		{in(TagVector, clampedU8()), "Vec<Clamped<u8>>"},
		{in(TagOptional, in(TagNullable, of(TagF64))), "Option<Nullable<f64>>"},
		{&Type{Tag: TagSeqMode, Mode: SeqArray, Elem: in(TagRef, in(TagSlice, of(TagU8)))}, "&[u8]"},
		{named(TagNamedExternref, "Promise<any>"), "Promise<any>"},
		{in(TagRefMut, named(TagRustStruct, "a__b__C")), "&mut a__b__C"},
		{of(TagEnum), "enum"},
		{named(TagEnum, "Color"), "Color"},
		{in(TagRef, callable(done)), "&dyn Fn(i32, Option<f32>)"},
		{in(TagRefMut, callable(done)), "&mut dyn FnMut(i32, Option<f32>)"},
		{callable(done), "fn(i32, Option<f32>)"},
		{async, "fn() -> Result<String, _>"},
		{&Type{Tag: TagClosure, Func: done, Closure: &Closure{}}, "Closure<dyn Fn(i32, Option<f32>)>"},
		{&Type{Tag: TagClosure, Func: async.Func, Closure: &Closure{Mutable: true}}, "Closure<dyn FnMut() -> Result<String, _>>"},
	} {
		t.Run(tc.want, func(t *testing.T) {
			if got := tc.in.String(); got != tc.want {
				t.Errorf("got %s", got)
			}
		})
	}
}
