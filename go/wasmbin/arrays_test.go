package wasmbin

import (
	"bytes"
	"strings"
	"testing"

	"wasmgate/go/errs"
)

// Types: functions, arrays of i8 (1) and of i32 (2) that are mutable, of funcref (3) that are not.
const arrayTypes = "\x01\x04\x60\x00\x00\x5e\x78\x01\x5e\x7f\x01\x5e\x70\x00"

// copyOf copies nothing, between arrays of that type.
func copyOf(destination, source string) string {
	return "\xd0" + destination + "\x41\x00\xd0" + source + "\x41\x00\x41\x00\xfb\x11" + destination + source
}

func copying(bodies ...string) []byte {
	return assemble(arrayTypes, "\x03"+leb(len(bodies))+strings.Repeat("\x00", len(bodies)), "\x0a"+leb(len(bodies))+strings.Join(bodies, ""))
}

func TestStoppable_hasAFunctionForEachPairOfTypes(t *testing.T) {
	data := copying(body(copyOf("\x01", "\x01")+copyOf("\x02", "\x02")), body(copyOf("\x01", "\x01")))
	shape, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Rewrite(data, shape, RewriteOptions{Stoppable: true})
	if err != nil {
		t.Fatal(err)
	}
	if got.Sites != 3 || got.Helpers != 2 || got.Shape.FuncCount != 4 {
		t.Errorf("%d sites, %d helpers, %d functions", got.Sites, got.Helpers, got.Shape.FuncCount)
	}
	call := strings.TrimSuffix(copyOf("\x01", "\x01"), "\xfb\x11\x01\x01") + "\x10\x02"
	if bytes.Count(got.Binary, []byte(call)) != 2 || !bytes.Contains(got.Binary, []byte("\xfb\x0d\x01\xfb\x0e\x01")) ||
		!bytes.Contains(got.Binary, []byte("\xfb\x0b\x02\xfb\x0e\x02")) {
		t.Errorf("got %x", got.Binary)
	}
	for _, options := range []RewriteOptions{{}, {TrapOnGrow: true}} {
		if got, err := Rewrite(data, shape, options); err != nil || !bytes.Equal(got.Binary, data) {
			t.Errorf("%+v: %v", options, err)
		}
	}
}

func TestStoppable_errors(t *testing.T) {
	for name, code := range map[string]string{
		"a type that is not":         copyOf("\x01", "\x09"),
		"a destination that is not":  copyOf("\x09", "\x01"),
		"a type that is no array's":  copyOf("\x00", "\x01"),
		"a new one of what there is": "\x41\x00\x41\x00\xfb\x0a\x07\x00",
	} {
		data := copying(body(code))
		shape, err := Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Rewrite(data, shape, RewriteOptions{Stoppable: true}); err == nil || errs.From(err).Code != errs.ModuleInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOpen_namesWhatItAdds(t *testing.T) {
	data := copying(body(copyOf("\x01", "\x01")))
	shape, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, stoppable := range []bool{false, true} {
		got, err := Open(data, shape, stoppable)
		if err != nil {
			t.Fatal(err)
		}
		opened, err := Parse(got.Binary)
		if err != nil {
			t.Fatal(err)
		}
		index, named := opened.FindFunction(func(name string) bool { return name == OurName })
		if named != stoppable || stoppable && index != 1 {
			t.Errorf("function %d, %v", index, named)
		}
	}
}
