package engine

/*
#include <stdlib.h>
#include "store.h"
*/
import "C"

import (
	"encoding/json"
	"runtime"
	"unsafe"

	"wasmgate/go/errs"
)

// Record is the C call record of an instance (wg_instance in wg_types.h). The
// shim holds it and frees it with wg_instance_release.
type Record = unsafe.Pointer

// Host is what stands behind the imports that JavaScript provides, a wg_host of
// the shim; nil if there is nothing.
type Host = unsafe.Pointer

// Open makes an instance. The record is released here if opening fails.
func (m *Module) Open(spec *Spec) (Record, error) {
	handed, err := m.setup(spec)
	if err != nil {
		return nil, err
	}
	defer C.free(unsafe.Pointer(handed))
	var record *C.wg_instance
	var failure C.wg_error
	code := C.wg_store_open(m.profile.c, m.pre, handed, m.abi, C.uint64_t(spec.Handle), (*C.wg_host)(spec.Host), &record, &failure)
	runtime.KeepAlive(m)
	if code != C.WG_OK {
		return nil, takeError(&failure)
	}
	return Record(record), nil
}

// Close frees the store behind a record; the record stays readable.
func Close(record Record) error {
	if C.wg_store_close((*C.wg_instance)(record)) == C.WG_ERR_BUSY {
		return errs.New(errs.Busy, "the instance is in the middle of a call")
	}
	return nil
}

// Closed reports whether an instance is.
func Closed(record Record) bool { return State(record) == C.WG_CLOSED }

// Program calls _start, on the thread on which the instance was opened.
func Program(record Record) error {
	instance := (*C.wg_instance)(record)
	var failure C.wg_error
	if C.wg_program(instance) == C.WG_OK {
		return nil
	}
	C.wg_last_error(instance, &failure)
	return takeError(&failure)
}

// Stop stops the call that is under way in an instance, from any thread.
func Stop(record Record) { C.wg_stop_call((*C.wg_instance)(record), C.WG_ERR_STOPPED) }

// Meters copies the meters as they are, on the instance's thread.
func Meters(record Record, out unsafe.Pointer) {
	C.wg_meters_read((*C.wg_instance)(record), (*C.uint64_t)(out))
}

// TakeOutput hands over what was gathered of stdout (1) or stderr (2): C memory, to be
// freed by the caller.
func TakeOutput(record Record, stream int) (unsafe.Pointer, int) {
	var bytes C.size_t
	data := C.wg_output_take((*C.wg_instance)(record), C.int(stream), &bytes)
	return unsafe.Pointer(data), int(bytes)
}

// Peek copies the meters as they are seen from any thread: at most a tick old.
func Peek(record Record, out unsafe.Pointer) {
	C.wg_meters_peek((*C.wg_instance)(record), (*C.uint64_t)(out))
}

// Handle returns the number that Open was given.
func Handle(record Record) uint64 { return uint64(C.wg_store_handle((*C.wg_instance)(record))) }

// Release frees a closed record that never reached the shim.
func Release(record Record) { C.wg_instance_release((*C.wg_instance)(record)) }

// CountEntry counts an entry into Go, in debug builds.
func CountEntry() { C.wg_count_go_entry() }

// maxMessageBytes cuts what a guest says in an error: 1 MiB.
const maxMessageBytes = 1 << 20

// takeError turns an error of the data plane into ours. Its texts are copied.
func takeError(e *C.wg_error) error {
	defer C.wg_error_free(e)
	out := errs.New(errs.Code(e.code), "%s", C.GoStringN(e.message, C.int(min(e.message_bytes, maxMessageBytes))))
	if e.trap != nil {
		out.With("trap", C.GoString(e.trap))
	}
	if e.stack != nil {
		out.With("wasmStack", C.GoString(e.stack))
	}
	if e.code == C.WG_ERR_EXIT {
		out.With("exitCode", int(e.exit_code))
	}
	if e.detail != nil {
		detail := map[string]any{}
		if json.Unmarshal([]byte(C.GoString(e.detail)), &detail) == nil {
			for key, value := range detail {
				out.With(key, value)
			}
		}
	}
	return out
}
