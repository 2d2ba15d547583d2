package bindgen

// Function is what the macro knows of a function besides its types (wasm-bindgen
// binary interface, §2.4).
type Function struct {
	Name string
	// Args are the parameters without the receiver. Of a variadic function the
	// last one collects the arguments that are left.
	Args     []Arg
	Async    bool
	JSPI     bool
	Variadic bool
	// ReturnTypeScript and ReturnDoc are what the author wrote, mostly empty.
	ReturnTypeScript string
	ReturnDoc        string
	// TypeScript: the function is to be listed in a .d.ts.
	TypeScript bool
	JSDoc      bool
}

// Arg is a parameter. TypeScript and Doc are what the author wrote, mostly empty.
type Arg struct {
	Name       string
	TypeScript string
	Doc        string
	Optional   bool
}

// Op is what a method does with its receiver.
type Op uint8

// Operations. OpThis is a function whose first argument is JavaScript's this.
const (
	OpRegular Op = iota
	OpThis
	OpGetter
	OpSetter
	OpIndexGet
	OpIndexSet
	OpIndexDelete
)

// MethodKind says how a function belongs to a class. Exports that belong to none
// have an operation, too, OpRegular or OpThis.
type MethodKind struct {
	Constructor bool
	Static      bool
	Op          Op
	// Property is the name of the property of an OpGetter or OpSetter.
	Property string
}

// Start says whether an export is to be called after instantiation.
type Start uint8

// Kinds of start functions. A private one is not to be published.
const (
	StartNone Start = iota
	StartPublic
	StartPrivate
)

// Export is an exported function or method (wasm-bindgen binary interface, §2.4).
type Export struct {
	// Class is the class of a method, without its namespace; empty for functions.
	Class    string
	Comments []string
	// Consumed: the method takes self by value, its object ends with the call.
	Consumed  bool
	Function  Function
	Namespace []string
	Method    MethodKind
	Start     Start
	Origin
}

// Enum is an exported enum of numbers (wasm-bindgen binary interface, §2.4).
type Enum struct {
	Name       string
	Signed     bool
	Variants   []Variant
	Comments   []string
	TypeScript bool
	Namespace  []string
	Private    bool
	Origin

	version Version
}

// Variant is one number of an Enum. Value is in the range of i32 if the enum is
// signed, else of u32.
type Variant struct {
	Name     string
	Value    int64
	Comments []string
}

// Struct is an exported struct (wasm-bindgen binary interface, §2.4).
type Struct struct {
	Name string
	// RustName is known from 0.2.114 to 0.2.121 only.
	RustName    string
	Fields      []Field
	Comments    []string
	Inspectable bool
	TypeScript  bool
	Namespace   []string
	Private     bool
	// Extends is the Rust name of the parent; ExtendsClass and ExtendsNamespace,
	// if set, say how JavaScript names it.
	Extends          string
	ExtendsClass     string
	ExtendsNamespace []string
	Origin

	version Version
}

// Field is a public field of a Struct.
type Field struct {
	Name       string
	Readonly   bool
	Comments   []string
	TypeScript bool
	JSDoc      bool
}

// LocalModule is a JavaScript file of a crate.
type LocalModule struct {
	Identifier string
	Text       string
	Linked     bool
}

func (r *reader) function() Function {
	var f Function
	if r.v.until(99) {
		f.Args = list(r, func(r *reader) Arg { return Arg{Name: r.string()} })
	} else {
		f.Args = list(r, (*reader).arg)
	}
	f.Async = r.v.since(77) && r.bool()
	f.JSPI = r.v.since(postNumber) && r.bool()
	f.Name = r.string()
	f.TypeScript = r.bool()
	f.JSDoc = r.v.since(85) && r.bool()
	f.Variadic = r.v.since(82) && r.bool()
	if r.v.since(100) {
		f.ReturnTypeScript = r.optional()
		f.ReturnDoc = r.optional()
	}
	return f
}

func (r *reader) arg() Arg {
	var a Arg
	a.Name = r.string()
	a.TypeScript = r.optional()
	a.Optional = r.v.since(114) && r.bool()
	a.Doc = r.optional()
	return a
}

// operations lists the operations by their ordinals.
func (v Version) operations() []Op {
	if v.until(105) {
		return []Op{OpRegular, OpGetter, OpSetter, OpIndexGet, OpIndexSet, OpIndexDelete}
	}
	return []Op{OpRegular, OpThis, OpGetter, OpSetter, OpIndexGet, OpIndexSet, OpIndexDelete}
}

func (r *reader) methodKind() MethodKind {
	if r.variant(2) == 0 {
		return MethodKind{Constructor: true}
	}
	operations := r.v.operations()
	k := MethodKind{Static: r.bool(), Op: operations[r.variant(len(operations))]}
	if k.Op == OpGetter || k.Op == OpSetter {
		k.Property = r.string()
	}
	return k
}

func (r *reader) export() Export {
	var e Export
	e.Class = r.optional()
	e.Comments = r.strings()
	e.Consumed = r.bool()
	e.Function = r.function()
	if r.v.since(106) {
		e.Namespace = r.namespace()
	}
	e.Method = r.methodKind()
	if r.v.until(117) {
		e.Start = Start(r.variant(2))
	} else {
		e.Start = Start(r.variant(3))
	}
	return e
}

func (r *reader) enum() Enum {
	e := Enum{version: r.v}
	e.Name = r.string()
	e.Signed = r.v.since(96) && r.bool()
	e.Variants = list(r, func(r *reader) Variant {
		variant := Variant{Name: r.string()}
		value := r.u32()
		variant.Value = int64(value)
		if e.Signed {
			variant.Value = int64(int32(value))
		}
		variant.Comments = r.strings()
		return variant
	})
	e.Comments = r.strings()
	e.TypeScript = r.bool()
	if r.v.since(106) {
		e.Namespace = r.namespace()
	}
	e.Private = r.v.since(107) && r.bool()
	return e
}

func (r *reader) structRecord() Struct {
	s := Struct{version: r.v}
	s.Name = r.string()
	if r.v.since(114) && r.v.until(121) {
		s.RustName = r.string()
	}
	s.Fields = list(r, (*reader).field)
	s.Comments = r.strings()
	s.Inspectable = r.bool()
	s.TypeScript = r.bool()
	if r.v.since(106) {
		s.Namespace = r.namespace()
	}
	s.Private = r.v.since(107) && r.bool()
	if r.v.since(121) {
		s.Extends = r.optional()
	}
	if r.v.since(122) {
		s.ExtendsClass = r.optional()
		s.ExtendsNamespace = r.namespace()
	}
	return s
}

func (r *reader) field() Field {
	var f Field
	f.Name = r.string()
	f.Readonly = r.bool()
	f.Comments = r.strings()
	f.TypeScript = r.bool()
	f.JSDoc = r.v.since(85) && r.bool()
	return f
}

func (r *reader) localModule() LocalModule {
	var m LocalModule
	m.Identifier = r.string()
	m.Text = r.string()
	m.Linked = r.v.since(94) && r.bool()
	return m
}
