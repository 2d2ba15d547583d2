package raw

import (
	"wasmgate/go/errs"
	"wasmgate/go/marshal"
	"wasmgate/go/marshal/bindgen"
)

// Cast is what a cast at run time needs.
type Cast int

// Casts, by the numbers of enum wg_cast in go/cabi/wg_types.h.
const (
	CastString Cast = iota + 1
	CastNumber
	CastI64
	CastU64
	CastPlanned // by the plan that comes with it
)

// ReadCast decodes what a guest told before a cast.
func (m *Module) ReadCast(words []uint32) (Cast, marshal.Plans, error) {
	if m.Version.Keyed() {
		if key, _, err := m.Version.DecodeKeyed(words); err == nil && key != "" {
			return 0, marshal.Plans{}, m.perMono(key)
		}
	}
	from, to, err := m.Version.DecodeCast(words)
	if err != nil {
		return 0, marshal.Plans{}, err
	}
	if to.Tag == bindgen.TagExternref || to.Tag == bindgen.TagNamedExternref {
		switch {
		case from.Tag == bindgen.TagRef && from.Elem.Tag == bindgen.TagString:
			return CastString, marshal.Plans{}, nil
		case from.Tag == bindgen.TagF64:
			return CastNumber, marshal.Plans{}, nil
		case from.Tag == bindgen.TagI64:
			return CastI64, marshal.Plans{}, nil
		case from.Tag == bindgen.TagU64:
			return CastU64, marshal.Plans{}, nil
		}
	}
	own := m.atRunTime()
	given, err := own.typeOf(from, fromGuest)
	if err != nil {
		return 0, marshal.Plans{}, errs.New(errs.ImportCalled, "the guest casts a value: %s", err)
	}
	taken, err := own.typeOf(to, toGuest)
	if err != nil {
		return 0, marshal.Plans{}, errs.New(errs.ImportCalled, "the guest casts a value: %s", err)
	}
	return CastPlanned, own.marker(marshal.Signature{
		Params: []marshal.Param{{Type: given}}, Results: []marshal.Type{taken},
	}), nil
}

// perMono refuses an import whose types come with its calls only.
func (m *Module) perMono(key string) error {
	name := key
	if found, ok := m.shims()[key]; ok && found.record.Function != nil {
		name = found.record.Function.Function.Name
	}
	return errs.New(errs.ImportCalled,
		"the guest called its JavaScript import %s, which is generic (experimental_generic_mono): those are not supported", name)
}

// ReadClosure decodes what a guest up to 0.2.101 tells of a closure.
func (m *Module) ReadClosure(words []uint32) (marshal.Plans, error) {
	t, err := m.Version.Decode(words)
	if err != nil {
		return marshal.Plans{}, err
	}
	own := m.atRunTime()
	given, err := own.typeOf(t, fromGuest)
	if err == nil && given.Kind != marshal.Function {
		err = unsupported("it is not a function")
	}
	if err != nil {
		return marshal.Plans{}, errs.New(errs.ImportCalled, "the guest makes a closure: %s", err)
	}
	return own.marker(marshal.Signature{
		Params: []marshal.Param{{Type: given}}, Results: []marshal.Type{{Kind: marshal.Any}},
	}), nil
}

// atRunTime is m with plans of its own, for what comes after the load: m itself is
// shared by threads and not changed any more.
func (m *Module) atRunTime() *Module {
	own := *m
	own.Plans = marshal.Plans{}
	own.lists = map[string]int{}
	return &own
}

// marker plans the one import that a cast or a closure is.
func (m *Module) marker(s marshal.Signature) marshal.Plans {
	plan, reason := marshal.Flatten(s, m.ABI)
	m.Plans.Imports = []marshal.ImportPlan{{Planned: marshal.Planned{Plan: plan, Reason: reason}, Name: "a closure or cast"}}
	return m.Plans
}
