package main

/*
#include <stdbool.h>
#include <stdlib.h>
#include "wg_types.h"

struct wg_space_module;
*/
import "C"

import (
	"unsafe"

	"wasmgate/go/config"
	"wasmgate/go/engine"
	"wasmgate/go/vm"
)

//export wg_space_open
func wg_space_open(options *C.char, optionsBytes C.size_t, host *C.wg_host, out **C.wg_instance, failure *C.wg_error) (code C.int) {
	defer enter(failure, &code)()
	parsed, err := config.ParseInstance(borrow(unsafe.Pointer(options), optionsBytes))
	if err != nil {
		return fail(failure, err)
	}
	entry := &instance{}
	spec := &engine.Spec{Instance: &parsed, Host: engine.Host(unsafe.Pointer(host)), Handle: instances.add(entry)}
	record, err := engine.OpenSpace(config.DefaultProfile(), spec)
	if err != nil {
		instances.remove(spec.Handle)
		return fail(failure, err)
	}
	instances.use(spec.Handle, func(e *instance) { e.record = record })
	*out = (*C.wg_instance)(record)
	return C.WG_OK
}

//export wg_space_module_of
func wg_space_module_of(handle C.uint64_t, out **C.struct_wg_space_module, failure *C.wg_error) (code C.int) {
	defer enter(failure, &code)()
	module, ok := modules.get(uint64(handle))
	if !ok {
		return fail(failure, closedModule())
	}
	part, err := module.Part()
	if err != nil {
		return fail(failure, err)
	}
	*out = (*C.struct_wg_space_module)(part.Module())
	return C.WG_OK
}

//export wg_function_type
func wg_function_type(handle C.uint64_t, index C.uint32_t, out **C.char, failure *C.wg_error) (code C.int) {
	defer enter(failure, &code)()
	module, ok := modules.get(uint64(handle))
	if !ok {
		return fail(failure, closedModule())
	}
	text, err := module.FunctionType(uint32(index))
	if err != nil {
		return fail(failure, err)
	}
	*out = C.CString(string(text))
	return C.WG_OK
}

//export wg_custom_section
func wg_custom_section(handle C.uint64_t, name *C.char, nameBytes C.size_t, number C.size_t, bytes *C.size_t) unsafe.Pointer {
	var code C.int
	defer enter(nil, &code)()
	module, ok := modules.get(uint64(handle))
	if !ok {
		return nil
	}
	sections := module.CustomSections(string(borrow(unsafe.Pointer(name), nameBytes)))
	if uint64(number) >= uint64(len(sections)) {
		return nil
	}
	data := sections[number]
	*bytes = C.size_t(len(data))
	return C.CBytes(append(data[:len(data):len(data)], 0)) // never without an address
}

//export wg_valid
func wg_valid(data *C.uint8_t, byteCount C.size_t) (valid C.bool) {
	onDeepStack(func() {
		var code C.int
		defer enter(nil, &code)()
		valid = C.bool(vm.ValidPlain(borrow(unsafe.Pointer(data), byteCount)))
	})
	return valid
}
