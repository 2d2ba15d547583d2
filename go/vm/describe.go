package vm

import (
	"encoding/json"

	"wasmgate/go/engine"
	"wasmgate/go/marshal"
	"wasmgate/go/wasmbin"
)

// description is what JavaScript gets to know of a module. The types follow the
// type reflection proposal of the JavaScript API.
type description struct {
	Kind      string            `json:"kind"`
	Exports   []exportEntry     `json:"exports"`
	Imports   []importEntry     `json:"imports"`
	Needs     needs             `json:"needs"`
	Producers map[string]string `json:"producers"`
}

type exportEntry struct {
	Name        string `json:"name"`
	Kind        string `json:"kind"`
	Type        any    `json:"type"`
	Signature   string `json:"signature,omitempty"`
	Unsupported string `json:"unsupported,omitempty"`
	Internal    bool   `json:"internal,omitempty"`
}

type importEntry struct {
	Module string `json:"module"`
	Name   string `json:"name"`
	Kind   string `json:"kind"`
	Type   any    `json:"type"`
}

// needs is what an instance of the module will ask for.
type needs struct {
	WASI    bool     `json:"wasi"`
	Missing []string `json:"missing"`
}

type funcType struct {
	Parameters []string `json:"parameters"`
	Results    []string `json:"results"`
}

type limitsType struct {
	Element string  `json:"element,omitempty"`
	Minimum uint64  `json:"minimum"`
	Maximum *uint64 `json:"maximum,omitempty"`
	Shared  bool    `json:"shared,omitempty"`
	Address string  `json:"address,omitempty"`
}

type globalType struct {
	Value   string `json:"value"`
	Mutable bool   `json:"mutable"`
}

func describe(shape *wasmbin.Module, abi *marshal.ABI, exports []export) []byte {
	d := description{
		Kind: "wasm", Exports: []exportEntry{}, Imports: []importEntry{}, Producers: map[string]string{},
		Needs: needs{WASI: len(engine.WASIImports(shape)) > 0, Missing: importNames(engine.Missing(shape))},
	}
	if abi.Bindgen {
		d.Kind = "wasm-bindgen"
	}
	for _, tools := range shape.Producers() {
		for tool, version := range tools {
			d.Producers[tool] = version
		}
	}
	for _, e := range exports {
		entry := exportEntry{Name: e.Name, Kind: e.Type.Kind.String(), Type: typeJSON(e.Type), Internal: e.internal}
		if e.signature != nil {
			entry.Signature = e.signature.String()
		}
		if e.Type.Kind == wasmbin.Func {
			entry.Unsupported = e.plan.TypedReason
		}
		d.Exports = append(d.Exports, entry)
	}
	for _, imp := range shape.Imports {
		d.Imports = append(d.Imports, importEntry{
			Module: imp.Module, Name: imp.Name, Kind: imp.Type.Kind.String(), Type: typeJSON(imp.Type),
		})
	}
	text, err := json.Marshal(d)
	if err != nil {
		panic(err) // plain structs of strings and numbers
	}
	return text
}

func typeJSON(t wasmbin.ExternType) any {
	switch t.Kind {
	case wasmbin.Func, wasmbin.Tag:
		return funcType{Parameters: typeNames(t.Func.Params), Results: typeNames(t.Func.Results)}
	case wasmbin.Global:
		return globalType{Value: t.Content.String(), Mutable: t.Mutable}
	}
	l := limitsType{Minimum: t.Limits.Min, Shared: t.Limits.Shared}
	if t.Limits.HasMax {
		l.Maximum = &t.Limits.Max
	}
	if t.Limits.Is64 {
		l.Address = "i64"
	}
	if t.Kind == wasmbin.Table {
		l.Element = t.Elem.String()
	}
	return l
}

func typeNames(types []wasmbin.ValType) []string {
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = t.String()
	}
	return names
}
