// Package engine is wasmtime: the only importer of wasmtime-go and the home of
// the C data plane (the .c files here), which runs calls without entering Go.
package engine

import (
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
	return wasmtime.NewEngineWithConfig(config)
})
