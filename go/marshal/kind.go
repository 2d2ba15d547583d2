// Package marshal decides how values cross between JavaScript and a guest.
//
// A Signature says what an export takes and gives, in types a person writes.
// It comes from one of several producers (a signature string, a .d.ts file
// beside the module, …), all giving the same form. Resolve fits it to the
// export's wasm type and the guest's ABI, and gives a Plan: which wasm values
// each argument becomes. The native shim executes plans (binding/plan.cc reads
// what Encode writes).
//
// Source of the guest ABI: the wasm-bindgen binary interface, versions 0.2.61
// and newer, as its command line tool leaves modules.
package marshal

import "wasmgate/go/wasmbin"

// Kind is what a value is on the JavaScript side. The numbers are those of
// enum wg_kind in go/cabi/wg_types.h.
type Kind uint8

// Kinds. Any32 and Any64 are numbers whose source does not say whether they
// are signed: arguments may be either, results read as signed.
const (
	Unit Kind = iota
	I8
	U8
	I16
	U16
	I32
	U32
	I64
	U64
	F32
	F64
	Bool
	Char
	String
	V128
	Any32
	Any64
	FuncRef
	ExternRef
	I8Array
	U8Array
	U8ClampedArray
	I16Array
	U16Array
	I32Array
	U32Array
	I64Array
	U64Array
	F32Array
	F64Array
	I128
	U128
	// Any is a JavaScript value, passed by its index in the guest's slab.
	Any
	// Object is an object of an exported class, passed by its address.
	Object
	Enum
	StringEnum
	// AnyArray is an array of JavaScript values: indices into the slab.
	AnyArray
	// Function is a function of the guest's that JavaScript may call.
	Function
	// Encoded is any value as MessagePack (docs/guest-abi.md); js/codec.js makes it, for the
	// shim these are bytes.
	Encoded

	// The kinds from here on exist in signatures only: a .d.ts says "number",
	// and the wasm type decides which kind that is.
	tsNumber
	tsBigint
	tsString
	// tsEnum is an enum of the file, tsNumberOrEnum a number that is optional in a
	// file with enums: up to 0.2.87 the tool writes Option<enum> like that.
	tsEnum
	tsNumberOrEnum
)

var kindNames = map[Kind]string{
	Unit: "()", I8: "i8", U8: "u8", I16: "i16", U16: "u16", I32: "i32", U32: "u32",
	I64: "i64", U64: "u64", F32: "f32", F64: "f64", Bool: "bool", Char: "char",
	String: "string", V128: "v128", Any32: "i32", Any64: "i64",
	FuncRef: "funcref", ExternRef: "externref",
	I8Array: "i8[]", U8Array: "bytes", U8ClampedArray: "u8clamped[]", I16Array: "i16[]",
	U16Array: "u16[]", I32Array: "i32[]", U32Array: "u32[]", I64Array: "i64[]",
	U64Array: "u64[]", F32Array: "f32[]", F64Array: "f64[]",
	I128: "i128", U128: "u128", Any: "any", Object: "object", Enum: "enum", StringEnum: "string",
	AnyArray: "any[]", Function: "function", Encoded: "value",
	tsNumber: "number", tsBigint: "bigint", tsString: "string", tsEnum: "number", tsNumberOrEnum: "number",
}

func (k Kind) String() string { return kindNames[k] }

func (k Kind) isArray() bool { return k >= I8Array && k <= F64Array }

// Form is how a kind is spread over wasm values. The numbers are those of
// enum wg_form in go/cabi/wg_types.h.
type Form uint8

// Forms, with the wasm-bindgen versions that use them.
const (
	// Plain: one value for a number, (ptr, length in elements) for text and arrays.
	Plain Form = iota
	// Pair64: a 64-bit integer as low and high half (≤ 0.2.82).
	Pair64
	// OptSmall: an optional that fits 24 bits, None is 0x00FFFFFF.
	OptSmall
	// OptDoubleOld: an optional 32-bit number as f64, None is 2^32+1 (0.2.96 – 0.2.118).
	OptDoubleOld
	// OptDouble: the same, None is 2^53-1 (≥ 0.2.119).
	OptDouble
	// OptFlag: an i32 that says whether the value after it is there.
	OptFlag
	// OptFlagPair64: the same before a 64-bit integer in halves (≤ 0.2.82).
	OptFlagPair64
	// OptPointer: (ptr, length), None is a ptr of 0.
	OptPointer
	// OptHole: one value, None is a number that it never has otherwise.
	OptHole
)

// Flags say more about a value. The numbers are those of enum wg_flag.
type Flags uint8

// Flags.
const (
	// Borrowed: whoever receives it does not own it.
	Borrowed Flags = 1 << iota
	// Mutable: the guest may change the array, which is copied back.
	Mutable
	// WithArray: a third word has the index of the JavaScript array (&mut [T] as
	// an argument of an export, from 0.2.84 on).
	WithArray
	// TakenIfSo: an argument of an import is lent, but gone if the result is not 0.
	TakenIfSo
)

// Value is one argument or result of a plan.
type Value struct {
	Kind  Kind
	Form  Form
	Flags Flags
	// Extra is the number of the class, of the list of strings or of the plan that
	// an Object, StringEnum or Function refers to, and None of an optional Enum. Of an
	// AnyArray that has other elements than indices it is what CellsOf gives.
	Extra uint32
}

// CellsOf is the Extra of an AnyArray whose elements are of that kind: F64, Bool, Char,
// StringEnum with the number of its list, and, in arguments of imports only, String and
// borrowed Any. The array is always given away.
func CellsOf(kind Kind, list uint32) uint32 { return uint32(kind) | list<<8 }

// words returns the wasm types of v's values, in order.
func (v Value) words() []wasmbin.ValType {
	word := v.word()
	switch v.Form {
	case Pair64:
		return []wasmbin.ValType{wasmbin.I32, wasmbin.I32}
	case OptFlagPair64:
		return []wasmbin.ValType{wasmbin.I32, wasmbin.I32, wasmbin.I32}
	case OptDouble, OptDoubleOld:
		return []wasmbin.ValType{wasmbin.F64}
	case OptFlag:
		if v.isWide() {
			return []wasmbin.ValType{wasmbin.I32, wasmbin.I64, wasmbin.I64}
		}
		return []wasmbin.ValType{wasmbin.I32, word}
	case OptPointer:
		return []wasmbin.ValType{wasmbin.I32, wasmbin.I32}
	}
	switch {
	case v.Kind == Unit:
		return nil
	case v.isWide():
		return []wasmbin.ValType{wasmbin.I64, wasmbin.I64}
	case v.Flags&WithArray != 0:
		return []wasmbin.ValType{wasmbin.I32, wasmbin.I32, wasmbin.I32}
	case v.needsMemory() || v.Kind == Function:
		return []wasmbin.ValType{wasmbin.I32, wasmbin.I32}
	}
	return []wasmbin.ValType{word}
}

func (v Value) isWide() bool { return v.Kind == I128 || v.Kind == U128 }

// word is the wasm type of the value itself.
func (v Value) word() wasmbin.ValType {
	switch v.Kind {
	case I64, U64, Any64:
		return wasmbin.I64
	case F32:
		return wasmbin.F32
	case F64:
		return wasmbin.F64
	case V128:
		return wasmbin.V128
	case FuncRef:
		return wasmbin.FuncRef
	case ExternRef:
		return wasmbin.ExternRef
	}
	return wasmbin.I32
}

// needsMemory reports whether v's value travels through guest memory.
func (v Value) needsMemory() bool { return v.Kind == String || v.Kind.isArray() || v.Kind == AnyArray }

// copiedBack reports whether the host itself copies the argument back, and so has to
// know where the guest has it.
func (v Value) copiedBack() bool { return v.Flags&Mutable != 0 && v.Flags&WithArray == 0 }

// elementBytes is the size of an element of text or of an array.
func (v Value) elementBytes() uint8 {
	switch v.Kind {
	case AnyArray:
		if cell := Kind(v.Extra); cell == F64 || cell == String {
			return 8
		}
		return 4
	case I16Array, U16Array:
		return 2
	case I32Array, U32Array, F32Array:
		return 4
	case I64Array, U64Array, F64Array:
		return 8
	}
	return 1
}
