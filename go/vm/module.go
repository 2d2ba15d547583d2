// Package vm is the life of modules and instances: what a load consists of,
// what an instance needs, in which order things end.
package vm

import (
	"slices"
	"sync/atomic"

	"wasmgate/go/caps"
	"wasmgate/go/config"
	"wasmgate/go/engine"
	"wasmgate/go/errs"
	"wasmgate/go/marshal"
	"wasmgate/go/marshal/guest"
	"wasmgate/go/marshal/raw"
	"wasmgate/go/source"
	"wasmgate/go/wasmbin"
)

// Module is a compiled module with the call plans of its exports.
type Module struct {
	code *engine.Module
	// wanted are the imports that wasmgate itself does not provide, hostImports how many
	// of the plans are of imports before those of the late-bound ones.
	wanted      []wanted
	hostImports int
	late        []wasmbin.Import
	abi         *marshal.ABI
	imports     []caps.Import
	profile     config.Profile
	raw         *raw.Module  // of a raw wasm-bindgen module, else nil
	open        atomic.Int64 // instances
	program     bool         // it has a _start
	// Of a module for WebAssembly namespaces, which has nothing else:
	part  func() (*engine.Part, error) // once
	shape *wasmbin.Module
	// Plans is what go/marshal encodes for the shim.
	Plans []byte
	// Description is the JSON document that JavaScript gets.
	Description []byte
}

// parsed is a module of which everything is known that does not need compiling.
type parsed struct {
	profile config.Profile
	costs   wasmbin.Costs // of instructions, if they are counted
	given   config.Costs  // what the options say of them
	binary  []byte
	shape   *wasmbin.Module
	abi     *marshal.ABI
	typed   *marshal.Typed // what it says of its types, nil if nothing
	raw     *raw.Module    // of a raw wasm-bindgen module, else nil
	exports []export
}

// parse reads, recognises, decompresses, validates and types a module.
func parse(options config.Module, data []byte) (*parsed, error) {
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
	p := &parsed{profile: options.Profile, costs: costsOf(options.Costs), given: options.Costs, binary: binary, shape: shape, abi: marshal.DetectABI(shape)}
	if err := p.readTypes(); err != nil {
		return nil, err
	}
	p.exports, err = plans(shape, p.abi, p.typed, options)
	return p, err
}

func (p *parsed) readTypes() (err error) {
	switch {
	case raw.Is(p.shape):
		if p.raw, err = raw.Read(p.binary, p.shape, p.abi); err == nil {
			p.typed = &p.raw.Typed
		}
	case guest.Is(p.shape):
		p.typed, err = guest.Read(p.shape, p.abi)
	}
	return err
}

// Load reads, types and compiles a module.
func Load(options config.Module, data []byte) (*Module, error) {
	if options.Plain {
		return loadPlain(options, data)
	}
	p, err := parse(options, data)
	if err != nil {
		return nil, err
	}
	all := marshal.Plans{Exports: functions(p.exports)}
	if p.typed != nil {
		all.Lists, all.Functions, all.Imports = p.typed.Plans.Lists, p.typed.Plans.Functions, p.typed.Plans.Imports
	}
	hostImports := len(all.Imports)
	all.Imports = append(slices.Clip(all.Imports), latePlans(p.shape, p.abi)...)
	code, err := p.compile(all.Exports)
	if err != nil {
		return nil, err
	}
	return &Module{
		code:        code,
		profile:     p.profile,
		program:     isProgram(p.shape),
		wanted:      wantedOf(p.shape, p.abi),
		hostImports: hostImports,
		late:        engine.Late(p.shape, p.abi),
		abi:         p.abi,
		imports:     capabilities(p.shape),
		raw:         p.raw,
		Plans:       all.Encode(),
		Description: p.describe(),
	}, nil
}

// Inspect describes a module without compiling it. Of its code it runs at most the
// descriptors of a raw wasm-bindgen module, in an interpreter.
func Inspect(options config.Module, data []byte) ([]byte, error) {
	p, err := parse(options, data)
	if err != nil {
		return nil, err
	}
	return p.describe(), nil
}

// compile compiles the module with the adapters of its exports; without them, if
// the engine does not take those: only then errors are about the module itself.
func (p *parsed) compile(calls []marshal.Export) (*engine.Module, error) {
	rewritten, err := p.rewrite()
	if err != nil {
		return nil, err
	}
	adapters := marshal.Adapters(p.shape, p.abi, calls)
	aliases, err := p.aliases()
	if err != nil {
		return nil, err
	}
	if len(adapters) == 0 && len(aliases) == 0 {
		return engine.Compile(p.profile, engine.Code{Rewritten: rewritten}, p.shape, p.abi)
	}
	extended, shift, err := wasmbin.Extend(rewritten.Binary, rewritten.Shape, adapters, aliases)
	if err == nil {
		var code *engine.Module
		more := engine.Code{Rewritten: rewritten, Extended: extended, Shift: shift}
		if code, err = engine.Compile(p.profile, more, p.shape, p.abi); err == nil {
			return code, nil
		}
	}
	for i := range calls {
		calls[i].Adapter = ""
	}
	p.abi.Table, p.abi.StackPointer, p.abi.Format = "", "", ""
	return engine.Compile(p.profile, engine.Code{Rewritten: rewritten}, p.shape, p.abi)
}

// rewrite changes the code of the module where its profile asks for that.
func (p *parsed) rewrite() (*wasmbin.Rewritten, error) {
	options := wasmbin.RewriteOptions{TrapOnGrow: p.profile.TrapOnGrowFailure, Stoppable: p.profile.Interruptible}
	if p.profile.Metering {
		options.Meter = &p.costs
	}
	return wasmbin.Rewrite(p.binary, p.shape, options)
}

// aliases are what a typed module is to export besides.
func (p *parsed) aliases() ([]wasmbin.Alias, error) {
	if p.typed == nil && !p.abi.Bindgen {
		return nil, nil
	}
	inside, err := wasmbin.ParseInside(p.binary, p.shape)
	if err != nil {
		return nil, err
	}
	aliases := marshal.RustAliases(p.shape, inside, p.abi)
	if p.typed != nil {
		aliases = append(aliases, p.typed.Aliases...)
	}
	return aliases, nil
}

func isProgram(shape *wasmbin.Module) bool {
	for _, e := range shape.Exports {
		if e.Name == "_start" && e.Type.Kind == wasmbin.Func {
			return marshal.Shape(e.Type.Func) == ">"
		}
	}
	return false
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

// Open makes an instance; handle is the number it is to be known under.
func (m *Module) Open(spec *engine.Spec) (engine.Record, error) {
	if m.part != nil {
		return nil, errs.New(errs.Handle, "the module was loaded for a WebAssembly namespace")
	}
	if err := m.bindLate(spec); err != nil {
		return nil, err
	}
	if err := caps.Denied(m.Decisions(spec)); err != nil {
		return nil, err
	}
	if err := fits(m.profile, &spec.Limits); err != nil {
		return nil, err
	}
	most := spec.Limits.Instances
	if spec.Replaces && most != config.NoLimit {
		most++
	}
	if m.open.Add(1) > most && most != config.NoLimit {
		m.open.Add(-1)
		return nil, errs.New(errs.Limit, "limits.instances: the module has %d open instances already", spec.Limits.Instances)
	}
	record, err := m.code.Open(spec)
	if err != nil {
		m.open.Add(-1)
		return nil, startError(err)
	}
	return record, nil
}

// StackBytes is what a guest may use of its thread's stack.
func (m *Module) StackBytes() int64 { return m.profile.StackBytes }

// Close ends an instance of the module.
func (m *Module) Close(record engine.Record) error {
	if engine.Closed(record) {
		return nil
	}
	err := engine.Close(record)
	if err == nil {
		m.open.Add(-1)
	}
	return err
}

// Program runs a program's _start in an instance that was opened. What a guest makes
// of its end is an error with the code errs.Exit.
func (m *Module) Program(record engine.Record) error {
	if !m.program {
		return errs.New(errs.ExportMissing, "the module is no program: it exports no function _start without parameters and results").
			With("export", "_start")
	}
	return engine.Program(record)
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

// Marker plans what a guest tells at run time: a closure, or a cast, for which the
// first result is one of raw.Cast.
func (m *Module) Marker(closure bool, words []uint32) (raw.Cast, []byte, error) {
	if m.raw == nil {
		return 0, nil, errs.New(errs.Internal, "the module has no closures")
	}
	cast := raw.CastPlanned
	var plans marshal.Plans
	var err error
	if closure {
		plans, err = m.raw.ReadClosure(words)
	} else {
		cast, plans, err = m.raw.ReadCast(words)
	}
	if err != nil || cast != raw.CastPlanned {
		return cast, nil, err
	}
	return cast, plans.Encode(), nil
}
