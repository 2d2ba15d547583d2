// A plugin in Go brings a Go runtime of its own, beside that of wasmgate.
package main

// #include <stdint.h>
import "C"

import "unsafe"

func main() {} // required by -buildmode=c-shared, never run

//export goAdd
func goAdd(a, b C.int32_t) C.int64_t { return C.int64_t(a) + C.int64_t(b) }

// goSum is a plain function: wasmgate checks that the bytes lie in the guest's memory, and passes a pointer.
//
//export goSum
func goSum(bytes *C.uint8_t, count C.uint32_t) C.uint32_t {
	var total C.uint32_t
	for _, b := range unsafe.Slice(bytes, int(count)) {
		total += C.uint32_t(b)
	}
	return total
}
