package vm

import (
	"strings"

	"wasmgate/go/config"
	"wasmgate/go/errs"
	"wasmgate/go/marshal"
	"wasmgate/go/source"
	"wasmgate/go/wasmbin"
)

// export is one export with what is known of how to call it.
type export struct {
	wasmbin.Export
	plan      marshal.Export     // functions only
	signature *marshal.Signature // nil: called with wasm-level types
	internal  bool               // plumbing of the guest's ABI
}

// signatures collects what the producers say, the caller's word first.
type signatures struct {
	given   map[string]marshal.Signature
	sidecar map[string]marshal.Signature
	facts   map[string]marshal.Facts
	own     map[string]marshal.Signature // what the module itself says
}

// plans settles how each export is called. typed is what the module says of itself,
// nil if it says nothing.
func plans(shape *wasmbin.Module, abi *marshal.ABI, typed *marshal.Typed, options config.Module) ([]export, error) {
	known, err := collect(shape, options, typed != nil)
	if err != nil {
		return nil, err
	}
	titles := map[string]marshal.Title{}
	if typed != nil {
		known.own = typed.Signatures
		titles = typed.Titles
	}
	exports := make([]export, len(shape.Exports))
	for i, e := range shape.Exports {
		title := titles[e.Name]
		exports[i] = export{Export: e, internal: abi.Internal(e.Name) || title.Hidden}
		exports[i].plan.Title, exports[i].plan.Lead = title.Text, title.Lead
		if e.Type.Kind != wasmbin.Func {
			continue
		}
		if err := known.plan(&exports[i], abi); err != nil {
			return nil, err
		}
	}
	return exports, nil
}

func collect(shape *wasmbin.Module, options config.Module, typed bool) (*signatures, error) {
	known := &signatures{given: map[string]marshal.Signature{}}
	for name, text := range options.Signatures {
		e := shape.Export(name)
		if e == nil || e.Type.Kind != wasmbin.Func {
			return nil, errs.New(errs.SignatureUnknown, "signatures.%s: the module exports no function of that name", name).
				With("export", name)
		}
		signature, err := marshal.ParseSignature(text)
		if err != nil {
			return nil, errs.From(err).With("export", name)
		}
		known.given[name] = signature
	}
	if options.Sidecar && options.Path != "" && !typed {
		return known, known.readSidecars(options.Path)
	}
	return known, nil
}

// maxSidecarBytes caps the text files read beside a module: 16 MiB.
const maxSidecarBytes = 16 << 20

// readSidecars looks for what wasm-bindgen writes beside x_bg.wasm: x.d.ts with
// the types, x.js with what those leave open.
func (s *signatures) readSidecars(path string) error {
	for _, suffix := range []string{".gz", ".zst", ".wasm", ".wat", "_bg"} {
		path = strings.TrimSuffix(path, suffix)
	}
	types, err := optionalFile(path + ".d.ts")
	if err != nil || types == "" {
		return err
	}
	glue, err := optionalFile(path + ".js")
	s.sidecar = marshal.ParseDTS(types)
	s.facts = marshal.ParseGlue(glue)
	return err
}

func optionalFile(path string) (string, error) {
	data, err := source.ReadFile(path, maxSidecarBytes)
	if err != nil && errs.From(err).Detail["errno"] == "ENOENT" {
		return "", nil
	}
	return string(data), err
}

// plan settles how one exported function is called. A signature that the
// caller gave and that does not fit is an error; one from a sidecar makes the
// export unusable, with the reason.
func (s *signatures) plan(e *export, abi *marshal.ABI) error {
	e.plan.Name = e.Name
	e.plan.Wasm, e.plan.WasmReason = marshal.WasmPlan(e.Type.Func)
	if signature, ok := s.given[e.Name]; ok {
		plan, reason := marshal.Resolve(signature, e.Type.Func, abi, marshal.Facts{})
		if reason != "" {
			return errs.New(errs.SignatureMismatch, "signatures.%s: %s", e.Name, reason).With("export", e.Name)
		}
		e.plan.Typed, e.signature = plan, &signature
		return nil
	}
	if signature, ok := s.own[e.Name]; ok {
		e.plan.Typed, e.plan.TypedReason = marshal.Resolve(signature, e.Type.Func, abi, marshal.Facts{})
		if signature.Unsupported == "" {
			e.signature = &signature
		}
		return nil
	}
	if signature, ok := s.sidecar[e.Name]; ok {
		e.plan.Typed, e.plan.TypedReason = marshal.Resolve(signature, e.Type.Func, abi, s.facts[e.Name])
		signature.Fallible = e.plan.Typed.Fallible == marshal.Fallible
		e.signature = &signature
		return nil
	}
	e.plan.Typed, e.plan.TypedReason = e.plan.Wasm, e.plan.WasmReason
	return nil
}

func functions(exports []export) []marshal.Export {
	var out []marshal.Export
	for _, e := range exports {
		if e.Type.Kind == wasmbin.Func {
			out = append(out, e.plan)
		}
	}
	return out
}

func join(names []string) string { return strings.Join(names, ", ") }
