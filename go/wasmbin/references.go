package wasmbin

import "encoding/binary"

// Hierarchy is which of the four trees of reference types a type belongs to; "" for
// numbers and vectors.
type Hierarchy string

// Hierarchies, named after their tops.
const (
	AnyTree    Hierarchy = "any"
	FuncTree   Hierarchy = "func"
	ExternTree Hierarchy = "extern"
	ExnTree    Hierarchy = "exn"
)

// Hierarchy tells that of a type of this module.
func (m *Module) Hierarchy(t ValType) Hierarchy {
	switch {
	case t == FuncRef:
		return FuncTree
	case t == ExternRef:
		return ExternTree
	case t.Simple():
		return ""
	}
	switch heap := t.heap(); heap {
	case heapFunc, heapNoFunc:
		return FuncTree
	case heapExtern, heapNoExtern:
		return ExternTree
	case heapExn, heapNoExn:
		return ExnTree
	case heapAny, heapEq, heapI31, heapStruct, heapArray, heapNone:
		return AnyTree
	default:
		if heap < int64(len(m.Kinds)) && m.Kinds[heap] == FormFunc {
			return FuncTree
		}
		return AnyTree
	}
}

// top is the type that has all values of a hierarchy.
func (h Hierarchy) top() ValType {
	switch h {
	case FuncTree:
		return FuncRef
	case ExternTree:
		return ExternRef
	case ExnTree:
		return heapRef(true, heapExn)
	default:
		return heapRef(true, heapAny)
	}
}

// Letters of types that cross to JavaScript, by hierarchy; numbers have those of
// marshal.Shape.
var treeLetters = map[Hierarchy]byte{AnyTree: 'a', FuncTree: 'p', ExternTree: 'x'}

var numberLetters = map[ValType]byte{I32: 'w', I64: 'l', F32: 'f', F64: 'd'}

// Letter is that of a type in plans of the WebAssembly namespace; false if values of the
// type do not cross: vectors and exceptions.
func (m *Module) Letter(t ValType) (byte, bool) {
	if letter, ok := numberLetters[t]; ok {
		return letter, true
	}
	letter, ok := treeLetters[m.Hierarchy(t)]
	return letter, ok
}

// crosses reports whether all values of a function do.
func (m *Module) crosses(t FuncType) bool {
	for _, list := range [][]ValType{t.Params, t.Results} {
		for _, v := range list {
			if _, ok := m.Letter(v); !ok {
				return false
			}
		}
	}
	return true
}

// Instructions about references, from the core specification 3.0.
const (
	opRefFunc         = 0xd2
	prefixGC          = 0xfb
	gcStructDefault   = 1
	gcArrayNew        = 6
	gcArrayNewDefault = 7
	gcArrayNewData    = 9
	gcArrayNewElem    = 10
	gcArrayGet        = 11
	gcArrayGetU       = 13
	gcArraySet        = 14
	gcArrayLen        = 15
	gcArrayFill       = 16
	gcArrayCopy       = 17
	gcArrayInitData   = 18
	gcArrayInitElem   = 19
	gcRefCast         = 22
	gcRefCastNull     = 23
	gcBrOnCast        = 24
	gcBrOnCastFail    = 25
	gcAnyFromExtern   = 26
	gcExternFromAny   = 27
)

// cast narrows a reference on the stack from the top of its hierarchy.
func (m *Module) cast(code []byte, t ValType) []byte {
	if t == m.Hierarchy(t).top() {
		return code
	}
	op := byte(gcRefCast)
	if t.Nullable() {
		op = gcRefCastNull
	}
	return appendSigned(append(code, prefixGC, op), t.heap())
}

// Narrowed gives, for a function whose parameters have reference types that a host
// cannot check, one that takes the tops of their hierarchies, casts, and calls it. False
// if there is no need.
func (m *Module) Narrowed(index uint32) (Function, bool) {
	t := m.Funcs[index]
	if !m.crosses(t) {
		return Function{}, false
	}
	out := Function{Type: FuncType{Results: t.Results}}
	narrow := false
	for i, p := range t.Params {
		out.Code = binary.AppendUvarint(append(out.Code, opLocalGet), uint64(i))
		if h := m.Hierarchy(p); h != "" && p != h.top() {
			narrow = true
			out.Code = m.cast(out.Code, p)
			p = h.top()
		}
		out.Type.Params = append(out.Type.Params, p)
	}
	out.Code = binary.AppendUvarint(append(out.Code, opCall), uint64(index))
	return out, narrow
}

// Check says what a host has to look at in a value for a parameter or result of that type:
// '?' whether it is of the type, '0' the same but it may be null; ' ' nothing, because who
// knows the name of the type can tell.
func (m *Module) Check(t ValType) byte {
	switch _, concrete := t.TypeIndex(); {
	case !concrete:
		return ' '
	case t.Nullable():
		return '0'
	default:
		return '?'
	}
}
