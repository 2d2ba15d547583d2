package engine

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wasmgate/go/marshal"
	"wasmgate/go/wasmbin"
)

// pretend gives every function export a typed plan that reads each pair of i32
// as text: what adapters can be made for, whatever the guest means by it.
func pretend(shape *wasmbin.Module) []marshal.Export {
	var out []marshal.Export
	for _, e := range shape.Exports {
		if e.Type.Kind != wasmbin.Func {
			continue
		}
		plan, reason := marshal.WasmPlan(e.Type.Func)
		var params []marshal.Value
		for i := 0; i < len(plan.Params); i++ {
			v := plan.Params[i]
			if v.Kind == marshal.I32 && i+1 < len(plan.Params) && plan.Params[i+1].Kind == marshal.I32 {
				v = []marshal.Value{
					{Kind: marshal.String}, {Kind: marshal.F64Array, Form: marshal.OptPointer}, {Kind: marshal.U16Array},
				}[i%3]
				i++
			}
			params = append(params, v)
		}
		plan.Params = params
		out = append(out, marshal.Export{Name: e.Name, Typed: plan, TypedReason: reason})
	}
	return out
}

// extend adds adapters to a module; nil if it gets none.
func extend(data []byte) []byte {
	shape, err := wasmbin.Parse(data)
	if err != nil {
		return nil
	}
	abi := marshal.DetectABI(shape)
	abi.Bindgen = true
	adapters := marshal.Adapters(shape, abi, pretend(shape))
	extended, _, err := wasmbin.Extend(data, shape, adapters, nil)
	if err != nil || len(adapters) == 0 {
		return nil
	}
	return extended
}

const guest = `(module (memory (export "memory") 1)
	(func (export "__wbindgen_malloc") (param i32 i32) (result i32) (i32.const 8))
	(func (export "__wbindgen_free") (param i32 i32 i32))
	(func (export "f") (param i32 i32 f64 i32 i32 i32 i32) (result i32 i32) (i32.const 8) (local.get 1)))`

func TestAdapters_validate(t *testing.T) {
	files, err := filepath.Glob("../../test/fixtures/wasm/*/*_bg.wasm")
	if err != nil || len(files) == 0 {
		t.Fatal("no fixtures", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		extended := extend(data)
		if extended == nil {
			continue
		}
		if err := Validate(extended); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		if more := len(extended) - len(data); strings.Contains(file, "hello") && more*20 > len(data) {
			t.Errorf("%s: %d bytes more", file, more)
		}
	}
}

func TestAdapters_areNotMade(t *testing.T) {
	for name, change := range map[string][2]string{
		"64-bit memory":      {`"memory") 1`, `"memory") i64 1`},
		"no deallocator":     {`__wbindgen_free`, `free`},
		"no memory":          {`(export "memory")`, ``},
		"the names are used": {`(export "f")`, `(export "wasmgate:f")`},
	} {
		t.Run(name, func(t *testing.T) {
			binary, err := ToBinary([]byte(strings.Replace(guest, change[0], change[1], 1)))
			if err != nil {
				t.Fatal(err)
			}
			if extend(binary) != nil {
				t.Error("there are adapters")
			}
		})
	}
}

func FuzzAdapters(f *testing.F) {
	binary, err := ToBinary([]byte(guest))
	if err != nil {
		f.Fatal(err)
	}
	if extend(binary) == nil {
		f.Fatal("the guest gets no adapters")
	}
	f.Add(binary)
	f.Fuzz(func(t *testing.T, data []byte) {
		extended := extend(data)
		if extended != nil && Validate(data) == nil {
			if err := Validate(extended); err != nil {
				t.Error(err)
			}
		}
	})
}
