// The plugin of ../c/texts.c in Go:
//
//	CGO_CFLAGS=-I<directory of wasmgate_plugin.h> go build -buildmode=c-shared -o libtexts.so .
//
// It brings a Go runtime of its own, beside that of wasmgate. See docs/plugins.md on what that means.
package main

/*
#cgo LDFLAGS: -l:libz.so.1
#include <stdlib.h>
#include <wasmgate_plugin.h>

extern const wasmgate_type texts_tally, texts_order;

static void *memory_at(wasmgate_ctx *c, uint32_t at, uint64_t bytes) { return c->host->memory_at(c, at, bytes); }
static int fail(wasmgate_ctx *c, const char *text) { return c->host->fail(c, text); }
static int object_new(wasmgate_ctx *c, uintptr_t handle, const wasmgate_type *type, wasmgate_ref *out) {
  return c->host->object_new(c, (void *)handle, type, out);
}
static int object_get(wasmgate_ctx *c, wasmgate_ref ref, const wasmgate_type *type, uintptr_t *out) {
  void *payload = 0;
  int status = c->host->object_get(c, ref, type, &payload);
  *out = (uintptr_t)payload;
  return status;
}
static int check(wasmgate_ctx *c, wasmgate_ref f) { return c->host->func_check(c, f, "(i32, i32) -> ()"); }
static int call(wasmgate_ctx *c, wasmgate_ref f, int32_t a, int32_t b) {
  wasmgate_value values[2] = {{.i32 = a}, {.i32 = b}};
  return c->host->call(c, f, values, 2);
}
*/
import "C"

import (
	"bytes"
	"runtime/cgo"
	"sort"
	"unsafe"
)

func main() {} // required by -buildmode=c-shared, never run

// values views what a callback got; a union is bytes for cgo.
func i32(v *C.wasmgate_value, i int) int32 { return *(*int32)(unsafe.Add(unsafe.Pointer(v), 16*i)) }

func ref(v *C.wasmgate_value) C.wasmgate_ref { return *(*C.wasmgate_ref)(unsafe.Pointer(v)) }

func set(results *C.wasmgate_value, value int32) C.int {
	*(*int32)(unsafe.Pointer(results)) = value
	return C.WASMGATE_OK
}

// memory views guest memory, nil if it does not lie there.
func memory(ctx *C.wasmgate_ctx, at int32, count int) []byte {
	start := C.memory_at(ctx, C.uint32_t(at), C.uint64_t(count))
	if start == nil {
		return nil
	}
	return unsafe.Slice((*byte)(start), count)
}

// object makes a native object of a Go value. What C has is a handle: no Go pointer crosses.
func object(ctx *C.wasmgate_ctx, value any, kind *C.wasmgate_type, results *C.wasmgate_value) C.int {
	handle := cgo.NewHandle(value)
	status := C.object_new(ctx, C.uintptr_t(handle), kind, (*C.wasmgate_ref)(unsafe.Pointer(results)))
	if status != C.WASMGATE_OK {
		handle.Delete()
	}
	return status
}

//export goDestroy
func goDestroy(handle C.uintptr_t) { cgo.Handle(handle).Delete() }

//export goWords
func goWords(ctx *C.wasmgate_ctx, args, results *C.wasmgate_value) C.int {
	text := memory(ctx, i32(args, 0), int(uint32(i32(args, 1))))
	if text == nil {
		return C.WASMGATE_BOUNDS
	}
	return set(results, int32(len(bytes.Fields(text))))
}

//export goUpper
func goUpper(ctx *C.wasmgate_ctx, args, _ *C.wasmgate_value) C.int {
	text := memory(ctx, i32(args, 0), int(uint32(i32(args, 1))))
	if text == nil {
		return C.WASMGATE_BOUNDS
	}
	copy(text, bytes.ToUpper(text))
	return C.WASMGATE_OK
}

//export goEach
func goEach(ctx *C.wasmgate_ctx, args, _ *C.wasmgate_value) C.int {
	at := i32(args, 1)
	text := memory(ctx, at, int(uint32(i32(args, 2))))
	if text == nil {
		return C.WASMGATE_BOUNDS
	}
	status := C.check(ctx, ref(args))
	for _, word := range bytes.Split(bytes.Clone(text), []byte(" ")) {
		if len(word) > 0 && status == C.WASMGATE_OK {
			status = C.call(ctx, ref(args), C.int32_t(at), C.int32_t(len(word)))
		}
		at += int32(len(word)) + 1
	}
	return status
}

// tally is a native object: how often each word was seen.
type tally map[string]int32

//export goTallyNew
func goTallyNew(ctx *C.wasmgate_ctx, _, results *C.wasmgate_value) C.int {
	return object(ctx, tally{}, &C.texts_tally, results)
}

//export goTallyAdd
func goTallyAdd(ctx *C.wasmgate_ctx, args, results *C.wasmgate_value) C.int {
	var handle C.uintptr_t
	if status := C.object_get(ctx, ref(args), &C.texts_tally, &handle); status != C.WASMGATE_OK {
		return status
	}
	word := memory(ctx, i32(args, 1), int(uint32(i32(args, 2))))
	if word == nil {
		return C.WASMGATE_BOUNDS
	}
	t := cgo.Handle(handle).Value().(tally)
	t[string(word)]++
	return set(results, t[string(word)])
}

// order is a function that the guest carries from one host function to another.
type order func(a, b int32) bool

//export goOrder
func goOrder(ctx *C.wasmgate_ctx, args, results *C.wasmgate_value) C.int {
	switch i32(args, 0) {
	case 0:
		return object(ctx, order(func(a, b int32) bool { return a < b }), &C.texts_order, results)
	case 1:
		return object(ctx, order(func(a, b int32) bool { return a > b }), &C.texts_order, results)
	}
	text := C.CString("there is order 0 and order 1")
	defer C.free(unsafe.Pointer(text))
	return C.fail(ctx, text)
}

//export goSort
func goSort(ctx *C.wasmgate_ctx, args, _ *C.wasmgate_value) C.int {
	var handle C.uintptr_t
	if status := C.object_get(ctx, ref(args), &C.texts_order, &handle); status != C.WASMGATE_OK {
		return status
	}
	count := int(uint32(i32(args, 2)))
	place := memory(ctx, i32(args, 1), count*4)
	if place == nil {
		return C.WASMGATE_BOUNDS
	}
	numbers := make([]int32, count)
	whole := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(numbers))), count*4)
	copy(whole, place)
	less := cgo.Handle(handle).Value().(order)
	sort.Slice(numbers, func(a, b int) bool { return less(numbers[a], numbers[b]) })
	copy(place, whole)
	return C.WASMGATE_OK
}
