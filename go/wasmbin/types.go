// Package wasmbin reads what a binary WebAssembly module says about itself:
// the types of its imports and exports and its custom sections. It runs
// nothing, validates no code, and never trusts a length it read. It can also add
// functions to a module (Extend), and make it trap where a memory cannot grow, count
// what it executes, or stop when the host says so (Rewrite).
//
// Source: WebAssembly core specification, chapter "Binary Format".
package wasmbin

import "slices"

// ValType is the binary code of a value type.
type ValType byte

// The value types that can cross the boundary. Any other reference type
// (typed function references, garbage-collected types) reads as OtherRef.
const (
	I32       ValType = 0x7f
	I64       ValType = 0x7e
	F32       ValType = 0x7d
	F64       ValType = 0x7c
	V128      ValType = 0x7b
	FuncRef   ValType = 0x70
	ExternRef ValType = 0x6f
	OtherRef  ValType = 0x00
)

var valTypeNames = map[ValType]string{
	I32: "i32", I64: "i64", F32: "f32", F64: "f64", V128: "v128",
	FuncRef: "funcref", ExternRef: "externref", OtherRef: "ref",
}

func (t ValType) String() string { return valTypeNames[t] }

// FuncType is a function's wasm-level type.
type FuncType struct {
	Params, Results []ValType
}

// Equal reports whether two types are the same.
func (t FuncType) Equal(other FuncType) bool {
	return slices.Equal(t.Params, other.Params) && slices.Equal(t.Results, other.Results)
}

// Kind says what an import or export is; the values are the binary format's.
type Kind byte

// Kinds of imports and exports.
const (
	Func Kind = iota
	Table
	Memory
	Global
	Tag
)

var kindNames = [...]string{"function", "table", "memory", "global", "tag"}

func (k Kind) String() string { return kindNames[k] }

// Limits of a memory (in pages) or table (in elements).
type Limits struct {
	Min    uint64
	Max    uint64
	HasMax bool
	Shared bool
	Is64   bool
}

// ExternType is the type of an import or export; the fields that belong to
// its kind are set.
type ExternType struct {
	Kind    Kind
	Func    FuncType // Func and Tag
	Limits  Limits   // Table and Memory
	Elem    ValType  // Table
	Content ValType  // Global
	Mutable bool     // Global
}

// Import is one entry of the import section.
type Import struct {
	Module, Name string
	Type         ExternType
}

// Export is one entry of the export section.
type Export struct {
	Name  string
	Type  ExternType
	Index uint32 // among the module's functions, tables, …
}

// Custom is a custom section; Data aliases the module's bytes.
type Custom struct {
	Name string
	Data []byte
}

// Module is the outside of a binary module.
type Module struct {
	Imports []Import
	Exports []Export
	Customs []Custom
	// Memories are those of the module's index space, imported ones first.
	Memories []Limits
	// TypeCount and FuncCount are the sizes of the index spaces of types and
	// functions.
	TypeCount, FuncCount int
	// Funcs, Tables and Globals are the types of the module's index spaces,
	// imported ones first.
	Funcs           []FuncType
	Tables, Globals []ExternType
	// Starts: it has a start function.
	Starts bool
}

// Export returns the export of that name, nil if there is none.
func (m *Module) Export(name string) *Export {
	for i := range m.Exports {
		if m.Exports[i].Name == name {
			return &m.Exports[i]
		}
	}
	return nil
}

// Custom returns the concatenated data of all custom sections of that name.
func (m *Module) Custom(name string) []byte {
	var data []byte
	for _, c := range m.Customs {
		if c.Name == name {
			data = append(data, c.Data...)
		}
	}
	return data
}
