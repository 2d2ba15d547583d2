package main

/*
#include <stdlib.h>
#include "wg_types.h"
*/
import "C"

import (
	"encoding/json"
	"unsafe"

	"wasmgate/go/engine"
	"wasmgate/go/errs"
)

// enter counts a crossing (debug builds) and, deferred, keeps a Go panic from
// reaching C: it becomes ERR_INTERNAL with the Go stack.
func enter(out *C.wg_error, code *C.int) func() {
	engine.CountEntry()
	return func() {
		if value := recover(); value != nil {
			*code = fail(out, errs.Recovered(value))
		}
	}
}

// fail copies err to C and returns its code.
func fail(out *C.wg_error, err error) C.int {
	coded := errs.From(err)
	if out != nil {
		*out = C.wg_error{
			code:          C.int32_t(coded.Code),
			message:       C.CString(coded.Msg),
			message_bytes: C.size_t(len(coded.Msg)),
		}
		if status, ok := coded.Detail["exitCode"].(int); ok {
			out.exit_code = C.int32_t(status)
		}
		if len(coded.Detail) > 0 {
			if text, err := json.Marshal(coded.Detail); err == nil {
				out.detail = C.CString(string(text))
			}
		}
	}
	return C.int(coded.Code)
}

// borrow views C memory as a Go slice for the length of a call.
func borrow(p unsafe.Pointer, n C.size_t) []byte {
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(p), int(n))
}
