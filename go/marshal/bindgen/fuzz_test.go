package bindgen

import (
	"encoding/binary"
	"math"
	"reflect"
	"testing"
)

// The data is a program of the version of that number, or else a whole payload.
func FuzzSection(f *testing.F) {
	all := versions()
	for i, v := range all {
		w := newWriter(v)
		w.program(full(), 0)
		f.Add(uint8(i), w.buf)
		small := newWriter(v)
		small.program(&Crate{Exports: full().Exports[:1], Programs: []Program{{}}}, 0)
		one := entry(v.Text, v.Schema, small.buf)
		f.Add(uint8(len(all)), append(one, one...))
	}
	f.Fuzz(func(t *testing.T, version uint8, data []byte) {
		if int(version) < len(all) {
			v := all[version]
			data = entry(v.Text, v.Schema, data)
		}
		c, err := ParseSection(data)
		if err != nil {
			return
		}
		for _, e := range c.Exports {
			if len(e.Symbols(c.Version)) == 0 {
				t.Error("export without a symbol")
			}
			if s := c.StructOf(e); s != nil {
				_ = s.FreeSymbol() + s.GetterSymbol("x") + s.UpcastSymbol()
			}
		}
		for _, i := range c.Imports {
			if _, found := c.ModuleText(i.Module); !found && i.Module.Kind == InlineModule {
				t.Errorf("no text for %+v", i.Module)
			}
			set := 0
			for _, is := range []bool{
				i.Function != nil, i.Static != nil, i.String != nil, i.Type != nil, i.Enum != nil, i.Union != nil,
			} {
				if is {
					set++
				}
			}
			if set != 1 && (set != 0 || i.Kind != ImportOfEnum || c.Version.since(94)) {
				t.Errorf("%d kinds at once: %+v", set, i)
			}
		}
	})
}

// packed writes words as bytes, those that need it in five.
func packed(words []uint32) []byte {
	var out []byte
	for _, word := range words {
		if word < math.MaxUint8 {
			out = append(out, byte(word))
			continue
		}
		out = binary.LittleEndian.AppendUint32(append(out, math.MaxUint8), word)
	}
	return out
}

func unpacked(data []byte) []uint32 {
	var words []uint32
	for ; len(data) > 0; data = data[1:] {
		if data[0] == math.MaxUint8 && len(data) >= 5 {
			words = append(words, binary.LittleEndian.Uint32(data[1:]))
			data = data[4:]
			continue
		}
		words = append(words, uint32(data[0]))
	}
	return words
}

// What is decoded and encoded again decodes to the same.
func FuzzDecode(f *testing.F) {
	all := versions()
	for i, v := range all {
		for _, t := range samples(v) {
			f.Add(uint8(i), packed(wordsOf(v, t)))
		}
	}
	f.Fuzz(func(t *testing.T, version uint8, data []byte) {
		v := all[int(version)%len(all)]
		words := unpacked(data)
		first, err := v.Decode(words)
		if err != nil {
			if first != nil {
				t.Error("a type beside an error")
			}
		} else {
			if first.String() == "" && first.Name == "" {
				t.Error("a type without a text")
			}
			_ = first.Direct()
			again, err := v.Decode(wordsOf(v, first))
			// Clamped may stand further in, and so make the type deeper by one.
			if err == nil && !reflect.DeepEqual(first, again) {
				t.Errorf("%v became %v", first, again)
			}
		}
		from, to, err := v.DecodeCast(words)
		if (err == nil) != (from != nil && to != nil) {
			t.Errorf("cast of %v to %v, %v", from, to, err)
		}
		if _, keyed, err := v.DecodeKeyed(words); (err == nil) != (keyed != nil) {
			t.Errorf("keyed %v, %v", keyed, err)
		}
	})
}
