package raw

import (
	"fmt"
	"strings"

	"wasmgate/go/marshal"
	"wasmgate/go/marshal/bindgen"
	"wasmgate/go/wasmbin"
)

// shimmed is an import record by one of the names of core imports it has.
type shimmed struct {
	record *bindgen.Import
	kind   bindgen.ImportKind
}

// readImports decides what stands behind each import.
func (m *Module) readImports() {
	shims := m.shims()
	m.helpers = m.structHelpers()
	m.ABI.Uses = make([]marshal.ImportUse, len(m.shape.Imports))
	for i, imp := range m.shape.Imports {
		m.ABI.Uses[i] = marshal.ImportUse{Host: -1}
		if imp.Module == xform && imp.Name == "__wbindgen_externref_statics_end" {
			m.ABI.Uses[i].Intrinsic = "statics_end"
		}
		if imp.Type.Kind != wasmbin.Func || imp.Module != bindgen.Placeholder {
			continue
		}
		m.ABI.Uses[i] = m.use(imp, shims)
	}
}

// structHelpers are the imports that make and take objects, with the place of their struct.
func (m *Module) structHelpers() map[string]int {
	out := map[string]int{}
	for i := len(m.crate.Structs) - 1; i >= 0; i-- { // the first of a name counts
		out[m.crate.Structs[i].UnwrapSymbol()] = i
		out[m.crate.Structs[i].NewSymbol()] = i
	}
	return out
}

func (m *Module) shims() map[string]shimmed {
	out := map[string]shimmed{}
	for i := range m.crate.Imports {
		record := &m.crate.Imports[i]
		switch {
		case record.Function != nil:
			out[record.Function.Shim] = shimmed{record, bindgen.ImportOfFunction}
		case record.Static != nil:
			out[record.Static.Shim] = shimmed{record, bindgen.ImportOfStatic}
		case record.String != nil:
			out[record.String.Shim] = shimmed{record, bindgen.ImportOfString}
		case record.Type != nil:
			out[record.Type.Instanceof] = shimmed{record, bindgen.ImportOfType}
		}
	}
	return out
}

// engineIntrinsics are those that the engine has, by their names in all versions.
var engineIntrinsics = map[string]bool{
	"throw": true, "rethrow": true, "string_new": true, "number_new": true, "error_new": true,
	"bigint_from_i64": true, "bigint_from_u64": true, "object_clone_ref": true, "object_drop_ref": true,
	"describe": true, "describe_cast": true, "describe_closure": true, "init_externref_table": true,
}

func (m *Module) use(imp wasmbin.Import, shims map[string]shimmed) marshal.ImportUse {
	if name, ok := strings.CutPrefix(imp.Name, "__wbindgen_"); ok {
		return m.useIntrinsic(imp, name)
	}
	if use, ok := m.useClass(imp); ok {
		return use
	}
	found, ok := shims[imp.Name]
	if !ok {
		return m.none(imp, "the module does not say what it is")
	}
	if name := m.panicHook(found); name != "" {
		return marshal.ImportUse{Intrinsic: name, Host: -1}
	}
	b := marshal.Binding{Import: imp.Name, Module: m.moduleName(found.record.Module), Path: found.record.Namespace}
	any := marshal.Type{Kind: marshal.Any}
	borrowed := marshal.Type{Kind: marshal.Any, Flags: marshal.Borrowed}
	switch found.kind {
	case bindgen.ImportOfString:
		b.Op, b.Name = "string", found.record.String.Text
		return m.host(imp, b, marshal.Signature{Results: []marshal.Type{any}})
	case bindgen.ImportOfType:
		b.Op, b.Class, b.Prefixes = "instanceof", found.record.Type.Name, found.record.Type.VendorPrefixes
		return m.host(imp, b, marshal.Signature{Params: []marshal.Param{{Type: borrowed}}, Results: []marshal.Type{{Kind: marshal.Bool}}})
	case bindgen.ImportOfStatic:
		return m.useStatic(imp, b, found.record.Static)
	}
	return m.useFunction(imp, b, found.record)
}

func (m *Module) useIntrinsic(imp wasmbin.Import, name string) marshal.ImportUse {
	if imp.Name == genericMarker {
		name = "describe_cast" // the same, but for the words told before it
	}
	if engineIntrinsics[name] {
		return marshal.ImportUse{Intrinsic: name, Host: -1}
	}
	signature, ok := intrinsicSignature(name)
	if !ok {
		return m.none(imp, "it is an intrinsic of wasm-bindgen that is not known")
	}
	if name == "boolean_get" {
		name = "boolean_get_number" // later ones give an Option
	}
	return m.host(imp, marshal.Binding{Op: "intrinsic", Name: name, Import: imp.Name}, signature)
}

// lastTakingUnwrap is N of the last wasm-bindgen 0.2.N whose Rust side forgets a value
// that was unwrapped, and so leaves its slot to the host. (The tool's JavaScript frees it
// in the other case too: issue 4289 of wasm-bindgen.)
const lastTakingUnwrap = 104

// useClass serves the imports by which the guest makes and takes its own objects.
func (m *Module) useClass(imp wasmbin.Import) (marshal.ImportUse, bool) {
	i, ok := m.helpers[imp.Name]
	if !ok {
		return marshal.ImportUse{}, false
	}
	address := marshal.Type{Kind: marshal.U32}
	if imp.Name == m.crate.Structs[i].NewSymbol() {
		return m.host(imp, marshal.Binding{Op: "wrap", Number: i, Import: imp.Name}, marshal.Signature{
			Params: []marshal.Param{{Type: address}}, Results: []marshal.Type{{Kind: marshal.Any}},
		}), true
	}
	flags := marshal.Borrowed
	if m.Version.Minor <= lastTakingUnwrap {
		flags |= marshal.TakenIfSo
	}
	return m.host(imp, marshal.Binding{Op: "unwrap", Number: i, Import: imp.Name}, marshal.Signature{
		Params:  []marshal.Param{{Type: marshal.Type{Kind: marshal.Any, Flags: flags}}},
		Results: []marshal.Type{address},
	}), true
}

// panicHook recognises the imports of the crate console_error_panic_hook, which the
// engine serves: what it reports becomes the message of the panic.
func (m *Module) panicHook(found shimmed) string {
	f := found.record.Function
	if f == nil || found.record.Module.Kind != bindgen.NoModule {
		return ""
	}
	described := m.descriptors[f.Shim]
	switch {
	case f.Class == "" && len(found.record.Namespace) == 1 && found.record.Namespace[0] == "console" && f.Function.Name == "error":
		if described != nil && described.Func != nil && len(described.Func.Params) == 1 && described.Func.Params[0].Tag == bindgen.TagString {
			return "panic_text"
		}
	case f.Class == "Error" && f.Method != nil && f.Method.Constructor:
		if described != nil && described.Func != nil && len(described.Func.Params) == 0 {
			return "empty_error"
		}
	case f.Class == "Error" && f.Method != nil && f.Method.Op == bindgen.OpGetter && f.Method.Property == "stack":
		return "empty_stack"
	}
	return ""
}

func (m *Module) moduleName(module bindgen.ImportModule) string {
	switch module.Kind {
	case bindgen.NoModule:
		return ""
	case bindgen.InlineModule:
		return fmt.Sprintf("inline%d", module.Index)
	}
	return module.Name
}

func (m *Module) useStatic(imp wasmbin.Import, b marshal.Binding, record *bindgen.ImportStatic) marshal.ImportUse {
	described := m.descriptors[record.Shim]
	if described == nil {
		return m.none(imp, m.problems[record.Shim])
	}
	t, err := m.typeOf(described, toGuest)
	if err != nil {
		return m.none(imp, err.Error())
	}
	b.Op, b.Name, b.Optional = "static", record.Name, t.Optional
	return m.host(imp, b, marshal.Signature{Results: []marshal.Type{t}})
}

func (m *Module) useFunction(imp wasmbin.Import, b marshal.Binding, record *bindgen.Import) marshal.ImportUse {
	f := record.Function
	described := m.descriptors[f.Shim]
	if described == nil || described.Tag != bindgen.TagFunction {
		return m.none(imp, m.problems[f.Shim])
	}
	if f.Suspending {
		return m.none(imp, "it suspends the guest (jspi), which is not supported")
	}
	signature, err := m.signature(described.Func, fromGuest)
	if err != nil {
		return m.none(imp, err.Error())
	}
	signature.Fallible = false // Result is of the guest's own making: it catches
	if b.Module == bindgen.Placeholder {
		name := strings.TrimPrefix(f.Function.Name, "__wbindgen_")
		if engineIntrinsics[name] {
			return marshal.ImportUse{Intrinsic: name, Host: -1}
		}
		b.Op, b.Name, b.Module = "intrinsic", name, ""
		return m.hostCatching(imp, b, signature, f.Catch)
	}
	if b.Module == "" && len(b.Path) == 0 && f.Class == "" && f.Function.Name == "Error" && len(signature.Params) == 1 &&
		signature.Params[0].Type.Kind == marshal.String && signature.Params[0].Type.Flags&marshal.Borrowed != 0 {
		return marshal.ImportUse{Intrinsic: "error_new", Host: -1}
	}
	b.Op, b.Name, b.Variadic, b.Class = "call", f.Function.Name, f.Variadic, f.Class
	b.Prefixes = m.prefixes(f.Class)
	for i, p := range described.Func.Params {
		if isPlainArray(p) {
			b.Arrays = append(b.Arrays, i)
		}
	}
	if f.Method != nil {
		bindMethod(&b, f)
	}
	return m.hostCatching(imp, b, signature, f.Catch)
}

// prefixes are those of an imported class: only its type has them.
func (m *Module) prefixes(class string) []string {
	for _, record := range m.crate.Imports {
		if record.Type != nil && record.Type.Name == class {
			return record.Type.VendorPrefixes
		}
	}
	return nil
}

func bindMethod(b *marshal.Binding, f *bindgen.ImportFunction) {
	if f.Method.Constructor {
		b.Op = "new"
		return
	}
	b.Static, b.Final = f.Method.Static, !f.Structural
	ops := map[bindgen.Op]string{
		bindgen.OpGetter: "get", bindgen.OpSetter: "set", bindgen.OpIndexGet: "indexGet",
		bindgen.OpIndexSet: "indexSet", bindgen.OpIndexDelete: "indexDelete",
	}
	b.Op = "method"
	if op, ok := ops[f.Method.Op]; ok {
		b.Op = op
	}
	if b.Op == "get" || b.Op == "set" {
		b.Name = f.Method.Property
	}
}

func (m *Module) host(imp wasmbin.Import, b marshal.Binding, s marshal.Signature) marshal.ImportUse {
	return m.hostCatching(imp, b, s, false)
}

// hostCatching plans an import of JavaScript; catches: the guest gets what it throws.
func (m *Module) hostCatching(imp wasmbin.Import, b marshal.Binding, s marshal.Signature, catches bool) marshal.ImportUse {
	s.Fallible = false
	plan, reason := marshal.Flatten(s, m.ABI)
	if reason == "" && !plan.FuncType().Equal(imp.Type.Func) {
		reason = fmt.Sprintf("its type %s does not fit its wasm type", s)
	}
	if reason != "" {
		return m.none(imp, reason)
	}
	if catches {
		plan.Fallible = marshal.Fallible
	}
	m.Bindings = append(m.Bindings, b)
	m.Plans.Imports = append(m.Plans.Imports, marshal.ImportPlan{Planned: marshal.Planned{Plan: plan}, Name: b.Title()})
	return marshal.ImportUse{Host: len(m.Plans.Imports) - 1}
}

// none stands for an import that nobody can provide; it fails when it is called.
func (m *Module) none(imp wasmbin.Import, reason string) marshal.ImportUse {
	m.Unusable = append(m.Unusable, marshal.Unusable{Import: imp.Name, Reason: reason})
	return marshal.ImportUse{Host: -1}
}
