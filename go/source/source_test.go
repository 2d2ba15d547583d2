package source

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"wasmgate/go/errs"
)

const emptyModule = "\x00asm\x01\x00\x00\x00"

func gz(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zs(t testing.TB, data []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return w.EncodeAll(data, nil)
}

func TestDecode(t *testing.T) {
	text := " ;; a comment\n (; block ;)\n(module)"
	for _, tc := range []struct {
		name string
		in   []byte
		want string
		kind Kind
	}{
		{"binary", []byte(emptyModule), emptyModule, Binary},
		{"text with a byte order mark and comments", []byte("\ufeff" + text), text, Text},
		{"gzip of binary", gz(t, []byte(emptyModule)), emptyModule, Binary},
		{"zstd of text", zs(t, []byte("(module)")), "(module)", Text},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, kind, err := Decode(tc.in, 1<<20)
			if err != nil || string(got) != tc.want || kind != tc.kind {
				t.Errorf("got %q, kind %d, %v", got, kind, err)
			}
		})
	}
}

func TestDecode_errors(t *testing.T) {
	bomb := bytes.Repeat([]byte{0}, 1<<20)
	for _, tc := range []struct {
		name string
		in   []byte
		max  int64
		want errs.Code
	}{
		{"empty", nil, 100, errs.SourceFormat},
		{"not wasm", []byte("hello"), 100, errs.SourceFormat},
		{"only comments", []byte(";; nothing"), 100, errs.SourceFormat},
		{"unclosed comment", []byte("(; nothing"), 100, errs.SourceFormat},
		{"component", []byte("\x00asm\x0d\x00\x01\x00"), 100, errs.ModuleUnsupported},
		{"too large", []byte(emptyModule), 4, errs.SourceTooLarge},
		{"gzip bomb", gz(t, bomb), 4096, errs.SourceTooLarge},
		{"zstd bomb", zs(t, bomb), 4096, errs.SourceTooLarge},
		{"truncated gzip", gz(t, []byte(emptyModule))[:14], 100, errs.SourceCompression},
		{"truncated zstd", zs(t, bytes.Repeat([]byte(emptyModule), 9))[:9], 100, errs.SourceCompression},
		{"gzip inside gzip", gz(t, gz(t, []byte(emptyModule))), 4096, errs.SourceFormat},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, _, err := Decode(tc.in, tc.max)
			if err == nil || errs.From(err).Code != tc.want {
				t.Errorf("got %v, want %s", err, tc.want.Name())
			}
		})
	}
}

func TestReadFile_errors(t *testing.T) {
	dir := t.TempDir()
	big := filepath.Join(dir, "big")
	if err := os.WriteFile(big, make([]byte, 100), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, path string
		want       errs.Code
	}{
		{"missing", filepath.Join(dir, "none"), errs.SourceRead},
		{"directory", dir, errs.SourceRead},
		{"too large", big, errs.SourceTooLarge},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := ReadFile(tc.path, 10)
			if err == nil || errs.From(err).Code != tc.want {
				t.Errorf("got %v, want %s", err, tc.want.Name())
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(emptyModule))
	f.Add(gz(f, []byte(emptyModule)))
	f.Add(zs(f, []byte("(module)")))
	f.Fuzz(func(t *testing.T, data []byte) {
		out, _, err := Decode(data, 1<<16)
		if err == nil && len(out) > 1<<16 {
			t.Errorf("the cap did not hold: %d bytes", len(out))
		}
	})
}
