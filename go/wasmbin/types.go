// Package wasmbin reads what a binary WebAssembly module says about itself:
// the types of its imports and exports and its custom sections. It runs
// nothing, validates no code, and never trusts a length it read. It can also add
// functions to a module (Extend), and make it trap where a memory cannot grow, count
// what it executes, or stop when the host says so (Rewrite).
//
// Source: WebAssembly core specification, chapter "Binary Format".
package wasmbin

import (
	"slices"
	"strconv"
)

// ValType is a value type. Numbers, funcref and externref are their binary code. Every
// other reference type is refNull or refNonNull with its heap type above: see heapRef.
type ValType uint64

// The value types that everybody knows; what else there is are further reference types.
const (
	I32       ValType = 0x7f
	I64       ValType = 0x7e
	F32       ValType = 0x7d
	F64       ValType = 0x7c
	V128      ValType = 0x7b
	FuncRef   ValType = 0x70
	ExternRef ValType = 0x6f
)

// Abstract heap types, as the binary format has them: signed numbers of 33 bits.
const (
	heapNoExn    = 0x74 - 0x80
	heapNoFunc   = 0x73 - 0x80
	heapNoExtern = 0x72 - 0x80
	heapNone     = 0x71 - 0x80
	heapFunc     = 0x70 - 0x80
	heapExtern   = 0x6f - 0x80
	heapAny      = 0x6e - 0x80
	heapEq       = 0x6d - 0x80
	heapI31      = 0x6c - 0x80
	heapStruct   = 0x6b - 0x80
	heapArray    = 0x6a - 0x80
	heapExn      = 0x69 - 0x80
)

var heapNames = map[int64]string{
	heapNoExn: "noexn", heapNoFunc: "nofunc", heapNoExtern: "noextern", heapNone: "none", heapFunc: "func",
	heapExtern: "extern", heapAny: "any", heapEq: "eq", heapI31: "i31", heapStruct: "struct", heapArray: "array",
	heapExn: "exn",
}

var valTypeNames = map[ValType]string{
	I32: "i32", I64: "i64", F32: "f32", F64: "f64", V128: "v128", FuncRef: "funcref", ExternRef: "externref",
	heapRef(true, heapAny): "anyref", heapRef(true, heapEq): "eqref", heapRef(true, heapI31): "i31ref",
	heapRef(true, heapStruct): "structref", heapRef(true, heapArray): "arrayref", heapRef(true, heapExn): "exnref",
	heapRef(true, heapNone): "nullref", heapRef(true, heapNoFunc): "nullfuncref",
	heapRef(true, heapNoExtern): "nullexternref", heapRef(true, heapNoExn): "nullexnref",
}

// heapRef is the reference type of a heap type: an abstract one, or a type index.
func heapRef(nullable bool, heap int64) ValType {
	switch {
	case nullable && heap == heapFunc:
		return FuncRef
	case nullable && heap == heapExtern:
		return ExternRef
	}
	code := ValType(refNonNull)
	if nullable {
		code = refNull
	}
	return code | ValType(heap)<<8
}

// Simple reports whether a type is one of the seven that have a name here.
func (t ValType) Simple() bool { return t < 1<<8 && t != refNull && t != refNonNull }

// heap gives the heap type of a reference type that is not Simple.
func (t ValType) heap() int64 { return int64(t) >> 8 }

// Nullable reports whether a reference type has null.
func (t ValType) Nullable() bool {
	return t == FuncRef || t == ExternRef || t&0xff == refNull
}

// TypeIndex gives the index of a concrete reference type.
func (t ValType) TypeIndex() (index uint32, ok bool) {
	if t.Simple() || t.heap() < 0 {
		return 0, false
	}
	return uint32(t.heap()), true
}

func (t ValType) String() string {
	if name, ok := valTypeNames[t]; ok {
		return name
	}
	text := "(ref "
	if t.Nullable() {
		text += "null "
	}
	if name, ok := heapNames[t.heap()]; ok {
		return text + name + ")"
	}
	return text + strconv.FormatInt(t.heap(), 10) + ")"
}

// append writes a type as the binary format has it.
func (t ValType) append(out []byte) []byte {
	switch {
	case t.Simple():
		return append(out, byte(t))
	case t.Nullable() && t.heap() < 0: // the short form
		return append(out, byte(t.heap()+0x80))
	}
	return appendSigned(append(out, byte(t)), t.heap())
}

func appendSigned(out []byte, value int64) []byte {
	for {
		b := byte(value & 0x7f)
		value >>= 7
		if value == 0 && b&0x40 == 0 || value == -1 && b&0x40 != 0 {
			return append(out, b)
		}
		out = append(out, b|0x80)
	}
}

// FuncType is a function's wasm-level type.
type FuncType struct {
	Params, Results []ValType
}

// Equal reports whether two types are the same.
func (t FuncType) Equal(other FuncType) bool {
	return slices.Equal(t.Params, other.Params) && slices.Equal(t.Results, other.Results)
}

// Form is what a type of the type section defines.
type Form string

// Forms of types.
const (
	FormFunc   Form = "func"
	FormStruct Form = "struct"
	FormArray  Form = "array"
)

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
	Index   uint32   // Func and Tag: of the type
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
	// Kinds says of each type whether it is that of a function, a struct or an array.
	Kinds []Form
	// Fields counts those of each type that is a struct's.
	Fields []int
	// Arrays says of each type that is an array's what its elements are.
	Arrays []Element
	// TypeCount and FuncCount are the sizes of the index spaces of types and
	// functions.
	TypeCount, FuncCount int
	// Funcs, Tables and Globals are the types of the module's index spaces,
	// imported ones first.
	Funcs []FuncType
	Tags  []ExternType
	// Types has the function types; those of other forms are empty.
	Types           []FuncType
	Tables, Globals []ExternType
	// Starts: it has a start function.
	Starts bool
}

// Element says of what an array consists.
type Element struct {
	Packed  bool // 8 or 16 bits
	Mutable bool
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

// fields counts those of a struct type.
func (m *Module) fields(index uint32) int {
	if uint64(index) >= uint64(len(m.Fields)) {
		return 0
	}
	return m.Fields[index]
}
