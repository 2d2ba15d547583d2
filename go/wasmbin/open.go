package wasmbin

import (
	"encoding/binary"
	"slices"
	"strconv"
)

// Names under which Open exports what a host has to reach. No text can stand for them in
// an import: they are looked up by us alone.
const (
	// EscapingExport, followed by an index, is a function that can get out as a reference.
	EscapingExport = "wasmgate:f"
	// NarrowedExport, followed by an index, is what Narrowed gives for a function.
	NarrowedExport = "wasmgate:n"
)

// Opened is a module whose functions a host can reach.
type Opened struct {
	Binary []byte
	// Escaping are the functions that stand behind EscapingExport, in ascending order.
	Escaping []uint32
	// Narrowed are those that have a NarrowedExport, likewise.
	Narrowed []uint32
}

// Open adds exports to a module for each function that it can give away as a reference,
// and functions for the exported ones of them whose arguments a host cannot check.
func Open(data []byte, shape *Module) (*Opened, error) {
	out := &Opened{}
	var err error
	if out.Escaping, err = escaping(data, shape); err != nil {
		return nil, err
	}
	var aliases []Alias
	for _, index := range out.Escaping {
		aliases = append(aliases, Alias{EscapingExport + strconv.Itoa(int(index)), Func, index})
	}
	var added []Function
	for _, index := range callable(shape, out.Escaping) {
		if f, ok := shape.Narrowed(index); ok {
			f.Export = NarrowedExport + strconv.Itoa(int(index))
			added = append(added, f)
			out.Narrowed = append(out.Narrowed, index)
		}
	}
	out.Binary, _, err = splice{more: entries(shape, added, aliases), create: true}.apply(data)
	return out, err
}

// callable lists the functions that a host can get hold of.
func callable(shape *Module, escaping []uint32) []uint32 {
	out := slices.Clone(escaping)
	for _, e := range shape.Exports {
		if e.Type.Kind == Func {
			out = append(out, e.Index)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// escaping lists the functions that element segments and initialisers refer to: no other
// can be made a reference of by the code (ref.func asks for a declaration), exports apart.
func escaping(data []byte, shape *Module) ([]uint32, error) {
	r := &reader{data: data, pos: 8}
	var out []uint32
	for !r.done() {
		id := r.byte()
		section := &reader{data: r.bytes(), funcs: &out}
		var entry func()
		switch id {
		case sectionTable:
			entry = func() { (&parser{}).tableEntry(section) }
		case sectionGlobal:
			entry = func() { globalType(section); skipInitialiser(section) }
		case sectionElement:
			entry = section.element
		default:
			continue
		}
		for n := section.count(); n > 0 && section.err == nil; n-- {
			entry()
		}
		if section.err != nil {
			return nil, section.err
		}
	}
	for _, e := range shape.Exports {
		if e.Type.Kind == Func {
			out = append(out, e.Index)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), r.err
}

// element passes over an element segment.
//
// Source: WebAssembly core specification 3.0, "Element Section".
func (r *reader) element() {
	flags := r.u32()
	passive, explicit, expressions := flags&1 != 0, flags&2 != 0, flags&4 != 0
	if !passive && explicit {
		r.u32() // table
	}
	if !passive {
		skipInitialiser(r) // offset
	}
	if passive || explicit {
		if expressions {
			valType(r)
		} else {
			r.byte() // kind, always 0
		}
	}
	for n := r.count(); n > 0 && r.err == nil; n-- {
		if expressions {
			skipInitialiser(r)
		} else {
			r.function(r.u32())
		}
	}
}

// Crossing gives a module that imports a function of the type that Outgoing gives, as "h"
// of "", and exports as "f" one of the type with that index, which passes everything on. It
// has all types of this module, so that the two mean the same.
func (m *Module) Crossing(typeIndex uint32) []byte {
	t := m.Types[typeIndex]
	host, _ := m.Outgoing(t)
	r := &reader{data: m.TypeSection}
	count := r.count()
	types := binary.AppendUvarint(nil, uint64(count+1))
	types = append(types, m.TypeSection[r.pos:]...)
	types = append(types, formFunc)
	for _, list := range [][]ValType{host.Params, host.Results} {
		types = binary.AppendUvarint(types, uint64(len(list)))
		for _, v := range list {
			types = v.append(types)
		}
	}
	out := appendSection([]byte("\x00asm\x01\x00\x00\x00"), sectionType, types)
	out = appendSection(out, sectionImport, binary.AppendUvarint([]byte{1, 0, 1, 'h', byte(Func)}, uint64(m.TypeCount)))
	out = appendSection(out, sectionFunc, binary.AppendUvarint([]byte{1}, uint64(typeIndex)))
	out = appendSection(out, sectionExport, []byte{1, 1, 'f', byte(Func), 1})
	body := m.crossing(t, host)
	code := append(binary.AppendUvarint([]byte{1}, uint64(len(body))), body...)
	return appendSection(out, sectionCode, code)
}

func appendSection(out []byte, id byte, body []byte) []byte {
	return append(binary.AppendUvarint(append(out, id), uint64(len(body))), body...)
}

// crossing is the body of such a function: the host's results wait in locals, each of
// which is then made what the type says.
func (m *Module) crossing(t, host FuncType) []byte {
	body := binary.AppendUvarint(nil, uint64(len(host.Results)))
	for _, v := range host.Results {
		body = v.append(append(body, 1))
	}
	local := func(op byte, index int) { body = binary.AppendUvarint(append(body, op), uint64(index)) }
	if !m.crosses(t) {
		return append(body, opCall, 0, opUnreachable, opEnd)
	}
	for i, v := range t.Params {
		local(opLocalGet, i)
		if m.Hierarchy(v) == AnyTree {
			body = append(body, prefixGC, gcExternFromAny)
		}
	}
	body = append(body, opCall, 0)
	for i := len(t.Results) - 1; i >= 0; i-- {
		local(opLocalSet, len(t.Params)+i)
	}
	for i, v := range t.Results {
		local(opLocalGet, len(t.Params)+i)
		if m.Hierarchy(v) == AnyTree {
			body = append(body, prefixGC, gcAnyFromExtern)
		}
		if m.Hierarchy(v) != "" {
			body = m.cast(body, v)
		}
	}
	return append(body, opEnd)
}
