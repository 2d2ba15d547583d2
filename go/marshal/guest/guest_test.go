package guest

import (
	"slices"
	"strings"
	"testing"

	"wasmgate/go/errs"
	"wasmgate/go/marshal"
	"wasmgate/go/wasmbin"
)

// shape is a module with an export f and wasmgate.log, an import env.g and a section, all functions (i32) -> (i32).
func shape(sections ...string) *wasmbin.Module {
	fn := wasmbin.ExternType{Kind: wasmbin.Func, Func: wasmbin.FuncType{
		Params: []wasmbin.ValType{wasmbin.I32}, Results: []wasmbin.ValType{wasmbin.I32},
	}}
	m := &wasmbin.Module{
		Imports: []wasmbin.Import{{Module: "env", Name: "g", Type: fn}},
		Exports: []wasmbin.Export{{Name: "f", Type: fn}, {Name: "wasmgate.log", Type: fn}},
	}
	for _, section := range sections {
		m.Customs = append(m.Customs, wasmbin.Custom{Name: sectionName, Data: []byte(section)})
	}
	return m
}

func abi() *marshal.ABI {
	return &marshal.ABI{
		Memory: "memory", Malloc: "__wasmgate_malloc", MallocArgs: 2, Free: "__wasmgate_free", FreeArgs: 3,
	}
}

func TestRead(t *testing.T) {
	used := abi()
	m := shape("wasmgate 1\ndoc f One.\\n\\\\n two\nexport f (a: u8) -> ", "u8\nwasmgate 1\nlater x\n\n"+
		"export wasmgate.log (a: u8) -> u8\nexport gone )(\nimport env g (a: u8) -> u8\nimport env gone (a: f64) -> ()\n")
	typed, err := Read(m, used)
	if err != nil {
		t.Fatal(err)
	}
	functions := typed.API.Functions
	if len(functions) != 2 || functions[0].Name != "f" || functions[1].Name != "log" || functions[1].Export != "wasmgate.log" {
		t.Errorf("functions: %+v", functions)
	}
	if !slices.Equal(functions[0].Docs, []string{"One.", `\n two`}) {
		t.Errorf("docs: %q", functions[0].Docs)
	}
	if typed.Titles["wasmgate.log"].Text != "log" || len(typed.Signatures) != 2 {
		t.Errorf("titles: %+v, signatures: %+v", typed.Titles, typed.Signatures)
	}
	if !used.Guest || len(used.Uses) != 1 || used.Uses[0].Host != 0 || len(typed.Bindings) != 1 {
		t.Errorf("imports: %+v, %+v", used.Uses, typed.Bindings)
	}
}

func TestIs(t *testing.T) {
	if Is(shape()) || !Is(shape("")) {
		t.Error("a module is of the crate if it has the section")
	}
}

func TestRead_refuses(t *testing.T) {
	for _, tc := range []struct {
		name, section string
		code          errs.Code
		says          string
	}{
		{"version", "wasmgate 2\n", errs.ModuleUnsupported, "version 2"},
		{"no version", "wasmgate\n", errs.ModuleUnsupported, "version"},
		{"version after others", "export f )(\nwasmgate 7\n", errs.ModuleUnsupported, "version 7"},
		{"two versions", "wasmgate 1\nwasmgate 3\n", errs.ModuleUnsupported, "version 3"},
		{"not UTF-8", "wasmgate 1\ndoc f \xff\n", errs.ModuleInvalid, "UTF-8"},
		{"no end", "wasmgate 1\nexport f (a: u8) -> u8", errs.ModuleInvalid, "last line"},
		{"signature", "export f (a: nope) -> u8\n", errs.ModuleInvalid, "nope"},
		{"import's signature", "import env g (\n", errs.ModuleInvalid, "env.g"},
		{"twice", "export f (a: u8) -> u8\nexport f (a: u8) -> u8\n", errs.ModuleInvalid, "twice"},
		{"import's type", "import env g (a: f64) -> ()\n", errs.ModuleInvalid, "does not fit"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := Read(shape(tc.section), abi())
			if err == nil || errs.From(err).Code != tc.code || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("got %v, want it to say %s", err, tc.says)
			}
		})
	}
}

// Whatever the section: typed, or refused with a code of the two.
func FuzzRead(f *testing.F) {
	f.Add("wasmgate 1\ndoc f x\nexport f (a: u8) -> u8\nimport env g (a: u8) -> u8\n")
	f.Add("export wasmgate.log (a: value) -> result<value>\nimport env g () -> result<string?>\n")
	f.Fuzz(func(t *testing.T, section string) {
		_, err := Read(shape(section), abi())
		if err == nil {
			return
		}
		if code := errs.From(err).Code; code != errs.ModuleInvalid && code != errs.ModuleUnsupported {
			t.Errorf("%q: %v", section, err)
		}
	})
}
