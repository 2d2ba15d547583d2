package engine

import (
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"wasmgate/go/config"
	"wasmgate/go/errs"
	"wasmgate/go/marshal"
	"wasmgate/go/wasmbin"
)

func compile(t *testing.T, text string) *Module {
	t.Helper()
	binary, err := ToBinary([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	shape, err := wasmbin.Parse(binary)
	if err != nil {
		t.Fatal(err)
	}
	m, err := Compile(config.DefaultProfile(), plainCode(binary, shape), shape, marshal.DetectABI(shape))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func plainCode(binary []byte, shape *wasmbin.Module) Code {
	return Code{Rewritten: &wasmbin.Rewritten{Binary: binary, Shape: shape}}
}

// specOf limits nothing.
func specOf(handle uint64, grants config.Grants) *Spec {
	options, err := config.ParseInstance(nil)
	if err != nil {
		panic(err)
	}
	options.Grants = grants
	return &Spec{Instance: &options, Handle: handle}
}

func open(t *testing.T, m *Module, grants config.Grants) Record {
	t.Helper()
	record, err := m.Open(specOf(7, grants))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		defer runtime.KeepAlive(m) // as whoever opens an instance does: stacks refer to it
		if err := Close(record); err != nil {
			t.Error(err)
		}
		Release(record)
	})
	return record
}

func wantCode(t *testing.T, err error, want errs.Code) *errs.Error {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %s", want.Name())
	}
	coded := errs.From(err)
	if coded.Code != want {
		t.Fatalf("got %s (%v), want %s", coded.Code.Name(), err, want.Name())
	}
	return coded
}

func TestVersion_isThatOfThePinnedModule(t *testing.T) {
	data, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), "wasmtime-go/v44 v"+Version) {
		t.Errorf("go.mod does not pin wasmtime-go at %s", Version)
	}
}

func TestCPointer(t *testing.T) {
	if cPointer(shared().engine) == nil {
		t.Error("no pointer in an engine")
	}
	defer func() {
		if recover() == nil {
			t.Error("an object without a C pointer gave one")
		}
	}()
	cPointer(&struct{ _ptr int }{})
}

func TestOpen_callsAndCloses(t *testing.T) {
	m := compile(t, `(module (func (export "add") (param i64 i64) (result i64) (i64.add (local.get 0) (local.get 1))))`)
	record := open(t, m, config.Grants{})
	if Handle(record) != 7 {
		t.Errorf("handle %d", Handle(record))
	}
	got, err := Probe(record, "add", 1<<62, 5)
	if err != nil || got[0] != 1<<62+5 {
		t.Errorf("got %v, %v", got, err)
	}
	if err := Close(record); err != nil {
		t.Fatal(err)
	}
	_, err = Probe(record, "add", 1, 2)
	wantCode(t, err, errs.Closed)
}

func TestOpen_reportsTrapsOfTheStartFunction(t *testing.T) {
	m := compile(t, `(module (func $begin unreachable) (start $begin))`)
	_, err := m.Open(specOf(1, config.Grants{}))
	failure := wantCode(t, err, errs.Trap)
	if failure.Detail["trap"] != "unreachable" || !strings.Contains(failure.Detail["wasmStack"].(string), "begin") {
		t.Errorf("got %+v", failure.Detail)
	}
}

func TestClose_duringACall(t *testing.T) {
	m := compile(t, `(module (func (export "spin") (param $n i64) (result i64)
		(loop $again
			(local.set $n (i64.sub (local.get $n) (i64.const 1)))
			(br_if $again (i64.ne (local.get $n) (i64.const 0))))
		(local.get $n)))`)
	record := open(t, m, config.Grants{})
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		if _, err := Probe(record, "spin", 1_000_000_000); err != nil {
			t.Error(err)
		}
	}()
	for State(record) != 1 { // calling
		time.Sleep(time.Millisecond)
	}
	wantCode(t, Close(record), errs.Busy)
	_, err := Probe(record, "spin", 1)
	wantCode(t, err, errs.Busy)
	wg.Wait()
	if err := Close(record); err != nil {
		t.Errorf("after the call: %v", err)
	}
}

func TestOpen_fromManyGoroutines(t *testing.T) {
	m := compile(t, `(module (memory 1) (global $n (mut i32) (i32.const 0))
		(func (export "next") (result i32)
			(global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n)))`)
	var wg sync.WaitGroup
	for range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range 200 {
				record, err := m.Open(specOf(0, config.Grants{}))
				if err != nil {
					t.Error(err)
					return
				}
				for want := int64(1); want <= 3; want++ {
					if got, err := Probe(record, "next"); err != nil || int32(got[0]) != int32(want) {
						t.Errorf("got %v, %v", got, err)
					}
				}
				if err := Close(record); err != nil {
					t.Error(err)
				}
				Release(record)
			}
		}()
	}
	wg.Wait()
}

func TestModule_outlivesItsCollection(t *testing.T) {
	record := open(t, compile(t, `(module (func (export "f") (result i32) i32.const 42))`), config.Grants{})
	for range 3 {
		runtime.GC()
	}
	if got, err := Probe(record, "f"); err != nil || got[0] != 42 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestCompile_errors(t *testing.T) {
	if _, err := ToBinary([]byte("(module")); err == nil || errs.From(err).Code != errs.TextSyntax {
		t.Errorf("text: %v", err)
	}
	wantCode(t, Validate([]byte("\x00asm\x01\x00\x00\x00\x63")), errs.ModuleInvalid)
}

func TestMissing_namesWhatNobodyProvides(t *testing.T) {
	binary, err := ToBinary([]byte(`(module
		(import "env" "f" (func))
		(import "env" "v" (func (param v128)))
		(import "env" "m" (memory 1))
		(import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
		(import "wasi_snapshot_preview1" "odd" (global i32))
		(import "./x_bg.js" "__wbg_log_0123456789abcdef" (func (param i32 i32))))`))
	if err != nil {
		t.Fatal(err)
	}
	shape, err := wasmbin.Parse(binary)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, i := range Missing(shape, &marshal.ABI{}) {
		names = append(names, shape.Imports[i].Module+"."+shape.Imports[i].Name)
	}
	if got := strings.Join(names, " "); got != "env.v env.m wasi_snapshot_preview1.odd" {
		t.Errorf("got %s", got)
	}
	if late := Late(shape, &marshal.ABI{}); len(late) != 1 || late[0].Name != "f" {
		t.Errorf("got late imports %v", late)
	}
}

func TestOpen_WASI(t *testing.T) {
	m := compile(t, `(module
		(import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
		(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
		(memory (export "memory") 1)
		(func (export "args") (result i32) (drop (call $sizes (i32.const 0) (i32.const 4))) (i32.load (i32.const 0)))
		(func (export "leave") (call $exit (i32.const 9))))`)
	record := open(t, m, given(config.Grants{Args: []string{"program", "one"}}))
	if got, err := Probe(record, "args"); err != nil || int32(got[0]) != 2 {
		t.Errorf("got %v, %v", got, err)
	}
	_, err := Probe(record, "leave")
	if failure := wantCode(t, err, errs.Exit); failure.Detail["exitCode"] != 9 {
		t.Errorf("got %+v", failure.Detail)
	}
	for _, grants := range []config.Grants{
		{FS: []config.Dir{{Guest: "/", Host: "/does/not/exist"}}},
	} {
		grants = given(grants)
		_, err = m.Open(specOf(0, grants))
		wantCode(t, err, errs.GrantInvalid)
	}
}

// given are grants with the usual set.
func given(grants config.Grants) config.Grants {
	grants.Given = []string{config.GrantWASI}
	return grants
}

func TestIntrinsicOf(t *testing.T) {
	shape := &wasmbin.Module{}
	text := wasmbin.FuncType{Params: []wasmbin.ValType{wasmbin.I32, wasmbin.I32}}
	value := wasmbin.FuncType{Params: text.Params, Results: []wasmbin.ValType{wasmbin.ExternRef}}
	for _, tc := range []struct {
		name string
		typ  wasmbin.FuncType
		stub bool
	}{
		{"__wbindgen_throw", text, false},
		{"__wbg___wbindgen_throw_0123456789abcdef", text, false},
		{"__wbindgen_string_new", value, false},
		{"__wbindgen_cast_2241b6af4c4b2941", value, false},
		{"__wbg_Error_0123456789abcdef", value, false},
		{"__wbindgen_throw", value, true},
		{"__wbg_log_0123456789abcdef", text, true},
		{"__wbg_error_0123456789abcdef", text, true}, // the panic hook only with its companions
		{"unrelated", text, true},
	} {
		imp := wasmbin.Import{Name: tc.name, Type: wasmbin.ExternType{Func: tc.typ}}
		if got := intrinsicOf(imp, shape) == 0; got != tc.stub {
			t.Errorf("%s: stub %v, want %v", tc.name, got, tc.stub)
		}
	}
}
