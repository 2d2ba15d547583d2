package wasmbin

import "wasmgate/go/errs"

// Section numbers. Parse passes over those that say nothing of the outside.
const (
	sectionCustom    = 0
	sectionType      = 1
	sectionImport    = 2
	sectionFunc      = 3
	sectionTable     = 4
	sectionMemory    = 5
	sectionGlobal    = 6
	sectionExport    = 7
	sectionStart     = 8
	sectionElement   = 9
	sectionCode      = 10
	sectionData      = 11
	sectionDataCount = 12
	sectionTag       = 13
)

// parser collects the index spaces that exports refer to.
type parser struct {
	out   Module
	types []FuncType
	space [5][]ExternType // by Kind
}

// Parse reads a binary module.
func Parse(data []byte) (*Module, error) {
	r := &reader{data: data}
	for _, want := range []byte("\x00asm\x01\x00\x00\x00") {
		if r.byte() != want {
			return nil, errs.New(errs.ModuleInvalid, "module: not a version 1 binary module")
		}
	}
	p := &parser{}
	for !r.done() {
		id := r.byte()
		body := r.bytes()
		if r.err != nil {
			break
		}
		section := &reader{data: body}
		p.section(id, section)
		if section.err != nil {
			return nil, errs.New(errs.ModuleInvalid, "section %d: %w", id, section.err)
		}
	}
	if r.err != nil {
		return nil, r.err
	}
	for _, memory := range p.space[Memory] {
		p.out.Memories = append(p.out.Memories, memory.Limits)
	}
	p.out.TypeCount, p.out.FuncCount = len(p.types), len(p.space[Func])
	p.out.Funcs = make([]FuncType, len(p.space[Func]))
	for i, t := range p.space[Func] {
		p.out.Funcs[i] = t.Func
	}
	p.out.Tables, p.out.Globals, p.out.Tags = p.space[Table], p.space[Global], p.space[Tag]
	p.out.Types = p.types
	return &p.out, nil
}

func (p *parser) section(id byte, r *reader) {
	if id == sectionCustom {
		name := r.name()
		p.out.Customs = append(p.out.Customs, Custom{Name: name, Data: r.data[r.pos:]})
		return
	}
	p.out.Starts = p.out.Starts || id == sectionStart
	read := map[byte]func(*reader){
		sectionType:   p.recGroup,
		sectionImport: p.importEntry,
		sectionFunc:   func(r *reader) { p.define(p.funcEntry(r)) },
		sectionTable:  p.tableEntry,
		sectionMemory: func(r *reader) { p.define(ExternType{Kind: Memory, Limits: limits(r)}) },
		sectionGlobal: p.globalEntry,
		sectionExport: p.exportEntry,
		sectionTag:    func(r *reader) { p.define(p.tagType(r)) },
	}[id]
	if read == nil {
		return
	}
	for n := r.count(); n > 0 && r.err == nil; n-- {
		read(r)
	}
}

func (p *parser) define(t ExternType) { p.space[t.Kind] = append(p.space[t.Kind], t) }

func (p *parser) importEntry(r *reader) {
	imp := Import{Module: r.name(), Name: r.name()}
	switch Kind(r.byte()) {
	case Func:
		imp.Type = p.funcEntry(r)
	case Table:
		imp.Type = tableType(r)
	case Memory:
		imp.Type = ExternType{Kind: Memory, Limits: limits(r)}
	case Global:
		imp.Type = globalType(r)
	case Tag:
		imp.Type = p.tagType(r)
	default:
		r.fail("unknown kind of import")
		return
	}
	p.define(imp.Type)
	p.out.Imports = append(p.out.Imports, imp)
}

func (p *parser) exportEntry(r *reader) {
	name, kind, index := r.name(), Kind(r.byte()), r.u32()
	if kind > Tag {
		r.fail("unknown kind of export")
		return
	}
	if uint64(index) >= uint64(len(p.space[kind])) {
		r.fail("export of an index that does not exist")
		return
	}
	p.out.Exports = append(p.out.Exports, Export{Name: name, Type: p.space[kind][index], Index: index})
}

func (p *parser) funcEntry(r *reader) ExternType {
	index := r.u32()
	if uint64(index) >= uint64(len(p.types)) {
		r.fail("unknown type index")
		return ExternType{}
	}
	return ExternType{Kind: Func, Func: p.types[index], Index: index}
}

func (p *parser) tagType(r *reader) ExternType {
	r.byte() // attribute, always 0 (exception)
	t := p.funcEntry(r)
	t.Kind = Tag
	return t
}

func (p *parser) tableEntry(r *reader) {
	if r.pos < len(r.data) && r.data[r.pos] == 0x40 { // table with an initialiser
		r.skip(2)
		p.define(tableType(r))
		skipInitialiser(r)
		return
	}
	p.define(tableType(r))
}

func (p *parser) globalEntry(r *reader) {
	p.define(globalType(r))
	skipInitialiser(r)
}

func tableType(r *reader) ExternType {
	elem := valType(r)
	return ExternType{Kind: Table, Elem: elem, Limits: limits(r)}
}

func globalType(r *reader) ExternType {
	content := valType(r)
	return ExternType{Kind: Global, Content: content, Mutable: r.byte() == 1}
}

func limits(r *reader) Limits {
	flags := r.byte()
	l := Limits{HasMax: flags&1 != 0, Shared: flags&2 != 0, Is64: flags&4 != 0}
	l.Min = r.leb(70)
	if l.HasMax {
		l.Max = r.leb(70)
	}
	if flags&8 != 0 {
		r.u32() // custom page size
	}
	return l
}
