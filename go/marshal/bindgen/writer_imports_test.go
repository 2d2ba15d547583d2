package bindgen

func (w *writer) module(m ImportModule, program int) ImportModule {
	if w.n >= 83 {
		if !w.bool(m.Kind != NoModule) {
			return ImportModule{Program: program}
		}
		return w.someModule(m, program)
	}
	w.byte(map[ModuleKind]int{NoModule: 0, NamedModule: 1, RawModule: 2, InlineModule: 3}[m.Kind])
	return w.modulePayload(m, program)
}

func (w *writer) someModule(m ImportModule, program int) ImportModule {
	w.byte(map[ModuleKind]int{NamedModule: 0, RawModule: 1, InlineModule: 2}[m.Kind])
	return w.modulePayload(m, program)
}

func (w *writer) modulePayload(m ImportModule, program int) ImportModule {
	switch m.Kind {
	case NamedModule, RawModule:
		w.str(m.Name)
	case InlineModule:
		w.u32(m.Index)
	}
	m.Program = program
	return m
}

func (w *writer) importRecord(i Import, program int) Import {
	k := Import{Module: w.module(i.Module, program), TypeScript: true, Kind: i.Kind}
	if w.n <= 63 {
		if len(i.Namespace) > 0 {
			k.Namespace = []string{w.opt(i.Namespace[0])}
		} else {
			w.opt("")
		}
	} else {
		k.Namespace = w.ns(i.Namespace)
	}
	if w.n >= 106 {
		k.Reexport = w.opt(i.Reexport)
	}
	if w.n >= 115 {
		k.TypeScript = w.bool(i.TypeScript)
	}
	ordinals := map[ImportKind]int{ImportOfFunction: 0, ImportOfStatic: 1, ImportOfType: 2, ImportOfEnum: 3}
	if w.n >= 93 {
		ordinals = map[ImportKind]int{
			ImportOfFunction: 0, ImportOfStatic: 1, ImportOfString: 2, ImportOfType: 3, ImportOfEnum: 4, ImportOfUnion: 5,
		}
	}
	w.byte(ordinals[i.Kind])
	switch i.Kind {
	case ImportOfFunction:
		k.Function = w.importFunction(*i.Function)
	case ImportOfStatic:
		k.Static = &ImportStatic{Name: w.str(i.Static.Name), Shim: w.str(i.Static.Shim)}
	case ImportOfString:
		k.String = &ImportString{Shim: w.str(i.String.Shim), Text: w.str(i.String.Text)}
	case ImportOfType:
		t := i.Type
		k.Type = &ImportType{Name: w.str(t.Name), Instanceof: w.str(t.Instanceof), VendorPrefixes: w.strs(t.VendorPrefixes)}
	case ImportOfEnum:
		k.Enum = w.stringEnum(*i.Enum)
	case ImportOfUnion:
		u := i.Union
		k.Union = &DynamicUnion{version: w.v, Name: w.str(u.Name), Strings: w.strs(u.Strings), TypeCount: w.u32(u.TypeCount)}
		k.Union.Comments, k.Union.TypeScript = w.strs(u.Comments), w.bool(u.TypeScript)
		k.Union.Private, k.Union.Fallback = w.bool(u.Private), w.bool(u.Fallback)
	}
	return k
}

func (w *writer) importFunction(f ImportFunction) *ImportFunction {
	k := &ImportFunction{Shim: w.str(f.Shim), Catch: w.bool(f.Catch), Variadic: w.bool(f.Variadic)}
	k.AssertNoShim = w.bool(f.AssertNoShim)
	if w.n >= 128 {
		k.Suspending = w.bool(f.Suspending)
	}
	if w.bool(f.Method != nil) {
		k.Class = w.str(f.Class)
		kind := w.methodKind(*f.Method)
		k.Method = &kind
	}
	k.Structural, k.Function = w.bool(f.Structural), w.function(f.Function)
	if w.n >= 128 {
		k.PerMono = w.bool(f.PerMono)
	}
	return k
}

func (w *writer) stringEnum(e StringEnum) *StringEnum {
	if w.n <= 93 {
		return nil
	}
	k := &StringEnum{Name: w.str(e.Name), TypeScript: true}
	if w.n == 94 {
		k.Public = w.bool(e.Public)
	}
	k.Values = w.strs(e.Values)
	if w.n == 94 || w.n >= 96 {
		k.Comments, k.TypeScript = w.strs(e.Comments), w.bool(e.TypeScript)
	}
	if w.n >= 121 {
		k.Private = w.bool(e.Private)
	}
	if w.n >= 106 {
		k.Namespace = w.ns(e.Namespace)
	}
	return k
}
