package vm

import (
	"encoding/json"
	"reflect"
	"testing"

	"wasmgate/go/config"
	"wasmgate/go/engine"
	"wasmgate/go/errs"
)

const lateModule = `(module
	(import "env" "f" (func (param i32 i32)))
	(import "env" "m" (memory 1))
	(import "wasi_snapshot_preview1" "sched_yield" (func (result i32)))
	(import "env" "g" (func (param externref) (result i64)))
	(export "memory" (memory 0)))`

func TestOpen_namesAllThatIsMissing(t *testing.T) {
	for document, want := range map[string][]string{
		`{}`:                         {"env.f", "env.m", "env.g"},
		`{"imports":[{"number":1}]}`: {"env.f", "env.m"},
		`{"imports":[{"number":0},{"number":1}]}`: {"env.m"},
	} {
		m := load(t, options(nil), lateModule)
		_, err := m.Open(&engine.Spec{Instance: instance(t, document), Handle: 1})
		failure := errs.From(err)
		if failure.Code != errs.ImportMissing || !reflect.DeepEqual(failure.Detail["imports"], want) {
			t.Errorf("%s: got %v, %v", document, err, failure.Detail["imports"])
		}
	}
}

func TestImportPlans(t *testing.T) {
	m := load(t, options(nil), lateModule)
	text := func(s string) *string { return &s }
	plans, details, err := m.ImportPlans([]config.Import{{Number: 0, Signature: text("(string) -> ()")}, {Number: 1}})
	if err != nil || len(plans) == 0 {
		t.Fatal(err)
	}
	var got []map[string]any
	if err := json.Unmarshal(details, &got); err != nil {
		t.Fatal(err)
	}
	short := map[string]any{"params": []any{"string"}, "slots": []any{0.0}}
	if want := []map[string]any{{"short": short}, {}}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, tc := range []struct {
		given config.Import
		want  errs.Code
	}{
		{config.Import{Number: -1}, errs.OptionRange},
		{config.Import{Number: 2}, errs.OptionRange},
		{config.Import{Number: 0, Signature: text("")}, errs.SignatureSyntax},
		{config.Import{Number: 1, Signature: text("(i32) -> i64")}, errs.SignatureMismatch},
	} {
		if _, _, err := m.ImportPlans([]config.Import{tc.given}); errs.From(err).Code != tc.want {
			t.Errorf("%+v: got %v", tc.given, err)
		}
	}
}
