package vm

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"wasmgate/go/config"
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
	API       marshal.API       `json:"api"`
	// Memory is that of the first memory, nil if there is none.
	Memory *limitsType `json:"memory"`
	// Features are those that the compiler says it used.
	Features []string `json:"features"`
	// Bytes is the size of the binary.
	Bytes int `json:"bytes"`
	// Profile is what the module was compiled for.
	Profile config.Profile `json:"profile"`
	// Costs are the prices of instructions that were given.
	Costs *config.Costs `json:"costs,omitempty"`
	// SHA256 is the hash of the binary that was loaded, of metered modules.
	SHA256 string `json:"sha256,omitempty"`
	// Late is for js/: the imports that are bound when an instance is opened.
	Late []importEntry `json:"late"`
	// Glue is for js/: what stands behind the imports of a raw module.
	Glue *glue `json:"glue,omitempty"`
}

type glue struct {
	Bindings []marshal.Binding  `json:"bindings"`
	Unusable []marshal.Unusable `json:"unusable"`
}

type exportEntry struct {
	Name        string `json:"name"`
	Kind        string `json:"kind"`
	Type        any    `json:"type"`
	Signature   string `json:"signature,omitempty"`
	Unsupported string `json:"unsupported,omitempty"`
	Internal    bool   `json:"internal,omitempty"`
	Variadic    bool   `json:"variadic,omitempty"`
}

type importEntry struct {
	Module string `json:"module"`
	Name   string `json:"name"`
	Kind   string `json:"kind"`
	Type   any    `json:"type"`
}

// needs is what an instance of the module will ask for.
type needs struct {
	WASI bool `json:"wasi"`
	// Grants are those that its imports imply.
	Grants  []string `json:"grants"`
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

func (p *parsed) describe() []byte {
	shape, exports := p.shape, p.exports
	d := description{
		Bytes: len(p.binary), Features: shape.Features(), API: p.api(),
		Kind: "wasm", Exports: []exportEntry{}, Imports: []importEntry{}, Late: []importEntry{}, Producers: map[string]string{},
		Needs: needs{
			WASI:    len(engine.WASIImports(shape)) > 0,
			Grants:  registry().Needs(capabilities(shape)),
			Missing: []string{},
		},
	}
	d.Profile = p.profile
	if p.profile.Metering {
		if p.given != (config.Costs{}) {
			d.Costs = &p.given
		}
		hash := sha256.Sum256(p.binary)
		d.SHA256 = hex.EncodeToString(hash[:])
	}
	if p.abi.Bindgen {
		d.Kind = "wasm-bindgen"
	}
	if p.abi.Guest {
		d.Kind = "wasmgate"
	}
	if len(shape.Memories) > 0 {
		memory := typeJSON(wasmbin.ExternType{Kind: wasmbin.Memory, Limits: shape.Memories[0]}).(limitsType)
		d.Memory = &memory
	}
	if p.typed != nil {
		d.Glue = &glue{Bindings: p.typed.Bindings, Unusable: p.typed.Unusable}
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
			entry.Variadic = e.signature.Variadic
		}
		if e.Type.Kind == wasmbin.Func {
			entry.Unsupported = e.plan.TypedReason
		}
		d.Exports = append(d.Exports, entry)
	}
	for _, imp := range shape.Imports {
		d.Imports = append(d.Imports, entryOf(imp))
	}
	for _, imp := range engine.Late(shape, p.abi) {
		d.Late = append(d.Late, entryOf(imp))
	}
	for _, need := range wantedOf(shape, p.abi) {
		d.Needs.Missing = append(d.Needs.Missing, need.name)
	}
	text, err := json.Marshal(d)
	if err != nil {
		panic(err) // plain structs of strings and numbers
	}
	return text
}

func entryOf(imp wasmbin.Import) importEntry {
	return importEntry{Module: imp.Module, Name: imp.Name, Kind: imp.Type.Kind.String(), Type: typeJSON(imp.Type)}
}

// api is what the module offers: of a raw module all that it says, of others the
// functions that have a signature.
func (p *parsed) api() marshal.API {
	api := marshal.API{
		Functions: []marshal.APIFunction{}, Classes: []marshal.APIClass{}, Enums: []marshal.APIEnum{},
		StringEnums: []marshal.APIStrings{}, TypeScript: []string{},
	}
	reasons := map[string]string{}
	for _, e := range p.exports {
		if e.Type.Kind != wasmbin.Func {
			continue
		}
		reasons[e.Name] = e.plan.TypedReason
		if e.internal || p.typed != nil {
			continue
		}
		signature := marshal.WasmSignature(e.Type.Func)
		if e.signature != nil {
			signature = *e.signature
		}
		api.Functions = append(api.Functions, marshal.FunctionOf(e.Name, signature))
	}
	if p.typed != nil {
		api = p.typed.API
	}
	api.Explain(reasons)
	return api
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
