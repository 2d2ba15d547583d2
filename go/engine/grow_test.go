package engine

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"wasmgate/go/config"
	"wasmgate/go/errs"
	"wasmgate/go/marshal"
	"wasmgate/go/wasmbin"
)

// trapping gives a module whose memory.grow traps.
func trapping(t *testing.T, data []byte) *wasmbin.Rewritten {
	t.Helper()
	shape, err := wasmbin.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	got, err := wasmbin.Rewrite(data, shape, wasmbin.RewriteOptions{TrapOnGrow: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := Validate(got.Binary); err != nil {
		t.Fatalf("not valid any more: %v", err)
	}
	return got
}

// sites counts the instructions that grow a memory or table by asking the engine: those at
// which it complains if the index is changed to one that does not exist.
func sites(data []byte) int {
	return named(data, "memory", 0x40) + named(data, "table", 0xfc, 0x0f)
}

// named counts the places where changing the index behind an instruction's code makes the
// engine complain of that very place.
func named(data []byte, what string, code ...byte) int {
	count := 0
	patched := bytes.Clone(data)
	for at := 8; at+len(code) < len(data); at++ {
		index := at + len(code)
		if !bytes.Equal(data[at:index], code) || data[index] > 1 {
			continue
		}
		patched[index] = 0x7f
		err := Validate(patched)
		patched[index] = data[index]
		if err != nil && strings.Contains(err.Error(), "unknown "+what+" 127") &&
			strings.HasSuffix(err.Error(), fmt.Sprintf("(at offset 0x%x)", at)) {
			count++
		}
	}
	return count
}

func TestTrapOnGrow_ofEveryFixture(t *testing.T) {
	all := 0
	err := filepath.WalkDir("../../test/fixtures", func(file string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(file) != ".wasm" {
			return err
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		t.Run(file, func(t *testing.T) {
			got := trapping(t, data)
			if want := sites(data); got.Sites != want {
				t.Errorf("%d sites, the engine knows %d", got.Sites, want)
			}
			again := trapping(t, got.Binary)
			if again.Sites != got.Helpers {
				t.Errorf("%d sites are left, in %d functions", again.Sites, got.Helpers)
			}
			all += got.Sites
		})
		return nil
	})
	if err != nil || all == 0 {
		t.Errorf("%d sites, %v", all, err)
	}
}

// twoMemories grows each of two memories, from a first page.
const twoMemories = `(module
	(memory $narrow 1 100) (memory $wide i64 1 100)
	(func (export "narrow") (param i32) (result i32) (memory.grow $narrow (local.get 0)))
	(func (export "wide") (param i64) (result i64)
		(if (i64.eqz (local.get 0)) (then (drop (memory.grow $wide (i64.const 0)))))
		(memory.grow $wide (local.get 0)))
	(func (export "pages") (result i32) (memory.size $narrow))
	(func (export "fail") (drop (memory.grow $narrow (i32.const 1))) (call $inner) (drop (memory.grow $wide (i64.const 1))))
	(func $inner (drop (memory.grow $narrow (i32.const 0))) (unreachable)))`

func binaryOf(t *testing.T, text string) []byte {
	t.Helper()
	binary, err := ToBinary([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

// compileTrapping compiles a module so that its added functions show in stacks.
func compileTrapping(t *testing.T, data []byte) (*Module, *wasmbin.Rewritten) {
	t.Helper()
	trapping := trapping(t, data)
	m, err := Compile(config.DefaultProfile(), plainCode(trapping.Binary, trapping.Shape), trapping.Shape, marshal.DetectABI(trapping.Shape))
	if err != nil {
		t.Fatal(err)
	}
	return m, trapping
}

func TestTrapOnGrow_belowAndBeyondTheLimit(t *testing.T) {
	binary := binaryOf(t, twoMemories)
	m, trapping := compileTrapping(t, binary)
	if trapping.Sites != 6 || trapping.Helpers != 2 {
		t.Errorf("%d sites, %d helpers", trapping.Sites, trapping.Helpers)
	}
	for _, name := range []string{"narrow", "wide"} {
		record := open(t, m, config.Grants{})
		LimitMemory(record, 4<<16)
		for _, step := range [][2]int64{{0, 1}, {2, 1}, {1, 3}, {0, 4}} { // pages more, pages before
			if got, err := Probe(record, name, step[0]); err != nil || int32(got[0]) != int32(step[1]) {
				t.Errorf("%s by %d: %v, %v", name, step[0], got, err)
			}
		}
		for _, more := range []int64{1, 97, 1 << 31} {
			_, err := Probe(record, name, more)
			if failure := wantCode(t, err, errs.Trap); failure.Detail["trap"] != "unreachable" {
				t.Errorf("%s by %d: %+v", name, more, failure.Detail)
			}
		}
		if got, err := Probe(record, name, 0); err != nil || int32(got[0]) != 4 {
			t.Errorf("%s is not usable any more: %v, %v", name, got, err)
		}
	}
}

func TestTrapOnGrow_withoutItGrowthFails(t *testing.T) {
	record := open(t, compile(t, twoMemories), config.Grants{})
	LimitMemory(record, 4<<16)
	for _, name := range []string{"narrow", "wide"} {
		if got, err := Probe(record, name, 4); err != nil || int32(got[0]) != -1 {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// places gives the places of a stack, innermost first.
func places(t *testing.T, record Record, export string) []int {
	t.Helper()
	_, err := Probe(record, export)
	failure := wantCode(t, err, errs.Trap)
	var out []int
	for _, found := range regexp.MustCompile(`0x([0-9a-f]+) - `).FindAllStringSubmatch(failure.Detail["wasmStack"].(string), -1) {
		place, err := strconv.ParseInt(found[1], 16, 64)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, int(place))
	}
	return out
}

func TestTrapOnGrow_leadsBackToThePlacesOfAStack(t *testing.T) {
	// So many functions that a call of an added one is longer than memory.grow.
	binary := binaryOf(t, strings.Replace(twoMemories, "(func $inner", strings.Repeat("(func)", 150)+"(func $inner", 1))
	shape, err := wasmbin.Parse(binary)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := Compile(config.DefaultProfile(), plainCode(binary, shape), shape, marshal.DetectABI(shape))
	if err != nil {
		t.Fatal(err)
	}
	m, trapping := compileTrapping(t, binary)
	want, got := places(t, open(t, plain, config.Grants{}), "fail"), places(t, open(t, m, config.Grants{}), "fail")
	if len(want) != 2 || slices.Equal(want, got) {
		t.Fatalf("nothing moved: %v, %v", want, got)
	}
	for i := range got {
		got[i] = trapping.Moves.Original(got[i])
	}
	if !slices.Equal(want, got) {
		t.Errorf("got %v, want %v", got, want)
	}
	// A memory that does not grow: the caller of the added function stands where it
	// executed memory.grow.
	record := open(t, m, config.Grants{})
	LimitMemory(record, 1<<16)
	at := places(t, record, "fail")
	if len(at) != 2 {
		t.Fatalf("got %v", at)
	}
	if place := trapping.Moves.Original(at[1]); binary[place] != 0x40 || place >= want[1] || want[1]-place > 4 {
		t.Errorf("byte %d", place)
	}
}

func FuzzRewrite(f *testing.F) {
	for _, text := range []string{twoMemories, guest, strings.NewReplacer("ELEMENTS", "$0", "EXPRESSIONS", "").Replace(segments)} {
		binary, err := ToBinary([]byte(text))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(binary)
	}
	for _, op := range []string{"\x11\x02\x02", "\xfd\x54\x40\x02\x02\x02", "\xfe\x1e\x42\x02\x02", "\x0e\x02\x02\x02\x02", "\x1f\x40\x01\x02\x00\x0b"} {
		f.Add([]byte(op + "\x00\x40\x01\x00"))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, binary := range [][]byte{data, around(string(data))} { // as a module, as instructions
			if Validate(binary) != nil {
				continue
			}
			shape, err := wasmbin.Parse(binary)
			if err != nil {
				t.Fatal(err)
			}
			costs := wasmbin.DefaultCosts()
			for _, options := range []wasmbin.RewriteOptions{{TrapOnGrow: true}, {Meter: &costs}, {Stoppable: true}, {TrapOnGrow: true, Meter: &costs, Stoppable: true}} {
				got, err := wasmbin.Rewrite(binary, shape, options)
				if err != nil {
					t.Fatal(err)
				}
				if err := Validate(got.Binary); err != nil {
					t.Error(err)
				}
			}
		}
	})
}
