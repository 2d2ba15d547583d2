// Package source turns what a caller hands over (a path or bytes: binary wasm
// or WebAssembly text, either of them compressed) into the bytes of a binary
// module. Kinds are recognised by content, never by file name.
package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"wasmgate/go/errs"
)

// Kind says what the content of a module is.
type Kind int

// Kinds of content.
const (
	Unknown Kind = iota
	Binary
	Component
	Text
	gzipped
	zstded
)

var (
	magicWasm = []byte("\x00asm")
	magicGzip = []byte("\x1f\x8b")
	magicZstd = []byte("\x28\xb5\x2f\xfd")

	byteOrderMark = []byte("\xef\xbb\xbf")
)

// Detect recognises content. Components share the magic number of modules but
// have a layer of 1 in the upper half of the version field.
func Detect(data []byte) Kind {
	switch {
	case bytes.HasPrefix(data, magicWasm):
		if len(data) >= 8 && data[6] == 1 && data[7] == 0 {
			return Component
		}
		return Binary
	case bytes.HasPrefix(data, magicGzip):
		return gzipped
	case bytes.HasPrefix(data, magicZstd):
		return zstded
	case startsText(data):
		return Text
	}
	return Unknown
}

// startsText reports whether the first token of data, after white space and
// comments, is the opening parenthesis of WebAssembly text.
func startsText(data []byte) bool {
	data = bytes.TrimPrefix(data, byteOrderMark)
	for len(data) > 0 {
		switch {
		case bytes.IndexByte([]byte(" \t\r\n"), data[0]) >= 0:
			data = data[1:]
		case bytes.HasPrefix(data, []byte(";;")):
			end := bytes.IndexByte(data, '\n')
			if end < 0 {
				return false
			}
			data = data[end:]
		case bytes.HasPrefix(data, []byte("(;")):
			end := bytes.Index(data, []byte(";)"))
			if end < 0 {
				return false
			}
			data = data[end+2:]
		default:
			return data[0] == '('
		}
	}
	return false
}

// ReadFile reads a module's file, at most maxBytes of it.
func ReadFile(path string, maxBytes int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, readError(path, err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, readError(path, err)
	}
	if info.IsDir() {
		return nil, errs.New(errs.SourceRead, "module: %q is a directory, not a file", path).With("errno", "EISDIR")
	}
	if info.Size() > maxBytes {
		return nil, tooLarge(maxBytes)
	}
	return readCapped(file, maxBytes, func(err error) error { return readError(path, err) })
}

func readError(path string, err error) error {
	errno := "EIO"
	switch {
	case errors.Is(err, fs.ErrNotExist):
		errno = "ENOENT"
	case errors.Is(err, fs.ErrPermission):
		errno = "EACCES"
	}
	return errs.New(errs.SourceRead, "module: cannot read the file: %w", err).
		With("errno", errno).With("path", path)
}

// Decode returns binary wasm or text for data, decompressing at most once.
// An empty input and unknown content are errors, and so is anything larger
// than maxBytes before or after decompression.
func Decode(data []byte, maxBytes int64) ([]byte, Kind, error) {
	if int64(len(data)) > maxBytes {
		return nil, Unknown, tooLarge(maxBytes)
	}
	kind := Detect(data)
	if kind == gzipped || kind == zstded {
		var err error
		if data, err = decompress(data, kind, maxBytes); err != nil {
			return nil, Unknown, err
		}
		kind = Detect(data)
	}
	switch kind {
	case Binary:
		return data, kind, nil
	case Text:
		return bytes.TrimPrefix(data, byteOrderMark), kind, nil
	case Component:
		return nil, kind, errs.New(errs.ModuleUnsupported,
			"module: this is a WebAssembly component; give a core module (wasm32-unknown-unknown or wasm32-wasip1)")
	}
	return nil, Unknown, errs.New(errs.SourceFormat, "module: not WebAssembly: %s", describe(data))
}

// describe tells a person what the unknown bytes begin with.
func describe(data []byte) string {
	if len(data) == 0 {
		return "the input is empty"
	}
	head := data[:min(len(data), 8)]
	return fmt.Sprintf("%d bytes that begin with % x (expected 00 61 73 6d, WebAssembly text, or gzip or zstd of one of these)",
		len(data), head)
}

// maxWindow is the memory that a zstd frame may ask for: 128 MiB, as the zstd
// program allows by default.
const maxWindow = 128 << 20

func decompress(data []byte, kind Kind, maxBytes int64) ([]byte, error) {
	damaged := func(err error) error {
		return errs.New(errs.SourceCompression, "module: damaged compressed data: %w", err)
	}
	if kind == gzipped {
		reader, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, damaged(err)
		}
		return readCapped(reader, maxBytes, damaged)
	}
	// Frames may ask for a window larger than what they hold: it is capped by
	// itself, the output by readCapped.
	reader, err := zstd.NewReader(bytes.NewReader(data), zstd.WithDecoderConcurrency(1),
		zstd.WithDecoderMaxMemory(uint64(max(maxBytes, maxWindow))), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return nil, damaged(err)
	}
	defer reader.Close()
	return readCapped(reader, maxBytes, func(err error) error {
		if errors.Is(err, zstd.ErrDecoderSizeExceeded) || errors.Is(err, zstd.ErrWindowSizeExceeded) {
			return tooLarge(maxBytes)
		}
		return damaged(err)
	})
}

func readCapped(reader io.Reader, maxBytes int64, wrap func(error) error) ([]byte, error) {
	out, err := io.ReadAll(io.LimitReader(reader, maxBytes+1))
	if err != nil {
		return nil, wrap(err)
	}
	if int64(len(out)) > maxBytes {
		return nil, tooLarge(maxBytes)
	}
	return out, nil
}

func tooLarge(maxBytes int64) error {
	return errs.New(errs.SourceTooLarge, "module: larger than maxModuleBytes (%d bytes)", maxBytes).
		With("maxModuleBytes", maxBytes)
}
