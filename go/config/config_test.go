package config

import (
	"testing"

	"wasmgate/go/errs"
)

func TestParseModule(t *testing.T) {
	got, err := ParseModule([]byte(`{"path":"a.wasm","maxModuleBytes":7,"signatures":{"f":"()"},"sidecar":true}`))
	if err != nil || got.Path != "a.wasm" || got.MaxModuleBytes != 7 || got.Signatures["f"] != "()" || !got.Sidecar {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err = ParseModule(nil); err != nil || got.MaxModuleBytes != DefaultMaxModuleBytes {
		t.Errorf("defaults: %+v, %v", got, err)
	}
}

func TestParseModule_errors(t *testing.T) {
	for _, tc := range []struct {
		name, in string
		want     errs.Code
	}{
		{"unknown key", `{"pth":"a"}`, errs.OptionType},
		{"wrong type", `{"path":1}`, errs.OptionType},
		{"not JSON", `{`, errs.OptionType},
		{"two documents", `{}{}`, errs.OptionType},
		{"cap of zero", `{"maxModuleBytes":0}`, errs.OptionRange},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := ParseModule([]byte(tc.in))
			if err == nil || errs.From(err).Code != tc.want {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestParseInstance(t *testing.T) {
	if got, err := ParseInstance([]byte(`{"wasi":{"args":["p"]}}`)); err != nil || got.WASI.Args[0] != "p" {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := ParseInstance(nil); err != nil || got.WASI != nil {
		t.Errorf("WASI without a grant: %+v, %v", got, err)
	}
	if _, err := ParseInstance([]byte(`{"wasi":{"root":"/"}}`)); err == nil {
		t.Error("an unknown grant got through")
	}
}

func FuzzParseModule(f *testing.F) {
	f.Add([]byte(`{"signatures":{"f":"()"}}`))
	f.Fuzz(func(t *testing.T, document []byte) {
		if got, err := ParseModule(document); err == nil && got.MaxModuleBytes < 1 {
			t.Errorf("a cap of %d got through", got.MaxModuleBytes)
		}
	})
}
