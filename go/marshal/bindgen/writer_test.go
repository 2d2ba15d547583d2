package bindgen

import (
	"encoding/binary"
	"fmt"
)

// writer encodes records as version v does, from the tables of §2.4. The records
// that it is given have every field set; its methods give back what the version
// keeps of them.
type writer struct {
	v    Version
	n    int // v as a number
	wide bool
	buf  []byte
}

func newWriter(v Version) *writer { return &writer{v: v, n: v.number()} }

func (w *writer) byte(b int) { w.buf = append(w.buf, byte(b)) }

func (w *writer) u32(x uint32) uint32 {
	if w.wide { // the form of constant texts, with as many bytes as there may be
		for i := range 4 {
			w.byte(int(x>>(7*i))&0x7f | 0x80)
		}
		w.byte(int(x >> 28))
	} else {
		w.buf = binary.AppendUvarint(w.buf, uint64(x))
	}
	return x
}

func (w *writer) bool(b bool) bool {
	w.byte(map[bool]int{true: 1}[b])
	return b
}

func (w *writer) str(s string) string {
	w.u32(uint32(len(s)))
	w.buf = append(w.buf, s...)
	return s
}

func (w *writer) opt(s string) string {
	if w.bool(s != "") {
		w.str(s)
	}
	return s
}

func (w *writer) strs(list []string) []string {
	return each(w, list, (*writer).str)
}

func (w *writer) ns(list []string) []string {
	if w.bool(list != nil) {
		w.strs(list)
	}
	return list
}

func each[T any](w *writer, list []T, write func(*writer, T) T) []T {
	w.u32(uint32(len(list)))
	var kept []T
	for _, item := range list {
		kept = append(kept, write(w, item))
	}
	return kept
}

// entry frames a header and a program.
func entry(version, schema string, program []byte) []byte {
	header := fmt.Sprintf(`{"schema_version":%q,"version":%q}`, schema, version)
	out := binary.LittleEndian.AppendUint32(nil, uint32(len(header)))
	out = append(out, header...)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(program)))
	return append(out, program...)
}

// program writes those records of c that belong to Programs[index]: all.
func (w *writer) program(c *Crate, index int) Crate {
	var kept Crate
	kept.Version = w.v
	kept.Exports = each(w, c.Exports, (*writer).export)
	kept.Enums = each(w, c.Enums, (*writer).enum)
	imports := c.Imports
	if w.n <= 120 {
		imports = dropKind(imports, ImportOfUnion)
	}
	if w.n <= 92 {
		imports = dropKind(imports, ImportOfString)
	}
	kept.Imports = each(w, imports, func(w *writer, i Import) Import { return w.importRecord(i, index) })
	for _, i := range kept.Imports {
		if i.Enum != nil {
			kept.StringEnums = append(kept.StringEnums, *i.Enum)
		}
		if i.Union != nil {
			kept.DynamicUnions = append(kept.DynamicUnions, *i.Union)
		}
	}
	kept.Structs = each(w, c.Structs, (*writer).structRecord)
	kept.TypeScript = w.strs(c.TypeScript)
	kept.Modules = each(w, c.Modules, (*writer).localModule)
	p := Program{InlineJS: w.strs(c.Programs[0].InlineJS), CrateID: w.str(c.Programs[0].CrateID)}
	if w.v.Minor >= 130 {
		p.ModulePath = w.str(c.Programs[0].ModulePath)
	}
	if w.v.Minor >= 128 {
		kept.place(Origin{CrateID: p.CrateID, ModulePath: p.ModulePath})
	}
	p.PackageJSON = w.opt(c.Programs[0].PackageJSON)
	kept.Programs = []Program{p}
	if w.n >= 84 {
		kept.Linked = each(w, c.Linked, func(w *writer, l LinkedModule) LinkedModule {
			return LinkedModule{Module: w.someModule(l.Module, index), Function: w.str(l.Function)}
		})
	}
	return kept
}

// place says of every record where it is from.
func (c *Crate) place(o Origin) {
	for i := range c.Exports {
		c.Exports[i].Origin = o
	}
	for i := range c.Enums {
		c.Enums[i].Origin = o
	}
	for i := range c.Structs {
		c.Structs[i].Origin = o
	}
	c.StringEnums, c.DynamicUnions = nil, nil
	for _, i := range c.Imports {
		if i.Enum != nil {
			i.Enum.Origin = o
			c.StringEnums = append(c.StringEnums, *i.Enum)
		}
		if i.Union != nil {
			i.Union.Origin = o
			c.DynamicUnions = append(c.DynamicUnions, *i.Union)
		}
	}
}

func dropKind(imports []Import, kind ImportKind) []Import {
	var kept []Import
	for _, i := range imports {
		if i.Kind != kind {
			kept = append(kept, i)
		}
	}
	return kept
}

func (w *writer) export(e Export) Export {
	k := Export{Class: w.opt(e.Class), Comments: w.strs(e.Comments), Consumed: w.bool(e.Consumed)}
	k.Function = w.function(e.Function)
	if w.n >= 106 {
		k.Namespace = w.ns(e.Namespace)
	}
	k.Method = w.methodKind(e.Method)
	k.Start = e.Start
	if w.n <= 117 && k.Start == StartPrivate {
		k.Start = StartPublic
	}
	w.byte(int(k.Start))
	return k
}

func (w *writer) function(f Function) Function {
	var k Function
	k.Args = each(w, f.Args, func(w *writer, a Arg) Arg {
		kept := Arg{Name: w.str(a.Name)}
		if w.n >= 100 {
			kept.TypeScript = w.opt(a.TypeScript)
			if w.n >= 114 {
				kept.Optional = w.bool(a.Optional)
			}
			kept.Doc = w.opt(a.Doc)
		}
		return kept
	})
	if w.n >= 77 {
		k.Async = w.bool(f.Async)
	}
	if w.n >= 128 {
		k.JSPI = w.bool(f.JSPI)
	}
	k.Name, k.TypeScript = w.str(f.Name), w.bool(f.TypeScript)
	if w.n >= 85 {
		k.JSDoc = w.bool(f.JSDoc)
	}
	if w.n >= 82 {
		k.Variadic = w.bool(f.Variadic)
	}
	if w.n >= 100 {
		k.ReturnTypeScript, k.ReturnDoc = w.opt(f.ReturnTypeScript), w.opt(f.ReturnDoc)
	}
	return k
}

func (w *writer) methodKind(m MethodKind) MethodKind {
	if m.Constructor {
		w.byte(0)
		return m
	}
	w.byte(1)
	w.bool(m.Static)
	ordinals := map[Op]int{OpRegular: 0, OpGetter: 1, OpSetter: 2, OpIndexGet: 3, OpIndexSet: 4, OpIndexDelete: 5}
	if w.n >= 106 {
		ordinals = map[Op]int{
			OpRegular: 0, OpThis: 1, OpGetter: 2, OpSetter: 3, OpIndexGet: 4, OpIndexSet: 5, OpIndexDelete: 6,
		}
	}
	if w.n <= 105 && m.Op == OpThis {
		m.Op = OpRegular
	}
	w.byte(ordinals[m.Op])
	if m.Op == OpGetter || m.Op == OpSetter {
		w.str(m.Property)
	}
	return m
}

func (w *writer) enum(e Enum) Enum {
	k := Enum{version: w.v, Name: w.str(e.Name)}
	if w.n >= 96 {
		k.Signed = w.bool(e.Signed)
	}
	k.Variants = each(w, e.Variants, func(w *writer, v Variant) Variant {
		kept := Variant{Name: w.str(v.Name), Value: int64(w.u32(uint32(v.Value)))}
		if k.Signed {
			kept.Value = v.Value
		}
		kept.Comments = w.strs(v.Comments)
		return kept
	})
	k.Comments, k.TypeScript = w.strs(e.Comments), w.bool(e.TypeScript)
	if w.n >= 106 {
		k.Namespace = w.ns(e.Namespace)
	}
	if w.n >= 107 {
		k.Private = w.bool(e.Private)
	}
	return k
}

func (w *writer) structRecord(s Struct) Struct {
	k := Struct{version: w.v, Name: w.str(s.Name)}
	if w.n >= 114 && w.n <= 121 {
		k.RustName = w.str(s.RustName)
	}
	k.Fields = each(w, s.Fields, func(w *writer, f Field) Field {
		kept := Field{Name: w.str(f.Name), Readonly: w.bool(f.Readonly), Comments: w.strs(f.Comments)}
		kept.TypeScript = w.bool(f.TypeScript)
		if w.n >= 85 {
			kept.JSDoc = w.bool(f.JSDoc)
		}
		return kept
	})
	k.Comments, k.Inspectable, k.TypeScript = w.strs(s.Comments), w.bool(s.Inspectable), w.bool(s.TypeScript)
	if w.n >= 106 {
		k.Namespace = w.ns(s.Namespace)
	}
	if w.n >= 107 {
		k.Private = w.bool(s.Private)
	}
	if w.n >= 121 {
		k.Extends = w.opt(s.Extends)
	}
	if w.n >= 122 {
		k.ExtendsClass, k.ExtendsNamespace = w.opt(s.ExtendsClass), w.ns(s.ExtendsNamespace)
	}
	return k
}

func (w *writer) localModule(m LocalModule) LocalModule {
	k := LocalModule{Identifier: w.str(m.Identifier), Text: w.str(m.Text)}
	if w.n >= 94 {
		k.Linked = w.bool(m.Linked)
	}
	return k
}
