package bindgen

import (
	"strings"
	"unicode/utf8"

	"wasmgate/go/errs"
)

// maxDepth bounds the nesting of a described type.
const maxDepth = 64

// Decode reads the words that one descriptor function reported (wasm-bindgen
// binary interface, §3.3). It must use them up; anything else is refused with
// errs.ModuleInvalid.
func (v Version) Decode(words []uint32) (*Type, error) {
	s := v.stream(words)
	t := s.typ(0, false)
	if err := s.finish(); err != nil {
		return nil, err
	}
	return t, nil
}

// DecodeKeyed reads what precedes a call of __wbindgen_describe_generic_import
// after 0.2.127: the shim key, empty for a cast, and a descriptor (wasm-bindgen
// binary interface, §5.5).
func (v Version) DecodeKeyed(words []uint32) (key string, t *Type, err error) {
	s := v.stream(words)
	key = s.name()
	t = s.typ(0, false)
	if err = s.finish(); err != nil {
		return "", nil, err
	}
	return key, t, nil
}

// DecodeCast reads what precedes a cast: the signature fn(from) -> to, which
// after 0.2.127 has an empty shim key before it (wasm-bindgen binary interface,
// §5.5).
func (v Version) DecodeCast(words []uint32) (from, to *Type, err error) {
	s := v.stream(words)
	if v.Keyed() && s.name() != "" {
		s.fail("key of an import where a cast was expected")
	}
	t := s.typ(0, false)
	if s.err == nil && (t.Tag != TagFunction || len(t.Func.Params) != 1) {
		s.fail("type that is not a cast")
	}
	if err = s.finish(); err != nil {
		return nil, nil, err
	}
	return t.Func.Params[0], t.Func.Result, nil
}

// stream walks over words. The first failure sticks: every later read gives
// zero, so that callers check once at the end of what they read.
type stream struct {
	v     Version
	tags  []Tag
	words []uint32
	pos   int
	err   error
}

func (v Version) stream(words []uint32) *stream {
	return &stream{v: v, tags: v.tags(), words: words}
}

func (s *stream) fail(what string) {
	if s.err == nil {
		s.err = errs.New(errs.ModuleInvalid, "descriptor: %s at word %d of %d (wasm-bindgen %s)",
			what, s.pos, len(s.words), s.v)
	}
}

func (s *stream) finish() error {
	if s.err == nil && s.pos != len(s.words) {
		s.fail("words left over")
	}
	return s.err
}

func (s *stream) word() uint32 {
	if s.err == nil && s.pos == len(s.words) {
		s.fail("unexpected end")
	}
	if s.err != nil {
		return 0
	}
	s.pos++
	return s.words[s.pos-1]
}

func (s *stream) bool() bool {
	word := s.word()
	if word > 1 {
		s.fail("neither 0 nor 1")
	}
	return word == 1
}

// count reads how many items of one word or more follow.
func (s *stream) count() int {
	n := s.word()
	if uint64(n) > uint64(len(s.words)-s.pos) {
		s.fail("count larger than what is left")
		return 0
	}
	return int(n)
}

func (s *stream) tag() Tag {
	number := s.word()
	if uint64(number) >= uint64(len(s.tags)) {
		s.fail("unknown type")
		return TagUnit
	}
	return s.tags[number]
}

// name reads a length and so many scalars. Up to 0.2.126 the length is that of
// the UTF-8 text.
func (s *stream) name() string {
	length := s.word()
	inBytes := s.v.until(126)
	var text strings.Builder
	for i := uint32(0); s.err == nil; i++ {
		size := i
		if inBytes {
			size = uint32(text.Len())
		}
		if size == length {
			break
		}
		if size > length {
			s.fail("name longer than it says")
			break
		}
		text.WriteRune(s.scalar())
	}
	return text.String()
}

func (s *stream) scalar() rune {
	word := s.word()
	if word > utf8.MaxRune || !utf8.ValidRune(rune(word)) {
		s.fail("no Unicode scalar")
		return 0
	}
	return rune(word)
}

// typ reads a descriptor. clamped says that a U8 in it is a clamped one.
func (s *stream) typ(depth int, clamped bool) *Type {
	if depth >= maxDepth {
		s.fail("too deep a type")
	}
	t := &Type{Tag: s.tag()}
	if s.err != nil {
		return t
	}
	if t.Tag == tagClamped {
		return s.typ(depth+1, true)
	}
	if tagTable[t.Tag].name {
		t.Name = s.name()
	}
	if t.Tag == TagSeqMode {
		t.Mode = s.mode()
	}
	if tagTable[t.Tag].element {
		t.Elem = s.typ(depth+1, clamped)
	}
	switch t.Tag {
	case TagU8:
		t.Clamped = clamped
	case TagEnum:
		if s.v.since(88) {
			t.Name = s.name()
		}
		t.Hole = s.word()
		if s.v.mangled() {
			t.Crate = s.name()
		}
		if s.v.since(130) {
			t.Module = s.word()
		}
	case TagStringEnum:
		s.stringEnum(t)
		s.origin(t)
	case TagRustStruct:
		if s.v.mangled() {
			t.Crate = s.name()
		}
	case TagDynamicUnion:
		s.origin(t)
		for n := s.count(); n > 0 && s.err == nil; n-- {
			t.Union = append(t.Union, s.typ(depth+1, clamped))
		}
	case TagFunction:
		t.Func = s.function(depth)
	case TagClosure:
		s.closure(t, depth)
	}
	return t
}

// origin reads which module of which crate defines a type that has told nothing of
// the kind before 0.2.130.
func (s *stream) origin(t *Type) {
	if s.v.since(130) {
		t.Crate, t.Module = s.name(), s.word()
	}
}

func (s *stream) mode() SeqMode {
	m := SeqMode(s.word())
	if m.Value() > SeqArray {
		s.fail("unknown mode of a sequence")
	}
	return m
}

func (s *stream) stringEnum(t *Type) {
	if s.v.since(94) {
		t.Count = s.word()
		return
	}
	for n := s.count(); n > 0 && s.err == nil; n-- {
		t.Values = append(t.Values, s.name())
	}
	t.Count = uint32(len(t.Values))
}

func (s *stream) function(depth int) *Func {
	f := &Func{Shim: s.word()}
	for n := s.count(); n > 0 && s.err == nil; n-- {
		f.Params = append(f.Params, s.typ(depth+1, false))
	}
	f.Result = s.typ(depth+1, false)
	f.Inner = f.Result
	if s.v.since(77) {
		f.Inner = s.typ(depth+1, false)
	}
	return f
}

func (s *stream) closure(t *Type, depth int) {
	c := &Closure{Owned: true}
	switch {
	case s.v.until(100):
		c.Shim, c.Dtor = s.word(), s.word()
		kind := s.tag()
		c.Mutable = kind == TagRefMut
		if kind != TagRef && kind != TagRefMut {
			s.fail("closure that is neither Fn nor FnMut")
		}
	case s.v.until(114):
		c.Dtor, c.Mutable = s.word(), s.bool()
		c.Owned = s.v.until(108) || c.Dtor != 0
	default:
		c.Owned, c.Mutable = s.bool(), s.bool()
	}
	if s.tag() != TagFunction {
		s.fail("closure without a function")
	}
	t.Func, t.Closure = s.function(depth), c
	if s.v.since(101) {
		c.Shim = t.Func.Shim
	}
}
