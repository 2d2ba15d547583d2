package bindgen

import (
	"encoding/json"

	"wasmgate/go/errs"
)

// SectionName is the name of the custom section that ParseSection reads.
const SectionName = "__wasm_bindgen_unstable"

// Crate is everything that the custom section holds: all its programs, merged in
// their order (wasm-bindgen binary interface, §2).
type Crate struct {
	Version Version
	Exports []Export
	Enums   []Enum
	Structs []Struct
	Imports []Import
	// StringEnums and DynamicUnions are those among Imports, once more.
	StringEnums   []StringEnum
	DynamicUnions []DynamicUnion
	// TypeScript holds the sections that the crate adds to its .d.ts.
	TypeScript []string
	// Modules holds the texts of the JavaScript files that Named imports name.
	Modules []LocalModule
	// Linked lists the modules whose addresses the crate asks for.
	Linked []LinkedModule
	// Programs are the macro expansions, each with the snippets that its Inline
	// imports count.
	Programs []Program
}

// Program is what one expansion of the macro adds (wasm-bindgen binary
// interface, §2.4), as far as it is not in the lists of Crate.
type Program struct {
	// CrateID is the name of the Rust crate and a hash.
	CrateID string
	// ModulePath is the Rust module that the macro stands in, from 0.2.130 on.
	ModulePath string
	// PackageJSON is the path of the crate's package.json, on the machine that
	// compiled it; mostly empty.
	PackageJSON string
	// InlineJS holds the texts of JavaScript modules.
	InlineJS []string
}

// ParseSection reads the custom section __wasm_bindgen_unstable. payload is that
// of all sections of this name, one after the other. A version that is not known
// gives errs.ModuleUnsupported, a damaged section errs.ModuleInvalid
// (wasm-bindgen binary interface, §2.1).
func ParseSection(payload []byte) (*Crate, error) {
	r := &reader{text: string(payload), end: len(payload)}
	c := &Crate{}
	last := ""
	for len(c.Programs) == 0 || r.pos < r.end {
		header := r.header()
		if r.err == nil && (header != last || len(c.Programs) == 0) {
			if err := c.version(header); err != nil {
				return nil, err
			}
			r.v, last = c.Version, header
		}
		outer := r.enter(r.u32le())
		r.program(c)
		r.leave(outer)
		if r.err != nil {
			return nil, r.err
		}
	}
	if c.Version.until(82) {
		c.splitNamed()
	}
	return c, nil
}

// splitNamed makes RawModules of the NamedModules that are no files of the crate:
// up to 0.2.82 both were written alike.
func (c *Crate) splitNamed() {
	files := make(map[string]bool, len(c.Modules))
	for _, m := range c.Modules {
		files[m.Identifier] = true
	}
	for i := range c.Imports {
		if m := &c.Imports[i].Module; m.Kind == NamedModule && !files[m.Name] {
			m.Kind = RawModule
		}
	}
}

// maxHeader bounds the JSON before a program, which messages may quote.
const maxHeader = 1 << 10

func (r *reader) header() string {
	n := r.u32le()
	if n > maxHeader {
		r.fail("header too long")
	}
	outer := r.enter(n)
	text := r.text[r.pos:r.end]
	r.pos = r.end
	r.leave(outer)
	return text
}

// version takes the version out of an entry's header; all entries have the same.
func (c *Crate) version(header string) error {
	var fields struct {
		Schema  string `json:"schema_version"`
		Version string `json:"version"`
	}
	if err := json.Unmarshal([]byte(header), &fields); err != nil {
		return errs.New(errs.ModuleInvalid, "section %q: header is not the JSON it should be: %w", SectionName, err)
	}
	v, err := ParseVersion(fields.Version, fields.Schema)
	if err != nil {
		return err
	}
	if len(c.Programs) > 0 && v != c.Version {
		return errs.New(errs.ModuleUnsupported, "module: made by two versions of wasm-bindgen, %s and %s", c.Version, v)
	}
	c.Version = v
	return nil
}

func (r *reader) program(c *Crate) {
	index := len(c.Programs)
	exports, enums, structs := len(c.Exports), len(c.Enums), len(c.Structs)
	imports, linked := len(c.Imports), len(c.Linked)
	c.Exports = append(c.Exports, list(r, (*reader).export)...)
	c.Enums = append(c.Enums, list(r, (*reader).enum)...)
	c.Imports = append(c.Imports, list(r, func(r *reader) Import { return r.importRecord(index) })...)
	c.Structs = append(c.Structs, list(r, (*reader).structRecord)...)
	c.TypeScript = append(c.TypeScript, r.strings()...)
	c.Modules = append(c.Modules, list(r, (*reader).localModule)...)
	p := Program{InlineJS: r.strings(), CrateID: r.string()}
	if r.v.since(130) {
		p.ModulePath = r.string()
	}
	p.PackageJSON = r.optional()
	c.Programs = append(c.Programs, p)
	if r.v.since(84) {
		c.Linked = append(c.Linked, list(r, func(r *reader) LinkedModule {
			return LinkedModule{Module: r.someModule(index), Function: r.string()}
		})...)
	}
	o := p.origin(r.v)
	for i := exports; i < len(c.Exports); i++ {
		c.Exports[i].Origin = o
	}
	for i := enums; i < len(c.Enums); i++ {
		c.Enums[i].Origin = o
	}
	for i := structs; i < len(c.Structs); i++ {
		c.Structs[i].Origin = o
	}
	for i := range c.Imports[imports:] {
		c.collect(r, &c.Imports[imports+i], o)
	}
	for _, l := range c.Linked[linked:] {
		c.checkInline(r, l.Module)
	}
}

// collect takes the types out of an import that is one.
func (c *Crate) collect(r *reader, i *Import, o Origin) {
	c.checkInline(r, i.Module)
	if i.Enum != nil {
		i.Enum.Origin = o
		c.StringEnums = append(c.StringEnums, *i.Enum)
	}
	if i.Union != nil {
		i.Union.Origin = o
		c.DynamicUnions = append(c.DynamicUnions, *i.Union)
	}
}

func (c *Crate) checkInline(r *reader, m ImportModule) {
	if m.Kind == InlineModule && uint64(m.Index) >= uint64(len(c.Programs[m.Program].InlineJS)) {
		r.fail("inline module that does not exist")
	}
}

// ModuleText gives the JavaScript text of a Named or Inline module.
func (c *Crate) ModuleText(m ImportModule) (text string, found bool) {
	switch m.Kind {
	case NamedModule:
		for _, local := range c.Modules {
			if local.Identifier == m.Name {
				return local.Text, true
			}
		}
	case InlineModule:
		if m.Program < len(c.Programs) && uint64(m.Index) < uint64(len(c.Programs[m.Program].InlineJS)) {
			return c.Programs[m.Program].InlineJS[m.Index], true
		}
	}
	return "", false
}

// StringEnum finds the record of a described StringEnum, nil if there is none.
func (c *Crate) StringEnum(t *Type) *StringEnum {
	for i := range c.StringEnums {
		if e := &c.StringEnums[i]; e.Name == t.Name && e.defines(t) {
			return e
		}
	}
	return nil
}

// Enum finds the record of a described Enum, nil if there is none.
func (c *Crate) Enum(t *Type) *Enum {
	for i := range c.Enums {
		if e := &c.Enums[i]; e.QualifiedName() == t.Name && e.defines(t) {
			return e
		}
	}
	return nil
}
