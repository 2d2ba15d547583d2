package main

/*
#include <stdbool.h>
#include "wg_types.h"
*/
import "C"

import (
	"encoding/json"
	"slices"
	"unsafe"

	"wasmgate/go/config"
	"wasmgate/go/engine"
	"wasmgate/go/vm"
	"wasmgate/go/wasi"
)

// instance is an open instance; it keeps its module alive.
type instance struct {
	module *vm.Module    // nil for a WebAssembly namespace
	record engine.Record // nil while it is being opened
}

var instances table[*instance]

//export wg_instance_open
func wg_instance_open(moduleHandle C.uint64_t, options *C.char, optionsBytes C.size_t, input *C.uint8_t, inputBytes C.size_t,
	host *C.wg_host, out **C.wg_instance, report **C.char, failure *C.wg_error,
) (code C.int) {
	defer enter(failure, &code)()
	module, ok := modules.get(uint64(moduleHandle))
	if !ok {
		return fail(failure, closedModule())
	}
	record, err := openInstance(module, borrow(unsafe.Pointer(options), optionsBytes), &engine.Spec{
		Input: borrow(unsafe.Pointer(input), inputBytes), Host: engine.Host(unsafe.Pointer(host)),
	}, report)
	if err != nil {
		return fail(failure, err)
	}
	*out = (*C.wg_instance)(record)
	return C.WG_OK
}

// openInstance makes an instance of a module by its document and puts it into the table.
// report gets the decisions about its imports, if they are wanted.
func openInstance(module *vm.Module, document []byte, spec *engine.Spec, report **C.char) (engine.Record, error) {
	parsed, err := config.ParseInstance(document)
	if err == nil {
		err = wasi.Check(&parsed.Grants)
	}
	if err != nil {
		return nil, err
	}
	spec.Instance = &parsed
	for _, path := range parsed.Plugins {
		p, err := plugins.Load(path)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(spec.Plugins, p) {
			spec.Plugins = append(spec.Plugins, p)
		}
	}
	if parsed.Audit {
		decisions, err := json.Marshal(module.Decisions(spec))
		if err != nil {
			return nil, err
		}
		*report = C.CString(string(decisions))
	}
	entry := &instance{module: module}
	spec.Handle = instances.add(entry)
	record, err := module.Open(spec)
	if err != nil {
		instances.remove(spec.Handle)
		return nil, err
	}
	instances.use(spec.Handle, func(e *instance) { e.record = record })
	return record, nil
}

//export wg_instance_close
func wg_instance_close(record *C.wg_instance) (code C.int) {
	defer enter(nil, &code)()
	if err := closeInstance(engine.Record(unsafe.Pointer(record))); err != nil {
		return fail(nil, err)
	}
	return C.WG_OK
}

func closeInstance(record engine.Record) error {
	handle := engine.Handle(record)
	entry, ok := instances.get(handle)
	if !ok {
		return nil // closed before
	}
	closer := engine.Close
	if entry.module != nil {
		closer = entry.module.Close
	}
	if err := closer(record); err != nil {
		return err
	}
	instances.remove(handle)
	return nil
}

//export wg_instance_handle
func wg_instance_handle(record *C.wg_instance) C.uint64_t {
	return C.uint64_t(engine.Handle(engine.Record(unsafe.Pointer(record))))
}

// The table is locked meanwhile, so that the record is not released.

//export wg_instance_stop
func wg_instance_stop(handle C.uint64_t) C.bool {
	stopped := false
	instances.use(uint64(handle), func(e *instance) {
		if stopped = e.record != nil; stopped {
			engine.Stop(e.record)
		}
	})
	return C.bool(stopped)
}

//export wg_instance_meters
func wg_instance_meters(handle C.uint64_t, out *C.uint64_t) C.bool {
	found := false
	instances.use(uint64(handle), func(e *instance) {
		if found = e.record != nil; found {
			engine.Peek(e.record, unsafe.Pointer(out))
		}
	})
	return C.bool(found)
}

//export wg_import_plans
func wg_import_plans(moduleHandle C.uint64_t, options *C.char, optionsBytes C.size_t,
	plans **C.uint8_t, plansBytes *C.size_t, details **C.char, failure *C.wg_error,
) (code C.int) {
	defer enter(failure, &code)()
	module, ok := modules.get(uint64(moduleHandle))
	if !ok {
		return fail(failure, closedModule())
	}
	parsed, err := config.ParseInstance(borrow(unsafe.Pointer(options), optionsBytes))
	if err != nil {
		return fail(failure, err)
	}
	encoded, text, err := module.ImportPlans(parsed.Imports)
	if err != nil {
		return fail(failure, err)
	}
	*plans, *plansBytes = (*C.uint8_t)(C.CBytes(encoded)), C.size_t(len(encoded))
	*details = C.CString(string(text))
	return C.WG_OK
}

//export wg_marker_plan
func wg_marker_plan(record *C.wg_instance, closure C.bool, words *C.uint32_t, count C.size_t,
	answer *C.uint32_t, plans **C.uint8_t, plansBytes *C.size_t, failure *C.wg_error,
) (code C.int) {
	defer enter(failure, &code)()
	entry, ok := instances.get(engine.Handle(engine.Record(unsafe.Pointer(record))))
	if !ok || entry.module == nil {
		return fail(failure, closedModule())
	}
	var list []uint32
	if count > 0 {
		list = slices.Clone(unsafe.Slice((*uint32)(unsafe.Pointer(words)), int(count)))
	}
	cast, encoded, err := entry.module.Marker(bool(closure), list)
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
