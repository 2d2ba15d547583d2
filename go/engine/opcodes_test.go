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

// forms are those of all instructions. Whoever takes a part of the immediates for
// instructions finds blocks that do not end (02), or memories that grow (40).
func forms() []form {
	out := []form{{"\x02\x40", "", ""}, {"\x04\x40", "", "\x0b"}} // end, else
	for _, immediates := range []string{
		"", "\x02", "\x02\x02", "\x40\x02\x02", "\x41\x02\x02", "\x42\x02\x02", "\x43\x02\x02", "\x44\x02\x02",
		"\x40\x02\x02\x02", "\x40\x02\x02\x01", "\x01", "\x00", // lanes; those of 64 bits have no number 2
		"\x02\x40\x02\x40", "\x02\x40\x02\x40\x02\x40\x02\x40", strings.Repeat("\x02", 16),
		"\x82\x82\x82\x82\x02", "\x82\x82\x82\x82\x82\x82\x82\x82\x02", // LEB128
		"\x02\x02\x02\x02", "\x01\x6f", "\x01\x63\x70", "\x01\x7b", // br_table, select
		"\x70", "\x6f", "\x63\x70", "\x64\x70", // types
	} {
		out = append(out, form{"", immediates, ""})
	}
	for _, block := range []string{"\x40", "\x02", "\x7f", "\x7b", "\x6f", "\x63\x70", "\x64\x70"} {
		out = append(out, form{"", block, "\x00\x0b"}, form{"", block, "\x00\x05\x00\x0b"})
	}
	return out
}

func sized(text string) string { return string(binary.AppendUvarint(nil, uint64(len(text)))) + text }

// around is a module of three of everything with the instruction, then blocks that
// nobody who reads too far can get out of, then one memory.grow.
func around(instruction string) []byte {
	code := "\x01\x03\x7f" + strings.Repeat("\x02\x40", 3) + "\x00" + instruction +
		strings.Repeat("\x02\x40", 9) + strings.Repeat("\x0b", 9) + "\x00\x40\x00\x00" + strings.Repeat("\x0b", 4)
	out := "\x00asm\x01\x00\x00\x00"
	for _, section := range []string{
		"\x01\x03\x60\x00\x00\x60\x00\x00\x60\x00\x00", "\x03\x03\x02\x02\x02", "\x04\x03\x70\x00\x04\x70\x00\x04\x70\x00\x04",
		"\x05\x03\x00\x01\x00\x01\x00\x01", "\x06\x03\x7f\x01\x41\x00\x0b\x7f\x01\x41\x00\x0b\x7f\x01\x41\x00\x0b",
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
		for _, f := range forms() {
			data := around(f.head + op + f.immediates + f.tail)
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
		if known {
			accepted++
			continue
		}
		for _, f := range forms() {
			if err := rewritten(around(f.head+op+f.immediates+f.tail), 1); errs.From(err).Code != errs.ModuleUnsupported {
				t.Errorf("%x is unknown to the engine, but not here: %v", op, err)
				break
			}
		}
	}
	if accepted < 500 {
		t.Errorf("the engine accepted only %d instructions", accepted)
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
