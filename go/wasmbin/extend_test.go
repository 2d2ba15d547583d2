package wasmbin

import (
	"bytes"
	"testing"

	"wasmgate/go/errs"
)

// one is a module with one exported function of type () -> ().
func one() []byte {
	return module("\x01\x01\x60\x00\x00", "\x03\x01\x00", "\x07\x01\x01f\x00\x00", "\x0a\x01\x02\x00\x0b", "\x00\x04notehi")
}

func TestExtend(t *testing.T) {
	shape, err := Parse(one())
	if err != nil {
		t.Fatal(err)
	}
	var code Code
	code.Get(0)
	code.Call(0)
	added := Function{
		Export: "g", Type: FuncType{Params: []ValType{I64}, Results: []ValType{I64}}, Locals: 1, Code: code,
	}
	got, shift, err := Extend(one(), shape, []Function{added}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := module(
		"\x01\x02\x60\x00\x00\x60\x01\x7e\x01\x7e", "\x03\x02\x00\x01", "\x07\x02\x01f\x00\x00\x01g\x00\x01",
		"\x0a\x02\x02\x00\x0b\x08\x01\x01\x7f\x20\x00\x10\x00\x0b", "\x00\x04notehi",
	)
	if !bytes.Equal(got, want) {
		t.Errorf("got\n%x, want\n%x", got, want)
	}
	old := []byte("\x0a\x04\x01\x02\x00\x0b")
	if at := bytes.Index(one(), old) + 3 + shift; got[at] != 2 || got[at-1] != 2 || got[at-3] != 0x0a {
		t.Errorf("the code did not move by %d", shift)
	}
}

func TestExtend_addsExportsOnly(t *testing.T) {
	shape := &Module{TypeCount: 1, FuncCount: 1}
	got, shift, err := Extend(one(), shape, nil, []Alias{{Name: "h", Kind: Func}})
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := Parse(got)
	if err != nil {
		t.Fatal(err)
	}
	if len(parsed.Exports) != 2 || parsed.Exports[1].Name != "h" || parsed.Exports[1].Index != 0 || parsed.FuncCount != 1 {
		t.Errorf("got %+v", parsed)
	}
	if shift != len(got)-len(one()) {
		t.Errorf("the code moved by %d, not by %d", len(got)-len(one()), shift)
	}
}

func TestExtend_errors(t *testing.T) {
	for name, tc := range map[string]struct {
		data []byte
		typ  FuncType
		want errs.Code
	}{
		"no code section":   {module("\x01\x01\x60\x00\x00", "\x03\x01\x00", "\x07\x01\x01f\x00\x00"), FuncType{}, errs.ModuleInvalid},
		"damaged code size": {append(one()[:len(one())-8], 0x7f), FuncType{}, errs.ModuleInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			shape := &Module{TypeCount: 1, FuncCount: 1}
			_, _, err := Extend(tc.data, shape, []Function{{Export: "g", Type: tc.typ}}, nil)
			if err == nil || errs.From(err).Code != tc.want {
				t.Errorf("got %v", err)
			}
		})
	}
}
