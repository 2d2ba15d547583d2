package vm

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wasmgate/go/config"
	"wasmgate/go/engine"
	"wasmgate/go/errs"
)

func options(change func(*config.Module)) config.Module {
	o, err := config.ParseModule(nil)
	if err != nil {
		panic(err)
	}
	if change != nil {
		change(&o)
	}
	return o
}

func load(t *testing.T, o config.Module, text string) *Module {
	t.Helper()
	m, err := Load(o, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestLoad_callsAnInstance(t *testing.T) {
	m := load(t, options(nil), `(module (func (export "f") (result i32) i32.const 9))`)
	record, err := m.Open(&engine.Spec{Instance: instance(t, `{}`), Handle: 3})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Release(record)
	if got, err := engine.Probe(record, "f"); err != nil || got[0] != 9 {
		t.Errorf("got %v, %v", got, err)
	}
	if err := engine.Close(record); err != nil {
		t.Error(err)
	}
}

func TestLoad_readsASidecar(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a_bg.wasm", `(module (func (export "f") (param i32) (result i32) local.get 0))`)
	write("a.d.ts", "export function f(count: number): number;")
	write("a.js", "export function f(count) {\n    const ret = wasm.f(count);\n    return ret >>> 0;\n}\n")
	for _, tc := range []struct {
		sidecar bool
		want    string
	}{{true, "(count: number) -> number"}, {false, ""}} {
		o := options(func(o *config.Module) { o.Path = filepath.Join(dir, "a_bg.wasm"); o.Sidecar = tc.sidecar })
		text, err := Inspect(o, nil)
		if err != nil {
			t.Fatal(err)
		}
		var d description
		if err := json.Unmarshal(text, &d); err != nil {
			t.Fatal(err)
		}
		if d.Exports[0].Signature != tc.want {
			t.Errorf("sidecar %v: got %q, want %q", tc.sidecar, d.Exports[0].Signature, tc.want)
		}
	}
}

func TestOpen_namesEveryImportThatIsNotThere(t *testing.T) {
	m := load(t, options(nil), `(module (import "env" "a" (func)) (import "env" "b" (global i32)))`)
	_, err := m.Open(&engine.Spec{Instance: instance(t, `{}`)})
	if failure := errs.From(err); err == nil || failure.Code != errs.ImportMissing || !strings.Contains(failure.Msg, "env.a, env.b") {
		t.Errorf("got %v", err)
	}
}

func TestOpen_saysThatItWasTheStart(t *testing.T) {
	m := load(t, options(nil), `(module (func $s unreachable) (start $s))`)
	_, err := m.Open(&engine.Spec{Instance: instance(t, `{}`)})
	failure := errs.From(err)
	if err == nil || failure.Code != errs.Start || failure.Detail["trap"] != "unreachable" {
		t.Errorf("got %v, %+v", err, failure.Detail)
	}
}

func TestLoad_errors(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		change     func(*config.Module)
		want       errs.Code
	}{
		{"signature of nothing", "(module)", func(o *config.Module) { o.Signatures = map[string]string{"f": "()"} }, errs.SignatureUnknown},
		{"signature that does not fit", `(module (func (export "f")))`, func(o *config.Module) { o.Signatures = map[string]string{"f": "(i32)"} }, errs.SignatureMismatch},
		{"signature that cannot be read", `(module (func (export "f")))`, func(o *config.Module) { o.Signatures = map[string]string{"f": "("} }, errs.SignatureSyntax},
		{"shared memory", "(module (memory 1 2 shared))", nil, errs.ModuleUnsupported},
		{"component", "(component)", nil, errs.ModuleUnsupported},
		{"invalid", `(module (func (export "f") (result i32)))`, nil, errs.ModuleInvalid},
		{"text", "(module", nil, errs.TextSyntax},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for how, run := range map[string]func() error{
				"load":    func() error { _, err := Load(options(tc.change), []byte(tc.text)); return err },
				"inspect": func() error { _, err := Inspect(options(tc.change), []byte(tc.text)); return err },
			} {
				if err := run(); err == nil || errs.From(err).Code != tc.want {
					t.Errorf("%s: got %v, want %s", how, err, tc.want.Name())
				}
			}
		})
	}
}
