package engine

/*
#include <stdlib.h>
#include "space.h"
*/
import "C"

import (
	"math"
	"runtime"
	"unsafe"

	"github.com/bytecodealliance/wasmtime-go/v44"

	"wasmgate/go/config"
	"wasmgate/go/wasmbin"
)

// Part is a module compiled for WebAssembly namespaces, of which instances are parts.
type Part struct{ c *C.wg_space_module }

// CompilePart compiles a module for namespaces.
func CompilePart(options config.Profile, binary []byte, shape *wasmbin.Module) (*Part, error) {
	opened, err := wasmbin.Open(binary, shape, options.Interruptible)
	if err != nil {
		return nil, err
	}
	compiled, err := wasmtime.NewModule(profileOf(options).engine, opened.Binary)
	if err != nil {
		return nil, invalid(err)
	}
	defer compiled.Close()
	c := (*C.wg_space_module)(C.calloc(1, C.sizeof_wg_space_module))
	c.users = 1
	c.module = C.wasmtime_module_clone((*C.wasmtime_module_t)(cPointer(compiled)))
	c.starts = C.bool(opened.Starts)
	fillImports(c, shape)
	fillExports(c, shape)
	c.escaping, c.escaping_count = numbersOf(opened.Escaping)
	c.narrowed, c.narrowed_count = numbersOf(opened.Narrowed)
	part := &Part{c}
	runtime.SetFinalizer(part, func(p *Part) { C.wg_space_module_release(p.c) })
	return part, nil
}

// Module is the wg_space_module of the data plane, which lives as long as p or an instance.
func (p *Part) Module() unsafe.Pointer { return unsafe.Pointer(p.c) }

// listOf makes an array in C memory; NULL if it is empty.
func listOf[T any](count int) (list []T, address unsafe.Pointer) {
	if count == 0 {
		return nil, nil
	}
	var one T
	address = C.calloc(C.size_t(count), C.size_t(unsafe.Sizeof(one)))
	return unsafe.Slice((*T)(address), count), address
}

func numbersOf(numbers []uint32) (*C.uint32_t, C.size_t) {
	list, address := listOf[C.uint32_t](len(numbers))
	for i, n := range numbers {
		list[i] = C.uint32_t(n)
	}
	return (*C.uint32_t)(address), C.size_t(len(numbers))
}

func fillImports(c *C.wg_space_module, shape *wasmbin.Module) {
	imports, address := listOf[C.wg_space_import](len(shape.Imports))
	c.imports, c.import_count = (*C.wg_space_import)(address), C.size_t(len(imports))
	C.wasmtime_module_imports(c.module, &c.import_types)
	var functions []int
	for i, imp := range shape.Imports {
		if imp.Type.Kind != wasmbin.Func {
			continue
		}
		functions = append(functions, i)
		checks := make([]byte, len(imp.Type.Func.Results))
		for j, result := range imp.Type.Func.Results {
			checks[j] = shape.Check(result)
		}
		imports[i].checks = C.CString(string(checks))
	}
	places, address := listOf[C.int32_t](len(functions))
	c.functions, c.function_count = (*C.int32_t)(address), C.size_t(len(functions))
	for i, position := range functions {
		places[i] = C.int32_t(position)
	}
}

func fillExports(c *C.wg_space_module, shape *wasmbin.Module) {
	exports, address := listOf[C.wg_space_export](len(shape.Exports))
	c.exports, c.export_count = (*C.wg_space_export)(address), C.size_t(len(exports))
	type thing struct {
		kind  wasmbin.Kind
		index uint32
	}
	imported, first := map[thing]int{}, map[thing]int{}
	var counts [5]uint32
	for i, imp := range shape.Imports {
		imported[thing{imp.Type.Kind, counts[imp.Type.Kind]}] = i
		counts[imp.Type.Kind]++
	}
	for i, e := range shape.Exports {
		what := thing{e.Type.Kind, e.Index}
		out := &exports[i]
		out.name, out.name_bytes = C.CString(e.Name), C.size_t(len(e.Name))
		out.kind, out.index = C.uint8_t(e.Type.Kind), C.uint32_t(e.Index)
		out._import, out.same = -1, -1
		out.letters = C.CString(lettersOf(shape, e.Type))
		if at, ok := imported[what]; ok {
			out._import = C.int32_t(at)
		}
		if at, ok := first[what]; ok {
			out.same = C.int32_t(at)
		} else {
			first[what] = i
		}
	}
}

// lettersOf spells the values of a table, a global or a tag.
func lettersOf(shape *wasmbin.Module, t wasmbin.ExternType) string {
	types := map[wasmbin.Kind][]wasmbin.ValType{
		wasmbin.Table: {t.Elem}, wasmbin.Global: {t.Content}, wasmbin.Tag: t.Func.Params,
	}[t.Kind]
	letters := make([]byte, len(types))
	for i, v := range types {
		letter, ok := shape.Letter(v)
		if !ok {
			letter = 'v'
		}
		letters[i] = letter
	}
	return string(letters)
}

// OpenSpace makes a WebAssembly namespace.
func OpenSpace(options config.Profile, spec *Spec) (Record, error) {
	owner := &Module{memories: 1, tables: 1}
	handed, err := owner.setup(spec)
	if err != nil {
		return nil, err
	}
	defer C.free(unsafe.Pointer(handed))
	abi := C.wg_guest_abi{func_count: math.MaxUint32}
	var record *C.wg_instance
	var failure C.wg_error
	p := profileOf(options)
	if C.wg_store_open(p.c, nil, handed, &abi, C.uint64_t(spec.Handle), (*C.wg_host)(spec.Host), &record, &failure) != C.WG_OK {
		return nil, takeError(&failure)
	}
	return Record(record), nil
}
