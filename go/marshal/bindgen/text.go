package bindgen

import "strings"

// String writes t the way Rust would, for messages: &str, Option<Vec<u8>>. It
// does not tell apart types that read alike there.
func (t *Type) String() string {
	if t == nil {
		return "_"
	}
	switch t.Tag {
	case TagU8:
		if t.Clamped {
			return "Clamped<u8>"
		}
	case TagRef, TagRefMut, TagLongRef:
		return t.reference()
	case TagFunction:
		return t.Func.String()
	case TagClosure:
		return "Closure<" + t.callable(t.Closure.Mutable) + ">"
	}
	row := tagTable[t.Tag]
	switch {
	case t.Name != "":
		return t.Name
	case row.element:
		return strings.Replace(row.rust, "%s", t.Elem.String(), 1)
	}
	return row.rust
}

func (t *Type) reference() string {
	mutable := t.Tag == TagRefMut
	prefix := "&"
	if mutable {
		prefix = "&mut "
	}
	switch t.Elem.Tag {
	case TagString, TagCachedString:
		return prefix + "str"
	case TagFunction:
		return prefix + t.Elem.callable(mutable)
	}
	return prefix + t.Elem.String()
}

// callable writes the trait object that a Function or Closure is.
func (t *Type) callable(mutable bool) string {
	trait := "dyn Fn"
	if mutable {
		trait = "dyn FnMut"
	}
	return trait + strings.TrimPrefix(t.Func.String(), "fn")
}

// String writes f the way Rust would: fn(&str, u32) -> String. The signature of
// an async function says what it resolves to.
func (f *Func) String() string {
	params := make([]string, len(f.Params))
	for i, p := range f.Params {
		params[i] = p.String()
	}
	text := "fn(" + strings.Join(params, ", ") + ")"
	if result := f.Inner; result != nil && result.Tag != TagUnit {
		text += " -> " + result.String()
	}
	return text
}
