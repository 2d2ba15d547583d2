// Package raw types modules as cargo leaves them, without the command line tool of
// wasm-bindgen: out of the custom section with the names (package bindgen) and the
// descriptor functions with the types (package describe) it makes signatures and
// plans for every export, class and import.
//
// Source: the wasm-bindgen binary interface, §1 to §5.
package raw

import (
	"slices"
	"sort"
	"strings"

	"wasmgate/go/errs"
	"wasmgate/go/marshal"
	"wasmgate/go/marshal/bindgen"
	"wasmgate/go/marshal/describe"
	"wasmgate/go/wasmbin"
)

const (
	// xform is that of what only the tool provides.
	xform = "__wbindgen_externref_xform__"
	// The imports that casts go through, up to 0.2.127 and later.
	castMarker    = "__wbindgen_describe_cast"
	genericMarker = "__wbindgen_describe_generic_import"
)

// Module is what a raw module says of itself.
type Module struct {
	Version bindgen.Version
	ABI     *marshal.ABI
	marshal.Typed

	crate       *bindgen.Crate
	shape       *wasmbin.Module
	exports     map[string]*wasmbin.Export
	descriptors map[string]*bindgen.Type
	problems    map[string]string // why a symbol has no descriptor
	classes     map[string]int    // qualified, Rust and crates' names to places in API.Classes
	lists       map[string]int
	helpers     map[string]int // imports about objects, to places in crate.Structs
}

// Is reports whether a module is a raw one.
func Is(shape *wasmbin.Module) bool {
	for _, c := range shape.Customs {
		if c.Name == bindgen.SectionName {
			return true
		}
	}
	for _, e := range shape.Exports {
		if strings.HasPrefix(e.Name, bindgen.DescribePrefix) {
			return true
		}
	}
	return false
}

// Read types a raw module. abi, which DetectABI found, is completed. Errors:
// errs.ModuleInvalid for a damaged section, errs.ModuleUnsupported for a version
// that is not known and for modules that have nothing to type.
func Read(binary []byte, shape *wasmbin.Module, abi *marshal.ABI) (*Module, error) {
	m := &Module{
		ABI: abi, Typed: marshal.NewTyped(), shape: shape, exports: map[string]*wasmbin.Export{},
		descriptors: map[string]*bindgen.Type{}, problems: map[string]string{}, classes: map[string]int{}, lists: map[string]int{},
	}
	for i := range shape.Exports {
		m.exports[shape.Exports[i].Name] = &shape.Exports[i]
	}
	words, err := m.describe(binary)
	if err != nil {
		return nil, err
	}
	payload := shape.Custom(bindgen.SectionName)
	switch {
	case len(payload) == 0:
		return m, m.readStripped(words)
	case len(words) == 0:
		return nil, errs.New(errs.ModuleUnsupported,
			"module: it is a raw wasm-bindgen module whose exports are missing; from 0.2.88 on wasm-bindgen works for wasm32-unknown-unknown only")
	}
	if m.crate, err = bindgen.ParseSection(payload); err != nil {
		return nil, err
	}
	m.useVersion(m.crate.Version)
	for symbol, list := range words {
		if m.descriptors[symbol], err = m.Version.Decode(list); err != nil {
			delete(m.descriptors, symbol)
			m.problems[symbol] = "its descriptor cannot be read: " + errs.From(err).Msg
		}
	}
	m.readClasses()
	m.readEnums()
	m.readExports()
	m.readImports()
	m.API.TypeScript = append(m.API.TypeScript, m.crate.TypeScript...)
	m.nameMembers()
	return m, nil
}

func (m *Module) useVersion(v bindgen.Version) {
	m.Version = v
	m.ABI.Raw, m.ABI.Bindgen, m.ABI.MultiValue, m.ABI.Minor = true, true, false, v.Minor
	if v.Post127 {
		m.ABI.Minor++
	}
}

// describe runs the descriptor functions; the keys are the symbols they describe.
func (m *Module) describe(binary []byte) (map[string][]uint32, error) {
	runner, err := describe.New(binary, m.shape, isDescribe)
	if err != nil {
		return nil, err
	}
	m.export()
	words := map[string][]uint32{}
	for _, e := range m.shape.Exports {
		symbol, ok := strings.CutPrefix(e.Name, bindgen.DescribePrefix)
		if !ok || e.Type.Kind != wasmbin.Func {
			continue
		}
		list, err := runner.Run(e.Index)
		if err != nil {
			m.problems[symbol] = errs.From(err).Msg
			continue
		}
		words[symbol] = list
	}
	return words, nil
}

// export notes what the module must export besides: its table, from which closures
// are called.
func (m *Module) export() {
	if len(m.shape.Tables) > 0 && m.shape.Tables[0].Elem == wasmbin.FuncRef {
		m.ABI.Table = "wasmgate:table"
		m.Aliases = append(m.Aliases, wasmbin.Alias{Name: m.ABI.Table, Kind: wasmbin.Table})
	}
}

func isDescribe(imp wasmbin.Import) bool {
	return imp.Module == bindgen.Placeholder && imp.Name == "__wbindgen_describe"
}

// readStripped types the free functions of a module whose custom sections were
// stripped: as the newest version does for which every descriptor fits its
// export. What depends on the version in other ways stays unsupported.
func (m *Module) readStripped(words map[string][]uint32) error {
	eras := bindgen.Eras()
	for i := len(eras) - 1; i >= 0; i-- {
		found := m.fit(eras[i], words)
		if found == nil {
			continue
		}
		names := make([]string, 0, len(found))
		for name := range found {
			names = append(names, name)
		}
		sort.Strings(names)
		m.crate = &bindgen.Crate{Version: eras[i]}
		for _, name := range names {
			m.Signatures[name] = found[name]
			f := marshal.FunctionOf(eras[i].Unmangle(name), found[name])
			f.Export = name
			m.API.Functions = append(m.API.Functions, f)
		}
		m.readImports()
		m.nameMembers()
		return nil
	}
	return errs.New(errs.ModuleUnsupported,
		"module: its custom sections were stripped, and its descriptors fit no version of wasm-bindgen; keep the section %s", bindgen.SectionName)
}

// fit types the exports by the tables of a version; nil if that is not theirs.
func (m *Module) fit(v bindgen.Version, words map[string][]uint32) map[string]marshal.Signature {
	m.crate = &bindgen.Crate{Version: v}
	m.useVersion(v)
	for _, imp := range m.shape.Imports {
		if imp.Module == bindgen.Placeholder && (imp.Name == castMarker && v.Keyed() || imp.Name == genericMarker && !v.Keyed()) {
			return nil
		}
	}
	found := map[string]marshal.Signature{}
	for symbol, list := range words {
		e := m.exports[symbol]
		if e == nil || e.Type.Kind != wasmbin.Func {
			continue
		}
		t, err := v.Decode(list)
		if err != nil {
			return nil
		}
		if t.Tag != bindgen.TagFunction {
			continue
		}
		signature, err := m.signature(t.Func, toGuest)
		if err != nil || usesSlab(signature) {
			found[symbol] = marshal.Signature{Unsupported: "the module's custom sections were stripped: its version is not known"}
			continue
		}
		if plan, reason := marshal.Flatten(signature, m.ABI); reason != "" || !plan.FuncType().Equal(e.Type.Func) {
			return nil
		}
		found[symbol] = signature
	}
	return found
}

func usesSlab(s marshal.Signature) bool {
	uses := func(t marshal.Type) bool {
		return t.Kind == marshal.Any || t.Kind == marshal.AnyArray || t.Kind == marshal.Object || t.Kind == marshal.Enum ||
			t.Flags&marshal.Mutable != 0
	}
	return slices.ContainsFunc(s.Params, func(p marshal.Param) bool { return uses(p.Type) }) || slices.ContainsFunc(s.Results, uses)
}

// pick gives the first of the symbols that is exported and described; reason
// says why a symbol that is exported has no type.
func (m *Module) pick(symbols []string) (symbol string, t *bindgen.Type, reason string) {
	for _, s := range symbols {
		if m.exports[s] == nil {
			continue
		}
		if t := m.descriptors[s]; t != nil {
			return s, t, ""
		}
		if problem := m.problems[s]; problem != "" {
			symbol, reason = s, problem
		}
	}
	return symbol, nil, reason
}
