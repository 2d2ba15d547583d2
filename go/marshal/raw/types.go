package raw

import (
	"fmt"
	"strings"

	"wasmgate/go/marshal"
	"wasmgate/go/marshal/bindgen"
)

// side says which way a value goes.
type side int

const (
	toGuest   side = iota // an argument of an export, or the result of an import
	fromGuest             // the result of an export, or an argument of an import
)

var scalars = map[bindgen.Tag]marshal.Kind{
	bindgen.TagI8: marshal.I8, bindgen.TagU8: marshal.U8, bindgen.TagI16: marshal.I16, bindgen.TagU16: marshal.U16,
	bindgen.TagI32: marshal.I32, bindgen.TagU32: marshal.U32, bindgen.TagI64: marshal.I64, bindgen.TagU64: marshal.U64,
	bindgen.TagI128: marshal.I128, bindgen.TagU128: marshal.U128, bindgen.TagF32: marshal.F32, bindgen.TagF64: marshal.F64,
	bindgen.TagBoolean: marshal.Bool, bindgen.TagChar: marshal.Char, bindgen.TagString: marshal.String,
	bindgen.TagNonNull: marshal.U32, bindgen.TagRawPointer: marshal.U32, bindgen.TagUnit: marshal.Unit,
	bindgen.TagExternref: marshal.Any, bindgen.TagDynamicUnion: marshal.Any,
}

var arrays = map[bindgen.Tag]marshal.Kind{
	bindgen.TagI8: marshal.I8Array, bindgen.TagU8: marshal.U8Array, bindgen.TagI16: marshal.I16Array,
	bindgen.TagU16: marshal.U16Array, bindgen.TagI32: marshal.I32Array, bindgen.TagU32: marshal.U32Array,
	bindgen.TagI64: marshal.I64Array, bindgen.TagU64: marshal.U64Array, bindgen.TagF32: marshal.F32Array,
	bindgen.TagF64: marshal.F64Array,
}

// unsupported is why a type cannot be marshalled.
type unsupported string

func (u unsupported) Error() string { return string(u) }

// typeOf gives the type of a value that goes to or from the guest.
func (m *Module) typeOf(t *bindgen.Type, s side) (marshal.Type, error) {
	t = t.Direct()
	if kind, ok := scalars[t.Tag]; ok {
		return marshal.Type{Kind: kind}, nil
	}
	switch t.Tag {
	case bindgen.TagNamedExternref:
		return marshal.Type{Kind: marshal.Any, Name: t.Name}, nil
	case bindgen.TagEnum:
		return marshal.Type{Kind: marshal.Enum, Name: m.enumName(t)}, nil
	case bindgen.TagStringEnum:
		return m.stringEnum(t)
	case bindgen.TagRustStruct:
		return m.object(t)
	case bindgen.TagVector:
		return m.vector(t.Elem, s)
	case bindgen.TagOptional:
		return m.optional(t.Elem, s)
	case bindgen.TagRef, bindgen.TagRefMut:
		return m.reference(t, s)
	case bindgen.TagSeqMode:
		return m.typeOf(t.Elem, s)
	case bindgen.TagNullable:
		// null is a value that the slab has; other types have numbers for it.
		if out, err := m.typeOf(t.Elem, s); err == nil && out.Kind == marshal.Any && !out.Optional {
			return out, nil
		}
	case bindgen.TagFunction, bindgen.TagClosure:
		if s == fromGuest {
			return m.function(t)
		}
	}
	return marshal.Type{}, unsupported(fmt.Sprintf("the type %s cannot be marshalled", t))
}

func (m *Module) optional(elem *bindgen.Type, s side) (marshal.Type, error) {
	t, err := m.typeOf(elem, s)
	if err != nil {
		return t, err
	}
	if t.Optional || elem.Tag == bindgen.TagNullable || t.Kind == marshal.Unit || t.Kind == marshal.Function || t.Flags&marshal.Mutable != 0 {
		return t, unsupported(fmt.Sprintf("the type Option<%s> cannot be marshalled", elem))
	}
	t.Optional = true
	if t.Kind == marshal.Enum {
		t.Extra = elem.Hole
	}
	return t, nil
}

func (m *Module) reference(t *bindgen.Type, s side) (marshal.Type, error) {
	elem := t.Elem
	if elem.Tag == bindgen.TagRefMut || elem.Tag == bindgen.TagRef {
		return m.reference(elem, s) // &&mut dyn FnMut
	}
	mutable := t.Tag == bindgen.TagRefMut
	switch elem.Tag {
	case bindgen.TagSlice:
		return m.slice(elem.Elem, mutable, s)
	case bindgen.TagOptional, bindgen.TagNullable: // as an option of a reference
		return m.typeOf(&bindgen.Type{Tag: elem.Tag, Elem: &bindgen.Type{Tag: t.Tag, Elem: elem.Elem}}, s)
	case bindgen.TagVector, bindgen.TagUnit:
		if s == fromGuest && isPlainArray(t) {
			return m.slice(elem.Elem, false, s)
		}
		return marshal.Type{}, unsupported(fmt.Sprintf("the type %s cannot be marshalled", t))
	}
	out, err := m.typeOf(elem, s)
	if s == fromGuest || out.Kind != marshal.String {
		out.Flags |= marshal.Borrowed
	}
	if mutable && out.Kind == marshal.Function {
		m.Plans.Functions[out.Extra].Mutable = true
	}
	return out, err
}

func (m *Module) slice(elem *bindgen.Type, mutable bool, s side) (marshal.Type, error) {
	out, err := m.vector(elem, s)
	if err != nil {
		return out, err
	}
	switch {
	case out.Extra != 0 && s == fromGuest && !mutable: // made for JavaScript, which frees it
	case out.Extra != 0:
		return out, unsupported(fmt.Sprintf("the type &[%s] cannot be marshalled", elem))
	case !mutable:
		out.Flags = marshal.Borrowed
	case out.Kind == marshal.AnyArray:
		return out, unsupported("a mutable slice of JavaScript values cannot be marshalled")
	case s == fromGuest:
		out.Flags = marshal.Borrowed | marshal.Mutable
	default:
		out.Flags = marshal.Mutable
		if m.Version.Minor > lastPlainMut {
			out.Flags |= marshal.WithArray
		}
	}
	if s == toGuest && !mutable {
		out.Flags = 0 // the guest frees it
	}
	return out, nil
}

// lastPlainMut is N of the last wasm-bindgen 0.2.N that passes &mut [T] without
// the JavaScript array.
const lastPlainMut = 83

// lastHandles is N of the last wasm-bindgen 0.2.N whose lists hold numbers or indices
// of JavaScript values only.
const lastHandles = 129

// cells types a list whose elements lie in it the way they would be passed alone.
func (m *Module) cells(elem *bindgen.Type, s side) (marshal.Type, bool) {
	if elem.Tag == bindgen.TagRef && s == fromGuest {
		elem = elem.Elem
		if elem.Tag != bindgen.TagString && elem.Tag != bindgen.TagExternref && elem.Tag != bindgen.TagNamedExternref {
			return marshal.Type{}, false
		}
	} else if elem.Tag == bindgen.TagExternref || elem.Tag == bindgen.TagNamedExternref || elem.Tag == bindgen.TagString && s == toGuest {
		return marshal.Type{}, false
	}
	kinds := map[bindgen.Tag]marshal.Kind{
		bindgen.TagEnum: marshal.F64, bindgen.TagBoolean: marshal.Bool, bindgen.TagChar: marshal.Char,
		bindgen.TagStringEnum: marshal.StringEnum, bindgen.TagString: marshal.String,
		bindgen.TagExternref: marshal.Any, bindgen.TagNamedExternref: marshal.Any,
	}
	kind, ok := kinds[elem.Tag]
	t, err := m.typeOf(elem, s)
	if !ok || err != nil {
		return marshal.Type{}, false
	}
	out := marshal.Type{Kind: marshal.AnyArray, Name: t.TypeScript(), Extra: marshal.CellsOf(kind, 0)}
	if kind == marshal.StringEnum {
		out.Extra = marshal.CellsOf(kind, t.Extra)
	}
	return out, true
}

// isPlainArray reports whether JavaScript is to get a plain array for an argument that
// is a list of numbers.
func isPlainArray(t *bindgen.Type) bool {
	wanted := false
	for {
		switch t.Tag {
		case bindgen.TagSeqMode:
			wanted = t.Mode.Value() == bindgen.SeqArray
		case bindgen.TagOptional, bindgen.TagNullable:
		case bindgen.TagRef:
			if t.Elem.Tag == bindgen.TagVector { // what was asked for up to 0.2.129
				return arrays[t.Elem.Elem.Tag] != 0
			}
		case bindgen.TagSlice, bindgen.TagVector:
			return wanted && arrays[t.Elem.Tag] != 0
		default:
			return false
		}
		t = t.Elem
	}
}

func (m *Module) vector(elem *bindgen.Type, s side) (marshal.Type, error) {
	if elem.Tag == bindgen.TagU8 && elem.Clamped {
		return marshal.Type{Kind: marshal.U8ClampedArray}, nil
	}
	if kind, ok := arrays[elem.Tag]; ok {
		return marshal.Type{Kind: kind}, nil
	}
	if m.Version.Minor > lastHandles {
		if t, ok := m.cells(elem, s); ok {
			return t, nil
		}
	}
	switch elem.Tag {
	case bindgen.TagExternref, bindgen.TagDynamicUnion:
		return marshal.Type{Kind: marshal.AnyArray}, nil
	case bindgen.TagEnum:
		return marshal.Type{Kind: marshal.AnyArray, Name: m.enumName(elem)}, nil
	case bindgen.TagNamedExternref, bindgen.TagRustStruct:
		name := elem.Name
		if class, ok := m.classes[name]; ok {
			name = m.API.Classes[class].Name
		}
		return marshal.Type{Kind: marshal.AnyArray, Name: name}, nil
	case bindgen.TagString:
		if m.Version.Minor <= lastHandles {
			return marshal.Type{Kind: marshal.AnyArray, Name: "string"}, nil
		}
	}
	return marshal.Type{}, unsupported(fmt.Sprintf("the type Vec<%s> cannot be marshalled", elem))
}

func (m *Module) object(t *bindgen.Type) (marshal.Type, error) {
	name := t.Name
	if t.Crate != "" {
		name = nameIn(t.Crate, t.Name)
	}
	class, ok := m.classes[name]
	if !ok {
		return marshal.Type{}, unsupported(fmt.Sprintf("the struct %s is not exported", t.Name))
	}
	return marshal.Type{Kind: marshal.Object, Name: m.API.Classes[class].Name, Extra: uint32(class)}, nil
}

// enumName is what JavaScript calls an enum; up to 0.2.87 descriptors do not say.
func (m *Module) enumName(t *bindgen.Type) string {
	if e := m.crate.Enum(t); e != nil {
		return e.Name
	}
	return t.Name
}

func (m *Module) stringEnum(t *bindgen.Type) (marshal.Type, error) {
	values := t.Values
	if record := m.crate.StringEnum(t); record != nil {
		values = record.Values
	}
	if uint32(len(values)) != t.Count {
		return marshal.Type{}, unsupported(fmt.Sprintf("the strings of the enum %s are not known", t.Name))
	}
	key := fmt.Sprint(t.Crate, " ", t.Module, " ", t.Name)
	number, ok := m.lists[key]
	if !ok {
		number = len(m.Plans.Lists)
		m.lists[key] = number
		m.Plans.Lists = append(m.Plans.Lists, values)
	}
	return marshal.Type{Kind: marshal.StringEnum, Name: t.Name, Extra: uint32(number)}, nil
}

// function plans the calls of a function that the guest gives to JavaScript.
func (m *Module) function(t *bindgen.Type) (marshal.Type, error) {
	f := marshal.FunctionPlan{Shim: t.Func.Shim}
	if t.Closure != nil {
		f.Shim, f.Dtor, f.Owned, f.Mutable = t.Closure.Shim, t.Closure.Dtor, t.Closure.Owned, t.Closure.Mutable
	}
	word := marshal.Param{Type: marshal.Type{Kind: marshal.U32}}
	signature, err := m.signature(t.Func, toGuest)
	if err != nil {
		return marshal.Type{}, err
	}
	signature.Params = append([]marshal.Param{word, word}, signature.Params...)
	f.Plan, f.Reason = marshal.Flatten(signature, m.ABI)
	m.Plans.Functions = append(m.Plans.Functions, f)
	out := marshal.Type{Kind: marshal.Function, Extra: uint32(len(m.Plans.Functions) - 1)}
	out.Name = functionType(signature)
	return out, nil
}

func functionType(s marshal.Signature) string {
	f := marshal.FunctionOf("", marshal.Signature{Params: s.Params[2:], Results: s.Results})
	params := make([]string, len(f.Parameters))
	for i, p := range f.Parameters {
		params[i] = p.Name + ": " + p.Type
	}
	return "((" + strings.Join(params, ", ") + ") => " + f.Result + ")"
}

// signature gives the types of a described function, whose arguments go the way
// of s and whose result goes the other way.
func (m *Module) signature(f *bindgen.Func, s side) (marshal.Signature, error) {
	var out marshal.Signature
	for _, p := range f.Params {
		t, err := m.typeOf(p, s)
		if err != nil {
			return out, err
		}
		out.Params = append(out.Params, marshal.Param{Type: t})
	}
	result := f.Result
	if result.Tag == bindgen.TagResult {
		out.Fallible = true
		result = result.Elem
	}
	t, err := m.typeOf(result, 1-s)
	if err == nil && t.Kind != marshal.Unit {
		out.Results = []marshal.Type{t}
	}
	return out, err
}
