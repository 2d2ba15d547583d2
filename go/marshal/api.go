package marshal

import (
	"strconv"

	"wasmgate/go/wasmbin"
)

// API is what a module offers to JavaScript, with the types that it has there: what
// the classes of instances and declarations (.d.ts) are made of.
type API struct {
	Functions   []APIFunction `json:"functions"`
	Classes     []APIClass    `json:"classes"`
	Enums       []APIEnum     `json:"enums"`
	StringEnums []APIStrings  `json:"stringEnums"`
	// TypeScript holds declarations that the module brings along.
	TypeScript []string `json:"typescript"`
}

// APIFunction is a function or a method.
type APIFunction struct {
	Name       string         `json:"name"`
	Namespace  []string       `json:"namespace,omitempty"`
	Docs       []string       `json:"docs"`
	Parameters []APIParameter `json:"parameters"`
	// Result is a TypeScript type, as are those of parameters.
	Result   string `json:"result"`
	Variadic bool   `json:"variadic,omitempty"`
	Async    bool   `json:"async,omitempty"`
	// Unsupported says why it cannot be called.
	Unsupported string `json:"unsupported,omitempty"`
	// Export is the name of the wasm export behind it.
	Export string `json:"export"`
	// Encoded are the parameters that js/codec.js encodes, and whether it decodes the
	// result.
	Encoded *APIEncoded `json:"encoded,omitempty"`
	// Of methods. Consumes: the object is gone after the call. This: it is given
	// JavaScript's this as the first argument.
	Static   bool `json:"static,omitempty"`
	Consumes bool `json:"consumes,omitempty"`
	This     bool `json:"this,omitempty"`
}

// APIEncoded says which values of a function are encoded.
type APIEncoded struct {
	Params []int `json:"params"`
	Result bool  `json:"result,omitempty"`
}

// EncodedIn says which values of a signature are encoded; nil if none is.
func EncodedIn(s Signature) *APIEncoded {
	out := &APIEncoded{Params: []int{}, Result: len(s.Results) == 1 && s.Results[0].Kind == Encoded}
	for i, p := range s.Params {
		if p.Type.Kind == Encoded {
			out.Params = append(out.Params, i)
		}
	}
	if len(out.Params) == 0 && !out.Result {
		return nil
	}
	return out
}

// APIParameter is a parameter.
type APIParameter struct {
	Name     string `json:"name"`
	Type     string `json:"type"`
	Optional bool   `json:"optional,omitempty"`
}

// APIClass is an exported struct.
type APIClass struct {
	Name        string        `json:"name"`
	Namespace   []string      `json:"namespace,omitempty"`
	Docs        []string      `json:"docs"`
	Private     bool          `json:"private,omitempty"`
	Inspectable bool          `json:"inspectable,omitempty"`
	Constructor *APIFunction  `json:"constructor"`
	Methods     []APIFunction `json:"methods"`
	Properties  []APIProperty `json:"properties"`
	// Free is the wasm export that frees an object.
	Free string `json:"free"`
}

// APIProperty is a field, or a pair of a getter and a setter.
type APIProperty struct {
	Name     string       `json:"name"`
	Type     string       `json:"type"`
	Readonly bool         `json:"readonly"`
	Static   bool         `json:"static,omitempty"`
	Docs     []string     `json:"docs"`
	Getter   *APIFunction `json:"getter,omitempty"`
	Setter   *APIFunction `json:"setter,omitempty"`
}

// APIEnum is an enum of numbers.
type APIEnum struct {
	Name      string       `json:"name"`
	Namespace []string     `json:"namespace,omitempty"`
	Docs      []string     `json:"docs"`
	Private   bool         `json:"private,omitempty"`
	Variants  []APIVariant `json:"variants"`
}

// APIVariant is one value of an enum.
type APIVariant struct {
	Name  string   `json:"name"`
	Value int64    `json:"value"`
	Docs  []string `json:"docs"`
}

// APIStrings is an enum of strings: a type only.
type APIStrings struct {
	Name   string   `json:"name"`
	Docs   []string `json:"docs"`
	Values []string `json:"values"`
}

// FunctionOf describes a function of that signature.
func FunctionOf(name string, s Signature) APIFunction {
	f := APIFunction{Name: name, Export: name, Docs: []string{}, Parameters: []APIParameter{}, Unsupported: s.Unsupported}
	for i, p := range s.Params {
		param := APIParameter{Name: p.Name, Type: p.Type.TypeScript(), Optional: p.Type.Optional}
		if param.Name == "" {
			param.Name = "arg" + strconv.Itoa(i)
		}
		f.Parameters = append(f.Parameters, param)
	}
	f.Encoded = EncodedIn(s)
	f.Variadic = s.Variadic
	switch len(s.Results) {
	case 0:
		f.Result = "void"
	case 1:
		f.Result = s.Results[0].TypeScript()
	default:
		f.Result = "["
		for i, r := range s.Results {
			if i > 0 {
				f.Result += ", "
			}
			f.Result += r.TypeScript()
		}
		f.Result += "]"
	}
	return f
}

var typeScriptKinds = map[Kind]string{
	Unit: "void", Bool: "boolean", Char: "string", String: "string", StringEnum: "string",
	I64: "bigint", U64: "bigint", Any64: "bigint", I128: "bigint", U128: "bigint", tsBigint: "bigint",
	V128: "Uint8Array", tsString: "string", Any: "any", ExternRef: "any", Encoded: "any", FuncRef: "Function | null",
	I8Array: "Int8Array", U8Array: "Uint8Array", U8ClampedArray: "Uint8ClampedArray", I16Array: "Int16Array",
	U16Array: "Uint16Array", I32Array: "Int32Array", U32Array: "Uint32Array", I64Array: "BigInt64Array",
	U64Array: "BigUint64Array", F32Array: "Float32Array", F64Array: "Float64Array", Function: "Function",
}

// TypeScript writes t as a type of TypeScript.
func (t Type) TypeScript() string {
	text, ok := typeScriptKinds[t.Kind]
	switch {
	case t.Kind == AnyArray:
		text = "any[]"
		if t.Name != "" {
			text = t.Name + "[]"
		}
	case t.Name != "":
		text = t.Name
	case !ok:
		text = "number"
	}
	if t.Optional {
		text += " | undefined"
	}
	return text
}

// WasmSignature is the signature of an export that is called with its wasm types.
func WasmSignature(t wasmbin.FuncType) Signature {
	plan, reason := WasmPlan(t)
	s := Signature{Unsupported: reason}
	for _, v := range plan.Params {
		s.Params = append(s.Params, Param{Type: Type{Kind: v.Kind}})
	}
	for _, v := range plan.Results {
		s.Results = append(s.Results, Type{Kind: v.Kind})
	}
	return s
}

// Explain notes why functions cannot be called, by the names of their exports.
func (a *API) Explain(reasons map[string]string) {
	explain := func(f *APIFunction) {
		if f != nil && reasons[f.Export] != "" {
			f.Unsupported = reasons[f.Export]
		}
	}
	for i := range a.Functions {
		explain(&a.Functions[i])
	}
	for i := range a.Classes {
		class := &a.Classes[i]
		explain(class.Constructor)
		for j := range class.Methods {
			explain(&class.Methods[j])
		}
		for j := range class.Properties {
			explain(class.Properties[j].Getter)
			explain(class.Properties[j].Setter)
		}
	}
}
