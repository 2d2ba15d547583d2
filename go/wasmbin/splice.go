package wasmbin

import (
	"encoding/binary"
	"slices"
	"strings"

	"wasmgate/go/errs"
)

// addition is what a section gets: so many entries more, and their bytes.
type addition struct {
	count int
	bytes []byte
}

// splice is a change to a module, section by section.
type splice struct {
	more map[byte]addition
	// create makes the sections that are to grow if the module lacks them; else that
	// is an error.
	create bool
	// code takes the place of the code section, if the module has one; nil: it stays.
	code []byte
	// moved leaves out custom sections that hold places in the code: DWARF and the
	// hints of metadata.code would be wrong.
	moved bool
	// startless leaves out the start section.
	startless bool
}

// order is that in which sections stand; custom ones stand anywhere.
var order = []byte{
	sectionType, sectionImport, sectionFunc, sectionTable, sectionMemory, sectionTag, sectionGlobal, sectionExport,
	sectionStart, sectionElement, sectionDataCount, sectionCode, sectionData,
}

// apply gives the changed module. The functions of the code section that went in, or
// of code, are found by so many bytes farther on as shift says.
func (s splice) apply(data []byte) (out []byte, shift int, err error) {
	out = append(make([]byte, 0, len(data)+len(s.code)+1024), data[:8]...)
	r := &reader{data: data, pos: 8}
	waiting := order
	for !r.done() {
		start := r.pos
		id, body := r.byte(), r.bytes()
		first := r.pos - len(body) // in the coordinates of shift
		if at := slices.Index(waiting, id); at >= 0 {
			out = s.missing(out, waiting[:at])
			waiting = waiting[at+1:]
		}
		if id == sectionCode && s.code != nil {
			body, first = s.code, 0
		}
		items, grows := s.more[id]
		switch {
		case id == sectionCustom && s.moved && holdsPlaces(body), id == sectionStart && s.startless:
			continue
		case !grows && (id != sectionCode || s.code == nil):
			out = append(out, data[start:r.pos]...)
			if id == sectionCode {
				shift = len(out) - r.pos
			}
			continue
		}
		delete(s.more, id)
		section := &reader{data: body}
		count := binary.AppendUvarint(nil, uint64(section.count()+items.count))
		if section.err != nil {
			return nil, 0, section.err
		}
		out = binary.AppendUvarint(append(out, id), uint64(len(count)+len(body)-section.pos+len(items.bytes)))
		out = append(out, count...)
		if id == sectionCode {
			shift = len(out) - (first + section.pos)
		}
		out = append(append(out, body[section.pos:]...), items.bytes...)
	}
	out = s.missing(out, waiting)
	if r.err != nil || len(s.more) > 0 {
		return nil, 0, errs.New(errs.ModuleInvalid, "module: it lacks a section that a function needs")
	}
	return out, shift, nil
}

// missing writes those of the sections that are to grow and that the module lacks.
func (s splice) missing(out []byte, sections []byte) []byte {
	for _, id := range sections {
		items, grows := s.more[id]
		if !grows || !s.create {
			continue
		}
		delete(s.more, id)
		count := binary.AppendUvarint(nil, uint64(items.count))
		out = binary.AppendUvarint(append(out, id), uint64(len(count)+len(items.bytes)))
		out = append(append(out, count...), items.bytes...)
	}
	return out
}

// holdsPlaces tells a custom section that holds places in the code.
func holdsPlaces(body []byte) bool {
	r := &reader{data: body}
	name := r.name()
	return strings.HasPrefix(name, ".debug_") || strings.HasPrefix(name, "metadata.code.")
}
