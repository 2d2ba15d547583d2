package raw

import (
	"strings"

	"wasmgate/go/marshal"
)

// intrinsics are the functions that guests up to 0.2.101 import by fixed names, with
// their types in letters: parameters, ":", result. js/intrinsics.js has what they do.
//
// Source: the wasm-bindgen binary interface, §5.3.
var intrinsics = map[string]string{
	"bigint_new": "s:o", "bigint_from_str": "s:o", "bigint_from_i128": "lu:o", "bigint_from_u128": "uu:o",
	"bigint_get_as_i64": "i:L", "symbol_named_new": "s:o", "symbol_anonymous_new": ":o",
	"is_null": "i:b", "is_undefined": "i:b", "is_symbol": "i:b", "is_object": "i:b", "is_function": "i:b",
	"is_string": "i:b", "is_falsy": "i:b", "is_bigint": "i:b", "is_array": "i:b", "typeof": "i:o", "in": "ii:b",
	"as_number": "i:d", "try_into_number": "i:o", "neg": "i:o", "bit_not": "i:o",
	"add": "ii:o", "sub": "ii:o", "mul": "ii:o", "div": "ii:o", "rem": "ii:o", "pow": "ii:o", "bit_and": "ii:o",
	"bit_or": "ii:o", "bit_xor": "ii:o", "shl": "ii:o", "shr": "ii:o", "checked_div": "ii:o",
	"unsigned_shr": "ii:w", "lt": "ii:b", "le": "ii:b", "gt": "ii:b", "ge": "ii:b",
	"number_get": "i:D", "boolean_get": "i:w", "string_get": "i:S", "debug_string": "i:t",
	"json_parse": "s:o", "json_serialize": "i:t", "jsval_eq": "ii:b", "jsval_loose_eq": "ii:b",
	"memory": ":o", "module": ":o", "function_table": ":o", "exports": ":o",
	"externref_heap_live_count": ":w", "anyref_heap_live_count": ":w", "cb_drop": "o:b", "cb_forget": "o:",
	"copy_to_typed_array": "yi:", "array_new": ":o", "array_push": "io:",
	"int8_array_new": "1:o", "uint8_array_new": "2:o", "uint8_clamped_array_new": "3:o", "int16_array_new": "4:o",
	"uint16_array_new": "5:o", "int32_array_new": "6:o", "uint32_array_new": "7:o", "bigint64_array_new": "8:o",
	"biguint64_array_new": "9:o", "float32_array_new": "a:o", "float64_array_new": "c:o",
	"object_is_undefined": "i:b", "object_is_null_or_undefined": "i:b", "is_null_or_undefined": "i:b",
}

var letters = map[rune]marshal.Type{
	'i': {Kind: marshal.Any, Flags: marshal.Borrowed}, 'o': {Kind: marshal.Any},
	's': {Kind: marshal.String, Flags: marshal.Borrowed}, 't': {Kind: marshal.String}, 'S': {Kind: marshal.String, Optional: true},
	'y': {Kind: marshal.U8Array, Flags: marshal.Borrowed},
	'w': {Kind: marshal.U32}, 'b': {Kind: marshal.Bool}, 'd': {Kind: marshal.F64}, 'l': {Kind: marshal.I64}, 'u': {Kind: marshal.U64},
	'D': {Kind: marshal.F64, Optional: true}, 'L': {Kind: marshal.I64, Optional: true},
	'1': {Kind: marshal.I8Array}, '2': {Kind: marshal.U8Array}, '3': {Kind: marshal.U8ClampedArray}, '4': {Kind: marshal.I16Array},
	'5': {Kind: marshal.U16Array}, '6': {Kind: marshal.I32Array}, '7': {Kind: marshal.U32Array}, '8': {Kind: marshal.I64Array},
	'9': {Kind: marshal.U64Array}, 'a': {Kind: marshal.F32Array}, 'c': {Kind: marshal.F64Array},
}

func intrinsicSignature(name string) (marshal.Signature, bool) {
	var s marshal.Signature
	text, ok := intrinsics[name]
	if !ok {
		return s, false
	}
	params, result, _ := strings.Cut(text, ":")
	for _, letter := range params {
		s.Params = append(s.Params, marshal.Param{Type: letters[letter]})
	}
	for _, letter := range result {
		s.Results = append(s.Results, letters[letter])
	}
	return s, true
}
