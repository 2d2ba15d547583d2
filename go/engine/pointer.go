package engine

import (
	"fmt"
	"reflect"
	"unsafe"
)

// cPointer reads the wasmtime C pointer out of a wasmtime-go object. The
// binding keeps it in a private field `_ptr` and offers no accessor; this is
// the one place that reaches for it. The caller keeps the object alive for as
// long as the pointer is used.
func cPointer(object any) unsafe.Pointer {
	value := reflect.ValueOf(object)
	field := value.Elem().FieldByName("_ptr")
	if !field.IsValid() || field.Kind() != reflect.Pointer {
		panic(fmt.Sprintf("%T has no C pointer: wasmtime-go has changed", object))
	}
	return field.UnsafePointer()
}
