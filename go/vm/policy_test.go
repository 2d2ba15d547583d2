package vm

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"wasmgate/go/config"
	"wasmgate/go/engine"
	"wasmgate/go/errs"
)

const program = `(module
	(import "wasi_snapshot_preview1" "clock_time_get" (func (param i32 i64 i32) (result i32)))
	(import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
	(import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
	(memory (export "memory") 1))`

func instance(t *testing.T, document string) *config.Instance {
	t.Helper()
	parsed, err := config.ParseInstance([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	return &parsed
}

func TestOpen_grants(t *testing.T) {
	m := load(t, options(nil), program)
	for _, tc := range []struct {
		grants string
		denied []string
		needs  string
	}{
		{`{}`, []string{"clock_time_get", "fd_write", "proc_exit"}, "it needs clock (for clock_time_get), stdout (for fd_write, proc_exit), or wasi for all of it"},
		{`{"args":[]}`, []string{"clock_time_get", "fd_write"}, "it needs clock (for clock_time_get), stdout (for fd_write), or wasi for all of it"},
		{`{"stdin":{"kind":"ignore"}}`, []string{"clock_time_get"}, "it needs clock (for clock_time_get)"},
		{`{"wasi":true,"clock":{"kind":"none"}}`, []string{"clock_time_get"}, "it needs clock, which is refused by name (for clock_time_get)"},
		{`{"wasi":true}`, nil, ""},
		{`{"clock":{"kind":"real"},"stdout":{"kind":"ignore"}}`, nil, ""},
	} {
		t.Run(tc.grants, func(t *testing.T) {
			parsed := instance(t, `{"audit":true,"grants":`+tc.grants+`}`)
			record, err := m.Open(&engine.Spec{Instance: parsed, Handle: 1})
			decisions := m.Decisions(&engine.Spec{Instance: parsed})
			if len(decisions) != 3 {
				t.Errorf("decisions: %+v", decisions)
			}
			if tc.denied == nil {
				if err != nil {
					t.Fatal(err)
				}
				if err := engine.Close(record); err != nil {
					t.Error(err)
				}
				engine.Release(record)
				return
			}
			failure := errs.From(err)
			if err == nil || failure.Code != errs.Capability || !strings.HasSuffix(failure.Msg, tc.needs) {
				t.Fatalf("got %v", err)
			}
			var denied []string
			for _, d := range decisions {
				if !d.Allowed {
					denied = append(denied, d.Import)
				}
			}
			if !reflect.DeepEqual(failure.Detail["imports"], denied) || len(denied) != len(tc.denied) {
				t.Errorf("denied %v, the error names %v", denied, failure.Detail["imports"])
			}
			for i, name := range tc.denied {
				if denied[i] != "wasi_snapshot_preview1."+name {
					t.Errorf("denied %v, want %v", denied, tc.denied)
				}
			}
		})
	}
}

func TestOpen_profile(t *testing.T) {
	plain := config.DefaultProfile()
	for _, tc := range []struct {
		limits string
		change func(*config.Profile)
		option string // of the error, "" for none
	}{
		{`{}`, nil, ""},
		{`{"stackBytes":524288,"trapOnGrowFailure":false,"timeoutMs":5000}`, nil, ""},
		{`{"fuel":"5"}`, nil, "limits.fuel"},
		{`{"fuel":"5"}`, func(p *config.Profile) { p.Metering = true }, ""},
		{`{"timeoutMs":5000}`, func(p *config.Profile) { p.Interruptible = false }, "limits.timeoutMs"},
		{`{"stackBytes":65536}`, nil, "limits.stackBytes"},
		{`{"stackBytes":65536}`, func(p *config.Profile) { p.StackBytes = 65536 }, ""},
		{`{"trapOnGrowFailure":true}`, nil, "limits.trapOnGrowFailure"},
		{`{"trapOnGrowFailure":false}`, func(p *config.Profile) { p.TrapOnGrowFailure = true }, "limits.trapOnGrowFailure"},
	} {
		profile := plain
		if tc.change != nil {
			tc.change(&profile)
		}
		limits := instance(t, `{"limits":`+tc.limits+`}`).Limits
		err := fits(profile, &limits)
		if tc.option == "" {
			if err != nil {
				t.Errorf("%s: %v", tc.limits, err)
			}
			continue
		}
		if err == nil || errs.From(err).Code != errs.Profile || errs.From(err).Detail["option"] != tc.option {
			t.Errorf("%s: got %v", tc.limits, err)
		}
	}
	_, err := load(t, options(nil), "(module)").Open(&engine.Spec{Instance: instance(t, `{"limits":{"fuel":"1"}}`), Handle: 1})
	if err == nil || errs.From(err).Code != errs.Profile {
		t.Errorf("got %v", err)
	}
}

func TestInspect_needs(t *testing.T) {
	for text, want := range map[string]needs{
		program:    {WASI: true, Grants: []string{"stdout", "clock"}, Missing: []string{}},
		"(module)": {Grants: []string{}, Missing: []string{}},
		`(module (import "env" "fd_write" (func)) (import "wasi_snapshot_preview1" "proc_exit" (global i32)))`: {
			WASI: true, Grants: []string{}, Missing: []string{"env.fd_write", "wasi_snapshot_preview1.proc_exit"},
		},
	} {
		described, err := Inspect(options(nil), []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Needs needs `json:"needs"`
		}
		if err := json.Unmarshal(described, &got); err != nil || !reflect.DeepEqual(got.Needs, want) {
			t.Errorf("got %+v, want %+v", got.Needs, want)
		}
	}
}
