// Package main is the C edge of the Go runtime, built as a c-shared library.
// wasmgate.h is its contract; what stands here only converts and delegates.
package main

/*
#cgo CFLAGS: -I${SRCDIR}
#include <stdlib.h>
#include "wg_types.h"

void wg_restore_signals(void);
*/
import "C"

import (
	"sync"
	"unsafe"
)

// version is the package version, set by the build (-ldflags -X).
var version = "development"

// cVersion outlives every caller: wg_package_version hands it out.
var cVersion = C.CString(version)

func main() {} // required by -buildmode=c-shared, never run

// settle runs once, in the first call: the runtime is up by then.
var settle = sync.OnceFunc(func() { C.wg_restore_signals() })

//export wg_abi_version
func wg_abi_version() C.uint32_t {
	settle()
	return C.WG_ABI_VERSION
}

//export wg_package_version
func wg_package_version() *C.char { return cVersion }

//export wg_free
func wg_free(pointer unsafe.Pointer) { C.free(pointer) }
