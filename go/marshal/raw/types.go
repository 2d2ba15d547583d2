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
		return marshal.Type{Kind: marshal.Enum, Name: m.enumName(t.Name)}, nil
	case bindgen.TagStringEnum:
		return m.stringEnum(t)
	case bindgen.TagRustStruct:
		return m.object(t.Name)
	case bindgen.TagVector:
		return m.vector(t.Elem)
	case bindgen.TagOptional:
		return m.optional(t.Elem, s)
	case bindgen.TagRef, bindgen.TagRefMut:
		return m.reference(t, s)
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
	if t.Optional || t.Kind == marshal.Unit || t.Kind == marshal.Function || t.Flags&marshal.Mutable != 0 {
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
	case bindgen.TagVector, bindgen.TagUnit:
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
	out, err := m.vector(elem)
	if err != nil {
		return out, err
	}
	switch {
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

func (m *Module) vector(elem *bindgen.Type) (marshal.Type, error) {
	if elem.Tag == bindgen.TagU8 && elem.Clamped {
		return marshal.Type{Kind: marshal.U8ClampedArray}, nil
	}
	if kind, ok := arrays[elem.Tag]; ok {
		return marshal.Type{Kind: kind}, nil
	}
	switch elem.Tag {
	case bindgen.TagExternref, bindgen.TagDynamicUnion:
		return marshal.Type{Kind: marshal.AnyArray}, nil
	case bindgen.TagNamedExternref, bindgen.TagRustStruct:
		name := elem.Name
		if class, ok := m.classes[name]; ok {
			name = m.API.Classes[class].Name
		}
		return marshal.Type{Kind: marshal.AnyArray, Name: name}, nil
	case bindgen.TagString:
		return marshal.Type{Kind: marshal.AnyArray, Name: "string"}, nil
	}
	return marshal.Type{}, unsupported(fmt.Sprintf("the type Vec<%s> cannot be marshalled", elem))
}

func (m *Module) object(name string) (marshal.Type, error) {
	class, ok := m.classes[name]
	if !ok {
		return marshal.Type{}, unsupported(fmt.Sprintf("the struct %s is not exported", name))
	}
	return marshal.Type{Kind: marshal.Object, Name: m.API.Classes[class].Name, Extra: uint32(class)}, nil
}

// enumName is what JavaScript calls an enum; up to 0.2.87 descriptors do not say.
func (m *Module) enumName(qualified string) string {
	for _, e := range m.crate.Enums {
		if e.QualifiedName() == qualified {
			return e.Name
		}
	}
	return qualified
}

func (m *Module) stringEnum(t *bindgen.Type) (marshal.Type, error) {
	values := t.Values
	if record := m.crate.StringEnum(t.Name); record != nil {
		values = record.Values
	}
	if uint32(len(values)) != t.Count {
		return marshal.Type{}, unsupported(fmt.Sprintf("the strings of the enum %s are not known", t.Name))
	}
	number, ok := m.lists[t.Name]
	if !ok {
		number = len(m.Plans.Lists)
		m.lists[t.Name] = number
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
