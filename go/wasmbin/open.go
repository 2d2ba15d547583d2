package wasmbin

import (
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
	// OurName is that of the functions that Open adds: frames.c leaves them out of stacks.
	OurName = "wasmgate:function"
	// FirstExport is the start function, which the host calls when it knows the instance.
	FirstExport = "wasmgate:start"
)

// Opened is a module whose functions a host can reach.
type Opened struct {
	Binary []byte
	// Escaping are the functions that stand behind EscapingExport, in ascending order.
	Escaping []uint32
	// Narrowed are those that have a NarrowedExport, likewise.
	Narrowed []uint32
	// Starts: there is a FirstExport, and no start section any more.
	Starts bool
}

// Open adds exports to a module for each function that it can give away as a reference,
// and functions for the exported ones of them whose arguments a host cannot check. See
// RewriteOptions for stoppable.
func Open(data []byte, shape *Module, stoppable bool) (*Opened, error) {
	rewritten, err := Rewrite(data, shape, RewriteOptions{Stoppable: stoppable})
	if err != nil {
		return nil, err
	}
	own := shape.FuncCount
	data, shape = rewritten.Binary, rewritten.Shape
	out := &Opened{}
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
	first, starts, err := startOf(data)
	if err != nil {
		return nil, err
	}
	if out.Starts = starts; starts {
		aliases = append(aliases, Alias{FirstExport, Func, first})
	}
	out.Binary, _, err = splice{more: entries(shape, added, aliases), create: true, startless: starts}.apply(data)
	out.Binary = appendNames(out.Binary, own, shape.FuncCount+len(added))
	return out, err
}

// startOf finds the start function.
func startOf(data []byte) (index uint32, found bool, err error) {
	for r := (&reader{data: data, pos: 8}); !r.done(); err = r.err {
		id, section := r.byte(), &reader{data: r.bytes()}
		if id == sectionStart {
			index, found = section.u32(), true
			return index, found, section.err
		}
	}
	return 0, false, err
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
