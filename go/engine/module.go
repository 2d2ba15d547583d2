package engine

/*
#cgo CFLAGS: -std=gnu11 -O3 -Wall -fno-exceptions -I${SRCDIR}/../cabi -I${SRCDIR}/../plugin -I${SRCDIR}/../../build/include
#include <stdlib.h>
#include "store.h"
*/
import "C"

import (
	"regexp"
	"runtime"
	"slices"
	"strings"
	"unsafe"

	"github.com/bytecodealliance/wasmtime-go/v44"

	"wasmgate/go/config"
	"wasmgate/go/errs"
	"wasmgate/go/marshal"
	"wasmgate/go/wasmbin"
)

// Module is compiled code with its imports resolved, ready to be instantiated
// any number of times, from any thread.
type Module struct {
	profile  *profile
	compiled *wasmtime.Module
	pre      *C.wasmtime_instance_pre_t
	memories int // that it has of its own, …
	tables   int // … likewise
	abi      *C.wg_guest_abi
	names    []unsafe.Pointer
}

// ToBinary turns WebAssembly text into a binary module.
func ToBinary(text []byte) ([]byte, error) {
	binary, err := wasmtime.Wat2Wasm(string(text))
	if err != nil {
		return nil, errs.New(errs.TextSyntax, "module: %s", strings.TrimSpace(err.Error())) // with the place, drawn
	}
	return binary, nil
}

// Validate checks a binary module without compiling it.
func Validate(binary []byte) error {
	if err := wasmtime.ModuleValidate(shared().engine, binary); err != nil {
		return invalid(err)
	}
	return nil
}

// notOffered recognises what the engine says of proposals that are switched off.
var notOffered = regexp.MustCompile(`shared memor|must be enabled|not enabled|without the \w+ feature|references required|proposal`)

func invalid(err error) error {
	text := oneLine(err)
	code := errs.ModuleInvalid
	if notOffered.MatchString(text) {
		code = errs.ModuleUnsupported
	}
	return errs.New(code, "module: %s", text)
}

// oneLine joins the engine's message and its causes.
func oneLine(err error) string {
	text := strings.TrimSpace(err.Error())
	text = strings.ReplaceAll(text, "\n\nCaused by:\n", ": ")
	return strings.Join(strings.Fields(text), " ")
}

// Compile compiles a binary module and links it: what wasm-bindgen's
// JavaScript would provide comes from the data plane, as does WASI. shape is the module's
// as it was loaded: functions that the binary has beyond it are ours and not to be seen.
func Compile(options config.Profile, code Code, shape *wasmbin.Module, abi *marshal.ABI) (*Module, error) {
	p := profileOf(options)
	compiled, err := wasmtime.NewModule(p.engine, code.binary())
	if err != nil {
		return nil, invalid(err)
	}
	m := &Module{profile: p, compiled: compiled, memories: len(shape.Memories), tables: len(shape.Tables)}
	m.abi = m.guestABI(abi)
	m.abi.tables = C.uint32_t(m.tables)
	m.abi.odd_types = C.bool(slices.ContainsFunc(shape.Funcs, isOdd))
	m.abi.has_start = C.bool(shape.Starts)
	m.abi.func_count = C.uint32_t(shape.FuncCount)
	m.takePlaces(code.Rewritten.Moves.Shift(code.Shift), code.Shift)
	m.abi.growers = C.uint32_t(code.Rewritten.Helpers)
	m.abi.metered = C.bool(code.Rewritten.Metered)
	runtime.SetFinalizer(m, (*Module).free)
	if err := m.link(shape, abi); err != nil {
		return nil, err
	}
	return m, nil
}

// Code is what is compiled of a module: rewritten (which it is also if nothing changed),
// and extended by functions of ours.
type Code struct {
	Rewritten *wasmbin.Rewritten
	// Extended is the binary of wasmbin.Extend, nil if nothing was added; Shift is how far
	// that moved the code.
	Extended []byte
	Shift    int
}

func (c *Code) binary() []byte {
	if c.Extended != nil {
		return c.Extended
	}
	return c.Rewritten.Binary
}

// takePlaces keeps what leads from places in the compiled code to those in the module as
// it was loaded, for stacks.
func (m *Module) takePlaces(moves wasmbin.Moves, shift int) {
	if len(moves) == 0 {
		moves = wasmbin.Moves{{At: uint32(max(shift, 0)), Was: uint32(max(-shift, 0))}}
	}
	list := (*C.wg_move)(C.calloc(C.size_t(len(moves)), C.sizeof_wg_move))
	m.names = append(m.names, unsafe.Pointer(list))
	for i, move := range moves {
		unsafe.Slice(list, len(moves))[i] = C.wg_move{at: C.uint32_t(move.At), was: C.uint32_t(move.Was), added: C.bool(move.Added)}
	}
	m.abi.moves, m.abi.move_count = list, C.size_t(len(moves))
}

func (m *Module) free() {
	if m.pre != nil {
		C.wasmtime_instance_pre_delete(m.pre)
	}
	for _, name := range m.names {
		C.free(name)
	}
	C.free(unsafe.Pointer(m.abi))
	m.compiled.Close()
}

func (m *Module) guestABI(abi *marshal.ABI) *C.wg_guest_abi {
	out := (*C.wg_guest_abi)(C.calloc(1, C.sizeof_wg_guest_abi))
	name := func(text string) *C.char {
		if text == "" {
			return nil
		}
		p := C.CString(text)
		m.names = append(m.names, unsafe.Pointer(p))
		return p
	}
	out.bindgen = C.bool(abi.Bindgen || abi.Guest)
	out.poisons = C.bool(abi.Bindgen || abi.Guest || abi.Rust)
	out.malloc_args = C.uint8_t(abi.MallocArgs)
	out.free_args = C.uint8_t(abi.FreeArgs)
	out.slab_offset = C.uint32_t(abi.SlabOffset())
	out.memory = name(abi.Memory)
	out.malloc_name = name(abi.Malloc)
	out.free_name = name(abi.Free)
	out.externref_table = name(abi.ExternrefTable)
	out.externref_dealloc = name(abi.ExternrefDealloc)
	out.start = name(abi.Start)
	out.initialize = name(abi.Initialize)
	out.exn_store = name(abi.ExnStore)
	out.table = name(abi.Table)
	out.stack_pointer = name(abi.StackPointer)
	out.format = name(abi.Format)
	out.format_args = C.uint8_t(abi.FormatArgs)
	out.fuel, out.own_start = name(wasmbin.FuelExport), name(wasmbin.StartExport)
	if len(abi.Starts) > 0 {
		list := (**C.char)(C.calloc(C.size_t(len(abi.Starts)+1), C.size_t(unsafe.Sizeof(uintptr(0)))))
		m.names = append(m.names, unsafe.Pointer(list))
		for i, start := range abi.Starts {
			unsafe.Slice(list, len(abi.Starts))[i] = name(start)
		}
		out.starts = list
	}
	return out
}

// link resolves the imports that the runtime itself provides, and those that are bound when
// an instance is opened. Imports that nobody provides are reported then, with all their names.
func (m *Module) link(shape *wasmbin.Module, abi *marshal.ABI) error {
	if len(Missing(shape, abi)) > 0 {
		return nil
	}
	linker := C.wasmtime_linker_new(m.profile.c.engine)
	defer C.wasmtime_linker_delete(linker)
	C.wasmtime_linker_allow_shadowing(linker, true) // an import may be listed twice
	if len(WASIImports(shape)) > 0 {
		if err := m.profile.bridge(); err != nil {
			return err
		}
	}
	late := 0
	for i, imp := range shape.Imports {
		var intrinsic C.int
		switch {
		case wasiFunction(imp) >= 0:
			intrinsic = C.WG_INTRINSIC_WASI + C.int(wasiFunction(imp))
		case isHost(abi, i), abi.Uses != nil && marshal.IsGlueModule(imp.Module):
			intrinsic = rawUse(imp, abi.Uses[i])
		case marshal.IsGlueModule(imp.Module):
			intrinsic = intrinsicOf(imp, shape)
		case IsLate(shape, abi, i):
			intrinsic = C.WG_INTRINSIC_LATE + C.int(late)
			late++
		default:
			continue
		}
		if err := define(linker, imp, intrinsic); err != nil {
			return err
		}
	}
	compiled := (*C.wasmtime_module_t)(cPointer(m.compiled))
	if err := C.wasmtime_linker_instantiate_pre(linker, compiled, &m.pre); err != nil {
		return engineError(errs.ImportMissing, err)
	}
	runtime.KeepAlive(m)
	return nil
}

func define(linker *C.wasmtime_linker_t, imp wasmbin.Import, intrinsic C.int) error {
	module, name := C.CString(imp.Module), C.CString(imp.Name)
	defer C.free(unsafe.Pointer(module))
	defer C.free(unsafe.Pointer(name))
	params, results := valKinds(imp.Type.Func.Params), valKinds(imp.Type.Func.Results)
	// The extra byte keeps the address of an empty list valid.
	err := C.wg_define_intrinsic(linker, module, name,
		(*C.uint8_t)(&params[0]), C.size_t(len(params)-1),
		(*C.uint8_t)(&results[0]), C.size_t(len(results)-1), intrinsic)
	if err != nil {
		return engineError(errs.ImportMissing, err)
	}
	return nil
}

// valKinds gives wasm_valkind_t for each type, and one byte more.
func valKinds(types []wasmbin.ValType) []byte {
	kinds := map[wasmbin.ValType]byte{
		wasmbin.I32: C.WASM_I32, wasmbin.I64: C.WASM_I64, wasmbin.F32: C.WASM_F32, wasmbin.F64: C.WASM_F64,
		wasmbin.ExternRef: C.WASM_EXTERNREF, wasmbin.FuncRef: C.WASM_FUNCREF,
	}
	out := make([]byte, 0, len(types)+1)
	for _, t := range types {
		out = append(out, kinds[t])
	}
	return append(out, 0)
}

func engineError(code errs.Code, err *C.wasmtime_error_t) error {
	var message C.wasm_byte_vec_t
	C.wasmtime_error_message(err, &message)
	text := C.GoStringN((*C.char)(unsafe.Pointer(message.data)), C.int(message.size))
	C.wasm_byte_vec_delete(&message)
	C.wasmtime_error_delete(err)
	return errs.New(code, "%s", text)
}
