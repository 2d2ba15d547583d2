package bindgen

// Type is a decoded descriptor (wasm-bindgen binary interface, §3.3).
type Type struct {
	Tag Tag
	// Elem is what a Ref, RefMut, LongRef, Slice, Vector, Optional, Result, SeqMode
	// or Nullable holds.
	Elem *Type
	// Clamped marks a U8 that belongs to an Uint8ClampedArray.
	Clamped bool
	// Name is that of a NamedExternref, RustStruct, StringEnum, DynamicUnion or,
	// from 0.2.88 on, Enum. Names of structs and enums are qualified names.
	Name string
	// Crate is the CrateID of what defines a RustStruct or Enum, from 0.2.128 on, and
	// a StringEnum or DynamicUnion, from 0.2.130 on; Module is moduleHash of the
	// Program's ModulePath, of all but structs, from 0.2.130 on.
	Crate  string
	Module uint32
	// Mode is that of a SeqMode.
	Mode SeqMode
	// Hole is the number that stands for None of an Enum.
	Hole uint32
	// Count is how many variants a StringEnum has. Values are their texts in
	// 0.2.93; later they are in the StringEnum record of that name.
	Count  uint32
	Values []string
	// Func is the signature of a Function or Closure.
	Func *Func
	// Closure is what else is known of a Closure.
	Closure *Closure
	// Union holds the types of a DynamicUnion's variants that are not texts.
	Union []*Type
}

// SeqMode says what JavaScript is to get for a sequence that an import takes, from
// 0.2.130 on: one of the three values, with flags.
type SeqMode uint32

// Values and flags of a SeqMode.
const (
	SeqView SeqMode = iota
	SeqCopy
	SeqArray
	// SeqVec: it is about owned vectors, else about borrowed slices.
	SeqVec SeqMode = 1 << 2
	// SeqExplicit: the author wrote it at this very argument.
	SeqExplicit SeqMode = 1 << 3
)

// Value is m without flags.
func (m SeqMode) Value() SeqMode { return m &^ (SeqVec | SeqExplicit) }

// Func is a described signature (wasm-bindgen binary interface, §3.3). Its
// parameters do not include the receiver of an exported method.
type Func struct {
	// Shim is, for callables, the index of their invoker in the function table.
	Shim   uint32
	Params []*Type
	Result *Type
	// Inner differs from Result for async functions only, where Result is a
	// Promise and Inner what it resolves to. Up to 0.2.76 it is Result.
	Inner *Type
}

// Closure is what a Closure has beside its signature (wasm-bindgen binary
// interface, §3.3 and §4.8).
type Closure struct {
	// Owned: the host has to destroy it. Told from 0.2.109 on, else true.
	Owned bool
	// Mutable: it is an FnMut.
	Mutable bool
	// Shim is the index of the invoker in the function table, in every version.
	Shim uint32
	// Dtor is the index of the destructor in the function table up to 0.2.114;
	// 0 of 0.2.109 and later means that there is none.
	Dtor uint32
}

// Direct gives what t means at the border: a LongRef to a JavaScript value is
// that value, owned; any other LongRef is a Ref (wasm-bindgen binary interface,
// §3.3). Other types are as they are.
func (t *Type) Direct() *Type {
	if t.Tag != TagLongRef {
		return t
	}
	if t.Elem.Tag == TagExternref || t.Elem.Tag == TagNamedExternref {
		return t.Elem
	}
	return &Type{Tag: TagRef, Elem: t.Elem}
}
