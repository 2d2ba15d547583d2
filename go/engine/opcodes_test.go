package engine

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"wasmgate/go/errs"
	"wasmgate/go/wasmbin"
)

// form is a way in which an instruction may be written: what opens a block before it,
// its immediates, what closes a block after it.
type form struct{ head, immediates, tail string }

// forms are those in which an instruction might be. Whoever takes a part of the immediates for
// instructions finds blocks that do not end (02), or memories that grow (40).
func forms(op string) []form {
	out := []form{{"\x02\x40", "", ""}, {"\x04\x40", "", "\x0b"}} // end, else
	for _, immediates := range []string{
		"", "\x02", "\x02\x02", "\x40\x02\x02", "\x41\x02\x02", "\x42\x02\x02", "\x43\x02\x02", "\x44\x02\x02",
		"\x40\x02\x02\x02", "\x40\x02\x02\x01", "\x01", "\x00", // lanes; those of 64 bits have no number 2
		"\x02\x40\x02\x40", "\x02\x40\x02\x40\x02\x40\x02\x40", strings.Repeat("\x02", 16),
		"\x82\x82\x82\x82\x02", "\x82\x82\x82\x82\x82\x82\x82\x82\x02", // LEB128
		"\x02\x02\x02\x02", "\x01\x6f", "\x01\x63\x70", "\x01\x7b", // br_table, select
		"\x01\x63\x02", "\x01\x64\x82\x80\x00", "\x01\x6e",
		"\x70", "\x6f", "\x63\x70", "\x64\x70", "\x6d", "\x69", "\x82\x80\x80\x00", // types
	} {
		out = append(out, form{"", immediates, ""})
	}
	if !namesTypes(op) {
		return out
	}
	for _, block := range []string{
		"\x40", "\x02", "\x7f", "\x7b", "\x6f", "\x63\x70", "\x64\x70", "\x6e", "\x69", "\x63\x02", "\x64\x82\x80\x00", "\x63\x6d",
	} {
		out = append(out, form{"", block, "\x00\x0b"}, form{"", block, "\x00\x05\x00\x0b"})
		for _, clauses := range []string{"\x00", "\x02\x00\x02\x02\x02\x02"} { // none, catch and catch_all
			out = append(out, form{"", block + clauses, "\x00\x0b"})
		}
	}
	for _, target := range []string{"\x6e", "\x70", "\x69"} { // the third block around has a result
		head, tail := "\x02"+target+"\x02\x40\x02\x40", "\x00\x0b\x0b\x00\x0b\x1a"
		for _, immediates := range []string{
			"\x02", "\x03\x02" + target + "\x02", "\x03\x02" + target + target, "\x02\x02\x02\x02", "\x03\x02\x82\x00\x82\x00",
		} {
			out = append(out, form{head + "\x00", immediates, tail})
		}
		out = append(out, form{head, "\x40\x02\x01\x02\x02\x03\x02", "\x00\x0b" + tail}) // catch_ref, catch_all_ref
	}
	return out
}

// kinds are what type 2 may be: a function, structs, arrays. Only what names types can
// tell them apart.
var kinds = []string{
	"\x60\x00\x00", "\x5f\x03\x7f\x01\x7f\x01\x7f\x01", "\x5f\x03\x78\x01\x78\x01\x78\x01", "\x5e\x7f\x01", "\x5e\x78\x01", "\x5e\x70\x01",
}

// namesTypes tells whether an instruction may have the index of a type, or clauses.
func namesTypes(op string) bool { return op[0] < 0x20 || op[0] >= 0xd0 && op[0] <= 0xfb }

func sized(text string) string { return string(binary.AppendUvarint(nil, uint64(len(text)))) + text }

// around is a module of three of everything with the instruction, then blocks that
// nobody who reads too far can get out of, then one memory.grow.
func around(instruction string) []byte { return amid(kinds[0], "\x01\x03\x7f", instruction) }

// amid is the same with another type 2, and other locals.
func amid(kind, locals, instruction string) []byte {
	code := locals + strings.Repeat("\x02\x40", 3) + "\x00" + instruction +
		strings.Repeat("\x02\x40", 9) + strings.Repeat("\x0b", 9) + "\x00\x40\x00\x00" + strings.Repeat("\x0b", 4)
	out := "\x00asm\x01\x00\x00\x00"
	for _, section := range []string{
		"\x01\x03\x60\x00\x00\x60\x00\x00" + kind, "\x03\x03\x00\x00\x00", "\x04\x03\x70\x00\x04\x70\x00\x04\x70\x00\x04",
		"\x05\x03\x00\x01\x00\x01\x00\x01", "\x0d\x03\x00\x00\x00\x00\x00\x00",
		"\x06\x03\x7f\x01\x41\x00\x0b\x7f\x01\x41\x00\x0b\x7f\x01\x41\x00\x0b",
		"\x09\x03\x01\x00\x01\x02\x01\x00\x01\x02\x01\x00\x01\x02", "\x0c\x03",
		"\x0a\x03" + sized(code) + "\x02\x00\x0b\x02\x00\x0b", "\x0b\x03\x01\x00\x01\x00\x01\x00",
	} {
		out += section[:1] + sized(section[1:])
	}
	return []byte(out)
}

// instructions are the codes of all that there could be, in and near what there is.
func instructions() []string {
	var out []string
	for op := range 0xfb {
		out = append(out, string([]byte{byte(op)}))
	}
	for prefix, last := range map[byte]uint64{0xfb: 0x40, 0xfc: 0x40, 0xfd: 0x140, 0xfe: 0x80} {
		for op := range last {
			out = append(out, string(binary.AppendUvarint([]byte{prefix}, op)))
		}
	}
	return append(out, "\xff")
}

// What this cannot see: a lane of 0 or 1 that is taken for an instruction.
func TestTrapOnGrow_knowsTheInstructionsOfTheEngine(t *testing.T) {
	accepted := 0
	for _, op := range instructions() {
		known := false
		for _, kind := range kinds {
			for _, f := range forms(op) {
				data := amid(kind, "\x01\x03\x7f", f.head+op+f.immediates+f.tail)
				if Validate(data) != nil {
					continue
				}
				known = true
				want := 1
				if op == "\x40" || op == "\xfc\x0f" {
					want = 2
				}
				if err := rewritten(data, want); err != nil {
					t.Errorf("%x, immediates %x: %v", op, f.immediates, err)
				}
			}
			if !namesTypes(op) {
				break
			}
		}
		if known {
			accepted++
			continue
		}
		for _, f := range forms(op) {
			if err := rewritten(around(f.head+op+f.immediates+f.tail), 1); errs.From(err).Code != errs.ModuleUnsupported {
				t.Errorf("%x is unknown to the engine, but not here: %v", op, err)
				break
			}
		}
	}
	if accepted < 566 {
		t.Errorf("the engine accepted only %d instructions", accepted)
	}
}

func TestTrapOnGrow_knowsTheTypesOfTheEngine(t *testing.T) {
	accepted := 0
	for first := range 256 {
		for second := -1; second < 256; second++ {
			name := string([]byte{byte(first), byte(second)})
			if second < 0 {
				name = name[:1]
			} else if first != 0x63 && first != 0x64 && second > 0 {
				continue
			}
			for _, kind := range kinds[:2] {
				for _, data := range [][]byte{amid(kind, "\x01\x03"+name, ""), amid(kind, "\x01\x03\x7f", "\x02"+name+"\x00\x0b")} {
					if Validate(data) != nil {
						continue
					}
					accepted++
					if err := rewritten(data, 1); err != nil {
						t.Errorf("%x: %v", name, err)
					}
				}
			}
		}
	}
	if accepted < 298 {
		t.Errorf("the engine accepted only %d types", accepted)
	}
}

// rewritten makes memory.grow trap at so many sites, then counts too.
func rewritten(data []byte, sites int) error {
	shape, err := wasmbin.Parse(data)
	if err != nil {
		return err
	}
	got, err := wasmbin.Rewrite(data, shape, wasmbin.RewriteOptions{TrapOnGrow: true})
	if err != nil {
		return err
	}
	if got.Sites != sites {
		return fmt.Errorf("%d sites, not %d", got.Sites, sites)
	}
	if err := Validate(got.Binary); err != nil {
		return err
	}
	costs := wasmbin.DefaultCosts()
	if got, err = wasmbin.Rewrite(data, shape, wasmbin.RewriteOptions{TrapOnGrow: true, Meter: &costs}); err != nil {
		return err
	}
	return Validate(got.Binary)
}
