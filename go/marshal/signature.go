package marshal

import (
	"slices"
	"strings"
)

// Type is a type as a person writes it.
type Type struct {
	Kind     Kind
	Optional bool
	// Flags of the value, where the source tells them.
	Flags Flags
	// Name of the class, the enum or, in TypeScript, of what an Any is; of the
	// elements of an AnyArray.
	Name string
	// Extra is that of the Value.
	Extra uint32
}

func (t Type) String() string {
	text := t.Kind.String()
	if t.Name != "" {
		text = t.Name
		if t.Kind == AnyArray {
			text += "[]"
		}
	}
	if t.Optional {
		return text + "?"
	}
	return text
}

// Param is a parameter; its name, if known, is for messages and listings.
type Param struct {
	Name string
	Type Type
}

// Signature is what an export takes and gives, whoever said so.
type Signature struct {
	Params  []Param
	Results []Type
	// Fallible: the Rust function returns a Result; an Err is thrown.
	Fallible bool
	// MaybeFallible: the source cannot tell (a .d.ts does not); Resolve finds
	// out from the wasm type, or leaves it to be seen in each reply.
	MaybeFallible bool
	// Variadic: the last parameter, an array, collects the arguments that are left.
	Variadic bool
	// Unsupported, if not empty, says why the export cannot be called.
	Unsupported string
}

// mutable reports whether a parameter is said to be a mutable slice.
func (s Signature) mutable() bool {
	return slices.ContainsFunc(s.Params, func(p Param) bool { return p.Type.Flags&Mutable != 0 })
}

func (s Signature) String() string {
	var b strings.Builder
	b.WriteByte('(')
	for i, p := range s.Params {
		if i > 0 {
			b.WriteString(", ")
		}
		if p.Name != "" {
			b.WriteString(p.Name)
			b.WriteString(": ")
		}
		b.WriteString(p.Type.String())
	}
	b.WriteString(") -> ")
	result := "()"
	switch len(s.Results) {
	case 0:
	case 1:
		result = s.Results[0].String()
	default:
		names := make([]string, len(s.Results))
		for i, r := range s.Results {
			names[i] = r.String()
		}
		result = "(" + strings.Join(names, ", ") + ")"
	}
	if s.Fallible {
		result = "result<" + result + ">"
	}
	return b.String() + result
}
