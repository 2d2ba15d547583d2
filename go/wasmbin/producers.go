package wasmbin

// Producers reads the "producers" section: field (language, processed-by, sdk)
// to tool to version. A damaged section reads as absent, because tools may
// write what they like there.
//
// Source: https://github.com/WebAssembly/tool-conventions/blob/main/ProducersSection.md
func (m *Module) Producers() map[string]map[string]string {
	out := map[string]map[string]string{}
	r := &reader{data: m.Custom("producers")}
	if r.done() {
		return out
	}
	for fields := r.count(); fields > 0 && r.err == nil; fields-- {
		field := r.name()
		tools := map[string]string{}
		for n := r.count(); n > 0 && r.err == nil; n-- {
			tool := r.name()
			tools[tool] = r.name()
		}
		out[field] = tools
	}
	if r.err != nil {
		return map[string]map[string]string{}
	}
	return out
}

// Features lists what the "target_features" section says the code uses, with
// nothing for a damaged or missing one.
//
// Source: https://github.com/WebAssembly/tool-conventions/blob/main/Linking.md
func (m *Module) Features() []string {
	out := []string{}
	r := &reader{data: m.Custom("target_features")}
	if r.done() {
		return out
	}
	for n := r.count(); n > 0 && r.err == nil; n-- {
		prefix, name := r.byte(), r.name()
		if prefix == '+' {
			out = append(out, name)
		}
	}
	if r.err != nil {
		return []string{}
	}
	return out
}
