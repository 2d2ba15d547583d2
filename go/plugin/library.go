package plugin

import (
	"bytes"
	"debug/elf"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"wasmgate/go/errs"
)

// The symbols of a plugin: see wasmgate_plugin.h.
const (
	entrySymbol = "wasmgate_plugin"
	abiSymbol   = "wasmgate_plugin_abi"
)

func cannot(path, format string, args ...any) *errs.Error {
	args = append([]any{path}, args...)
	return errs.New(errs.PluginLoad, "plugin %q: "+format, args...).With("path", path)
}

// realPath is the one name of a file, under which it is loaded once.
func realPath(path string) (string, error) {
	whole, err := filepath.Abs(path)
	if err == nil {
		whole, err = filepath.EvalSymlinks(whole)
	}
	if err != nil {
		var cause *os.PathError
		if errors.As(err, &cause) {
			err = cause.Err
		}
		return "", cannot(path, "%w", err)
	}
	return whole, nil
}

// checkFile looks whether a file can be a plugin, without running anything of it: a
// library's constructors run when it is opened, and a loader trusts what a file says of itself.
func checkFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		var cause *os.PathError
		if errors.As(err, &cause) {
			err = cause.Err
		}
		return cannot(path, "%w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return cannot(path, "%w", err)
	}
	if !info.Mode().IsRegular() {
		return cannot(path, "is no file")
	}
	if runtime.GOOS != "linux" {
		return nil // the system's loader tells
	}
	return checkELF(path, f, info.Size())
}

func checkELF(path string, f io.ReaderAt, size int64) error {
	head := make([]byte, 16)
	n, _ := f.ReadAt(head, 0)
	if head = head[:n]; !bytes.HasPrefix(head, []byte(elf.ELFMAG)) {
		return cannot(path, "is no shared library: it begins with %q", head)
	}
	if n < 16 {
		return cannot(path, "is truncated")
	}
	if class := elf.Class(head[elf.EI_CLASS]); class != elf.ELFCLASS64 {
		return cannot(path, "is a 32-bit library, and this is a 64-bit process (%s)", runtime.GOARCH)
	}
	file, err := elf.NewFile(f)
	if err != nil {
		return cannot(path, "is damaged: %w", err)
	}
	want := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}[runtime.GOARCH]
	if file.Machine != want {
		return cannot(path, "is a library for another processor: %s, and this is %s", file.Machine, want)
	}
	if file.Type != elf.ET_DYN {
		return cannot(path, "is no shared library, but of type %s; link it with -shared", file.Type)
	}
	for _, p := range file.Progs {
		if p.Type == elf.PT_LOAD && (p.Filesz > uint64(size) || p.Off > uint64(size)-p.Filesz) {
			return cannot(path, "is truncated")
		}
	}
	symbols, err := file.DynamicSymbols()
	if err != nil {
		return nil // it may have no section headers; looking them up will tell
	}
	for _, name := range []string{entrySymbol, abiSymbol} {
		if !defines(symbols, name) {
			return missing(path, name)
		}
	}
	return nil
}

func defines(symbols []elf.Symbol, name string) bool {
	for _, s := range symbols {
		if s.Name == name && s.Section != elf.SHN_UNDEF {
			return true
		}
	}
	return false
}

func missing(path, symbol string) error {
	return cannot(path, "is no plugin of wasmgate: it exports no %s (see WASMGATE_PLUGIN in wasmgate_plugin.h)", symbol)
}
