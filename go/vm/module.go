// Package vm is the life of modules and instances: what a load consists of,
// what an instance needs, in which order things end.
package vm

import (
	"wasmgate/go/config"
	"wasmgate/go/engine"
	"wasmgate/go/errs"
	"wasmgate/go/marshal"
	"wasmgate/go/source"
	"wasmgate/go/wasmbin"
)

// Module is a compiled module with the call plans of its exports.
type Module struct {
	code *engine.Module
	// unmet are imports that nobody provides, wasi those that need a grant;
	// either is reported when an instance is made.
	unmet, wasi []string
	// Plans is what go/marshal encodes for the shim.
	Plans []byte
	// Description is the JSON document that JavaScript gets.
	Description []byte
}

// Load reads, recognises, decompresses, types and compiles a module.
func Load(options config.Module, data []byte) (*Module, error) {
	binary, err := read(options, data)
	if err != nil {
		return nil, err
	}
	// Compiling validates too; but the engine's limits must hold before anything
	// is made of what the module says.
	if err := engine.Validate(binary); err != nil {
		return nil, err
	}
	shape, err := wasmbin.Parse(binary)
	if err != nil {
		return nil, err
	}
	if err := supported(shape); err != nil {
		return nil, err
	}
	abi := marshal.DetectABI(shape)
	exports, err := plans(shape, abi, options)
	if err != nil {
		return nil, err
	}
	calls := functions(exports)
	code, err := compile(binary, shape, abi, calls)
	if err != nil {
		return nil, err
	}
	return &Module{
		code:        code,
		unmet:       importNames(engine.Missing(shape)),
		wasi:        importNames(engine.WASIImports(shape)),
		Plans:       marshal.Encode(calls),
		Description: describe(shape, abi, exports),
	}, nil
}

// compile compiles a module with the adapters of its exports; without them, if
// the engine does not take those: only then errors are about the module itself.
func compile(binary []byte, shape *wasmbin.Module, abi *marshal.ABI, calls []marshal.Export) (*engine.Module, error) {
	adapters := marshal.Adapters(shape, abi, calls)
	if len(adapters) == 0 {
		return engine.Compile(binary, shape, abi, 0)
	}
	extended, shift, err := wasmbin.Extend(binary, shape, adapters)
	if err == nil {
		var code *engine.Module
		if code, err = engine.Compile(extended, shape, abi, shift); err == nil {
			return code, nil
		}
	}
	for i := range calls {
		calls[i].Adapter = ""
	}
	return engine.Compile(binary, shape, abi, 0)
}

// supported refuses what the engine would accept and then not instantiate.
func supported(shape *wasmbin.Module) error {
	for _, memory := range shape.Memories {
		if memory.Shared {
			return errs.New(errs.ModuleUnsupported, "module: it has a shared memory; build it without threads")
		}
	}
	return nil
}

// Inspect describes a module without compiling or running any of it.
func Inspect(options config.Module, data []byte) ([]byte, error) {
	binary, err := read(options, data)
	if err != nil {
		return nil, err
	}
	if err := engine.Validate(binary); err != nil {
		return nil, err
	}
	shape, err := wasmbin.Parse(binary)
	if err == nil {
		err = supported(shape)
	}
	if err != nil {
		return nil, err
	}
	abi := marshal.DetectABI(shape)
	exports, err := plans(shape, abi, options)
	if err != nil {
		return nil, err
	}
	return describe(shape, abi, exports), nil
}

func read(options config.Module, data []byte) ([]byte, error) {
	if options.Path != "" {
		var err error
		if data, err = source.ReadFile(options.Path, options.MaxModuleBytes); err != nil {
			return nil, err
		}
	}
	binary, kind, err := source.Decode(data, options.MaxModuleBytes)
	if err != nil || kind != source.Text {
		return binary, err
	}
	if binary, err = engine.ToBinary(binary); err != nil {
		return nil, err
	}
	binary, _, err = source.Decode(binary, options.MaxModuleBytes) // the text may be that of a component
	return binary, err
}

func importNames(imports []wasmbin.Import) []string {
	names := make([]string, len(imports))
	for i, imp := range imports {
		names[i] = imp.Module + "." + imp.Name
	}
	return names
}

// Open makes an instance; handle is the number it is to be known under.
func (m *Module) Open(options config.Instance, handle uint64) (engine.Record, error) {
	if len(m.unmet) > 0 {
		return nil, errs.New(errs.ImportMissing, "the module imports what nobody provides: %s", join(m.unmet)).
			With("imports", m.unmet)
	}
	if len(m.wasi) > 0 && options.WASI == nil {
		return nil, errs.New(errs.Capability, "the module imports WASI, which was not granted: %s", join(m.wasi)).
			With("imports", m.wasi)
	}
	record, err := m.code.Open(handle, options.WASI)
	if err != nil {
		return nil, startError(err)
	}
	return record, nil
}

// startError says that what the guest did, it did while it was being set up.
func startError(err error) error {
	failure := errs.From(err)
	switch failure.Code {
	case errs.Trap, errs.Panic, errs.Exit, errs.GuestError, errs.ImportCalled:
		failure.Msg = "the module's start function or initialiser failed: " + failure.Msg
		failure.Code = errs.Start
	}
	return failure
}
