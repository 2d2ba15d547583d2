package engine

/*
#include <stdlib.h>
#include "store.h"
*/
import "C"

import (
	"runtime"
	"unsafe"
)

// Probe calls an export with 64-bit slots, for the tests of this package: cgo
// cannot be used in test files. Everybody else calls through the shim.
func Probe(record Record, name string, slots ...int64) ([]int64, error) {
	instance := (*C.wg_instance)(record)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	C.wg_store_adopt(instance)
	text := C.CString(name)
	defer C.free(unsafe.Pointer(text))
	var target C.wg_func
	var failure C.wg_error
	if C.wg_export_func(instance, text, C.size_t(len(name)), &target) != C.WG_OK {
		C.wg_last_error(instance, &failure)
		return nil, takeError(&failure)
	}
	raw := make([]C.wg_raw, len(slots)+1)
	for i, slot := range slots {
		*(*int64)(unsafe.Pointer(&raw[i])) = slot
	}
	if C.wg_call(instance, &target, &raw[0], C.size_t(len(raw))) != C.WG_OK {
		C.wg_last_error(instance, &failure)
		return nil, takeError(&failure)
	}
	out := make([]int64, len(raw))
	for i := range raw {
		out[i] = *(*int64)(unsafe.Pointer(&raw[i]))
	}
	return out, nil
}

// State reads the state of a record (enum wg_state).
func State(record Record) uint32 { return uint32((*C.wg_instance)(record).state) }

// LimitMemory lets no memory of an instance grow past so many bytes, for the tests of
// this package.
func LimitMemory(record Record, bytes int64) {
	store := C.wg_store_of((*C.wg_instance)(record)).store
	C.wasmtime_store_limiter(store, C.int64_t(bytes), -1, -1, -1, -1)
}
