package engine

/*
#include "store.h"
*/
import "C"

import (
	"regexp"
	"slices"
	"strings"

	"wasmgate/go/marshal"
	"wasmgate/go/wasi"
	"wasmgate/go/wasmbin"
)

// WASIImports lists the imports of WASI preview 1.
func WASIImports(shape *wasmbin.Module) []wasmbin.Import {
	var out []wasmbin.Import
	for _, imp := range shape.Imports {
		if imp.Module == wasi.Module {
			out = append(out, imp)
		}
	}
	return out
}

// wasiFunction gives the number of a function of WASI (wg_wasi.h), -1 if it is none.
func wasiFunction(imp wasmbin.Import) int {
	if imp.Module != wasi.Module || imp.Type.Kind != wasmbin.Func {
		return -1
	}
	return wasi.Find(imp.Name, marshal.Shape(imp.Type.Func))
}

// IsLate reports whether the import of that index is bound when an instance is opened: a
// function that neither WASI nor wasm-bindgen's glue is, and whose type a host function
// can have.
func IsLate(shape *wasmbin.Module, abi *marshal.ABI, i int) bool {
	imp := shape.Imports[i]
	if imp.Type.Kind != wasmbin.Func || imp.Module == wasi.Module || marshal.IsGlueModule(imp.Module) || isHost(abi, i) {
		return false
	}
	return definable(imp.Type.Func)
}

// Late lists the late-bound imports. Their numbers are their places in it.
func Late(shape *wasmbin.Module, abi *marshal.ABI) []wasmbin.Import {
	var out []wasmbin.Import
	for i, imp := range shape.Imports {
		if IsLate(shape, abi, i) {
			out = append(out, imp)
		}
	}
	return out
}

// Missing lists the indices of the imports that nothing can provide.
func Missing(shape *wasmbin.Module, abi *marshal.ABI) []int {
	var out []int
	for i, imp := range shape.Imports {
		function := imp.Type.Kind == wasmbin.Func
		switch {
		case isHost(abi, i), IsLate(shape, abi, i):
		case wasiFunction(imp) >= 0:
		case marshal.IsGlueModule(imp.Module) && function && definable(imp.Type.Func):
		default:
			out = append(out, i)
		}
	}
	return out
}

// isHost reports whether JavaScript provides the import of that index.
func isHost(abi *marshal.ABI, i int) bool { return abi.Uses != nil && abi.Uses[i].Host >= 0 }

// definable reports whether a host function of this type can be made.
func definable(t wasmbin.FuncType) bool {
	return !isOdd(t) && !slices.Contains(t.Params, wasmbin.V128) && !slices.Contains(t.Results, wasmbin.V128)
}

// isOdd reports whether the engine's C API has no name for a type in it.
func isOdd(t wasmbin.FuncType) bool {
	odd := func(v wasmbin.ValType) bool { return !v.Simple() }
	return slices.ContainsFunc(t.Params, odd) || slices.ContainsFunc(t.Results, odd)
}

// glueName takes the semantic name out of an import's: "__wbg_error_7534b8e9a36f1ab4"
// is "error", "__wbindgen_string_new" is "string_new".
var glueName = regexp.MustCompile(`^(?:__wbg___wbindgen_|__wbindgen_|__wbg_)(.*?)(?:_[0-9a-f]{16})?$`)

// rows of the table below: what an import of that name and type is. "o" stands
// for a JavaScript value, be it an externref or an index.
var intrinsics = map[string]struct {
	shape     string
	intrinsic C.int
}{
	"throw":                {"ww>", C.WG_INTRINSIC_THROW},
	"rethrow":              {"o>", C.WG_INTRINSIC_RETHROW},
	"init_externref_table": {">", C.WG_INTRINSIC_INIT_TABLE},
	"string_new":           {"ww>o", C.WG_INTRINSIC_STRING_NEW},
	"error_new":            {"ww>o", C.WG_INTRINSIC_ERROR_NEW},
	"Error":                {"ww>o", C.WG_INTRINSIC_ERROR_NEW},
	"number_new":           {"d>o", C.WG_INTRINSIC_NUMBER_NEW},
	"bigint_from_i64":      {"l>o", C.WG_INTRINSIC_BIGINT_I64},
	"bigint_from_u64":      {"l>o", C.WG_INTRINSIC_BIGINT_U64},
	"object_clone_ref":     {"o>o", C.WG_INTRINSIC_CLONE_REF},
	"object_drop_ref":      {"o>", C.WG_INTRINSIC_DROP_REF},
}

// rawIntrinsics are further ones of raw modules, whose names marshal/raw gives.
var rawIntrinsics = map[string]C.int{
	"describe":         C.WG_INTRINSIC_DESCRIBE,
	"describe_cast":    C.WG_INTRINSIC_CAST,
	"describe_closure": C.WG_INTRINSIC_CLOSURE,
	"statics_end":      C.WG_INTRINSIC_STATICS_END,
	"panic_text":       C.WG_INTRINSIC_PANIC_TEXT,
	"empty_error":      C.WG_INTRINSIC_EMPTY_ERROR,
	"empty_stack":      C.WG_INTRINSIC_EMPTY_STACK,
}

var rawShapes = map[string]string{
	"describe": "w>", "describe_cast": "ww>w", "describe_closure": "www>w", "panic_text": "ww>", "empty_error": ">w", "empty_stack": "ww>",
	"statics_end": ">w",
}

// rawUse is what stands behind an import of a raw module.
func rawUse(imp wasmbin.Import, use marshal.ImportUse) C.int {
	shape := marshal.Shape(imp.Type.Func)
	switch row, known := intrinsics[use.Intrinsic]; {
	case use.Host >= 0:
		return C.WG_INTRINSIC_HOST + C.int(use.Host)
	case known && sameShape(shape, row.shape):
		return row.intrinsic
	case rawShapes[use.Intrinsic] == shape:
		return rawIntrinsics[use.Intrinsic]
	}
	return C.WG_INTRINSIC_STUB
}

// panicHook is what the crate console_error_panic_hook imports; only all three
// together are it.
var panicHook = map[string]struct {
	shape     string
	intrinsic C.int
}{
	"error": {"ww>", C.WG_INTRINSIC_PANIC_TEXT},
	"new":   {">o", C.WG_INTRINSIC_EMPTY_ERROR},
	"stack": {"wo>", C.WG_INTRINSIC_EMPTY_STACK},
}

// intrinsicOf says what stands behind an import of wasm-bindgen's glue; what is
// not known becomes a stub that fails when it is called.
func intrinsicOf(imp wasmbin.Import, shape *wasmbin.Module) C.int {
	name, shapeText := splitGlue(imp)
	if row, ok := intrinsics[name]; ok && sameShape(shapeText, row.shape) {
		return row.intrinsic
	}
	// From 0.2.102 on values are made by casts, whose names are hashes: the type
	// tells text, number and integer apart.
	if strings.HasPrefix(name, "cast_") || name == "cast" {
		switch {
		case sameShape(shapeText, "ww>o"):
			return C.WG_INTRINSIC_STRING_NEW
		case sameShape(shapeText, "d>o"):
			return C.WG_INTRINSIC_NUMBER_NEW
		case sameShape(shapeText, "l>o"):
			return C.WG_INTRINSIC_BIGINT_I64
		}
	}
	if row, ok := panicHook[name]; ok && sameShape(shapeText, row.shape) && hasPanicHook(shape) {
		return row.intrinsic
	}
	return C.WG_INTRINSIC_STUB
}

func splitGlue(imp wasmbin.Import) (name, shape string) {
	match := glueName.FindStringSubmatch(imp.Name)
	if match == nil {
		return "", ""
	}
	return match[1], marshal.Shape(imp.Type.Func)
}

// sameShape compares function shapes; an "o" in want matches x (externref) and
// w (an index).
func sameShape(got, want string) bool {
	if len(got) != len(want) {
		return false
	}
	for i := range want {
		value := want[i] == 'o' && (got[i] == 'x' || got[i] == 'w')
		if got[i] != want[i] && !value {
			return false
		}
	}
	return true
}

func hasPanicHook(shape *wasmbin.Module) bool {
	found := 0
	for _, imp := range shape.Imports {
		if !marshal.IsGlueModule(imp.Module) {
			continue
		}
		name, shapeText := splitGlue(imp)
		if row, ok := panicHook[name]; ok && sameShape(shapeText, row.shape) {
			found++
		}
	}
	return found == len(panicHook)
}
