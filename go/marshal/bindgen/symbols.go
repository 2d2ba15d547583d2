package bindgen

import (
	"fmt"
	"strings"
	"unicode"
)

// DescribePrefix is what the name of a descriptor function begins with; the
// symbol that it describes follows (wasm-bindgen binary interface, §2.5).
const DescribePrefix = "__wbindgen_describe_"

// DescriptorSymbol names the descriptor function of a symbol.
func DescriptorSymbol(symbol string) string { return DescribePrefix + symbol }

// lower is Rust's lower case, character by character: unlike Go's it makes two
// characters of one of them, and it does not know languages.
func lower(name string) string {
	var out strings.Builder
	for _, c := range name {
		if c == 'İ' {
			out.WriteString("i\u0307")
			continue
		}
		out.WriteRune(unicode.ToLower(c))
	}
	return out.String()
}

// member is how v writes the name of a function or field in a symbol.
func (v Version) member(name string) string {
	if v.until(120) {
		return name
	}
	return strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9':
			return c
		case c == '[' || c == ']':
			return -1
		}
		return '_'
	}, name)
}

// qualify puts a namespace before a name.
func qualify(namespace []string, separator, name string) string {
	return strings.Join(append(append([]string(nil), namespace...), name), separator)
}

// mangle writes a symbol as a version does that adds the crate's hash to it.
func (v Version) mangle(symbol string, o Origin) string {
	if !v.mangled() {
		return symbol
	}
	return symbol + "_" + o.hash()
}

// Unmangle takes the crate's hash, 16 hexadecimal digits, off a symbol of v.
func (v Version) Unmangle(symbol string) string {
	at := len(symbol) - 17
	if !v.mangled() || at <= 0 || symbol[at] != '_' || strings.Trim(symbol[at+1:], "0123456789abcdef") != "" {
		return symbol
	}
	return symbol[:at]
}

// Symbols names the core export of e: candidates, the likeliest first, of which
// the first that has a descriptor is the right one. If none has, the linker
// dropped the function (wasm-bindgen binary interface, §2.5).
func (e Export) Symbols(v Version) []string {
	base := v.member(e.Function.Name)
	if e.Class != "" {
		base = lower(e.Class) + "_" + base
	}
	plain := v.mangle(base, e.Origin)
	if len(e.Namespace) == 0 {
		return []string{plain}
	}
	separator := "__"
	if v.until(113) {
		separator = "_"
	}
	symbols := []string{v.mangle(qualify(e.Namespace, separator, base), e.Origin)}
	if e.Class != "" {
		symbols = append(symbols, plain)
	}
	return symbols
}

// QualifiedName is what descriptors and symbols call the struct: with its
// namespace from 0.2.114 on (wasm-bindgen binary interface, §2.5).
func (s Struct) QualifiedName() string {
	if s.version.until(113) && s.version.Minor != 0 {
		return s.Name
	}
	return qualify(s.Namespace, "__", s.Name)
}

// ParentName is the qualified name of the struct that s extends, empty if none.
func (s Struct) ParentName() string {
	switch {
	case s.ExtendsClass != "":
		return qualify(s.ExtendsNamespace, "__", s.ExtendsClass)
	case s.Extends != "":
		return qualify(s.ExtendsNamespace, "__", s.Extends)
	}
	return ""
}

// FreeSymbol names the core export that drops an object.
func (s Struct) FreeSymbol() string { return s.symbol("free") }

func (s Struct) symbol(verb string) string {
	return s.version.mangle("__wbg_"+lower(s.QualifiedName())+"_"+verb, s.Origin)
}

// GetterSymbol names the core export that reads a field. It has a descriptor:
// the type of the field.
func (s Struct) GetterSymbol(field string) string { return s.field("get", field) }

// SetterSymbol names the core export that writes a field. It has no descriptor.
func (s Struct) SetterSymbol(field string) string { return s.field("set", field) }

func (s Struct) field(verb, field string) string {
	symbol := fmt.Sprintf("__wbg_%s_%s_%s", verb, lower(s.QualifiedName()), s.version.member(field))
	return s.version.mangle(symbol, s.Origin)
}

// NewSymbol names the core import that makes an object of a pointer.
func (s Struct) NewSymbol() string { return s.symbol("new") }

// UnwrapSymbol names the core import that takes the pointer out of an object,
// from 0.2.88 on.
func (s Struct) UnwrapSymbol() string { return s.symbol("unwrap") }

// UpcastSymbol names the core export that makes a parent pointer of a pointer,
// from 0.2.121 on; empty if s extends nothing.
func (s Struct) UpcastSymbol() string {
	parent := s.ParentName()
	if parent == "" {
		return ""
	}
	return s.version.mangle("__wbg_upcast_"+lower(s.QualifiedName())+"_to_"+lower(parent), s.Origin)
}

// QualifiedName is what descriptors call the enum: with its namespace from
// 0.2.119 on.
func (e Enum) QualifiedName() string {
	if e.version.until(118) && e.version.Minor != 0 {
		return e.Name
	}
	return qualify(e.Namespace, "__", e.Name)
}

// VariantSymbol is what the type of the union's variant of that index is described
// under.
func (u DynamicUnion) VariantSymbol(index uint32) string {
	symbol := u.version.mangle(fmt.Sprintf("__wbg_dynamic_union_%s_%d", lower(u.Name), index), u.Origin)
	if u.version.since(130) {
		symbol += "_" + u.ModulePath
	}
	return symbol
}

// StructOf finds the struct that a method belongs to, nil if there is none: by
// its Rust name where the section has that, by its qualified name, by its name.
func (c *Crate) StructOf(e Export) *Struct {
	if e.Class == "" {
		return nil
	}
	qualified := qualify(e.Namespace, "__", e.Class)
	sibling := func(s Struct) bool { return s.CrateID == e.CrateID }
	for _, fits := range []func(Struct) bool{
		func(s Struct) bool { return s.RustName == e.Class },
		func(s Struct) bool { return s.QualifiedName() == qualified },
		func(s Struct) bool { return s.Name == e.Class },
	} {
		for i := range c.Structs {
			if s := c.Structs[i]; sibling(s) && fits(s) {
				return &c.Structs[i]
			}
		}
	}
	return nil
}
