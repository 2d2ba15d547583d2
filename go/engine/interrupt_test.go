package engine

import (
	"errors"
	"math"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bytecodealliance/wasmtime-go/v44"

	"wasmgate/go/wasmbin"
)

// spins are functions that do not end by themselves. A compiler that takes the end of
// the count for something that does not change finds in them all it needs.
const spins = `(module (memory (export "memory") 1) (global $x (mut i32) (i32.const 0))
	(func $leaf)
	(func (export "empty") (loop (br 0)))
	(func (export "after a look") (loop (br_if 0 (i32.eqz (global.get $x)))) (call $leaf))
	(func (export "nested") (local i32) (call $leaf) (loop (loop (br_if 0 (i32.eqz (local.get 0)))) (br 0)))
	(func (export "stores") (loop (i32.store (i32.const 8) (i32.const 1)) (br 0)))
	(func (export "fills") (loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536)) (br 0)))
	(func $tail (export "tail") (return_call $tail))
	(func (export "calls") (loop (call $leaf) (br 0))))`

func TestInterrupt_stopsFromAnotherThread(t *testing.T) {
	for name, options := range map[string]wasmbin.RewriteOptions{
		"alone": {Interrupt: true}, "with metering": {Interrupt: true, Meter: asReference(), TrapOnGrow: true},
	} {
		t.Run(name, func(t *testing.T) {
			metered := meter(t, binaryOf(t, spins), options)
			for _, export := range metered.Shape.Exports {
				if export.Type.Kind == wasmbin.Func {
					t.Run(export.Name, func(t *testing.T) { interruptOne(t, metered, export.Name, options.Meter != nil) })
				}
			}
		})
	}
}

// interruptOne runs a function on the engine that optimises, and stops it.
func interruptOne(t *testing.T, metered *wasmbin.Rewritten, name string, counts bool) {
	engine := wasmtime.NewEngine() // without epochs: they make it forget what it loaded
	module, err := wasmtime.NewModule(engine, metered.Binary)
	if err != nil {
		t.Fatal(err)
	}
	store := wasmtime.NewStore(engine)
	defer store.Close()
	instance, err := wasmtime.NewInstance(store, module, nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &counting{store: store, instance: instance, limit: 1 << 62}
	c.control = (*int64)(instance.GetExport(store, wasmbin.ControlExport).Memory().Data(store))
	c.arm(t)
	done := make(chan error)
	go func() {
		_, err := instance.GetFunc(store, name).Call(store)
		done <- err
	}()
	before := int64(0)
	for range 3 {
		select {
		case err := <-done:
			t.Fatalf("it ended by itself: %v", err)
		case <-time.After(3 * time.Millisecond):
		}
		count := atomic.LoadInt64(c.at(wasmbin.ControlCount)) + c.limit
		if counts != (count > before) {
			t.Errorf("it counted %d, then %d", before, count)
		}
		before = count
	}
	atomic.StoreInt64(c.at(wasmbin.ControlEnd), math.MinInt64)
	var trap *wasmtime.Trap
	if err := <-done; !errors.As(err, &trap) || *trap.Code() != wasmtime.UnreachableCodeReached {
		t.Errorf("got %v", err)
	}
	*c.at(wasmbin.ControlEnd) = 0
	if instance.GetExport(store, "memory").Memory().Size(store) != 1 {
		t.Error("the memory of the guest changed")
	}
}
