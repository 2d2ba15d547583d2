package marshal

import (
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"wasmgate/go/wasmbin"
)

// adapterPrefix begins the names of adapters, among the exports of the module
// that is compiled. The module that was loaded has none of them.
const adapterPrefix = "wasmgate:"

// OwedParams precede the parameters of the export in an adapter: address, bytes
// and alignment of a result to be freed first, WG_OWED_SLOTS in wg_types.h.
const OwedParams = 3

// Adapters makes a function for each export whose typed plan has text or bytes
// among its values, and notes its name in the export. Entering a guest costs about
// as much as a short call itself; an adapter does with one entry what takes one
// for each allocation, the call and the release of the result:
//
//	adapter(owed ptr, owed bytes, owed alignment, …parameters of the export)
//
// It frees what is owed; copies each text, whose pointer is that of the scratch
// block of the instance, into memory of the guest's allocator; and calls the
// export. If the allocator's answer is of no use, the adapter itself traps.
func Adapters(shape *wasmbin.Module, abi *ABI, exports []Export) []wasmbin.Function {
	malloc, free, memory := shape.Export(abi.Malloc), shape.Export(abi.Free), shape.Export(abi.Memory)
	taken := func(e wasmbin.Export) bool { return strings.HasPrefix(e.Name, adapterPrefix) }
	if !abi.Bindgen && !abi.Guest || malloc == nil || free == nil || memory == nil || abi.FreeArgs < 2 ||
		memory.Type.Limits.Is64 || slices.ContainsFunc(shape.Exports, taken) {
		return nil
	}
	var out []wasmbin.Function
	for i := range exports {
		e := &exports[i]
		inMemory := slices.ContainsFunc(slices.Concat(e.Typed.Params, e.Typed.Results), Value.needsMemory)
		if e.TypedReason != "" || !inMemory || slices.ContainsFunc(e.Typed.Params, Value.copiedBack) {
			continue
		}
		target := shape.Export(e.Name)
		a := adapter{abi: abi, malloc: malloc.Index, memory: memory.Index}
		a.local = OwedParams + uint32(len(target.Type.Func.Params))
		a.free(free.Index)
		a.takeParams(e.Typed)
		for p := OwedParams; p < int(a.local); p++ {
			a.Get(uint32(p))
		}
		a.Call(target.Index)
		e.Adapter = adapterPrefix + strconv.Itoa(i)
		owed := slices.Repeat([]wasmbin.ValType{wasmbin.I32}, OwedParams)
		out = append(out, wasmbin.Function{
			Export: e.Adapter, Locals: 1, Code: a.Code,
			Type: wasmbin.FuncType{Params: append(owed, target.Type.Func.Params...), Results: target.Type.Func.Results},
		})
	}
	return out
}

// adapter is the code of one.
type adapter struct {
	wasmbin.Code
	abi            *ABI
	malloc, memory uint32
	local          uint32 // an i32 beyond the parameters
}

func (a *adapter) free(free uint32) {
	a.Get(1)
	a.If()
	for i := range a.abi.FreeArgs {
		a.Get(uint32(i))
	}
	a.Call(free)
	a.End()
}

func (a *adapter) takeParams(p Plan) {
	at := uint32(OwedParams)
	if p.Placement == InArea {
		at++
	}
	for _, v := range p.Params {
		if v.needsMemory() {
			a.take(v, at)
		}
		at += uint32(len(v.words()))
	}
}

// take replaces the pointer in local ptr by one of the guest's allocator.
func (a *adapter) take(v Value, ptr uint32) {
	element := v.elementBytes()
	bytes := func() {
		a.Get(ptr + 1)
		if element > 1 {
			a.Small(byte(bits.TrailingZeros8(element)))
			a.Shl()
		}
	}
	if v.Form == OptPointer {
		a.Get(ptr)
		a.If()
	}
	bytes()
	if a.abi.MallocArgs == 2 {
		a.Small(element)
	}
	a.Call(a.malloc)
	a.Set(a.local)
	a.Get(a.local)
	a.IsZero()
	a.If()
	a.Get(ptr + 1)
	a.If()
	a.Unreachable()
	a.End()
	a.End()
	a.Get(a.local)
	a.Get(ptr)
	bytes()
	a.Copy(a.memory)
	a.Get(a.local)
	a.Set(ptr)
	if v.Form == OptPointer {
		a.End()
	}
}
