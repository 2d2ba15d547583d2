package bindgen

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wasmgate/go/wasmbin"
)

const rawModules = "../../../test/fixtures/wasm/raw"

// rawFixtures are the paths of the committed modules that no tool went over.
func rawFixtures(t *testing.T) []string {
	var paths []string
	err := filepath.WalkDir(rawModules, func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".wasm") {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil || len(paths) == 0 {
		t.Fatalf("no modules in %s: %v", rawModules, err)
	}
	return paths
}

// described are the symbols that the records of c name and that have a type.
func described(c *Crate) map[string]bool {
	symbols := map[string]bool{}
	for _, e := range c.Exports {
		for _, symbol := range e.Symbols(c.Version) {
			symbols[symbol] = true
		}
	}
	for _, s := range c.Structs {
		for _, f := range s.Fields {
			symbols[s.GetterSymbol(f.Name)] = true
		}
	}
	for _, i := range c.Imports {
		switch {
		case i.Function != nil:
			symbols[i.Function.Shim] = true
		case i.Static != nil:
			symbols[i.Static.Shim] = true
		case i.Union != nil:
			for index := range i.Union.TypeCount {
				symbols[i.Union.VariantSymbol(index)] = true
			}
		}
	}
	return symbols
}

// The records of a module name all that it exports and has types for, and what
// they name is there.
func TestParseSection_rawModules(t *testing.T) {
	for _, path := range rawFixtures(t) {
		t.Run(strings.TrimPrefix(filepath.ToSlash(path), rawModules+"/"), func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			module, err := wasmbin.Parse(data)
			if err != nil {
				t.Fatal(err)
			}
			c, err := ParseSection(module.Custom(SectionName))
			if err != nil {
				t.Fatal(err)
			}
			checkNames(t, module, c)
			checkPresence(t, module, c)
		})
	}
}

func checkNames(t *testing.T, module *wasmbin.Module, c *Crate) {
	symbols := described(c)
	types := 0
	for _, e := range module.Exports {
		symbol, describes := strings.CutPrefix(e.Name, DescribePrefix)
		if !describes {
			continue
		}
		types++
		if !symbols[symbol] {
			t.Errorf("no record of %s", symbol)
		}
	}
	if types == 0 {
		t.Error("the module describes nothing")
	}
}

func checkPresence(t *testing.T, module *wasmbin.Module, c *Crate) {
	functions := 0
	for _, e := range c.Exports {
		symbol := e.Symbols(c.Version)[0]
		if module.Export(symbol) == nil {
			t.Errorf("no export %s", symbol)
		} else if module.Export(DescriptorSymbol(symbol)) == nil {
			t.Errorf("no descriptor of %s", symbol)
		}
		functions++
	}
	if functions == 0 {
		t.Error("no functions")
	}
	for _, s := range c.Structs {
		symbols := []string{s.FreeSymbol()}
		for _, f := range s.Fields {
			symbols = append(symbols, s.GetterSymbol(f.Name), DescriptorSymbol(s.GetterSymbol(f.Name)))
			if !f.Readonly {
				symbols = append(symbols, s.SetterSymbol(f.Name))
			}
		}
		for _, symbol := range symbols {
			if module.Export(symbol) == nil {
				t.Errorf("no export %s", symbol)
			}
		}
	}
}
