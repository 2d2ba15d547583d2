package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/bytecodealliance/wasmtime-go/v44"

	"wasmgate/go/wasmbin"
)

// quick is an engine that compiles quickly; it counts by itself, or not.
func quick(counts bool) func() *wasmtime.Engine {
	return sync.OnceValue(func() *wasmtime.Engine {
		config := wasmtime.NewConfig()
		features(config)
		config.SetConsumeFuel(counts)
		config.SetCraneliftOptLevel(wasmtime.OptLevelNone)
		return wasmtime.NewEngineWithConfig(config)
	})
}

var counter, plain = quick(true), quick(false)

// asReference are the prices that make a module count as the engine does.
func asReference() *wasmbin.Costs {
	costs := wasmbin.DefaultCosts()
	costs.BulkPer64, costs.Grow = 0, 0
	return &costs
}

func meter(t testing.TB, binary []byte, options wasmbin.RewriteOptions) *wasmbin.Rewritten {
	t.Helper()
	shape, err := wasmbin.Parse(binary)
	if err != nil {
		t.Fatal(err)
	}
	got, err := wasmbin.Rewrite(binary, shape, options)
	if err != nil {
		t.Fatal(err)
	}
	if err := Validate(got.Binary); err != nil {
		t.Fatalf("not valid any more: %v", err)
	}
	return got
}

// counting is an instance that counts, by itself or because the engine does.
type counting struct {
	store    *wasmtime.Store
	instance *wasmtime.Instance
	fuel     *wasmtime.Global // nil: the engine counts
	limit    int64
}

// result is what came of a call.
type result struct {
	values string
	trap   string
	used   int64
	limit  int64
	empty  bool // it ran out of fuel
}

// uncaught is what the engine says of an exception that nobody caught.
const uncaught = "thrown Wasm exception"

// instantiate makes an instance of which each import gives 0, and runs its start
// function. binary is metered if metered is not nil.
func instantiate(t testing.TB, binary []byte, metered *wasmbin.Rewritten, limit int64) (*counting, result) {
	t.Helper()
	engine := counter()
	if metered != nil {
		binary, engine = metered.Binary, plain()
	}
	module, err := wasmtime.NewModule(engine, binary)
	if err != nil {
		t.Fatal(err)
	}
	c := &counting{store: wasmtime.NewStore(engine), limit: limit}
	t.Cleanup(c.store.Close)
	linker := wasmtime.NewLinker(engine)
	if err := linker.DefineUnknownImportsAsDefaultValues(c.store, module); err != nil {
		t.Fatal(err)
	}
	if metered == nil {
		return c, c.observe(t, func() (any, error) {
			c.instance, err = linker.Instantiate(c.store, module)
			return nil, err
		})
	}
	if c.instance, err = linker.Instantiate(c.store, module); err != nil {
		t.Fatal(err)
	}
	c.fuel = c.instance.GetExport(c.store, wasmbin.FuelExport).Global()
	if count := c.fuel.Get(c.store).I64(); count != wasmbin.FuelStart {
		t.Errorf("the count began with %d", count)
	}
	if !metered.Starts {
		return c, c.observe(t, func() (any, error) { return nil, nil })
	}
	return c, c.call(t, wasmbin.StartExport)
}

// observe counts what something executes.
func (c *counting) observe(t testing.TB, what func() (any, error)) result {
	t.Helper()
	if c.fuel != nil {
		if err := c.fuel.Set(c.store, wasmtime.ValI64(-c.limit)); err != nil {
			t.Fatal(err)
		}
	} else if err := c.store.SetFuel(uint64(c.limit)); err != nil {
		t.Fatal(err)
	}
	values, err := what()
	out := result{values: fmt.Sprint(values), limit: c.limit} // NaN is to equal itself
	if c.fuel != nil {
		out.used = c.fuel.Get(c.store).I64() + c.limit
	} else {
		left, err := c.store.GetFuel()
		if err != nil {
			t.Fatal(err)
		}
		out.used = c.limit - int64(left)
	}
	if err == nil {
		return out
	}
	var trap *wasmtime.Trap
	if !errors.As(err, &trap) {
		if !strings.Contains(err.Error(), uncaught) {
			t.Fatal(err)
		}
		out.trap = uncaught
		return out
	}
	if code := trap.Code(); code != nil {
		_, out.trap, _ = strings.Cut(trap.Message(), "wasm trap: ")
		out.empty = *code == wasmtime.OutOfFuel || c.fuel != nil && *code == wasmtime.UnreachableCodeReached && out.used >= c.limit
	}
	return out
}

func (c *counting) call(t testing.TB, name string, args ...any) result {
	t.Helper()
	return c.observe(t, func() (any, error) { return c.instance.GetFunc(c.store, name).Call(c.store, args...) })
}

// trap calls a function that traps, and gives the stack.
func (c *counting) trap(t testing.TB, name string) []*wasmtime.Frame {
	t.Helper()
	var trap *wasmtime.Trap
	c.observe(t, func() (any, error) {
		_, err := c.instance.GetFunc(c.store, name).Call(c.store)
		if !errors.As(err, &trap) {
			t.Fatalf("%s: %v", name, err)
		}
		return nil, err
	})
	return trap.Frames()
}

// sameResult compares a call of the metered module with that of the other. It tells
// whether the two can go on.
func sameResult(t testing.TB, what string, want, got result) bool {
	t.Helper()
	if want.empty || got.empty {
		if want.empty && got.used < got.limit || got.empty && want.used < want.limit {
			t.Errorf("%s: %+v, the engine says %+v", what, got, want)
		}
		return false
	}
	if want.values != got.values || want.trap != got.trap {
		t.Errorf("%s: %+v, want %+v", what, got, want)
		return false
	}
	// With other traps the engine forgets what was executed since the last call.
	if (want.trap == "" || want.trap == uncaught || strings.Contains(want.trap, "unreachable")) && want.used != got.used {
		t.Errorf("%s: it counts %d, the engine %d", what, got.used, want.used)
	}
	return true
}

// arguments gives one number for each parameter, if all of them are numbers.
func arguments(f wasmbin.FuncType, number int64) ([]any, bool) {
	var out []any
	for _, t := range f.Params {
		switch t {
		case wasmbin.I32:
			out = append(out, int32(number))
		case wasmbin.I64:
			out = append(out, number)
		case wasmbin.F32:
			out = append(out, float32(number))
		case wasmbin.F64:
			out = append(out, float64(number))
		default:
			return nil, false
		}
	}
	return out, true
}

// compareExports calls all exports of a module, metered and not.
func compareExports(t *testing.T, binary []byte, numbers ...int64) (calls int) {
	t.Helper()
	metered := meter(t, binary, wasmbin.RewriteOptions{Meter: asReference()})
	wanted, want := instantiate(t, binary, nil, 1<<20)
	ours, got := instantiate(t, binary, metered, 1<<20)
	if !sameResult(t, "start", want, got) || want.trap != "" {
		return 0
	}
	for _, export := range metered.Shape.Exports {
		for _, number := range numbers {
			args, ok := arguments(export.Type.Func, number)
			if export.Type.Kind != wasmbin.Func || !ok {
				continue
			}
			calls++
			if !sameResult(t, export.Name, wanted.call(t, export.Name, args...), ours.call(t, export.Name, args...)) {
				return calls
			}
		}
	}
	return calls
}

func TestMeter_countsAsTheEngineInEveryFixture(t *testing.T) {
	all := 0
	err := filepath.WalkDir("../../test/fixtures", func(file string, _ fs.DirEntry, err error) error {
		// Those that still have descriptors are many, and much alike.
		if err != nil || filepath.Ext(file) != ".wasm" || strings.Contains(file, "/raw/types/") && !strings.Contains(file, "127") {
			return err
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		t.Run(file, func(t *testing.T) { all += compareExports(t, data, 0, 3, 70000) })
		return nil
	})
	if err != nil || all < 100 {
		t.Errorf("%d calls, %v", all, err)
	}
}
