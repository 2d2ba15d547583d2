package wasmbin

import "encoding/binary"

// functionNames is the number of the subsection of function names.
const functionNames = 1

// FindFunction gives the first function whose name in the "name" section is wanted. A
// damaged or missing section names none.
//
// Source: WebAssembly core specification, appendix "Custom Sections".
func (m *Module) FindFunction(wanted func(name string) bool) (index uint32, ok bool) {
	r := &reader{data: m.Custom("name")}
	for !r.done() {
		id := r.byte()
		sub := &reader{data: r.bytes()}
		if id != functionNames {
			continue
		}
		for n := sub.count(); n > 0 && sub.err == nil; n-- {
			at, name := sub.u32(), string(sub.bytes())
			if sub.err == nil && uint64(at) < uint64(len(m.Funcs)) && wanted(name) {
				return at, true
			}
		}
	}
	return 0, false
}

// appendNames gives functions, from one to before another, OurName.
func appendNames(out []byte, from, to int) []byte {
	if from == to {
		return out
	}
	names := binary.AppendUvarint(nil, uint64(to-from))
	for i := from; i < to; i++ {
		names = appendName(binary.AppendUvarint(names, uint64(i)), OurName)
	}
	section := append(appendName(nil, "name"), functionNames)
	section = append(binary.AppendUvarint(section, uint64(len(names))), names...)
	return append(binary.AppendUvarint(append(out, sectionCustom), uint64(len(section))), section...)
}

func appendName(out []byte, name string) []byte {
	return append(binary.AppendUvarint(out, uint64(len(name))), name...)
}
