// Package config decodes the options documents that the JavaScript layer sends
// along with cold calls. JavaScript has already checked them for people; here
// unknown keys and wrong types are refused once more, because the C ABI is a
// boundary of its own.
package config

import (
	"bytes"
	"encoding/json"
	"io"

	"wasmgate/go/errs"
)

// DefaultMaxModuleBytes caps a module, before and after decompression: 256 MiB.
const DefaultMaxModuleBytes = 256 << 20

// Module are the options of a load.
type Module struct {
	// Path of the module's file; empty if the bytes come with the call.
	Path string `json:"path"`
	// MaxModuleBytes caps the module before and after decompression.
	MaxModuleBytes int64 `json:"maxModuleBytes"`
	// Signatures maps export names to signature strings.
	Signatures map[string]string `json:"signatures"`
	// Sidecar: look for a .d.ts beside Path.
	Sidecar bool `json:"sidecar"`
}

// Instance are the options of an instance.
type Instance struct {
	// WASI is set when WASI was granted.
	WASI *WASI `json:"wasi"`
}

// WASI is the WASI side of an instance's options.
type WASI struct {
	// Args are the guest's arguments, the program name first.
	Args []string `json:"args"`
	// Env are the guest's variables as [name, value], in order.
	Env [][2]string `json:"env"`
	// Preopens are the directories the guest may use.
	Preopens []Preopen `json:"preopens"`
	// InheritStdio connects the three standard streams to the process's own.
	InheritStdio bool `json:"inheritStdio"`
}

// Preopen makes the host directory Host visible as Guest, for reading and writing.
type Preopen struct {
	Guest string `json:"guest"`
	Host  string `json:"host"`
}

// ParseModule decodes the options of a load; an empty document gives the defaults.
func ParseModule(document []byte) (Module, error) {
	options := Module{MaxModuleBytes: DefaultMaxModuleBytes}
	err := decode(document, &options)
	if err == nil && options.MaxModuleBytes < 1 {
		err = errs.New(errs.OptionRange, "maxModuleBytes: must be at least 1, got %d", options.MaxModuleBytes)
	}
	return options, err
}

// ParseInstance decodes the options of an instance.
func ParseInstance(document []byte) (Instance, error) {
	var options Instance
	err := decode(document, &options)
	return options, err
}

func decode(document []byte, into any) error {
	if len(document) == 0 {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return errs.New(errs.OptionType, "options: %w", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return errs.New(errs.OptionType, "options: text after the document")
	}
	return nil
}
