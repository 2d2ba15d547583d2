package bindgen

// Placeholder is the RawModule name of what the engine itself provides
// (wasm-bindgen binary interface, §5.4).
const Placeholder = "__wbindgen_placeholder__"

// ModuleKind says where an import comes from.
type ModuleKind uint8

// Kinds of modules (wasm-bindgen binary interface, §2.4).
const (
	// NoModule: the name is a global of JavaScript.
	NoModule ModuleKind = iota
	// NamedModule: a file of the crate; Crate.ModuleText has its text. Names up
	// to 0.2.82 that have no text read as RawModule, which is what they are.
	NamedModule
	// RawModule: a specifier to import, or Placeholder.
	RawModule
	// InlineModule: a text in the crate; Crate.ModuleText has it.
	InlineModule
)

// ImportModule is the module of an import.
type ImportModule struct {
	Kind ModuleKind
	// Name is that of a NamedModule or RawModule.
	Name string
	// Program and Index find the text of an InlineModule.
	Program int
	Index   uint32
}

// LinkedModule is a module whose URL the import Function gives.
type LinkedModule struct {
	Module   ImportModule
	Function string
}

// ImportKind says what is imported.
type ImportKind uint8

// Kinds of imports. Those of enums and unions import nothing: they declare types.
const (
	ImportOfFunction ImportKind = iota
	ImportOfStatic
	ImportOfString
	ImportOfType
	ImportOfEnum
	ImportOfUnion
)

// Import binds something of JavaScript (wasm-bindgen binary interface, §2.4 and
// §5.6). The field that belongs to its kind is set; Enum is nil up to 0.2.93,
// where the section does not describe enums of texts.
type Import struct {
	Module     ImportModule
	Namespace  []string
	Reexport   string
	TypeScript bool
	Kind       ImportKind
	Function   *ImportFunction
	Static     *ImportStatic
	String     *ImportString
	Type       *ImportType
	Enum       *StringEnum
	Union      *DynamicUnion
}

// ImportFunction is a function or method of JavaScript. Shim is the name of its
// core import.
type ImportFunction struct {
	Shim     string
	Catch    bool
	Variadic bool
	// AssertNoShim is for the tests of wasm-bindgen.
	AssertNoShim bool
	Suspending   bool
	// Class and Method are set for what belongs to a class.
	Class      string
	Method     *MethodKind
	Structural bool
	Function   Function
	// PerMono: its signatures come with its calls, keyed by Shim (§5.5).
	PerMono bool
}

// ImportStatic is a value of JavaScript, read by the core import Shim.
type ImportStatic struct{ Name, Shim string }

// ImportString is a text that the core import Shim gives.
type ImportString struct{ Shim, Text string }

// ImportType is a class of JavaScript; the core import Instanceof tests for it.
type ImportType struct {
	Name           string
	Instanceof     string
	VendorPrefixes []string
}

// StringEnum is an enum of texts.
type StringEnum struct {
	Name       string
	Public     bool // told by 0.2.94 only
	Values     []string
	Comments   []string
	TypeScript bool
	Private    bool
	Namespace  []string
	Origin
}

// DynamicUnion is an enum of texts and of other types, TypeCount of them.
type DynamicUnion struct {
	Name       string
	Strings    []string
	TypeCount  uint32
	Comments   []string
	TypeScript bool
	Private    bool
	Fallback   bool
	Origin

	version Version
}

// module reads the module of an import, which may be none.
func (r *reader) module(program int) ImportModule {
	if r.v.until(82) {
		return r.moduleOf(ModuleKind(r.variant(4)), program)
	}
	if !r.bool() {
		return ImportModule{Program: program}
	}
	return r.someModule(program)
}

func (r *reader) someModule(program int) ImportModule {
	return r.moduleOf(NamedModule+ModuleKind(r.variant(3)), program)
}

func (r *reader) moduleOf(kind ModuleKind, program int) ImportModule {
	m := ImportModule{Kind: kind, Program: program}
	switch kind {
	case NamedModule, RawModule:
		m.Name = r.string()
	case InlineModule:
		m.Index = r.u32()
	}
	return m
}

// importKinds lists the kinds by their ordinals.
func (v Version) importKinds() []ImportKind {
	kinds := []ImportKind{ImportOfFunction, ImportOfStatic}
	if v.since(93) {
		kinds = append(kinds, ImportOfString)
	}
	kinds = append(kinds, ImportOfType, ImportOfEnum)
	if v.since(121) {
		kinds = append(kinds, ImportOfUnion)
	}
	return kinds
}

func (r *reader) importRecord(program int) Import {
	i := Import{Module: r.module(program), TypeScript: true}
	if r.v.until(63) {
		if name := r.optional(); name != "" {
			i.Namespace = []string{name}
		}
	} else {
		i.Namespace = r.namespace()
	}
	if r.v.since(106) {
		i.Reexport = r.optional()
	}
	if r.v.since(115) {
		i.TypeScript = r.bool()
	}
	kinds := r.v.importKinds()
	i.Kind = kinds[r.variant(len(kinds))]
	switch i.Kind {
	case ImportOfFunction:
		i.Function = r.importFunction()
	case ImportOfStatic:
		i.Static = &ImportStatic{Name: r.string(), Shim: r.string()}
	case ImportOfString:
		i.String = &ImportString{Shim: r.string(), Text: r.string()}
	case ImportOfType:
		i.Type = &ImportType{Name: r.string(), Instanceof: r.string(), VendorPrefixes: r.strings()}
	case ImportOfEnum:
		i.Enum = r.stringEnum()
	case ImportOfUnion:
		i.Union = r.dynamicUnion()
	}
	return i
}

func (r *reader) importFunction() *ImportFunction {
	f := &ImportFunction{Shim: r.string(), Catch: r.bool(), Variadic: r.bool(), AssertNoShim: r.bool()}
	f.Suspending = r.v.since(postNumber) && r.bool()
	if r.bool() {
		f.Class = r.string()
		kind := r.methodKind()
		f.Method = &kind
	}
	f.Structural = r.bool()
	f.Function = r.function()
	f.PerMono = r.v.since(postNumber) && r.bool()
	return f
}

func (r *reader) stringEnum() *StringEnum {
	if r.v.until(93) {
		return nil
	}
	told := r.v.until(94) || r.v.since(96)
	e := &StringEnum{Name: r.string(), TypeScript: true}
	e.Public = r.v.until(94) && r.bool()
	e.Values = r.strings()
	if told {
		e.Comments = r.strings()
		e.TypeScript = r.bool()
	}
	e.Private = r.v.since(121) && r.bool()
	if r.v.since(106) {
		e.Namespace = r.namespace()
	}
	return e
}

func (r *reader) dynamicUnion() *DynamicUnion {
	u := &DynamicUnion{version: r.v}
	u.Name = r.string()
	u.Strings = r.strings()
	u.TypeCount = r.u32()
	u.Comments = r.strings()
	u.TypeScript = r.bool()
	u.Private = r.bool()
	u.Fallback = r.bool()
	return u
}
