// Package guest types modules that were made with the guest crate (rust/wasmgate): a
// custom section says what each function takes and gives.
//
// Source: docs/guest-abi.md.
package guest

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"wasmgate/go/errs"
	"wasmgate/go/marshal"
	"wasmgate/go/wasmbin"
)

const (
	sectionName = "wasmgate"
	version     = "1"
	// hiddenPrefix is put before names that would clash with those of C.
	hiddenPrefix = "wasmgate."
)

// Is reports whether a module was made with the guest crate.
func Is(shape *wasmbin.Module) bool {
	for _, c := range shape.Customs {
		if c.Name == sectionName {
			return true
		}
	}
	return false
}

// Read types a module of the guest crate; abi is completed. Errors: errs.ModuleInvalid
// for a damaged section, errs.ModuleUnsupported for a version that is not known.
func Read(shape *wasmbin.Module, abi *marshal.ABI) (*marshal.Typed, error) {
	r := &reader{shape: shape, abi: abi, out: marshal.NewTyped(), docs: map[string][]string{}, imports: map[[2]string]marshal.Signature{}, shown: map[string]bool{}}
	abi.Guest = true
	r.exports = map[string]*wasmbin.Export{}
	for i := range shape.Exports {
		r.exports[shape.Exports[i].Name] = &shape.Exports[i]
	}
	section := shape.Custom(sectionName)
	if !utf8.Valid(section) {
		return nil, invalid("it is not UTF-8")
	}
	if err := checkVersion(section); err != nil {
		return nil, err
	}
	for line := range bytes.Lines(section) {
		text, whole := strings.CutSuffix(string(line), "\n")
		if !whole {
			return nil, invalid("its last line has no end")
		}
		if err := r.line(text); err != nil {
			return nil, err
		}
	}
	return &r.out, r.readImports()
}

// checkVersion comes before all else, as other lines may mean something else in
// other versions.
func checkVersion(section []byte) error {
	for line := range bytes.Lines(section) {
		word, rest, _ := strings.Cut(strings.TrimSuffix(string(line), "\n"), " ")
		if word == "wasmgate" && rest != version {
			return errs.New(errs.ModuleUnsupported, "module: it was made with version %s of the guest ABI; %s is known", rest, version)
		}
	}
	return nil
}

func invalid(format string, args ...any) error {
	return errs.New(errs.ModuleInvalid, "module: section %s: "+format, append([]any{sectionName}, args...)...)
}

type reader struct {
	shape   *wasmbin.Module
	abi     *marshal.ABI
	out     marshal.Typed
	exports map[string]*wasmbin.Export
	docs    map[string][]string
	imports map[[2]string]marshal.Signature
	shown   map[string]bool // names that callers know
}

func (r *reader) line(text string) error {
	word, rest, _ := strings.Cut(text, " ")
	switch word {
	case "doc":
		name, doc, _ := strings.Cut(rest, " ")
		r.docs[name] = strings.Split(unescape(doc), "\n")
	case "export":
		name, signature, _ := strings.Cut(rest, " ")
		return r.export(name, signature)
	case "import":
		module, rest, _ := strings.Cut(rest, " ")
		name, text, _ := strings.Cut(rest, " ")
		signature, err := marshal.ParseSignature(text)
		if err != nil {
			return invalid("%s.%s: %w", module, name, err)
		}
		r.imports[[2]string{module, name}] = signature
	}
	return nil // lines of other words are of later versions
}

var unescaper = strings.NewReplacer(`\n`, "\n", `\\`, `\`)

func unescape(doc string) string { return unescaper.Replace(doc) }

func (r *reader) export(name, text string) error {
	e := r.exports[name]
	if e == nil || e.Type.Kind != wasmbin.Func {
		return nil // the linker dropped it
	}
	signature, err := marshal.ParseSignature(text)
	if err != nil {
		return invalid("%s: %w", name, err)
	}
	shown := strings.TrimPrefix(name, hiddenPrefix)
	if r.shown[shown] {
		return invalid("%s is listed twice", shown)
	}
	r.shown[shown] = true
	f := marshal.FunctionOf(shown, signature)
	f.Export = name
	if docs, ok := r.docs[name]; ok {
		f.Docs = docs
	}
	r.out.Signatures[name] = signature
	r.out.API.Functions = append(r.out.API.Functions, f)
	if shown != name {
		r.out.Titles[name] = marshal.Title{Text: shown}
	}
	return nil
}

// readImports plans the imports that the section lists; others are not for
// JavaScript.
func (r *reader) readImports() error {
	r.abi.Uses = make([]marshal.ImportUse, len(r.shape.Imports))
	for i, imp := range r.shape.Imports {
		r.abi.Uses[i] = marshal.ImportUse{Host: -1}
		signature, listed := r.imports[[2]string{imp.Module, imp.Name}]
		if !listed || imp.Type.Kind != wasmbin.Func {
			continue
		}
		for j := range signature.Params {
			signature.Params[j].Type.Flags |= marshal.Borrowed
		}
		plan, reason := marshal.Flatten(signature, r.abi)
		if reason == "" && !plan.FuncType().Equal(imp.Type.Func) {
			reason = fmt.Sprintf("the signature %s does not fit its wasm type", signature)
		}
		if reason != "" {
			return invalid("import %s.%s: %s", imp.Module, imp.Name, reason)
		}
		r.abi.Uses[i].Host = len(r.out.Bindings)
		b := marshal.Binding{
			Op: "call", Module: imp.Module, Name: imp.Name, Import: imp.Module + "." + imp.Name, Required: true,
			Encoded: marshal.EncodedIn(signature),
		}
		r.out.Bindings = append(r.out.Bindings, b)
		r.out.Plans.Imports = append(r.out.Plans.Imports, marshal.ImportPlan{
			Planned: marshal.Planned{Plan: plan}, Name: b.Import,
		})
	}
	return nil
}
