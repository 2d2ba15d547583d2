module wasmgate

go 1.25.0

require (
	github.com/bytecodealliance/wasmtime-go/v44 v44.0.0
	github.com/klauspost/compress v1.20.3
)

require github.com/ebitengine/purego v0.11.3
