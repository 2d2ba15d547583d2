package wasmbin

import "encoding/binary"

// Function is a function that Extend adds to a module.
type Function struct {
	Export string // the name under which it is exported; "": it is not
	Type   FuncType
	Locals uint32  // how many i32 follow the parameters
	Array  ValType // a local after those, 0: none
	Code   []byte  // instructions, without the last end
}

// Alias is an export that Extend adds for something that the module has.
type Alias struct {
	Name  string
	Kind  Kind
	Index uint32
}

// Extend gives a copy of a module that has more functions, after its own, and more
// exports: no index changes its meaning. shape is what Parse said of it. The code of
// the functions that were there is found by so many bytes farther on as shift says.
// A module that lacks a section which is to grow is refused.
func Extend(data []byte, shape *Module, added []Function, aliases []Alias) (extended []byte, shift int, err error) {
	return splice{more: entries(shape, added, aliases)}.apply(data)
}

// entries gives what each section gets.
func entries(shape *Module, added []Function, aliases []Alias) map[byte]addition {
	var types, functions, exports, code []byte
	exported := len(aliases)
	for i, f := range added {
		types = append(types, formFunc)
		for _, list := range [][]ValType{f.Type.Params, f.Type.Results} {
			types = binary.AppendUvarint(types, uint64(len(list)))
			for _, t := range list {
				types = t.append(types)
			}
		}
		functions = binary.AppendUvarint(functions, uint64(shape.TypeCount+i))
		if f.Export != "" {
			exports = appendExport(exports, Alias{f.Export, Func, uint32(shape.FuncCount + i)})
			exported++
		}
		groups := byte(1)
		if f.Array != 0 {
			groups = 2
		}
		body := append(binary.AppendUvarint([]byte{groups}, uint64(f.Locals)), byte(I32))
		if f.Array != 0 {
			body = f.Array.append(append(body, 1))
		}
		body = append(append(body, f.Code...), opEnd)
		code = append(binary.AppendUvarint(code, uint64(len(body))), body...)
	}
	for _, alias := range aliases {
		exports = appendExport(exports, alias)
	}
	out := map[byte]addition{}
	for id, bytes := range map[byte][]byte{sectionType: types, sectionFunc: functions, sectionCode: code} {
		if len(added) > 0 {
			out[id] = addition{len(added), bytes}
		}
	}
	if exported > 0 {
		out[sectionExport] = addition{exported, exports}
	}
	return out
}

func appendExport(out []byte, alias Alias) []byte {
	out = binary.AppendUvarint(out, uint64(len(alias.Name)))
	out = append(append(out, alias.Name...), byte(alias.Kind))
	return binary.AppendUvarint(out, uint64(alias.Index))
}
