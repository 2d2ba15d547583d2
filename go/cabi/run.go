package main

/*
#include <pthread.h>
#include <stdlib.h>
#include "wg_types.h"

static int call_tick(wg_host *host) { return host->tick == NULL ? 0 : host->tick(host->context, false); }

// A thread whose stack has so many bytes, on which wg_run_here does the work.
void wg_run_here(uintptr_t id);
static void *run_task(void *id) { wg_run_here((uintptr_t)id); return NULL; }
static int run_on_stack(size_t bytes, uintptr_t id) {
  pthread_t thread;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  int failed = pthread_attr_setstacksize(&attributes, bytes);
  if (failed == 0) failed = pthread_create(&thread, &attributes, run_task, (void *)id);
  pthread_attr_destroy(&attributes);
  return failed != 0 ? failed : pthread_join(thread, NULL);
}

static void call_run_done(wg_run_done done, void *context, wg_run *run) { done(context, run); }
*/
import "C"

import (
	"bytes"
	"time"
	"unsafe"

	"wasmgate/go/engine"
	"wasmgate/go/errs"
	"wasmgate/go/vm"
)

// runs bounds how many programs run at once: each has a thread of its own while it does.
var runs = make(chan struct{}, 256)

//export wg_run_async
func wg_run_async(moduleHandle C.uint64_t, options *C.char, optionsBytes C.size_t, input *C.uint8_t, inputBytes C.size_t,
	host *C.wg_host, done C.wg_run_done, context unsafe.Pointer,
) {
	document := bytes.Clone(borrow(unsafe.Pointer(options), optionsBytes))
	given := bytes.Clone(borrow(unsafe.Pointer(input), inputBytes))
	hooks := *host
	module, ok := modules.get(uint64(moduleHandle))
	go func() { // ends with the one call of done
		out := (*C.wg_run)(C.calloc(1, C.sizeof_wg_run))
		kept := (*C.wg_host)(C.malloc(C.sizeof_wg_host))
		*kept = hooks
		switch {
		case !ok:
			fail(&out.error, closedModule())
		case !queue(kept):
			fail(&out.error, errs.New(errs.Stopped, "the program was stopped before it began"))
		default:
			onThread(module.StackBytes(), out, func() { runGuarded(module, document, given, kept, out) })
			<-runs
		}
		C.free(unsafe.Pointer(kept))
		C.call_run_done(done, context, out)
	}()
}

// ownStackBytes is what the engine and we need beside a guest.
const ownStackBytes = 2 << 20

// tasks are those that wait for their thread.
var tasks table[func()]

// onThread runs f on a thread of its own, because an instance belongs to one, with a stack
// that is large enough whatever the system's default is.
func onThread(stackBytes int64, out *C.wg_run, f func()) {
	id := tasks.add(f)
	defer tasks.remove(id)
	if C.run_on_stack(C.size_t(stackBytes+ownStackBytes), C.uintptr_t(id)) != 0 {
		fail(&out.error, errs.New(errs.OutOfMemory, "no thread can be made with a stack of %d bytes", stackBytes))
	}
}

//export wg_run_here
func wg_run_here(id C.uintptr_t) {
	if f, ok := tasks.get(uint64(id)); ok {
		f()
	}
}

// queue waits for a place among runs; false if the program is stopped before it gets one.
func queue(host *C.wg_host) bool {
	for {
		select {
		case runs <- struct{}{}:
			return true
		case <-time.After(5 * time.Millisecond):
			if C.call_tick(host) != 0 {
				return false
			}
		}
	}
}

func runGuarded(module *vm.Module, document, input []byte, host *C.wg_host, out *C.wg_run) (code C.int) {
	defer enter(&out.error, &code)()
	record, err := openInstance(module, document, &engine.Spec{Input: input, Host: engine.Host(unsafe.Pointer(host))}, &out.report)
	if err != nil {
		return fail(&out.error, err)
	}
	if err = module.Program(record); err != nil {
		code = fail(&out.error, err)
	}
	for i := range out.output {
		data, n := engine.TakeOutput(record, i+1)
		out.output[i], out.output_bytes[i] = (*C.uint8_t)(data), C.size_t(n)
	}
	engine.Meters(record, unsafe.Pointer(&out.meters[0]))
	if err := closeInstance(record); err != nil {
		return fail(&out.error, err)
	}
	engine.Release(record)
	return code
}
