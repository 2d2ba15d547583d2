package vm

import (
	"bytes"
	"encoding/json"
	"strconv"
	"sync"

	"wasmgate/go/config"
	"wasmgate/go/engine"
	"wasmgate/go/errs"
	"wasmgate/go/marshal"
	"wasmgate/go/wasmbin"
)

// plainDescription is what js/webassembly gets to know of a module.
type plainDescription struct {
	Exports []plainEntry `json:"exports"`
	Imports []plainEntry `json:"imports"`
	// Kinds are those of the types: "func", "struct" or "array".
	Kinds []wasmbin.Form `json:"kinds"`
	// Exceptions: it has something to do with them.
	Exceptions bool `json:"exceptions"`
}

type plainEntry struct {
	Module *string `json:"module,omitempty"`
	Name   string  `json:"name"`
	Kind   string  `json:"kind"`
	Type   any     `json:"type"`
	Index  *uint32 `json:"index,omitempty"`
}

// lazyFunctions is how many functions a module may have that is compiled when it is
// loaded. A larger one is validated then, and compiled when there is to be an instance:
// that takes seconds, and many are never run.
const lazyFunctions = 50_000

// Limits of the JavaScript API, chapter "Implementation-defined Limits", that the engine
// does not have itself.
const (
	maxPlainBytes    = 1 << 30
	maxPlainImports  = 1_000_000
	maxPlainExports  = 1_000_000
	maxPlainMemories = 100
)

// readPlain validates a module for WebAssembly namespaces.
func readPlain(data []byte) (*wasmbin.Module, error) {
	if len(data) > maxPlainBytes {
		return nil, errs.New(errs.ModuleInvalid, "module: %d bytes are more than %d", len(data), maxPlainBytes)
	}
	if len(data) == 0 {
		return nil, errs.New(errs.ModuleInvalid, "module: no bytes")
	}
	if err := engine.Validate(data); err != nil {
		return nil, err
	}
	shape, err := wasmbin.Parse(data)
	if err != nil {
		return nil, err
	}
	for _, limit := range []struct {
		what      string
		got, most int
	}{
		{"imports", len(shape.Imports), maxPlainImports},
		{"exports", len(shape.Exports), maxPlainExports},
		{"memories", len(shape.Memories), maxPlainMemories},
	} {
		if limit.got > limit.most {
			return nil, errs.New(errs.ModuleInvalid, "module: %d %s are more than %d", limit.got, limit.what, limit.most)
		}
	}
	return shape, nil
}

// loadPlain compiles a module as it is, for WebAssembly namespaces.
func loadPlain(options config.Module, data []byte) (*Module, error) {
	shape, err := readPlain(data)
	if err != nil {
		return nil, err
	}
	part, err := compilePart(options.Profile, data, shape)
	if err != nil {
		return nil, err
	}
	for i := range shape.Customs { // the bytes are borrowed
		shape.Customs[i].Data = bytes.Clone(shape.Customs[i].Data)
	}
	description, err := json.Marshal(describePlain(shape))
	if err != nil {
		return nil, err
	}
	plans := marshal.Plans{}
	return &Module{part: part, shape: shape, Plans: plans.Encode(), Description: description}, nil
}

func compilePart(profile config.Profile, data []byte, shape *wasmbin.Module) (func() (*engine.Part, error), error) {
	if len(shape.Funcs) > lazyFunctions {
		data = bytes.Clone(data)
		return later(func() (*engine.Part, error) {
			defer func() { data = nil }()
			return engine.CompilePart(profile, data, shape)
		}), nil
	}
	part, err := engine.CompilePart(profile, data, shape)
	return func() (*engine.Part, error) { return part, nil }, err
}

func describePlain(shape *wasmbin.Module) plainDescription {
	d := plainDescription{Exports: []plainEntry{}, Imports: []plainEntry{}, Kinds: shape.Kinds, Exceptions: len(shape.Tags) > 0}
	if d.Kinds == nil {
		d.Kinds = []wasmbin.Form{}
	}
	for i := range shape.Exports {
		e := &shape.Exports[i]
		d.Exports = append(d.Exports, plainEntry{Name: e.Name, Kind: e.Type.Kind.String(), Type: plainType(e.Type), Index: &e.Index})
	}
	for i := range shape.Imports {
		imp := &shape.Imports[i]
		d.Imports = append(d.Imports, plainEntry{Module: &imp.Module, Name: imp.Name, Kind: imp.Type.Kind.String(), Type: plainType(imp.Type)})
	}
	return d
}

// plainType is like typeJSON, with limits that JavaScript reads exactly.
func plainType(t wasmbin.ExternType) any {
	if t.Kind != wasmbin.Memory && t.Kind != wasmbin.Table {
		return typeJSON(t)
	}
	out := map[string]any{"minimum": exact(t.Limits.Min)}
	if t.Limits.HasMax {
		out["maximum"] = exact(t.Limits.Max)
	}
	if t.Limits.Shared {
		out["shared"] = true
	}
	if t.Limits.Is64 {
		out["address"] = "i64"
	}
	if t.Kind == wasmbin.Table {
		out["element"] = t.Elem.String()
	}
	return out
}

// exact gives a number that JavaScript cannot hold as text.
func exact(n uint64) any {
	if n > 1<<53-1 {
		return strconv.FormatUint(n, 10)
	}
	return n
}

// Part is the module for WebAssembly namespaces, compiled if that is still to be done.
func (m *Module) Part() (*engine.Part, error) {
	if m.part == nil {
		return nil, errs.New(errs.Handle, "the module was not loaded for a WebAssembly namespace")
	}
	return m.part()
}

// later runs f once, when it is called for the first time, on a stack of Go's own:
// compiling recurses.
func later(f func() (*engine.Part, error)) func() (*engine.Part, error) {
	return sync.OnceValues(func() (part *engine.Part, err error) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			part, err = f()
		}()
		<-done
		return part, err
	})
}

// FunctionType describes a function of a module that was loaded for namespaces.
func (m *Module) FunctionType(index uint32) ([]byte, error) {
	if m.part == nil || uint64(index) >= uint64(len(m.shape.Funcs)) {
		return nil, errs.New(errs.Handle, "the module has no function %d", index)
	}
	return json.Marshal(typeJSON(wasmbin.ExternType{Kind: wasmbin.Func, Func: m.shape.Funcs[index]}))
}

// CustomSections gives the contents of the custom sections of that name.
func (m *Module) CustomSections(name string) [][]byte {
	var out [][]byte
	if m.part == nil {
		return nil
	}
	for _, c := range m.shape.Customs {
		if c.Name == name {
			out = append(out, c.Data)
		}
	}
	return out
}

// ValidPlain reports whether a WebAssembly namespace takes a binary module.
func ValidPlain(data []byte) bool {
	_, err := readPlain(data)
	return err == nil
}
