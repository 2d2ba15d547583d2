package vm

import (
	"slices"
	"strings"

	"wasmgate/go/caps"
	"wasmgate/go/config"
	"wasmgate/go/engine"
	"wasmgate/go/errs"
	"wasmgate/go/marshal"
	"wasmgate/go/plugin"
)

// offer is a function of a plugin for a late-bound import.
type offer struct {
	late     int
	from     *plugin.Plugin
	function *plugin.Function
}

// offers are what plugins have for the imports that JavaScript does not provide. Which of two
// plugins is meant would be a matter of order: that is an error.
func (m *Module) offers(spec *engine.Spec) ([]offer, error) {
	var out []offer
	if len(spec.Plugins) == 0 {
		return nil, nil
	}
	for number, imp := range m.late {
		if slices.ContainsFunc(spec.Imports, func(i config.Import) bool { return i.Number == number }) {
			continue
		}
		first := len(out)
		for _, p := range spec.Plugins {
			if f := p.Find(imp.Module, imp.Name); f != nil {
				out = append(out, offer{number, p, f})
			}
		}
		if len(out) > first+1 {
			return nil, errs.New(errs.OptionRange, "plugins: both %s and %s provide %s.%s", out[first].from.Name,
				out[first+1].from.Name, imp.Module, imp.Name).With("option", "plugins")
		}
	}
	return out, nil
}

// pluginDecisions are those about imports for which a plugin has a function.
func pluginDecisions(offers []offer, grants *config.Grants) []caps.Decision {
	r := &caps.Registry{}
	var imports []caps.Import
	for _, o := range offers {
		imp := caps.Import{Module: o.function.Module, Name: o.function.Name}
		if slices.Contains(imports, imp) {
			continue // it is imported twice
		}
		all := config.GrantPlugins + "." + o.from.Name
		imports = append(imports, imp)
		r.Register(caps.Rule{Module: imp.Module, Function: imp.Name, Grants: []string{all + "." + o.function.Grant, all}})
	}
	return r.Decide(imports, caps.Granted{Given: grants.Given, Refused: grants.Refused})
}

// bindPlugins puts functions of plugins behind the late-bound imports that have nothing yet.
// Whether they are granted is decided apart.
func (m *Module) bindPlugins(spec *engine.Spec) error {
	if err := m.knownPlugins(spec); err != nil {
		return err
	}
	offers, err := m.offers(spec)
	if err != nil {
		return err
	}
	for _, o := range offers {
		if want := marshal.Shape(m.late[o.late].Type.Func); want != shapeOf(o.function.Wasm) {
			return errs.New(errs.SignatureMismatch, "%s: the module imports it as %s, the function of the plugin %s is %s",
				o.function.Import(), signatureOf(want), o.from.Name, o.function.Type).With("import", o.function.Import())
		}
		spec.Late[o.late] = engine.LateImport{Kind: engine.LatePlugin, Function: o.function}
	}
	return nil
}

// knownPlugins refuses names in the grants that mean nothing: they would be mistakes.
func (m *Module) knownPlugins(spec *engine.Spec) error {
	names := map[string]bool{}
	for _, p := range spec.Plugins {
		if names[p.Name] {
			return errs.New(errs.OptionRange, "plugins: two of them are called %s", p.Name).With("option", "plugins")
		}
		names[p.Name] = true
		for _, f := range p.Functions {
			names[p.Name+"."+f.Grant] = true
		}
	}
	for _, given := range spec.Grants.Given {
		name, found := strings.CutPrefix(given, config.GrantPlugins+".")
		if found && !names[name] {
			return errs.New(errs.GrantInvalid, "grants.%s: no plugin of the instance has it", given).With("option", "grants."+given)
		}
	}
	return nil
}

// shapeOf spells a type as marshal.Shape does.
func shapeOf(s plugin.Signature) string {
	letters := func(kinds []plugin.Kind) string {
		var b strings.Builder
		for _, k := range kinds {
			b.WriteByte("wlfdxr"[k])
		}
		return b.String()
	}
	return letters(s.Params) + ">" + letters(s.Results)
}

// signatureOf spells the type of an import as plugins do.
func signatureOf(shape string) string {
	kinds := func(letters string) []plugin.Kind {
		var out []plugin.Kind
		for _, l := range letters {
			out = append(out, plugin.Kind(strings.IndexRune("wlfdxr", l)))
		}
		return out
	}
	params, results, _ := strings.Cut(shape, ">")
	return plugin.Signature{Params: kinds(params), Results: kinds(results)}.String()
}
