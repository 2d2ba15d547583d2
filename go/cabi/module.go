package main

/*
#include <stdlib.h>
#include "wg_types.h"

static void call_done(wg_module_done done, void *context, wg_module *module, wg_error *error) {
  done(context, module, error);
}
*/
import "C"

import (
	"bytes"
	"unsafe"

	"wasmgate/go/config"
	"wasmgate/go/errs"
	"wasmgate/go/vm"
)

var modules table[*vm.Module]

//export wg_module_load
func wg_module_load(options *C.char, optionsBytes C.size_t, data *C.uint8_t, byteCount C.size_t,
	out *C.wg_module, failure *C.wg_error,
) (code C.int) {
	onDeepStack(func() {
		code = loadGuarded(borrow(unsafe.Pointer(options), optionsBytes), borrow(unsafe.Pointer(data), byteCount), out, failure)
	})
	return code
}

// onDeepStack runs f on a thread of Go's own and waits for it. Compiling recurses,
// and the caller may be JavaScript that has used up nearly all of its stack.
func onDeepStack(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

func load(document, data []byte, out *C.wg_module, failure *C.wg_error) C.int {
	options, err := config.ParseModule(document)
	if err != nil {
		return fail(failure, err)
	}
	module, err := vm.Load(options, data)
	if err != nil {
		return fail(failure, err)
	}
	*out = C.wg_module{
		handle:      C.uint64_t(modules.add(module)),
		plans:       (*C.uint8_t)(C.CBytes(module.Plans)),
		plans_bytes: C.size_t(len(module.Plans)),
		description: C.CString(string(module.Description)),
	}
	return C.WG_OK
}

// loads bounds how many compilations run at once: each uses every CPU by itself
// and may need hundreds of megabytes.
var loads = make(chan struct{}, 2)

//export wg_module_load_async
func wg_module_load_async(options *C.char, optionsBytes C.size_t, data *C.uint8_t, byteCount C.size_t,
	done C.wg_module_done, context unsafe.Pointer,
) {
	document := bytes.Clone(borrow(unsafe.Pointer(options), optionsBytes))
	module := bytes.Clone(borrow(unsafe.Pointer(data), byteCount))
	go func() { // ends with the one call of done
		loads <- struct{}{}
		defer func() { <-loads }()
		out := (*C.wg_module)(C.calloc(1, C.sizeof_wg_module))
		failure := (*C.wg_error)(C.calloc(1, C.sizeof_wg_error))
		loadGuarded(document, module, out, failure)
		C.call_done(done, context, out, failure)
	}()
}

func loadGuarded(document, data []byte, out *C.wg_module, failure *C.wg_error) (code C.int) {
	defer enter(failure, &code)()
	return load(document, data, out, failure)
}

//export wg_inspect
func wg_inspect(options *C.char, optionsBytes C.size_t, data *C.uint8_t, byteCount C.size_t,
	description **C.char, failure *C.wg_error,
) (code C.int) {
	onDeepStack(func() {
		code = inspectGuarded(borrow(unsafe.Pointer(options), optionsBytes), borrow(unsafe.Pointer(data), byteCount), description, failure)
	})
	return code
}

func inspectGuarded(document, data []byte, description **C.char, failure *C.wg_error) (code C.int) {
	defer enter(failure, &code)()
	options, err := config.ParseModule(document)
	if err != nil {
		return fail(failure, err)
	}
	text, err := vm.Inspect(options, data)
	if err != nil {
		return fail(failure, err)
	}
	*description = C.CString(string(text))
	return C.WG_OK
}

//export wg_module_close
func wg_module_close(handle C.uint64_t) {
	var code C.int
	defer enter(nil, &code)()
	modules.remove(uint64(handle))
}

//export wg_live_modules
func wg_live_modules() C.int64_t { return C.int64_t(modules.count()) }

// closedModule answers a handle that was given up or never given out.
func closedModule() error { return errs.New(errs.Closed, "the module is closed") }
