package plugin

import (
	"bytes"
	"encoding/binary"
	"os"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"wasmgate/go/errs"
)

// header makes the first 64 bytes of an ELF file of 64 bits.
func header(class, kind, machine byte) []byte {
	out := make([]byte, 64)
	copy(out, "\x7fELF")
	out[4], out[5], out[6] = class, 1, 1
	binary.LittleEndian.PutUint16(out[16:], uint16(kind))
	binary.LittleEndian.PutUint16(out[18:], uint16(machine))
	binary.LittleEndian.PutUint32(out[20:], 1)
	binary.LittleEndian.PutUint16(out[52:], 64)
	return out
}

func TestCheckELF(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("ELF is Linux's")
	}
	machine, other := byte(62), byte(183)
	if runtime.GOARCH == "arm64" {
		machine, other = other, machine
	}
	beyond := header(2, 3, machine)
	binary.LittleEndian.PutUint64(beyond[32:], 64) // one segment, which ends where no file does
	binary.LittleEndian.PutUint16(beyond[54:], 56)
	binary.LittleEndian.PutUint16(beyond[56:], 1)
	segment := make([]byte, 56)
	segment[0] = 1
	binary.LittleEndian.PutUint64(segment[8:], 1<<40)
	binary.LittleEndian.PutUint64(segment[32:], 1<<40)
	for name, tc := range map[string]struct {
		content []byte
		want    string
	}{
		"empty":        {nil, "is no shared library"},
		"text":         {[]byte("int main"), `begins with "int main"`},
		"magic alone":  {[]byte("\x7fELF"), "is truncated"},
		"32 bits":      {header(1, 3, 3), "is a 32-bit library"},
		"half a head":  {header(2, 3, machine)[:40], "is damaged"},
		"processor":    {header(2, 3, other), "another processor"},
		"object file":  {header(2, 1, machine), "of type ET_REL"},
		"executable":   {header(2, 2, machine), "of type ET_EXEC"},
		"long segment": {append(beyond, segment...), "is truncated"},
	} {
		err := checkELF("x.so", bytes.NewReader(tc.content), int64(len(tc.content)))
		if err == nil || !strings.Contains(err.Error(), tc.want) || errs.From(err).Code != errs.PluginLoad {
			t.Errorf("%s: got %v, want %s", name, err, tc.want)
		}
	}
}

func TestLoad_errors(t *testing.T) {
	var services [64]uint64 // more than a wasmgate_host
	loader := &Loader{Services: func() unsafe.Pointer { return unsafe.Pointer(&services) }, Version: "test"}
	dir := t.TempDir()
	loop := dir + "/loop"
	if err := os.Symlink(loop, loop); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"":               "is no path",
		"a\x00b":         "is no path",
		dir + "/nowhere": "no such file or directory",
		dir:              "is no file",
		loop:             "too many links",
	} {
		if _, err := loader.Load(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", path, err, want)
		}
	}
}

// Whatever a file says of itself, looking at it is safe.
func FuzzCheckELF(f *testing.F) {
	f.Add(header(2, 3, 62))
	if self, err := os.ReadFile("/proc/self/exe"); err == nil {
		f.Add(self[:4096])
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		if checkELF("x.so", bytes.NewReader(content), int64(len(content))) == nil && !bytes.HasPrefix(content, []byte("\x7fELF\x02")) {
			t.Error("something else passes for a library")
		}
	})
}
