package raw

import (
	"wasmgate/go/marshal"
	"wasmgate/go/marshal/bindgen"
)

func (m *Module) readClasses() {
	for _, s := range m.crate.Structs {
		number := len(m.API.Classes)
		m.classes[s.QualifiedName()] = number
		m.classes[nameIn(s.CrateID, s.QualifiedName())] = number
		if s.RustName != "" {
			if _, taken := m.classes[s.RustName]; !taken {
				m.classes[s.RustName] = number
			}
		}
		m.API.Classes = append(m.API.Classes, marshal.APIClass{
			Name: s.Name, Namespace: s.Namespace, Docs: lines(s.Comments), Private: s.Private, Inspectable: s.Inspectable,
			Methods: []marshal.APIFunction{}, Properties: []marshal.APIProperty{}, Free: s.FreeSymbol(),
		})
	}
	for _, s := range m.crate.Structs {
		for _, f := range s.Fields {
			m.readField(s, f)
		}
	}
}

// nameIn is the key of a class that another crate may have, too.
func nameIn(crate, qualified string) string { return crate + " " + qualified }

func (m *Module) classOf(s *bindgen.Struct) *marshal.APIClass {
	return &m.API.Classes[m.classes[nameIn(s.CrateID, s.QualifiedName())]]
}

func lines(comments []string) []string { return append([]string{}, comments...) }

// receiver is the address of the object that a method is called on; the classes of
// js/classes.js pass it as a plain number.
var receiver = marshal.Param{Name: "self", Type: marshal.Type{Kind: marshal.I32}}

func (m *Module) readField(s bindgen.Struct, f bindgen.Field) {
	getter := s.GetterSymbol(f.Name)
	symbol, described, reason := m.pick([]string{getter})
	if symbol == "" {
		return
	}
	class := m.classOf(&s)
	property := marshal.APIProperty{Name: f.Name, Readonly: f.Readonly, Docs: lines(f.Comments), Type: "any"}
	get := marshal.Signature{Params: []marshal.Param{receiver}, Unsupported: reason}
	set := get
	if described != nil {
		given, err := m.typeOf(described, fromGuest)
		taken, err2 := m.typeOf(described, toGuest)
		if err == nil {
			err = err2
		}
		if err != nil {
			get.Unsupported, set.Unsupported = err.Error(), err.Error()
		} else {
			get.Results = []marshal.Type{given}
			set.Params = append([]marshal.Param{receiver}, marshal.Param{Name: "value", Type: taken})
			property.Type = given.TypeScript()
		}
	}
	property.Getter = m.method(f.Name, symbol, get)
	if setter := s.SetterSymbol(f.Name); !f.Readonly && m.exports[setter] != nil {
		property.Setter = m.method(f.Name, setter, set)
	}
	class.Properties = append(class.Properties, property)
}

// method notes the signature of a method's export.
func (m *Module) method(name, symbol string, s marshal.Signature) *marshal.APIFunction {
	m.Signatures[symbol] = s
	if s.Unsupported == "" && len(s.Params) > 0 && s.Params[0].Name == receiver.Name {
		s.Params = s.Params[1:]
	}
	f := marshal.FunctionOf(name, s)
	f.Export = symbol
	return &f
}

func (m *Module) readEnums() {
	for _, e := range m.crate.Enums {
		out := marshal.APIEnum{
			Name: e.Name, Namespace: e.Namespace, Docs: lines(e.Comments), Private: e.Private, Variants: []marshal.APIVariant{},
		}
		for _, v := range e.Variants {
			out.Variants = append(out.Variants, marshal.APIVariant{Name: v.Name, Value: v.Value, Docs: lines(v.Comments)})
		}
		m.API.Enums = append(m.API.Enums, out)
	}
	for _, e := range m.crate.StringEnums {
		m.API.StringEnums = append(m.API.StringEnums, marshal.APIStrings{
			Name: e.Name, Docs: lines(e.Comments), Values: append([]string{}, e.Values...),
		})
	}
}

func (m *Module) readExports() {
	for _, e := range m.crate.Exports {
		symbol, described, reason := m.pick(e.Symbols(m.Version))
		if symbol == "" {
			continue // the linker dropped it
		}
		if e.Start != bindgen.StartNone {
			m.ABI.Starts = append(m.ABI.Starts, symbol)
			if e.Start == bindgen.StartPrivate {
				m.Signatures[symbol] = marshal.Signature{Unsupported: "it is the module's start function, which has run"}
				continue
			}
		}
		signature := m.exportSignature(e, described, reason)
		if e.Class == "" {
			m.readFunction(e, symbol, signature)
		} else {
			m.readMethod(e, symbol, signature)
		}
	}
}

func (m *Module) exportSignature(e bindgen.Export, described *bindgen.Type, reason string) marshal.Signature {
	if described == nil || described.Tag != bindgen.TagFunction {
		return marshal.Signature{Unsupported: reason}
	}
	if e.Function.JSPI {
		return marshal.Signature{Unsupported: "it may suspend the guest (jspi), which is not supported"}
	}
	signature, err := m.signature(described.Func, toGuest)
	if err != nil {
		return marshal.Signature{Unsupported: err.Error()}
	}
	for i := range signature.Params {
		if i < len(e.Function.Args) {
			signature.Params[i].Name = e.Function.Args[i].Name
		}
	}
	return signature
}

func (m *Module) readFunction(e bindgen.Export, symbol string, s marshal.Signature) {
	m.Signatures[symbol] = s
	f := marshal.FunctionOf(e.Function.Name, s)
	m.finish(&f, e, symbol)
	m.API.Functions = append(m.API.Functions, f)
}

// finish adds what the section says besides the types.
func (m *Module) finish(f *marshal.APIFunction, e bindgen.Export, symbol string) {
	f.Export, f.Namespace, f.Docs = symbol, e.Namespace, lines(e.Comments)
	f.Variadic, f.Async = e.Function.Variadic, e.Function.Async
	f.This = e.Method.Op == bindgen.OpThis
	f.Consumes = e.Consumed
	if e.Function.ReturnTypeScript != "" {
		f.Result = e.Function.ReturnTypeScript
	} else if f.Async {
		f.Result = m.promised(symbol)
	}
	for i := range f.Parameters {
		if i >= len(e.Function.Args) {
			break
		}
		variadic := f.Variadic && i == len(f.Parameters)-1 // js/classes.js makes the array that it is
		if arg := e.Function.Args[i]; arg.TypeScript != "" && !variadic {
			f.Parameters[i].Type = arg.TypeScript
		}
		f.Parameters[i].Optional = f.Parameters[i].Optional || e.Function.Args[i].Optional
	}
}

// promised is the TypeScript type of an async function's result.
func (m *Module) promised(symbol string) string {
	described := m.descriptors[symbol]
	if described == nil || described.Func == nil || described.Func.Inner == nil {
		return "Promise<any>"
	}
	inner := described.Func.Inner
	if inner.Tag == bindgen.TagResult {
		inner = inner.Elem
	}
	t, err := m.typeOf(inner, fromGuest)
	if err != nil {
		return "Promise<any>"
	}
	return "Promise<" + t.TypeScript() + ">"
}

func (m *Module) readMethod(e bindgen.Export, symbol string, s marshal.Signature) {
	owner := m.crate.StructOf(e)
	if owner == nil {
		m.Signatures[symbol] = marshal.Signature{Unsupported: "its class is not exported"}
		return
	}
	class := m.classOf(owner)
	if e.Method.Constructor {
		m.readConstructor(class, e, symbol, s)
		return
	}
	if !e.Method.Static && s.Unsupported == "" {
		self := receiver
		if e.Consumed {
			// The object itself, so that it is taken when everything else is right.
			self.Type = marshal.Type{Kind: marshal.Object, Name: class.Name, Extra: uint32(m.classes[owner.QualifiedName()])}
		}
		s.Params = append([]marshal.Param{self}, s.Params...)
	}
	f := m.method(e.Function.Name, symbol, s)
	m.finish(f, e, symbol)
	f.Namespace = nil
	f.Static = e.Method.Static
	switch e.Method.Op {
	case bindgen.OpGetter, bindgen.OpSetter:
		m.readAccessor(class, e, f)
	default:
		class.Methods = append(class.Methods, *f)
	}
}

// readConstructor has the address of the new object as its result, which the
// class takes over.
func (m *Module) readConstructor(class *marshal.APIClass, e bindgen.Export, symbol string, s marshal.Signature) {
	own := len(s.Results) == 1 && s.Results[0].Kind == marshal.Object && !s.Results[0].Optional &&
		&m.API.Classes[s.Results[0].Extra] == class
	if s.Unsupported == "" && !own {
		s = marshal.Signature{Unsupported: "the constructor returns something else than an object of its class"}
	}
	f := marshal.FunctionOf("constructor", s)
	m.finish(&f, e, symbol)
	f.Namespace, f.Result = nil, class.Name
	if s.Unsupported == "" {
		s.Results = []marshal.Type{{Kind: marshal.I32}}
	}
	m.Signatures[symbol] = s
	class.Constructor = &f
}

func (m *Module) readAccessor(class *marshal.APIClass, e bindgen.Export, f *marshal.APIFunction) {
	name := e.Method.Property
	at := -1
	for i, p := range class.Properties {
		if p.Name == name && p.Static == e.Method.Static {
			at = i
		}
	}
	if at < 0 {
		at = len(class.Properties)
		class.Properties = append(class.Properties, marshal.APIProperty{
			Name: name, Type: "any", Static: e.Method.Static, Docs: []string{}, Readonly: true,
		})
	}
	property := &class.Properties[at]
	property.Docs = append(property.Docs, f.Docs...)
	if e.Method.Op == bindgen.OpGetter {
		property.Getter, property.Type = f, f.Result
		return
	}
	property.Setter, property.Readonly = f, false
	if property.Getter == nil && len(f.Parameters) == 1 {
		property.Type = f.Parameters[0].Type
	}
}

// nameMembers notes the exports that belong to a class or are otherwise not called
// by their own name.
func (m *Module) nameMembers() {
	out := m.Titles
	for i := range m.API.Classes {
		class := &m.API.Classes[i]
		out[class.Free] = marshal.Title{Text: class.Name + ".free", Hidden: true}
		add := func(f *marshal.APIFunction, static bool) {
			if f == nil {
				return
			}
			title := marshal.Title{Text: class.Name + "." + f.Name, Lead: 1, Hidden: true}
			if static || f.Static {
				title.Lead = 0
			}
			out[f.Export] = title
		}
		add(class.Constructor, true)
		for j := range class.Methods {
			add(&class.Methods[j], false)
		}
		for _, p := range class.Properties {
			add(p.Getter, p.Static)
			add(p.Setter, p.Static)
		}
	}
	functions := map[string]bool{}
	for _, f := range m.API.Functions {
		functions[f.Export] = true
		if text := m.Version.Unmangle(f.Export); text != f.Export {
			out[f.Export] = marshal.Title{Text: text}
		}
	}
	for symbol := range m.Signatures {
		if _, member := out[symbol]; !member && !functions[symbol] {
			out[symbol] = marshal.Title{Text: symbol, Hidden: true}
		}
	}
}
