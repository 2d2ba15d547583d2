package main

/*
#include <stdbool.h>
#include "wg_types.h"
*/
import "C"

import (
	"slices"
	"unsafe"

	"wasmgate/go/config"
	"wasmgate/go/engine"
	"wasmgate/go/vm"
	"wasmgate/go/wasi"
)

// instances keeps each open instance's module alive.
var instances table[*vm.Module]

//export wg_instance_open
func wg_instance_open(moduleHandle C.uint64_t, options *C.char, optionsBytes C.size_t,
	host *C.wg_host, out **C.wg_instance, failure *C.wg_error,
) (code C.int) {
	defer enter(failure, &code)()
	module, ok := modules.get(uint64(moduleHandle))
	if !ok {
		return fail(failure, closedModule())
	}
	parsed, err := config.ParseInstance(borrow(unsafe.Pointer(options), optionsBytes))
	if err == nil {
		err = wasi.Check(&parsed.Grants)
	}
	if err != nil {
		return fail(failure, err)
	}
	handle := instances.add(module)
	record, err := module.Open(parsed, handle, engine.Host(unsafe.Pointer(host)))
	if err != nil {
		instances.remove(handle)
		return fail(failure, err)
	}
	*out = (*C.wg_instance)(record)
	return C.WG_OK
}

//export wg_instance_close
func wg_instance_close(instance *C.wg_instance) (code C.int) {
	defer enter(nil, &code)()
	record := engine.Record(unsafe.Pointer(instance))
	if err := engine.Close(record); err != nil {
		return fail(nil, err)
	}
	instances.remove(engine.Handle(record))
	return C.WG_OK
}

//export wg_marker_plan
func wg_marker_plan(instance *C.wg_instance, closure C.bool, words *C.uint32_t, count C.size_t,
	answer *C.uint32_t, plans **C.uint8_t, plansBytes *C.size_t, failure *C.wg_error,
) (code C.int) {
	defer enter(failure, &code)()
	module, ok := instances.get(engine.Handle(engine.Record(unsafe.Pointer(instance))))
	if !ok {
		return fail(failure, closedModule())
	}
	var list []uint32
	if count > 0 {
		list = slices.Clone(unsafe.Slice((*uint32)(unsafe.Pointer(words)), int(count)))
	}
	cast, encoded, err := module.Marker(bool(closure), list)
	if err != nil {
		return fail(failure, err)
	}
	*answer = C.uint32_t(cast)
	*plans, *plansBytes = nil, 0
	if encoded != nil {
		*plans, *plansBytes = (*C.uint8_t)(C.CBytes(encoded)), C.size_t(len(encoded))
	}
	return C.WG_OK
}
