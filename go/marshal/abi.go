package marshal

import (
	"bytes"
	"fmt"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"wasmgate/go/wasmbin"
)

// ABI is what a guest's exports and producers tell about how values reach it.
type ABI struct {
	// Bindgen: the module was made by wasm-bindgen and its command line tool.
	Bindgen bool
	// Rust: its compiler says so. A trap leaves such a guest in an unknown state.
	Rust bool
	// MultiValue: exports give results of several words as several wasm results,
	// never through an area (0.2.94 and newer, where the target has the feature).
	MultiValue bool
	// Minor is N of wasm-bindgen 0.2.N, 0 if the module does not say.
	Minor int
	// Malloc and Free name the exports that allocate argument memory and free
	// results; empty if there are none. MallocArgs is 1 (bytes) or 2 (bytes,
	// alignment); FreeArgs 1 (ptr), 2 (ptr, bytes) or 3 (ptr, bytes, alignment).
	Malloc, Free         string
	MallocArgs, FreeArgs int
	// Memory names the exported memory that values travel through.
	Memory string
	// ExternrefTable and ExternrefDealloc serve thrown values of modules that
	// use reference types; ExnTable-less modules use the host's slab.
	ExternrefTable, ExternrefDealloc string
	// Start is wasm-bindgen's start export, to be called once per instance.
	Start string
	// Initialize is set for WASI reactors: _initialize, once per instance.
	Initialize string
	// Raw: the compiler's output, without the command line tool of wasm-bindgen.
	Raw bool
	// Guest: the module was made with the guest crate (docs/guest-abi.md).
	Guest bool
	// ExnStore takes what an import threw that the guest catches. Table and
	// StackPointer are the names under which a raw module is made to export these
	// two, Starts its start functions.
	ExnStore, Table, StackPointer string
	Starts                        []string
	// Format is the name under which Rust's formatter is made to be exported, for the
	// messages of panics; FormatArgs how many words it takes.
	Format     string
	FormatArgs int
	// Uses says what stands behind each import of a raw module, by its place in the
	// import section; nil for other modules.
	Uses []ImportUse
	// Clash says why the helper exports cannot be told apart, if they cannot.
	Clash string
}

// ImportUse is what stands behind an import of a raw module: an intrinsic of the
// engine, by name; a function of JavaScript, by its number among Plans.Imports;
// or, with neither, nothing.
type ImportUse struct {
	Intrinsic string
	Host      int // -1: none
}

// firstMultiValue is N of the first wasm-bindgen 0.2.N that uses multi-value results.
const firstMultiValue = 94

var (
	helperName   = regexp.MustCompile(`^__wbindgen_exports?_?\d*$`)
	versionShape = regexp.MustCompile(`^0\.2\.(\d+)`)
	glueModule   = regexp.MustCompile(`^(wbg|__wbindgen_placeholder__|__wbindgen_(?:externref|anyref)_xform__|\./.*_bg\.js)$`)
)

// IsGlueModule reports whether an import module is the place where
// wasm-bindgen's JavaScript would stand.
func IsGlueModule(name string) bool { return glueModule.MatchString(name) }

// Internal reports whether an export is plumbing of the ABI rather than
// something a caller wants to see.
func (a *ABI) Internal(name string) bool {
	if a.Guest && (strings.HasPrefix(name, "__wasmgate_") || name == "_initialize") {
		return true
	}
	return a.Bindgen && (strings.HasPrefix(name, "__wbindgen_") || strings.HasPrefix(name, "__externref_") ||
		strings.HasPrefix(name, "__wbg_") || name == "__instance_terminated")
}

// Shape spells a function type in letters: "ww>w" is (i32, i32) -> i32, "x" an
// externref, "?" a reference that no letter is for.
func Shape(t wasmbin.FuncType) string {
	letters := map[wasmbin.ValType]string{
		wasmbin.I32: "w", wasmbin.I64: "l", wasmbin.F32: "f", wasmbin.F64: "d", wasmbin.V128: "v",
		wasmbin.ExternRef: "x", wasmbin.FuncRef: "r",
	}
	var b strings.Builder
	write := func(types []wasmbin.ValType) {
		for _, t := range types {
			letter, known := letters[t]
			if !known {
				letter = "?"
			}
			b.WriteString(letter)
		}
	}
	write(t.Params)
	b.WriteByte('>')
	write(t.Results)
	return b.String()
}

// DetectABI finds a guest's helper exports. Modules whose name section was
// stripped carry them under numbered names; there the type tells which is which.
func DetectABI(m *wasmbin.Module) *ABI {
	a := &ABI{}
	if v := versionShape.FindStringSubmatch(m.Producers()["processed-by"]["wasm-bindgen"]); v != nil {
		a.Minor, _ = strconv.Atoi(v[1])
		a.Bindgen = true
	}
	_, a.Rust = m.Producers()["language"]["Rust"]
	for _, imp := range m.Imports {
		a.Bindgen = a.Bindgen || IsGlueModule(imp.Module)
	}
	numbered := map[string][]string{} // shape to names
	for _, e := range m.Exports {
		a.Bindgen = a.Bindgen || strings.HasPrefix(e.Name, "__wbindgen_")
		switch e.Type.Kind {
		case wasmbin.Func:
			a.takeHelper(e.Name, Shape(e.Type.Func))
			if helperName.MatchString(e.Name) {
				shape := Shape(e.Type.Func)
				numbered[shape] = append(numbered[shape], e.Name)
			}
		case wasmbin.Memory:
			if a.Memory == "" || e.Name == "memory" {
				a.Memory = e.Name
			}
		case wasmbin.Table:
			if e.Type.Elem == wasmbin.ExternRef && (e.Name == "__wbindgen_externrefs" || helperName.MatchString(e.Name)) {
				a.ExternrefTable = e.Name
			}
		}
	}
	a.MultiValue = a.Minor >= firstMultiValue && bytes.Contains(m.Custom("target_features"), []byte("multivalue"))
	a.takeNumbered(numbered)
	if a.Malloc == "" {
		a.takeC(m)
	}
	return a
}

func (a *ABI) takeHelper(name, shape string) {
	switch {
	case name == "__wbindgen_malloc" && (shape == "w>w" || shape == "ww>w"):
		a.Malloc, a.MallocArgs = name, strings.Index(shape, ">")
	case name == "__wbindgen_free" && (shape == "ww>" || shape == "www>"):
		a.Free, a.FreeArgs = name, strings.Index(shape, ">")
	case name == "__wasmgate_malloc" && shape == "ww>w":
		a.Malloc, a.MallocArgs = name, 2
	case name == "__wasmgate_free" && shape == "www>":
		a.Free, a.FreeArgs = name, 3
	case name == "__externref_table_dealloc" && shape == "w>":
		a.ExternrefDealloc = name
	case name == "__wbindgen_exn_store" && shape == "w>":
		a.ExnStore = name
	case name == "__wbindgen_start" && shape == ">":
		a.Start = name
	case name == "_initialize" && shape == ">":
		a.Initialize = name
	}
}

func (a *ABI) takeNumbered(numbered map[string][]string) {
	pick := func(shapes ...string) (string, int) {
		for _, shape := range shapes {
			names := numbered[shape]
			sort.Strings(names)
			switch len(names) {
			case 0:
			case 1:
				return names[0], strings.Index(shape, ">")
			default:
				a.Clash = fmt.Sprintf("the exports %s could each be the guest's allocator", strings.Join(names, ", "))
				return "", 0
			}
		}
		return "", 0
	}
	if a.Malloc == "" {
		a.Malloc, a.MallocArgs = pick("ww>w", "w>w")
	}
	if a.Free == "" {
		a.Free, a.FreeArgs = pick("www>", "ww>")
	}
}

// takeC accepts C's malloc and free as the allocator of a guest that was not
// made by wasm-bindgen.
func (a *ABI) takeC(m *wasmbin.Module) {
	malloc, free := m.Export("malloc"), m.Export("free")
	if malloc != nil && malloc.Type.Kind == wasmbin.Func && Shape(malloc.Type.Func) == "w>w" {
		a.Malloc, a.MallocArgs = "malloc", 1
	}
	if free != nil && free.Type.Kind == wasmbin.Func && Shape(free.Type.Func) == "w>" {
		a.Free, a.FreeArgs = "free", 1
	}
}

// SlabOffset is where the indices of JavaScript values begin in modules
// without reference types: 32 up to 0.2.83, then 128, 1024 from 0.2.109 on.
func (a *ABI) SlabOffset() int {
	switch {
	case a.Minor == 0 || a.Minor >= 109:
		return 1024
	case a.Minor >= 84:
		return 128
	}
	return 32
}
