package config

import (
	"testing"

	"wasmgate/go/errs"
)

// wantOption checks the code of an error and the option that it names.
func wantOption(t *testing.T, err error, code errs.Code, option any) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	failure := errs.From(err)
	if failure.Code != code || failure.Detail["option"] != option {
		t.Errorf("got %s about %v: %s", failure.Code.Name(), failure.Detail["option"], failure.Msg)
	}
}

func TestParseModule(t *testing.T) {
	got, err := ParseModule([]byte(`{"path":"a.wasm","maxModuleBytes":7,"signatures":{"f":"()"},"sidecar":true}`))
	if err != nil || got.Path != "a.wasm" || got.MaxModuleBytes != 7 || got.Signatures["f"] != "()" || !got.Sidecar {
		t.Errorf("got %+v, %v", got, err)
	}
	if got.Profile != DefaultProfile() {
		t.Errorf("got %+v", got.Profile)
	}
	got, err = ParseModule(nil)
	want := Profile{Interruptible: true, StackBytes: 524288}
	if err != nil || got.MaxModuleBytes != DefaultMaxModuleBytes || got.Profile != want {
		t.Errorf("defaults: %+v, %v", got, err)
	}
}

func TestParseModule_profile(t *testing.T) {
	got, err := ParseModule([]byte(`{"metering":true,"interruptible":false,"stackBytes":65536,"trapOnGrowFailure":true}`))
	want := Profile{Metering: true, StackBytes: 65536, TrapOnGrowFailure: true}
	if err != nil || got.Profile != want {
		t.Errorf("got %+v, %v", got.Profile, err)
	}
	if got, err = ParseModule([]byte(`{"stackBytes":67108864}`)); err != nil || got.StackBytes != MaxStackBytes {
		t.Errorf("got %+v, %v", got.Profile, err)
	}
}

func TestParseModule_errors(t *testing.T) {
	for _, tc := range []struct {
		name, in string
		want     errs.Code
		option   any
	}{
		{"unknown key", `{"pth":"a"}`, errs.OptionUnknown, "pth"},
		{"key in other letters", `{"Path":"a"}`, errs.OptionUnknown, "Path"},
		{"the embedded struct", `{"Profile":{}}`, errs.OptionUnknown, "Profile"},
		{"key that stands twice", `{"path":"a","path":"a"}`, errs.OptionType, "path"},
		{"signature that stands twice", `{"signatures":{"f":"()","f":"()"}}`, errs.OptionType, "signatures.f"},
		{"wrong type", `{"path":1}`, errs.OptionType, "path"},
		{"wrong type inside", `{"signatures":{"f":1}}`, errs.OptionType, "signatures.f"},
		{"list for an object", `{"signatures":[]}`, errs.OptionType, "signatures"},
		{"null", `{"sidecar":null}`, errs.OptionType, "sidecar"},
		{"null for all", `null`, errs.OptionType, "options"},
		{"not an object", `[]`, errs.OptionType, "options"},
		{"not JSON", `{`, errs.OptionType, nil},
		{"not JSON inside", `{"signatures":{"f":`, errs.OptionType, nil},
		{"not UTF-8", "{\"path\":\"\xff\"}", errs.OptionType, nil},
		{"two documents", `{}{}`, errs.OptionType, nil},
		{"cap of zero", `{"maxModuleBytes":0}`, errs.OptionRange, "maxModuleBytes"},
		{"fraction", `{"maxModuleBytes":1.5}`, errs.OptionRange, "maxModuleBytes"},
		{"more than 64 bits", `{"maxModuleBytes":9223372036854775808}`, errs.OptionRange, "maxModuleBytes"},
		{"stack too small", `{"stackBytes":65535}`, errs.OptionRange, "stackBytes"},
		{"stack too large", `{"stackBytes":67108865}`, errs.OptionRange, "stackBytes"},
		{"metering that is no boolean", `{"metering":1}`, errs.OptionType, "metering"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := ParseModule([]byte(tc.in))
			wantOption(t, err, tc.want, tc.option)
		})
	}
}

func FuzzParseModule(f *testing.F) {
	f.Add([]byte(`{"signatures":{"f":"()"}}`))
	f.Add([]byte(`{"path":"a.wasm","sidecar":true,"metering":true,"interruptible":false,"stackBytes":65536}`))
	f.Fuzz(func(t *testing.T, document []byte) {
		got, err := ParseModule(document)
		if err != nil {
			return
		}
		if got.MaxModuleBytes < 1 || got.StackBytes < MinStackBytes || got.StackBytes > MaxStackBytes {
			t.Errorf("got through: %+v", got)
		}
	})
}
