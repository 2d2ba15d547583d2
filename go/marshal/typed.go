package marshal

import (
	"slices"
	"strings"

	"wasmgate/go/wasmbin"
)

// Typed is what a module says of its own types, be it by wasm-bindgen's descriptors
// (package raw) or by the section of the guest crate (package guest).
type Typed struct {
	API API
	// Signatures are those of the exports that have one, by the export's name.
	Signatures map[string]Signature
	// Titles are what messages call exports that are not called by their own name.
	Titles map[string]Title
	// Plans are those of imports and functions; the exports are not in them.
	Plans Plans
	// Bindings say which function of JavaScript stands behind each of Plans.Imports.
	Bindings []Binding
	// Unusable are the imports that nobody can provide, with the reasons.
	Unusable []Unusable
	// Aliases are exports that the module is to have besides its own.
	Aliases []wasmbin.Alias
}

// NewTyped is a Typed that lists nothing.
func NewTyped() Typed {
	return Typed{
		Signatures: map[string]Signature{}, Titles: map[string]Title{},
		API: API{
			Functions: []APIFunction{}, Classes: []APIClass{}, Enums: []APIEnum{},
			StringEnums: []APIStrings{}, TypeScript: []string{},
		},
		Bindings: []Binding{}, Unusable: []Unusable{},
	}
}

// Title is what messages call an export. Lead counts the parameters that a caller
// does not give. Hidden: it is no function by that name (but a method, say).
type Title struct {
	Text   string
	Lead   int
	Hidden bool
}

// Unusable is an import that nobody can provide.
type Unusable struct {
	Import string `json:"import"`
	Reason string `json:"reason"`
}

// Binding says what of JavaScript stands behind an import; js/bindings.js makes
// the function.
type Binding struct {
	// Op is "intrinsic", "wrap", "unwrap", "call", "new", "method", "get", "set",
	// "indexGet", "indexSet", "indexDelete", "instanceof", "static", "string" or
	// "none".
	Op string `json:"op"`
	// Name is that of the intrinsic, function, property or value, the text of a
	// "string", and the reason of a "none".
	Name string `json:"name,omitempty"`
	// Module is the specifier to look in, empty for global names; Path leads from
	// there to the object that has the name.
	Module string   `json:"module,omitempty"`
	Path   []string `json:"path,omitempty"`
	// Class is that of a method, constructor or instanceof test, at the end of Path;
	// Prefixes are tried before it if it is missing.
	Class    string   `json:"class,omitempty"`
	Prefixes []string `json:"prefixes,omitempty"`
	// Static: the class itself is the receiver. Final: the method of the class is
	// called, whatever the object has under its name.
	Static   bool `json:"static,omitempty"`
	Final    bool `json:"final,omitempty"`
	Variadic bool `json:"variadic,omitempty"`
	// Optional: a missing value is None.
	Optional bool `json:"optional,omitempty"`
	// Number is that of the class to wrap or unwrap.
	Number int `json:"number,omitempty"`
	// Arrays are the places of the arguments that are to be plain arrays.
	Arrays []int `json:"arrays,omitempty"`
	// Required: an instance cannot be made without it.
	Required bool `json:"required,omitempty"`
	// Encoded are the values that js/codec.js decodes and encodes.
	Encoded *APIEncoded `json:"encoded,omitempty"`
	// Import is the name of the import, for messages.
	Import string `json:"import"`
}

// Title names the import in messages.
func (b Binding) Title() string {
	parts := b.Path
	if b.Class != "" {
		parts = append(slices.Clone(parts), b.Class)
	}
	if b.Name == "" {
		return b.Import
	}
	return strings.Join(append(slices.Clone(parts), b.Name), ".")
}
