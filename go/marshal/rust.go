package marshal

import (
	"strings"

	"wasmgate/go/wasmbin"
)

// formatName is in the name of the function that makes a String of fmt::Arguments, in
// both of the ways in which rustc mangles names.
const formatName = "5alloc3fmt6format12format_inner"

// RustAliases lists what a Rust guest must export besides, for the host to tell what it
// said when it panicked (go/engine/panic.c) and to let it go on after an exception: its
// stack pointer and its formatter. abi learns their names.
func RustAliases(shape *wasmbin.Module, inside *wasmbin.Inside, abi *ABI) []wasmbin.Alias {
	var out []wasmbin.Alias
	global, ok := inside.StackPointer(shape)
	if !ok {
		return nil
	}
	abi.StackPointer = "wasmgate:stack"
	out = append(out, wasmbin.Alias{Name: abi.StackPointer, Kind: wasmbin.Global, Index: global})
	format, ok := shape.FindFunction(func(name string) bool { return strings.Contains(name, formatName) })
	if !ok {
		return out
	}
	switch Shape(shape.Funcs[format]) {
	case "ww>":
		abi.FormatArgs = 2
	case "www>":
		abi.FormatArgs = 3
	default:
		return out
	}
	abi.Format = "wasmgate:format"
	return append(out, wasmbin.Alias{Name: abi.Format, Kind: wasmbin.Func, Index: format})
}
