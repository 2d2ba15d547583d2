// Package describe runs the descriptor functions of a raw wasm-bindgen module: each
// tells the type of one export or import, word by word, by calls of an import.
//
// They are simple by construction (the tool of wasm-bindgen interprets them too):
// constants, calls, at most some work on the stack. So a small interpreter does,
// and a module can be described without being compiled. It counts its steps, has
// a bounded depth and a memory of its own, and takes no other instruction than
// those on integers: whatever a hostile module holds, it ends.
//
// Source: the wasm-bindgen binary interface, "Running them"; WebAssembly core
// specification, chapters "Execution" and "Binary Format".
package describe

import (
	"slices"

	"wasmgate/go/errs"
	"wasmgate/go/wasmbin"
)

// Limits of a run, far beyond what real descriptors need (a few hundred steps).
const (
	maxSteps      = 1 << 20 // of one descriptor
	maxTotalSteps = 1 << 23 // of a module
	maxWords      = 1 << 14 // of one descriptor
	maxDepth      = 64
)

// Module is a module whose descriptors can be run. It is not changed by runs, but
// for what is left of the steps.
type Module struct {
	shape    *wasmbin.Module
	inside   *wasmbin.Inside
	describe map[uint32]bool // imports that take a word
	left     int             // steps
	targets  map[uint32]jumps
	run      run // used again, for what it has allocated
}

// New reads a module; isWord tells which imports a descriptor reports its words to.
func New(binary []byte, shape *wasmbin.Module, isWord func(wasmbin.Import) bool) (*Module, error) {
	inside, err := wasmbin.ParseInside(binary, shape)
	if err != nil {
		return nil, err
	}
	m := &Module{
		shape: shape, inside: inside, left: maxTotalSteps,
		describe: map[uint32]bool{}, targets: map[uint32]jumps{},
	}
	index := uint32(0)
	for _, imp := range shape.Imports {
		if imp.Type.Kind != wasmbin.Func {
			continue
		}
		t := imp.Type.Func
		if isWord(imp) && len(t.Params) == 1 && t.Params[0] == wasmbin.I32 && len(t.Results) == 0 {
			m.describe[index] = true
		}
		index++
	}
	return m, nil
}

// Run runs the function of that index and gives the words that it reported.
func (m *Module) Run(function uint32) ([]uint32, error) {
	r := &m.run
	*r = run{
		Module: m, steps: min(maxSteps, m.left), memory: memory{data: m.inside.Data, steps: &r.steps},
		globals: append(r.globals[:0], m.inside.Initial...), stack: r.stack[:0], words: r.words[:0],
	}
	budget := r.steps
	if uint64(function) >= uint64(len(m.shape.Funcs)) || len(m.shape.Funcs[function].Params) > 0 {
		return nil, errs.New(errs.ModuleUnsupported, "its descriptor is not a function without parameters")
	}
	r.call(function, 0)
	m.left -= budget - r.steps
	return slices.Clone(r.words), r.err
}
