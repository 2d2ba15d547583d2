package wasmbin

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"slices"
	"strings"
	"testing"

	"wasmgate/go/errs"
)

func leb(n int) string { return string(binary.AppendUvarint(nil, uint64(n))) }

func sized(text string) string { return leb(len(text)) + text }

// body gives an entry of the code section: no locals, and instructions.
func body(code string) string { return sized("\x00" + code + "\x0b") }

// assemble is module, of sections of any size.
func assemble(sections ...string) []byte {
	out := "\x00asm\x01\x00\x00\x00"
	for _, s := range sections {
		out += s[:1] + sized(s[1:])
	}
	return []byte(out)
}

// growing is a module of a 32-bit and a 64-bit memory and functions of type () -> ().
func growing(bodies ...string) []byte {
	return assemble(
		"\x00\x0b.debug_infoold places", "\x01\x01\x60\x00\x00",
		"\x03"+leb(len(bodies))+strings.Repeat("\x00", len(bodies)), memories,
		"\x0a"+leb(len(bodies))+strings.Join(bodies, ""), "\x00\x04notehi", "\x00\x19metadata.code.branch_hint\x00",
	)
}

func trapOnGrow(t *testing.T, data []byte) *Rewritten {
	t.Helper()
	shape, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Rewrite(data, shape, RewriteOptions{TrapOnGrow: true})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

const (
	memories = "\x05\x02\x00\x01\x04\x01"
	grow0    = "\x41\x01\x40\x00\x1a"     // memory 0 by a page; drop
	grow1    = "\x42\x01\x40\x81\x00\x1a" // memory 1, its index padded
	// Grow, and trap if the answer is -1.
	helper0 = "\x15\x01\x00\x7f\x20\x00\x40\x00\x21\x00\x20\x00\x41\x7f\x46\x04\x40\x00\x0b\x20\x00\x0b"
	helper1 = "\x15\x01\x00\x7f\x20\x00\x40\x01\x21\x00\x20\x00\x42\x7f\x51\x04\x40\x00\x0b\x20\x00\x0b"
)

func TestTrapOnGrow(t *testing.T) {
	data := growing(body("\x01"), body(grow1+grow0+"\x01"), body(grow0))
	got := trapOnGrow(t, data)
	want := assemble(
		"\x01\x03\x60\x00\x00\x60\x01\x7e\x01\x7e\x60\x01\x7f\x01\x7f", "\x03\x05\x00\x00\x00\x01\x02", memories,
		"\x0a\x05"+body("\x01")+body("\x42\x01\x10\x03\x1a"+"\x41\x01\x10\x04\x1a"+"\x01")+
			body("\x41\x01\x10\x04\x1a")+helper1+helper0,
		"\x00\x04notehi",
	)
	if !bytes.Equal(got.Binary, want) {
		t.Errorf("got\n%x, want\n%x", got.Binary, want)
	}
	if got.Sites != 3 || got.Helpers != 2 {
		t.Errorf("%d sites, %d helpers", got.Sites, got.Helpers)
	}
	parsed, err := Parse(got.Binary)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(parsed.Funcs, got.Shape.Funcs) || parsed.TypeCount != got.Shape.TypeCount ||
		parsed.FuncCount != got.Shape.FuncCount || len(parsed.Exports) != 0 {
		t.Errorf("the shape is %+v, and said to be %+v", parsed, got.Shape)
	}
}

func TestTrapOnGrow_leadsBackToPlacesInTheCode(t *testing.T) {
	// So many functions that a call of the last takes a byte more than memory.grow,
	// and that sizes take more bytes than they did.
	bodies := slices.Repeat([]string{body("\x01")}, 127)
	bodies = append(bodies, body(grow1+strings.Repeat(grow0, 24)+"\x1a\x1b"), body("\x1b\x1a"))
	data := growing(bodies...)
	got := trapOnGrow(t, data)
	extended, shift, err := Extend(got.Binary, got.Shape, []Function{{Type: FuncType{}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		binary []byte
		moves  Moves
	}{{got.Binary, got.Moves}, {extended, got.Moves.Shift(shift)}} {
		for old, new := range map[string]string{
			"\x01\x0b":             "\x01\x0b",
			"\x40\x81\x00\x1a\x41": "\x10\x81\x01\x1a\x41",
			"\x40\x00\x1a\x1a\x1b": "\x10\x82\x01\x1a\x1a\x1b",
			"\x1a\x1b\x0b":         "\x1a\x1b\x0b",
			"\x1b\x1a\x0b":         "\x1b\x1a\x0b",
		} {
			was, at := bytes.Index(data, []byte(old)), bytes.Index(tc.binary, []byte(new))
			if place := tc.moves.Original(at); place != was || was == at || was < 0 {
				t.Errorf("%x: byte %d was byte %d, not %d", old, at, was, place)
			}
		}
	}
}

func TestTrapOnGrow_leavesOtherModulesAlone(t *testing.T) {
	for name, data := range map[string][]byte{
		"no memory.grow":                 growing(body("\x41\xc0\x00\x1a"), body("\x02\x40\x00\x0b")),
		"no code":                        assemble("\x01\x01\x60\x00\x00", memories),
		"no memory":                      one(),
		"a size that is padded":          assemble("\x01\x01\x60\x00\x00", "\x03\x01\x00", "\x0a\x01\x82\x80\x00\x00\x0b"),
		"locals that look like code":     growing(sized("\x02\x40\x7f\x40\x7e" + "\x0b")),
		"immediates that look like code": growing(body("\x28\x40\x00\x00\x1a\x44\x40\x00\x40\x00\x40\x00\x40\x00\x1a")),
	} {
		t.Run(name, func(t *testing.T) {
			got := trapOnGrow(t, data)
			if !bytes.Equal(got.Binary, data) || got.Sites != 0 || got.Helpers != 0 || got.Moves.Original(20) != 20 {
				t.Errorf("%d sites, %x", got.Sites, got.Binary)
			}
		})
	}
}

func TestTrapOnGrow_errors(t *testing.T) {
	for name, tc := range map[string]struct {
		data []byte
		want errs.Code
	}{
		"an unknown instruction":   {growing(body("\xfb\x1f\x00")), errs.ModuleUnsupported},
		"an unknown type of local": {growing(sized("\x01\x01\x68\x0b")), errs.ModuleUnsupported},
		"a memory that is not":     {growing(body("\x41\x00\x40\x02\x1a")), errs.ModuleInvalid},
		"no end":                   {growing(sized("\x00\x01")), errs.ModuleInvalid},
		"one end too many":         {growing(body("\x0b")), errs.ModuleInvalid},
		"one end too few":          {growing(body("\x03\x40")), errs.ModuleInvalid},
		"more bodies than bytes":   {assemble(memories, "\x0a\x7f\x02\x00\x0b"), errs.ModuleInvalid},
		"no types":                 {assemble(memories, "\x0a\x01"+body(grow0)), errs.ModuleInvalid},
		"two code sections":        {assemble(memories, "\x0a\x00", "\x0a\x00"), errs.ModuleInvalid},
		"half a body":              {assemble(memories, "\x0a\x02"+body(grow0)+"\x7f\x00"), errs.ModuleInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			shape, err := Parse(tc.data)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Rewrite(tc.data, shape, RewriteOptions{TrapOnGrow: true}); err == nil || errs.From(err).Code != tc.want {
				t.Errorf("got %v", err)
			}
		})
	}
}

// Whether the engine takes what comes out is asked by the fuzzer of go/engine.
func FuzzRewrite(f *testing.F) {
	f.Add(growing(body(grow1+grow0), body(grow0)))
	f.Add(growing(body("\x02\x40\x0b"), body("\x0e\x01\x00\x00")))
	f.Add(growing(body("\x03\x40\x10\x00\x41\x00\x0d\x00\x0b\x41\x00\x04\x40\x05\x0b\xfc\x0a\x01\x01")))
	f.Fuzz(func(t *testing.T, data []byte) {
		shape, err := Parse(data)
		if err != nil {
			return
		}
		costs := DefaultCosts()
		for _, options := range []RewriteOptions{{TrapOnGrow: true}, {Meter: &costs}, {Stoppable: true}, {TrapOnGrow: true, Meter: &costs, Stoppable: true}} {
			got, err := Rewrite(data, shape, options)
			if err != nil || got.Moves == nil {
				continue
			}
			if !slices.IsSortedFunc(got.Moves, func(a, b Move) int { return int(a.At) - int(b.At) }) {
				t.Error("the moves are not in order")
			}
		}
	})
}
