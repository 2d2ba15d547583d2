package bindgen

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"wasmgate/go/errs"
)

// full is a crate with every kind of record and every field set.
func full() *Crate {
	comments := []string{" One.", " Two."}
	ns := []string{"a", "b"}
	f := Function{
		Name: "größe", Args: []Arg{{Name: "x", TypeScript: "X", Doc: "the x", Optional: true}, {Name: "y"}},
		Async: true, JSPI: true, Variadic: true, ReturnTypeScript: "Y", ReturnDoc: "the y", TypeScript: true, JSDoc: true,
	}
	var exports []Export
	for _, m := range []MethodKind{
		{Constructor: true},
		{Op: OpRegular},
		{Op: OpThis},
		{Static: true, Op: OpGetter, Property: "p"},
		{Op: OpSetter, Property: "q"},
		{Op: OpIndexGet},
		{Op: OpIndexSet},
		{Op: OpIndexDelete},
	} {
		exports = append(exports, Export{
			Class: "C", Comments: comments, Consumed: true, Function: f, Namespace: ns, Method: m, Start: StartPrivate,
		})
	}
	exports = append(exports, Export{Function: Function{Name: "main"}, Start: StartPublic}, Export{})
	imports := []Import{
		{Kind: ImportOfFunction, Function: &ImportFunction{
			Shim: "__wbg_log_0", Catch: true, Variadic: true, AssertNoShim: true, Suspending: true, Class: "Console",
			Method: &MethodKind{Op: OpGetter, Property: "log"}, Structural: true, Function: f, PerMono: true,
		}, Module: ImportModule{Kind: NamedModule, Name: "./a.js"}, Namespace: ns, Reexport: "log", TypeScript: true},
		{
			Kind: ImportOfFunction, Function: &ImportFunction{Shim: "s"},
			Module: ImportModule{Kind: RawModule, Name: Placeholder},
		},
		{
			Kind: ImportOfStatic, Static: &ImportStatic{Name: "window", Shim: "w"},
			Module: ImportModule{Kind: InlineModule, Index: 1}, Namespace: []string{"globalThis"},
		},
		{Kind: ImportOfString, String: &ImportString{Shim: "t", Text: "text"}},
		{Kind: ImportOfType, Type: &ImportType{Name: "Node", Instanceof: "i", VendorPrefixes: []string{"webkit", "moz"}}},
		{Kind: ImportOfEnum, Enum: &StringEnum{
			Name: "Mode", Public: true, Values: []string{"r", "w"}, Comments: comments, TypeScript: true, Private: true, Namespace: ns,
		}},
		{Kind: ImportOfUnion, Union: &DynamicUnion{
			Name: "Any", Strings: []string{"auto"}, TypeCount: 300, Comments: comments, TypeScript: true, Private: true, Fallback: true,
		}},
	}
	return &Crate{
		Exports: exports,
		Enums: []Enum{
			{Name: "E", Signed: true, Variants: []Variant{
				{"Low", -1 << 31, comments}, {"Minus", -1, nil}, {"High", 1<<31 - 1, nil},
			}, Comments: comments, TypeScript: true, Namespace: ns, Private: true},
			{Name: "F", Variants: []Variant{{Name: "Top", Value: 1<<32 - 1}}},
		},
		Imports: imports,
		Structs: []Struct{{
			Name: "C", RustName: "Rust", Fields: []Field{{"x", true, comments, true, true}, {Name: "y"}}, Comments: comments,
			Inspectable: true, TypeScript: true, Namespace: ns, Private: true,
			Extends: "Base", ExtendsClass: "JsBase", ExtendsNamespace: []string{"c"},
		}, {Name: "D"}},
		TypeScript: []string{"export type X = 1;"},
		Modules:    []LocalModule{{"./a.js", "export {}", true}},
		Linked: []LinkedModule{
			{ImportModule{Kind: NamedModule, Name: "./a.js"}, "link0"}, {ImportModule{Kind: InlineModule}, "link1"},
		},
		Programs: []Program{{CrateID: "a-crate-0123", ModulePath: "a_crate::b", PackageJSON: "package.json", InlineJS: []string{"zero", "one"}}},
	}
}

func TestParseSection_readsWhatEachVersionWrites(t *testing.T) {
	for _, v := range versions() {
		for _, wide := range []bool{false, true} {
			first, second := newWriter(v), newWriter(v)
			first.wide = wide
			want := first.program(full(), 0)
			kept := second.program(&Crate{Imports: full().Imports, Programs: full().Programs}, 1)
			want.Imports = append(want.Imports, kept.Imports...)
			want.StringEnums = append(want.StringEnums, kept.StringEnums...)
			want.DynamicUnions = append(want.DynamicUnions, kept.DynamicUnions...)
			want.Programs = append(want.Programs, kept.Programs...)
			payload := append(entry(v.Text, v.Schema, first.buf), entry(v.Text, v.Schema, second.buf)...)
			got, err := ParseSection(payload)
			if err != nil || !reflect.DeepEqual(*got, want) {
				t.Errorf("%s: %v, got\n%+v, want\n%+v", v, err, got, want)
			}
		}
	}
}

func TestParseSection_damaged(t *testing.T) {
	for _, v := range versions() {
		w := newWriter(v)
		w.program(full(), 0)
		// Other places in each version: together they are all places.
		for end := v.number() % 11; end < len(w.buf); end += 11 {
			if _, err := ParseSection(entry(v.Text, v.Schema, w.buf[:end])); err == nil || errs.From(err).Code != errs.ModuleInvalid {
				t.Fatalf("%s: %d bytes of %d give %v", v, end, len(w.buf), err)
			}
		}
		_, err := ParseSection(entry(v.Text, v.Schema, append(w.buf, 0)))
		if err == nil || !strings.Contains(err.Error(), "bytes left over") {
			t.Errorf("%s: a byte too many gives %v", v, err)
		}
		whole := entry(v.Text, v.Schema, w.buf)
		for end := v.number() % 17; end < len(whole); end += 17 {
			if _, err := ParseSection(whole[:end]); err == nil {
				t.Errorf("%s: %d bytes of the section are enough", v, end)
			}
		}
	}
}

// A program laid out by hand, of 0.2.83: fn f(a) and a global alert(s).
func TestParseSection_bytes(t *testing.T) {
	program := "\x01" + "\x00\x00\x00" + "\x01\x01a" + "\x00\x01f\x01\x00" + "\x01\x00\x00" + "\x00" + // export
		"\x00" + // enums
		"\x01" + "\x00\x00\x00" + "\x01s\x00\x00\x00\x00\x01" + "\x00\x00\x05alert\x01\x00" + // import
		"\x00\x00\x00\x00" + "\x02id" + "\x00"
	c, err := ParseSection(entry("0.2.83", "0.2.83", []byte(program)))
	if err != nil {
		t.Fatal(err)
	}
	f := Function{Name: "f", Args: []Arg{{Name: "a"}}, TypeScript: true}
	if len(c.Exports) != 1 || !reflect.DeepEqual(c.Exports[0], Export{Function: f}) {
		t.Errorf("got %+v", c.Exports)
	}
	alert := &ImportFunction{Shim: "s", Structural: true, Function: Function{Name: "alert", TypeScript: true}}
	if len(c.Imports) != 1 || !reflect.DeepEqual(c.Imports[0].Function, alert) {
		t.Errorf("got %+v", c.Imports)
	}
	if c.Programs[0].CrateID != "id" || c.Version.Minor != 83 {
		t.Errorf("got %+v", c)
	}
}

// Up to 0.2.82 only the text of a file tells it from a specifier.
func TestParseSection_namedModules(t *testing.T) {
	of := func(name string) Import {
		return Import{Kind: ImportOfStatic, Static: &ImportStatic{}, Module: ImportModule{Kind: NamedModule, Name: name}}
	}
	for _, tc := range []struct {
		minor int
		name  string
		want  ModuleKind
	}{
		{61, "crate/a.js", NamedModule},
		{61, "fs", RawModule},
		{82, "fs", RawModule},
		{83, "fs", NamedModule},
	} {
		v := released(tc.minor)
		importer, owner := newWriter(v), newWriter(v)
		importer.program(&Crate{Programs: []Program{{}}, Imports: []Import{of(tc.name)}}, 0)
		owner.program(&Crate{Programs: []Program{{}}, Modules: []LocalModule{{Identifier: "crate/a.js"}}}, 1)
		c, err := ParseSection(append(entry(v.Text, v.Schema, importer.buf), entry(v.Text, v.Schema, owner.buf)...))
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Imports[0].Module.Kind; got != tc.want {
			t.Errorf("%s: %q is of kind %d, want %d", v, tc.name, got, tc.want)
		}
	}
}

func TestParseSection_errors(t *testing.T) {
	v := released(100)
	small := newWriter(v)
	small.program(&Crate{Programs: []Program{{CrateID: "c"}}}, 0)
	good := entry(v.Text, v.Schema, small.buf)
	program := func(text string) []byte { return entry(v.Text, v.Schema, []byte(text)) }
	inline := newWriter(v)
	inline.program(&Crate{Programs: []Program{{}}, Imports: []Import{
		{Kind: ImportOfStatic, Static: &ImportStatic{}, Module: ImportModule{Kind: InlineModule}},
	}}, 0)
	linked := newWriter(v)
	linked.program(&Crate{Programs: []Program{{}}, Linked: []LinkedModule{{Module: ImportModule{Kind: InlineModule, Index: 7}}}}, 0)
	for _, tc := range []struct {
		name string
		data []byte
		want errs.Code
		says string
	}{
		{"nothing", nil, errs.ModuleInvalid, "unexpected end at byte 0"},
		{"bytes after", append(bytes.Clone(good), 1), errs.ModuleInvalid, "unexpected end"},
		{"no JSON", []byte("\x02\x00\x00\x00{]\x00\x00\x00\x00"), errs.ModuleInvalid, "not the JSON"},
		{"long header", append([]byte("\xff\xff\xff\xff"), good...), errs.ModuleInvalid, "header too long"},
		{"header beyond the end", []byte("\x09\x00\x00\x00{}"), errs.ModuleInvalid, "entry longer than the section"},
		{"program beyond the end", good[:len(good)-1], errs.ModuleInvalid, "entry longer than the section"},
		{"unknown version", entry("0.2.131", "0.2.131", nil), errs.ModuleUnsupported, `"0.2.131" with schema "0.2.131"`},
		{"no version", entry("", "", nil), errs.ModuleUnsupported, `"" with schema ""`},
		{"two versions", append(bytes.Clone(good), entry("0.2.83", "0.2.83", nil)...), errs.ModuleUnsupported, "0.2.100 and 0.2.83"},
		{"huge list", program("\xff\xff\xff\xff\x0f"), errs.ModuleInvalid, "length larger"},
		{"number too large", program("\xff\xff\xff\xff\x1f"), errs.ModuleInvalid, "number too large"},
		{"number too long", program("\x80\x80\x80\x80\x80\x00"), errs.ModuleInvalid, "number too long"},
		{"boolean of 2", program("\x01\x02"), errs.ModuleInvalid, "unknown variant"},
		{"no UTF-8", program("\x01\x01\x01\xff\x00\x00\x00\x00\x00\x00\x00"), errs.ModuleInvalid, "not UTF-8"},
		{"snippet that is not there", entry(v.Text, v.Schema, inline.buf), errs.ModuleInvalid, "inline module"},
		{"linked snippet that is not there", entry(v.Text, v.Schema, linked.buf), errs.ModuleInvalid, "inline module"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := ParseSection(tc.data)
			if err == nil || errs.From(err).Code != tc.want || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("got %v, want it to say %s", err, tc.says)
			}
		})
	}
}

func TestParseSection_manyItems(t *testing.T) {
	v := released(100)
	w := newWriter(v)
	w.buf = make([]byte, 4) // no exports, enums, imports, structs
	w.u32(maxItems + 1)     // but sections for the .d.ts, all of them empty
	_, err := ParseSection(entry(v.Text, v.Schema, append(w.buf, make([]byte, maxItems+1)...)))
	if err == nil || !strings.Contains(err.Error(), "too many items") {
		t.Errorf("got %v", err)
	}
}

func TestCrate_ModuleText(t *testing.T) {
	c := full()
	for _, tc := range []struct {
		name, want string
		module     ImportModule
		found      bool
	}{
		{"named", "export {}", ImportModule{Kind: NamedModule, Name: "./a.js"}, true},
		{"unknown name", "", ImportModule{Kind: NamedModule, Name: "./b.js"}, false},
		{"inline", "one", ImportModule{Kind: InlineModule, Index: 1}, true},
		{"index beyond", "", ImportModule{Kind: InlineModule, Index: 2}, false},
		{"program beyond", "", ImportModule{Kind: InlineModule, Program: 1}, false},
		{"specifier", "", ImportModule{Kind: RawModule, Name: "./a.js"}, false},
		{"none", "", ImportModule{}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got, found := c.ModuleText(tc.module); got != tc.want || found != tc.found {
				t.Errorf("got %q, %t", got, found)
			}
		})
	}
}
