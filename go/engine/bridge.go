package engine

/*
#include <stdlib.h>
#include "store.h"
#include "wg_wasi.h"
*/
import "C"

import (
	"fmt"
	"runtime"
	"strings"
	"unsafe"

	"github.com/bytecodealliance/wasmtime-go/v44"

	"wasmgate/go/errs"
	"wasmgate/go/wasi"
)

// bridgeText is the module that stands between our functions of WASI and wasmtime's
// (bridge.c): it has the guest's memory, and function number i as "fi".
func bridgeText() string {
	names := map[rune]string{'w': "i32", 'l': "i64"}
	var b strings.Builder
	b.WriteString("(module\n")
	b.WriteString(`(import "guest" "memory" (memory 0))` + "\n")
	types := make([]string, len(wasi.Functions))
	for i, f := range wasi.Functions {
		params, results, _ := strings.Cut(f.Type, ">")
		for _, letter := range params {
			types[i] += "(param " + names[letter] + ")"
		}
		for _, letter := range results {
			types[i] += "(result " + names[letter] + ")"
		}
		fmt.Fprintf(&b, "(import %q %q (func $w%d %s))\n", wasi.Module, f.Name, i, types[i])
	}
	b.WriteString(`(export "memory" (memory 0))` + "\n")
	for i, f := range wasi.Functions {
		params, _, _ := strings.Cut(f.Type, ">")
		fmt.Fprintf(&b, "(func (export \"f%d\") %s", i, types[i])
		for p := range params {
			fmt.Fprintf(&b, " local.get %d", p)
		}
		fmt.Fprintf(&b, " call $w%d)\n", i)
	}
	b.WriteString(")")
	return b.String()
}

// makeBridge compiles the bridge for a profile and links it with wasmtime's WASI. Both
// live as long as the engine.
func (p *profile) makeBridge() error {
	binary, err := wasmtime.Wat2Wasm(bridgeText())
	if err != nil {
		return errs.New(errs.Internal, "the bridge to WASI: %w", err)
	}
	engine := p.c.engine
	var module *C.wasmtime_module_t
	if failure := C.wasmtime_module_new(engine, (*C.uint8_t)(unsafe.SliceData(binary)), C.size_t(len(binary)), &module); failure != nil {
		return engineError(errs.Internal, failure)
	}
	runtime.KeepAlive(binary)
	linker := C.wasmtime_linker_new(engine)
	if failure := C.wasmtime_linker_define_wasi(linker); failure != nil {
		return engineError(errs.Internal, failure)
	}
	p.c.bridge, p.c.wasi = module, linker
	return nil
}
