package bindgen

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"wasmgate/go/errs"
)

func of(tag Tag) *Type               { return &Type{Tag: tag} }
func in(tag Tag, elem *Type) *Type   { return &Type{Tag: tag, Elem: elem} }
func named(tag Tag, n string) *Type  { return &Type{Tag: tag, Name: n} }
func clampedU8() *Type               { return &Type{Tag: TagU8, Clamped: true} }
func callable(f *Func) *Type         { return &Type{Tag: TagFunction, Func: f} }
func sync(r *Type, p ...*Type) *Func { return &Func{Params: p, Result: r, Inner: r} }

// wordsOf encodes a type as version v does, from the grammar of §3.3.
func wordsOf(v Version, t *Type) []uint32 {
	number, exists := numberOf(v, t.Tag)
	if !exists {
		panic("no such type in " + v.String())
	}
	words := []uint32{number}
	switch t.Tag {
	case TagU8:
		if t.Clamped {
			outer, _ := numberOf(v, tagClamped)
			words = []uint32{outer, number}
		}
	case TagRef, TagRefMut, TagLongRef, TagSlice, TagVector, TagOptional, TagResult, TagNullable:
		words = append(words, wordsOf(v, t.Elem)...)
	case TagSeqMode:
		words = append(append(words, uint32(t.Mode)), wordsOf(v, t.Elem)...)
	case TagNamedExternref:
		words = append(words, nameWords(v, t.Name)...)
	case TagRustStruct:
		words = append(words, nameWords(v, t.Name)...)
		if v.Minor >= 128 {
			words = append(words, nameWords(v, t.Crate)...)
		}
	case TagEnum:
		if v.number() >= 88 {
			words = append(words, nameWords(v, t.Name)...)
		}
		words = append(words, t.Hole)
		if v.Minor >= 128 {
			words = append(words, nameWords(v, t.Crate)...)
		}
		if v.Minor >= 130 {
			words = append(words, t.Module)
		}
	case TagStringEnum:
		words = append(append(words, nameWords(v, t.Name)...), t.Count)
		for _, value := range t.Values {
			words = append(words, nameWords(v, value)...)
		}
		if v.Minor >= 130 {
			words = append(append(words, nameWords(v, t.Crate)...), t.Module)
		}
	case TagDynamicUnion:
		words = append(words, nameWords(v, t.Name)...)
		if v.Minor >= 130 {
			words = append(append(words, nameWords(v, t.Crate)...), t.Module)
		}
		words = append(words, uint32(len(t.Union)))
		for _, member := range t.Union {
			words = append(words, wordsOf(v, member)...)
		}
	case TagFunction:
		words = append(words, t.Func.Shim, uint32(len(t.Func.Params)))
		for _, p := range t.Func.Params {
			words = append(words, wordsOf(v, p)...)
		}
		words = append(words, wordsOf(v, t.Func.Result)...)
		if v.number() >= 77 {
			words = append(words, wordsOf(v, t.Func.Inner)...)
		}
	case TagClosure:
		words = append(words, closureWords(v, t)...)
	}
	return words
}

func nameWords(v Version, name string) []uint32 {
	scalars := []rune(name)
	words := []uint32{uint32(len(name))}
	if v.number() >= 127 {
		words[0] = uint32(len(scalars))
	}
	for _, c := range scalars {
		words = append(words, uint32(c))
	}
	return words
}

func closureWords(v Version, t *Type) []uint32 {
	word := map[bool]uint32{true: 1}
	var head []uint32
	switch {
	case v.number() <= 100:
		kind, _ := numberOf(v, map[bool]Tag{false: TagRef, true: TagRefMut}[t.Closure.Mutable])
		head = []uint32{t.Closure.Shim, t.Closure.Dtor, kind}
	case v.number() <= 114:
		head = []uint32{t.Closure.Dtor, word[t.Closure.Mutable]}
	default:
		head = []uint32{word[t.Closure.Owned], word[t.Closure.Mutable]}
	}
	return append(head, wordsOf(v, callable(t.Func))...)
}

// samples are types as v describes them, one of each kind at least.
func samples(v Version) []*Type {
	n := v.number()
	promise := &Func{Params: []*Type{of(TagString)}, Result: of(TagExternref), Inner: of(TagU32)}
	enum := &Type{Tag: TagEnum, Hole: 7}
	closure := func(c Closure, shim uint32) *Type {
		f := sync(of(TagUnit), of(TagF64))
		f.Shim = shim
		return &Type{Tag: TagClosure, Func: f, Closure: &c}
	}
	all := []*Type{
		of(TagU64AsF64), of(TagI128), of(TagNonNull), of(TagRawPointer), of(TagCachedString),
		in(TagRef, of(TagString)), in(TagRefMut, in(TagSlice, of(TagF32))), in(TagVector, clampedU8()),
		in(TagLongRef, of(TagExternref)), in(TagOptional, in(TagVector, of(TagU8))),
		named(TagNamedExternref, "Größe | \U0001F980"), inCrate(v, named(TagRustStruct, "Counter")), named(TagRustStruct, ""),
		in(TagNullable, of(TagString)), in(TagOptional, in(TagNullable, of(TagF64))),
		{Tag: TagSeqMode, Mode: SeqCopy, Elem: in(TagRef, in(TagSlice, of(TagU8)))},
		{Tag: TagSeqMode, Mode: SeqArray | SeqVec | SeqExplicit, Elem: in(TagVector, clampedU8())},
		callable(sync(of(TagChar), of(TagBoolean), in(TagRef, callable(sync(of(TagUnit)))))),
		callable(sync(in(TagResult, of(TagUnit)))),
	}
	if n >= 77 {
		all = append(all, callable(promise))
	}
	if n >= 88 {
		enum.Name = "Straße"
	}
	texts := &Type{Tag: TagStringEnum, Name: "Mode", Count: 2}
	if n == 93 {
		texts.Values = []string{"r", "schön"}
	}
	union := &Type{Tag: TagDynamicUnion, Name: "Any", Union: []*Type{of(TagString), inCrate(v, named(TagRustStruct, "S"))}}
	all = append(all, inCrate(v, enum), inCrate(v, texts), inCrate(v, union), &Type{Tag: TagDynamicUnion, Name: "None"})
	switch {
	case n <= 100:
		all = append(all, closure(Closure{Owned: true, Mutable: true, Shim: 5, Dtor: 6}, 9),
			closure(Closure{Owned: true, Shim: 5, Dtor: 6}, 0))
	case n <= 114:
		all = append(all, closure(Closure{Owned: true, Mutable: true, Shim: 5, Dtor: 6}, 5),
			closure(Closure{Owned: n <= 108, Shim: 5}, 5))
	default:
		all = append(all, closure(Closure{Owned: true, Shim: 5}, 5), closure(Closure{Mutable: true, Shim: 5}, 5))
	}
	return slices.DeleteFunc(all, func(t *Type) bool { return !exists(v, t) })
}

// inCrate adds to a named type what v tells of where it is from.
func inCrate(v Version, t *Type) *Type {
	if v.Minor >= 130 || v.Minor >= 128 && (t.Tag == TagRustStruct || t.Tag == TagEnum) {
		t.Crate = "größe-0123456789abcdef"
	}
	if v.Minor >= 130 && t.Tag != TagRustStruct {
		t.Module = 0xdeadbeef
	}
	return t
}

func exists(v Version, t *Type) bool {
	_, ok := numberOf(v, t.Tag)
	for _, part := range append([]*Type{t.Elem}, t.Union...) {
		ok = ok && (part == nil || exists(v, part))
	}
	if t.Func != nil {
		ok = ok && exists(v, t.Func.Result)
	}
	return ok
}

func TestVersion_Decode_readsWhatEachVersionWrites(t *testing.T) {
	for _, v := range versions() {
		scalars := []Tag{
			TagI8, TagU8, TagI16, TagU16, TagI32, TagU32, TagI64, TagU64, TagF32, TagF64,
			TagBoolean, TagString, TagExternref, TagChar, TagUnit,
		}
		types := samples(v)
		for _, tag := range scalars {
			types = append(types, of(tag))
		}
		for _, want := range types {
			words := wordsOf(v, want)
			got, err := v.Decode(words)
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %v reads as %v, %v; want %v", v, words, got, err, want)
			}
			for end := range words {
				if short, err := v.Decode(words[:end]); err == nil {
					t.Errorf("%s: %v reads as %v", v, words[:end], short)
				}
			}
			if long, err := v.Decode(append(words, 0)); err == nil {
				t.Errorf("%s: %v and a word more reads as %v", v, words, long)
			}
		}
	}
}

// Streams as modules report them.
func TestVersion_Decode_readsRecordedStreams(t *testing.T) {
	for _, tc := range []struct {
		minor int
		words []uint32
		want  string
	}{
		{65, []uint32{11, 0, 1, 15, 14, 14}, "fn(&str) -> String"},
		{78, []uint32{11, 0, 1, 24, 9, 24, 9, 24, 9}, "fn(Option<f64>) -> Option<f64>"},
		{83, []uint32{11, 0, 1, 15, 17, 1, 18, 1, 18, 1}, "fn(&[u8]) -> Vec<u8>"},
		{83, []uint32{11, 0, 1, 15, 14, 25, 4, 25, 4}, "fn(&str) -> Result<i32, _>"},
		{92, []uint32{11, 0, 1, 25, 14, 25, 14, 25, 14}, "fn(Option<String>) -> Option<String>"},
		{
			127,
			[]uint32{15, 0, 1, 5, 29, 7, 67, 111, 117, 110, 116, 101, 114, 29, 7, 67, 111, 117, 110, 116, 101, 114},
			"fn(u32) -> Counter",
		},
		{127, []uint32{15, 0, 1, 19, 24, 31, 27, 4, 77, 111, 100, 101, 2, 31, 27, 4, 77, 111, 100, 101, 2}, "fn(&JsValue) -> Option<Mode>"},
	} {
		t.Run(tc.want, func(t *testing.T) {
			got, err := released(tc.minor).Decode(tc.words)
			if err != nil || got.String() != tc.want {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

func TestVersion_Decode_clamped(t *testing.T) {
	v := released(83)
	got, err := v.Decode([]uint32{27, 15, 17, 1}) // Clamped<&[u8]>
	if err != nil || !reflect.DeepEqual(got, in(TagRef, in(TagSlice, clampedU8()))) {
		t.Errorf("got %v, %v", got, err)
	}
	got, err = v.Decode([]uint32{27, 11, 0, 1, 1, 1, 1}) // not through a function
	if err != nil || got.Func.Params[0].Clamped {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestVersion_Decode_errors(t *testing.T) {
	deep := slices.Repeat([]uint32{18}, 100)
	for _, tc := range []struct {
		name  string
		minor int
		words []uint32
		says  string
	}{
		{"nothing", 83, nil, "unexpected end at word 0 of 0"},
		{"unknown type", 83, []uint32{28}, "unknown type at word 1"},
		{"huge type", 83, []uint32{1 << 31}, "unknown type"},
		{"left over", 83, []uint32{1, 1}, "words left over at word 1 of 2"},
		{"too deep", 83, append(deep, 1), "too deep"},
		{"too deep in clamped", 83, append(slices.Repeat([]uint32{27}, 100), 1), "too deep"},
		{"count of parameters", 83, []uint32{11, 0, 1 << 31, 1, 1}, "count larger than what is left"},
		{"count of a union", 121, []uint32{28, 0, 5, 1}, "count larger"},
		{"count of values", 93, []uint32{23, 0, 9, 0}, "count larger"},
		{"name as long as can be", 83, []uint32{22, 1<<32 - 1, 65}, "unexpected end"},
		{"name as long as can be, in scalars", 127, []uint32{29, 1<<32 - 1, 65}, "unexpected end"},
		{"surrogate", 83, []uint32{22, 3, 0xd800}, "no Unicode scalar"},
		{"beyond Unicode", 83, []uint32{22, 4, 0x110000}, "no Unicode scalar"},
		{"beyond rune", 127, []uint32{29, 1, 1<<32 - 65}, "no Unicode scalar"},
		{"name ends within a character", 83, []uint32{22, 1, 0xf6, 0}, "name longer than it says"},
		{"closure of no kind", 83, []uint32{12, 1, 2, 14, 11, 0, 0, 26, 26}, "neither Fn nor FnMut"},
		{"closure of no boolean", 101, []uint32{14, 1, 2, 13, 0, 0, 30, 30}, "neither 0 nor 1"},
		{"unknown mode", 130, []uint32{37, 3, 1}, "unknown mode of a sequence"},
		{"unknown flag of a mode", 130, []uint32{37, 16, 1}, "unknown mode of a sequence"},
		{"no crate", 128, []uint32{29, 1, 67}, "unexpected end"},
		{"no module", 130, []uint32{26, 1, 67, 9, 1, 99}, "unexpected end"},
		{"closure of no function", 115, []uint32{14, 1, 0, 0}, "closure without a function"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := released(tc.minor).Decode(tc.words)
			if err == nil || got != nil || errs.From(err).Code != errs.ModuleInvalid || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("got %v, %v, want it to say %s", got, err, tc.says)
			}
		})
	}
}

func TestVersion_DecodeCast(t *testing.T) {
	for _, v := range versions() {
		var key []uint32
		if v.Post127 || v.Minor >= 128 {
			key = []uint32{0}
		}
		stream := func(t *Type) []uint32 { return append(slices.Clone(key), wordsOf(v, t)...) }
		from, to, err := v.DecodeCast(stream(callable(sync(of(TagExternref), in(TagRef, of(TagString))))))
		if err != nil || from.String() != "&str" || to.Tag != TagExternref {
			t.Errorf("%s: got %v, %v, %v", v, from, to, err)
		}
		for _, other := range []*Type{
			of(TagU8), callable(sync(of(TagUnit))), callable(sync(of(TagU8), of(TagU8), of(TagU8))),
		} {
			if _, _, err := v.DecodeCast(stream(other)); err == nil {
				t.Errorf("%s: %v was taken for a cast", v, other)
			}
		}
	}
}

func TestVersion_DecodeKeyed(t *testing.T) {
	v := post
	f := callable(sync(of(TagUnit), of(TagU8)))
	words := append(nameWords(v, "fétch"), wordsOf(v, f)...)
	key, got, err := v.DecodeKeyed(words)
	if err != nil || key != "fétch" || !reflect.DeepEqual(got, f) {
		t.Errorf("got %q, %v, %v", key, got, err)
	}
	if _, _, err := v.DecodeKeyed(words[:len(words)-1]); err == nil {
		t.Error("a word may lack")
	}
	if _, _, err := v.DecodeCast(words); err == nil || !strings.Contains(err.Error(), "cast was expected") {
		t.Errorf("got %v", err)
	}
}

func TestType_Direct(t *testing.T) {
	for _, tc := range []struct{ in, want *Type }{
		{of(TagU8), of(TagU8)},
		{in(TagLongRef, of(TagExternref)), of(TagExternref)},
		{in(TagLongRef, named(TagNamedExternref, "X")), named(TagNamedExternref, "X")},
		{in(TagLongRef, of(TagString)), in(TagRef, of(TagString))},
	} {
		if got := tc.in.Direct(); !reflect.DeepEqual(got, tc.want) {
			t.Errorf("%v became %v", tc.in, got)
		}
	}
}
