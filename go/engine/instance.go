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

	"wasmgate/go/config"
	"wasmgate/go/errs"
)

// Record is the C call record of an instance (wg_instance in wg_types.h). The
// shim holds it and frees it with wg_instance_release.
type Record = unsafe.Pointer

// Host is what stands behind the imports that JavaScript provides, a wg_host of
// the shim; nil if there is nothing.
type Host = unsafe.Pointer

// Open makes an instance. handle is the number under which the control plane
// knows it. The record is released here if opening fails.
func (m *Module) Open(handle uint64, grants *config.Grants, host Host) (Record, error) {
	var handed *C.wasi_config_t
	if grants.Any() {
		var err error
		if handed, err = wasiConfig(grants); err != nil {
			return nil, err
		}
	}
	var record *C.wg_instance
	var failure C.wg_error
	engine := (*C.wasm_engine_t)(cPointer(shared()))
	code := C.wg_store_open(engine, m.pre, handed, m.abi, C.uint64_t(handle), (*C.wg_host)(host), &record, &failure)
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

func wasiConfig(grants *config.Grants) (*C.wasi_config_t, error) {
	config := C.wasi_config_new()
	if err := fillWASI(config, grants); err != nil {
		C.wasi_config_delete(config)
		return nil, err
	}
	return config, nil
}

func fillWASI(to *C.wasi_config_t, grants *config.Grants) error {
	var texts cTexts
	defer texts.free()
	if n := len(grants.Args); n > 0 && !bool(C.wasi_config_set_argv(to, C.size_t(n), texts.list(grants.Args))) {
		return errs.New(errs.GrantInvalid, "grants.args: not all of them are UTF-8").With("option", "grants.args")
	}
	if n := len(grants.Env); n > 0 {
		names, values := make([]string, n), make([]string, n)
		for i, pair := range grants.Env {
			names[i], values[i] = pair[0], pair[1]
		}
		if !bool(C.wasi_config_set_env(to, C.size_t(n), texts.list(names), texts.list(values))) {
			return errs.New(errs.GrantInvalid, "grants.env: not all of it is UTF-8").With("option", "grants.env")
		}
	}
	if grants.Stdin.Kind == config.StreamInherit {
		C.wasi_config_inherit_stdin(to)
	}
	if grants.Stdout.Kind == config.StreamInherit {
		C.wasi_config_inherit_stdout(to)
	}
	if grants.Stderr.Kind == config.StreamInherit {
		C.wasi_config_inherit_stderr(to)
	}
	for _, dir := range grants.FS {
		directory, file := permissions(dir.Write)
		if !bool(C.wasi_config_preopen_dir(to, texts.one(dir.Host), texts.one(dir.Guest), directory, file)) {
			return errs.New(errs.GrantInvalid, "%s: cannot open the directory %q", dir.Option, dir.Host).With("option", dir.Option)
		}
	}
	return nil
}

// permissions are those of a directory and of the files below it. Whoever may
// not write to a directory can make, remove and rename nothing there.
func permissions(access config.Access) (directory, file C.size_t) {
	directory, file = C.WASMTIME_WASI_DIR_PERMS_READ, C.WASMTIME_WASI_FILE_PERMS_READ
	if access == config.AccessAll {
		directory |= C.WASMTIME_WASI_DIR_PERMS_WRITE
	}
	if access != config.AccessRead {
		file |= C.WASMTIME_WASI_FILE_PERMS_WRITE
	}
	return directory, file
}

// cTexts owns C copies of Go strings.
type cTexts struct{ owned []unsafe.Pointer }

func (t *cTexts) one(text string) *C.char {
	p := C.CString(text)
	t.owned = append(t.owned, unsafe.Pointer(p))
	return p
}

func (t *cTexts) list(items []string) **C.char {
	size := C.size_t(unsafe.Sizeof(uintptr(0)))
	p := C.malloc(C.size_t(len(items)) * size)
	t.owned = append(t.owned, p)
	list := unsafe.Slice((**C.char)(p), len(items))
	for i, item := range items {
		list[i] = t.one(item)
	}
	return (**C.char)(p)
}

func (t *cTexts) free() {
	for _, p := range t.owned {
		C.free(p)
	}
}
