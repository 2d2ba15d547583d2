package wasi

import (
	"os"
	"path/filepath"
	"testing"

	"wasmgate/go/config"
	"wasmgate/go/errs"
)

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		in   config.WASI
		ok   bool
	}{
		{"nothing", config.WASI{}, true},
		{"all of it", config.WASI{Args: []string{"p", ""}, Env: [][2]string{{"A", "="}}, Preopens: []config.Preopen{{Guest: "/", Host: dir}}}, true},
		{"NUL in an argument", config.WASI{Args: []string{"a\x00b"}}, false},
		{"variable without a name", config.WASI{Env: [][2]string{{"", "x"}}}, false},
		{"variable with = in its name", config.WASI{Env: [][2]string{{"A=B", "x"}}}, false},
		{"NUL in a value", config.WASI{Env: [][2]string{{"A", "\x00"}}}, false},
		{"missing directory", config.WASI{Preopens: []config.Preopen{{Guest: "/", Host: filepath.Join(dir, "none")}}}, false},
		{"file instead of a directory", config.WASI{Preopens: []config.Preopen{{Guest: "/", Host: file}}}, false},
		{"NUL in a path", config.WASI{Preopens: []config.Preopen{{Guest: "/\x00", Host: dir}}}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := Check(&tc.in)
			if tc.ok != (err == nil) {
				t.Fatalf("got %v", err)
			}
			if err != nil && errs.From(err).Code != errs.GrantInvalid {
				t.Errorf("got %s", errs.From(err).Code.Name())
			}
		})
	}
}
