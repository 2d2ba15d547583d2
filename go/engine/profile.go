// Package engine is wasmtime: the only importer of wasmtime-go and the home of
// the C data plane (the .c files here), which runs calls without entering Go.
package engine

/*
#include "store.h"
*/
import "C"

import (
	"runtime"
	"sync"

	"github.com/bytecodealliance/wasmtime-go/v44"
)

// Version is that of wasmtime behind the module that go.mod pins.
const Version = "44.0.0"

// shared is the engine of the default profile: epochs on, so that every call
// can be stopped; fuel off. Engines live as long as the process.
var shared = sync.OnceValue(func() *wasmtime.Engine {
	config := wasmtime.NewConfig()
	config.SetEpochInterruption(true)
	config.SetMaxWasmStack(C.WG_WASM_STACK)
	// The whole range of a 32-bit memory is reserved at once (address space, not
	// memory), so that it never moves: compiled code needs no bounds checks, and
	// the data plane may keep its address (call.c, wg_in_memory). A 64-bit memory
	// gets as much, or its initial size, and cannot grow past that.
	raw := (*C.wasm_config_t)(cPointer(config))
	C.wasmtime_config_memory_reservation_set(raw, 4<<30)
	C.wasmtime_config_memory_may_move_set(raw, false)
	runtime.KeepAlive(config)
	return wasmtime.NewEngineWithConfig(config)
})
