package describe

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wasmgate/go/wasmbin"
)

func isWord(imp wasmbin.Import) bool { return imp.Name == "__wbindgen_describe" }

// Every descriptor that compilers have made, optimised or not, must be read.
func TestRun_realModules(t *testing.T) {
	files, err := filepath.Glob("../../../test/fixtures/wasm/raw/*/*.wasm")
	if err != nil || len(files) == 0 {
		t.Fatalf("no raw modules: %v", err)
	}
	for _, file := range files {
		binary, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		shape, err := wasmbin.Parse(binary)
		if err != nil {
			t.Fatal(err)
		}
		m, err := New(binary, shape, isWord)
		if err != nil {
			t.Fatal(err)
		}
		run := 0
		for _, e := range shape.Exports {
			if !strings.HasPrefix(e.Name, "__wbindgen_describe_") {
				continue
			}
			words, err := m.Run(e.Index)
			if err != nil || len(words) == 0 {
				t.Errorf("%s: %s: %v, %v", file, e.Name, words, err)
			}
			run++
		}
		if run < 3 {
			t.Errorf("%s: %d descriptors", file, run)
		}
		if _, ok := m.inside.StackPointer(shape); !ok {
			t.Errorf("%s: no stack pointer", file)
		}
	}
}

// module makes a module whose function 1 has that body; function 0 is the import.
func module(body string) []byte {
	section := func(id byte, content string) string { return string(id) + leb(len(content)) + content }
	full := "\x01\x02\x7f" + body // one group of two i32 locals
	name := "__wbindgen_describe"
	return []byte("\x00asm\x01\x00\x00\x00" +
		section(1, "\x02\x60\x01\x7f\x00\x60\x00\x00") +
		section(2, "\x01\x01p"+string(rune(len(name)))+name+"\x00\x00") +
		section(3, "\x01\x01") +
		section(5, "\x01\x00\x01") +
		section(6, "\x01\x7f\x01\x41\x80\x08\x0b") +
		section(7, "\x01\x01f\x00\x01") +
		section(10, "\x01"+leb(len(full))+full) +
		section(11, "\x01\x00\x41\x10\x0b\x04\x2a\x00\x00\x00"))
}

func leb(n int) string {
	if n < 128 {
		return string([]byte{byte(n)})
	}
	return string([]byte{byte(n&127) | 128, byte(n >> 7)})
}

func words(t *testing.T, body string) ([]uint32, error) {
	t.Helper()
	binary := module(body)
	shape, err := wasmbin.Parse(binary)
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(binary, shape, isWord)
	if err != nil {
		t.Fatal(err)
	}
	return m.Run(1)
}

func TestRun_instructions(t *testing.T) {
	for name, tc := range map[string]struct {
		body string
		want []uint32
	}{
		"constant":     {"\x41\x07\x10\x00\x0b", []uint32{7}},
		"negative":     {"\x41\x7f\x10\x00\x0b", []uint32{0xffffffff}},
		"data":         {"\x41\x10\x28\x02\x00\x10\x00\x0b", []uint32{42}},
		"store, load":  {"\x41\x20\x41\x05\x36\x02\x00\x41\x20\x2d\x00\x00\x10\x00\x0b", []uint32{5}},
		"global":       {"\x23\x00\x41\x10\x6b\x24\x00\x23\x00\x10\x00\x0b", []uint32{1008}},
		"locals":       {"\x41\x03\x22\x00\x21\x01\x20\x01\x20\x00\x6a\x10\x00\x0b", []uint32{6}},
		"if, taken":    {"\x41\x01\x04\x40\x41\x01\x10\x00\x05\x41\x02\x10\x00\x0b\x0b", []uint32{1}},
		"if, not":      {"\x41\x00\x04\x40\x41\x01\x10\x00\x05\x41\x02\x10\x00\x0b\x0b", []uint32{2}},
		"if, no else":  {"\x41\x00\x04\x40\x41\x01\x10\x00\x0b\x41\x03\x10\x00\x0b", []uint32{3}},
		"block, br":    {"\x02\x40\x0c\x00\x41\x01\x10\x00\x0b\x41\x04\x10\x00\x0b", []uint32{4}},
		"block value":  {"\x02\x7f\x41\x09\x0b\x10\x00\x0b", []uint32{9}},
		"return":       {"\x41\x05\x10\x00\x0f\x41\x06\x10\x00\x0b", []uint32{5}},
		"loop":         {"\x03\x40\x20\x00\x10\x00\x20\x00\x41\x01\x6a\x22\x00\x41\x03\x49\x0d\x00\x0b\x0b", []uint32{0, 1, 2}},
		"br_table":     {"\x02\x40\x02\x40\x41\x01\x0e\x01\x00\x01\x0b\x41\x01\x10\x00\x0b\x41\x02\x10\x00\x0b", []uint32{2}},
		"select, drop": {"\x41\x01\x1a\x41\x08\x41\x09\x41\x00\x1b\x10\x00\x0b", []uint32{9}},
		"64 bits":      {"\x42\x7f\x42\x20\x88\xa7\x10\x00\x0b", []uint32{0xffffffff}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := words(t, tc.body)
			if err != nil || len(got) != len(tc.want) {
				t.Fatalf("got %v, %v", got, err)
			}
			for i := range got {
				if got[i] != tc.want[i] {
					t.Errorf("got %v, want %v", got, tc.want)
				}
			}
		})
	}
}

// Whatever a hostile module does, the run ends and says why.
func TestRun_ends(t *testing.T) {
	for name, tc := range map[string]struct{ body, want string }{
		"endless loop":     {"\x03\x40\x0c\x00\x0b\x0b", "too many steps"},
		"endless words":    {"\x03\x40\x41\x01\x10\x00\x0c\x00\x0b\x0b", "does not end"},
		"calls itself":     {"\x10\x01\x0b", "nested too deeply"},
		"traps":            {"\x00\x0b", "traps"},
		"float":            {"\x43\x00\x00\x00\x00\x1a\x0b", "instruction 0x43"},
		"far memory":       {"\x41\x7f\x28\x02\x7f\x1a\x0b", "memory"},
		"touches all":      {"\x03\x40\x20\x00\x28\x02\x00\x1a\x20\x00\x41\x80\x20\x6a\x21\x00\x0c\x00\x0b\x0b", "memory"},
		"stack never used": {"\x0b", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := words(t, tc.body)
			if tc.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// Code that no validator saw must not break the interpreter.
func FuzzRun(f *testing.F) {
	f.Add([]byte("\x41\x07\x10\x00\x0b"))
	f.Add([]byte("\x03\x40\x20\x00\x10\x00\x20\x00\x41\x01\x6a\x22\x00\x41\x03\x49\x0d\x00\x0b\x0b"))
	f.Add([]byte("\x41\x01\x04\x40\x41\x01\x10\x00\x05\x41\x02\x10\x00\x0b\x0b"))
	f.Fuzz(func(_ *testing.T, body []byte) {
		if len(body) > 4000 {
			return
		}
		binary := module(string(body))
		shape, err := wasmbin.Parse(binary)
		if err != nil {
			return
		}
		m, err := New(binary, shape, isWord)
		if err != nil {
			return
		}
		_, _ = m.Run(1)
	})
}
