package wasmbin

import "testing"

func TestValType_isReadNamedAndWritten(t *testing.T) {
	for bytes, want := range map[string]struct {
		name     string
		nullable bool
		index    int // of a type, -1 for none
	}{
		"\x7f":         {"i32", false, -1},
		"\x7b":         {"v128", false, -1},
		"\x70":         {"funcref", true, -1},
		"\x6f":         {"externref", true, -1},
		"\x6e":         {"anyref", true, -1},
		"\x6c":         {"i31ref", true, -1},
		"\x69":         {"exnref", true, -1},
		"\x71":         {"nullref", true, -1},
		"\x74":         {"nullexnref", true, -1},
		"\x64\x6f":     {"(ref extern)", false, -1},
		"\x64\x6b":     {"(ref struct)", false, -1},
		"\x64\x00":     {"(ref 0)", false, 0},
		"\x63\x00":     {"(ref null 0)", true, 0},
		"\x63\x03":     {"(ref null 3)", true, 3},
		"\x64\xf0\x00": {"(ref 112)", false, 112}, // not func, which is 0x70 alone
		"\x63\xf0\x00": {"(ref null 112)", true, 112},
	} {
		r := &reader{data: []byte(bytes)}
		got := valType(r)
		if r.err != nil || !r.done() {
			t.Errorf("%q: %v, read %d bytes", bytes, r.err, r.pos)
			continue
		}
		if got.String() != want.name || got.Nullable() != want.nullable {
			t.Errorf("%q is %v, nullable %v", bytes, got, got.Nullable())
		}
		index, ok := got.TypeIndex()
		if ok != (want.index >= 0) || ok && int(index) != want.index {
			t.Errorf("%q has type index %d, %v", bytes, index, ok)
		}
		if out := string(got.append(nil)); out != bytes {
			t.Errorf("%q is written %q", bytes, out)
		}
	}
	if got := valType(&reader{data: []byte("\x03")}); got != heapRef(true, 3) { // what the engine takes as well
		t.Errorf("an index alone is %v", got)
	}
	if got := string(heapRef(true, heapFunc).append(nil)); got != "\x70" {
		t.Errorf("a nullable reference to a function is written %q", got)
	}
	for _, bytes := range []string{"", "\x40", "\x64", "\x7a"} {
		r := &reader{data: []byte(bytes)}
		if got := valType(r); r.err == nil {
			t.Errorf("%q was read as %v", bytes, got)
		}
	}
}
