// Package engine is wasmtime: the only importer of wasmtime-go and the home of
// the C data plane (the .c files here), which runs calls without entering Go.
package engine

/*
#include <stdlib.h>
#include "store.h"
*/
import "C"

import (
	"sync"

	"github.com/bytecodealliance/wasmtime-go/v44"

	"wasmgate/go/config"
)

// Version is that of wasmtime behind the module that go.mod pins.
const Version = "44.0.0"

// profile is an engine and what comes with it. Profiles are made on demand, shared,
// and live as long as the process.
type profile struct {
	engine *wasmtime.Engine
	c      *C.wg_profile // in C memory: stores refer to it
	bridge func() error  // once; see makeBridge
}

// key is what engines differ by. Counting instructions and trapping when memory cannot
// grow are done to the module (go/wasmbin) and not by the engine.
type key struct {
	interruptible bool
	stackBytes    int64
}

var (
	profiles     = map[key]*profile{}
	profilesLock sync.Mutex
)

// stackStep is what stacks are rounded up to, so that there are few engines.
const stackStep = 64 << 10

// profileOf finds or makes the engine for modules of a profile.
func profileOf(p config.Profile) *profile {
	k := key{p.Interruptible, (p.StackBytes + stackStep - 1) / stackStep * stackStep}
	profilesLock.Lock()
	defer profilesLock.Unlock()
	if found := profiles[k]; found != nil {
		return found
	}
	made := newProfile(k)
	profiles[k] = made
	return made
}

func newProfile(k key) *profile {
	options := wasmtime.NewConfig()
	options.SetEpochInterruption(k.interruptible)
	options.SetMaxWasmStack(int(k.stackBytes))
	raw := features(options)
	// The whole range of a 32-bit memory is reserved at once (address space, not
	// memory), so that it never moves: compiled code needs no bounds checks, and
	// the data plane may keep its address (call.c, wg_in_memory). A 64-bit memory
	// gets as much, or its initial size, and cannot grow past that.
	C.wasmtime_config_memory_reservation_set(raw, 4<<30)
	C.wasmtime_config_memory_may_move_set(raw, false)
	// Not used, but the engine insists that it has room for the other.
	C.wasmtime_config_async_stack_size_set(raw, C.uint64_t(max(2<<20, k.stackBytes+(1<<20))))
	made := &profile{engine: wasmtime.NewEngineWithConfig(options)}
	made.c = (*C.wg_profile)(C.calloc(1, C.sizeof_wg_profile))
	made.c.engine = (*C.wasm_engine_t)(cPointer(made.engine))
	made.c.stack_bytes = C.size_t(k.stackBytes)
	made.c.interruptible = C.bool(k.interruptible)
	made.bridge = sync.OnceValue(made.makeBridge)
	if k.interruptible {
		C.wg_ticker_add(made.c.engine)
	}
	return made
}

// features switches on WebAssembly 3.0, as far as the engine has it.
func features(options *wasmtime.Config) *C.wasm_config_t {
	options.SetWasmThreads(true)
	raw := (*C.wasm_config_t)(cPointer(options))
	C.wasmtime_config_shared_memory_set(raw, true)
	C.wasmtime_config_wasm_function_references_set(raw, true)
	C.wasmtime_config_wasm_gc_set(raw, true)
	C.wasmtime_config_wasm_exceptions_set(raw, true)
	C.wasmtime_config_wasm_memory64_set(raw, true)
	return raw
}

// shared is the profile of a load without options. It validates for all: what is valid
// does not depend on the profile.
var shared = sync.OnceValue(func() *profile { return profileOf(config.DefaultProfile()) })
