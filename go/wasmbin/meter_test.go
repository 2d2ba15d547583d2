package wasmbin

import (
	"bytes"
	"reflect"
	"testing"

	"wasmgate/go/errs"
)

func rewriteWith(t *testing.T, data []byte, options RewriteOptions) *Rewritten {
	t.Helper()
	shape, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Rewrite(data, shape, options)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func metered(t *testing.T, data []byte) *Rewritten {
	t.Helper()
	costs := DefaultCosts()
	return rewriteWith(t, data, RewriteOptions{Meter: &costs})
}

// counted is the code section of a metered module whose function has that body.
func counted(t *testing.T, body string) string {
	t.Helper()
	got := metered(t, assemble("\x01\x01\x60\x00\x00", "\x03\x01\x00", "\x0a\x01"+sized(body)))
	r := &reader{data: got.Binary, pos: 8}
	for !r.done() {
		if id, section := r.byte(), r.bytes(); id == sectionCode {
			inside := &reader{data: section[1:]}
			return string(inside.bytes())
		}
	}
	t.Fatal("no code")
	return ""
}

const (
	test  = "\x42\x00\x59\x04\x40\x00\x0b" // i64.const 0; i64.ge_s; if; unreachable; end
	enter = "\x23\x00\x22\x00" + test      // global.get 0; local.tee 0
)

// owe adds to the global that counts, spend to the local.
func owe(n byte) string   { return "\x23\x00\x42" + string(rune(n)) + "\x7c\x24\x00" }
func spend(n byte) string { return "\x20\x00\x42" + string(rune(n)) + "\x7c\x21\x00" }

func TestMeter_bodies(t *testing.T) {
	for name, tc := range map[string][2]string{
		"nothing":         {"\x00\x0b", "\x00" + owe(1) + "\x0b"},
		"one way":         {"\x00\x01\x41\x00\x1a\x0b", "\x00\x01\x41\x00\x1a" + owe(2) + "\x0b"},
		"unreachable":     {"\x00\x00\x41\x00\x1a\x0b", "\x00" + owe(1) + "\x00\x41\x00\x1a\x0b"},
		"return":          {"\x00\x0f\x0b", "\x00" + owe(1) + "\x0f\x0b"},
		"a block":         {"\x00\x02\x40\x41\x00\x1a\x0b\x0b", "\x00\x02\x40\x41\x00\x1a\x0b" + owe(2) + "\x0b"},
		"a first branch":  {"\x00\x02\x40\x41\x00\x0d\x00\x0b\x0b", "\x00\x02\x40\x41\x00\x0d\x00\x0b" + owe(3) + "\x0b"},
		"a longer way":    {"\x00\x02\x40\x41\x00\x0d\x00\x41\x00\x1a\x0b\x0b", "\x00\x02\x40\x41\x00\x0d\x00\x41\x00\x1a" + owe(1) + "\x0b" + owe(3) + "\x0b"},
		"if":              {"\x00\x41\x00\x04\x40\x41\x00\x1a\x0b\x0b", "\x00\x41\x00\x04\x40\x41\x00\x1a" + owe(1) + "\x0b" + owe(3) + "\x0b"},
		"else":            {"\x00\x41\x00\x04\x40\x05\x41\x00\x1a\x0b\x0b", "\x00\x41\x00\x04\x40\x05\x41\x00\x1a" + owe(1) + "\x0b" + owe(3) + "\x0b"},
		"out of the body": {"\x00\x41\x00\x0d\x00\x0b", "\x00\x41\x00" + owe(3) + "\x0d\x00\x0b"},
		"a call":          {"\x00\x10\x00\x0b", "\x00\x23\x00" + test + owe(2) + "\x10\x00\x0b"},
		"a loop": {"\x00\x03\x40\x41\x00\x0d\x00\x0b\x0b", "\x01\x01\x7e\x23\x00\x21\x00" + spend(1) + "\x03\x40" +
			"\x20\x00\x24\x00\x20\x00" + test + "\x41\x00" + spend(2) + "\x0d\x00\x0b\x20\x00\x24\x00\x0b"},
		"a call and a loop": {"\x00\x10\x00\x03\x40\x0b\x0b", "\x01\x01\x7e" + enter + "\x20\x00\x42\x02\x7c\x24\x00\x10\x00\x23\x00\x21\x00" +
			"\x03\x40\x20\x00\x24\x00\x20\x00" + test + "\x0b\x0b"},
		"locals": {"\x01\x02\x7f\x03\x40\x0b\x0b", "\x02\x02\x7f\x01\x7e\x23\x00\x21\x02\x20\x02\x42\x01\x7c\x21\x02" +
			"\x03\x40\x20\x02\x24\x00\x20\x02" + test + "\x0b\x0b"},
		"a table of branches": {"\x00\x02\x40\x02\x40\x41\x00\x0e\x01\x00\x01\x0b\x0b\x0b", "\x00\x02\x40\x02\x40\x41\x00" +
			owe(3) + "\x0e\x01\x00\x01\x0b\x0b\x0b"},
		"an exception": {"\x00\x02\x40\x1f\x40\x01\x02\x00\x10\x00\x0b\x0b\x0b", "\x00\x23\x00" + test +
			"\x02\x40\x1f\x40\x01\x02\x00" + owe(3) + "\x10\x00\x0b\x0b\x23\x00" + test + "\x0b"},
		"an exception in a loop": {"\x00\x03\x40\x02\x40\x1f\x40\x01\x02\x00\x10\x00\x0b\x0b\x0b\x0b", "\x01\x01\x7e" + enter + spend(1) +
			"\x03\x40\x20\x00\x24\x00\x20\x00" + test + "\x02\x40\x1f\x40\x01\x02\x00\x20\x00\x42\x02\x7c\x24\x00\x10\x00\x23\x00\x21\x00" +
			"\x0b\x20\x00\x24\x00\x0b\x23\x00\x21\x00\x20\x00" + test + "\x0b\x0b"},
		"throw": {"\x00\x02\x40\x08\x00\x0b\x0b", "\x00\x02\x40" + owe(2) + "\x08\x00\x0b\x0b"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := counted(t, tc[0]); got != tc[1] {
				t.Errorf("got\n%x, want\n%x", got, tc[1])
			}
		})
	}
}

func TestMeter_addsWhatAModuleLacks(t *testing.T) {
	global := "\x7e\x01\x42\x80\x80\x80\x80\x80\x80\x80\x80\x40\x0b"
	fuel := "\x0dwasmgate:fuel\x03"
	for name, tc := range map[string]struct{ data, want []byte }{
		"nothing but a memory": {
			assemble(memories, "\x00\x04notehi"),
			assemble(memories, "\x00\x04notehi", "\x06\x01"+global, "\x07\x01"+fuel+"\x00"),
		},
		"everything": {
			assemble("\x01\x01\x60\x00\x00", "\x02\x01\x01m\x01g\x03\x7f\x00", "\x03\x01\x00", "\x06\x01\x7f\x00\x41\x00\x0b", "\x07\x01\x01f\x00\x00",
				"\x08\x00", "\x00\x0b.debug_infoold", "\x0a\x01\x02\x00\x0b", "\x0b\x00"),
			assemble("\x01\x01\x60\x00\x00", "\x02\x01\x01m\x01g\x03\x7f\x00", "\x03\x01\x00", "\x06\x02\x7f\x00\x41\x00\x0b"+global,
				"\x07\x03\x01f\x00\x00"+fuel+"\x02\x0ewasmgate:start\x00\x00",
				"\x0a\x01"+sized("\x00\x23\x02\x42\x01\x7c\x24\x02\x0b"), "\x0b\x00"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := metered(t, tc.data)
			if !bytes.Equal(got.Binary, tc.want) {
				t.Errorf("got\n%x, want\n%x", got.Binary, tc.want)
			}
			parsed, err := Parse(got.Binary)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(parsed.Globals, got.Shape.Globals) || !got.Metered || got.Helpers != 0 || got.Sites != 0 {
				t.Errorf("got %+v, parsed %+v", got, parsed)
			}
			if again := metered(t, tc.data); !bytes.Equal(again.Binary, got.Binary) {
				t.Error("not the same again")
			}
		})
	}
}

func TestMeter_sharesTheFunctionsThatGrow(t *testing.T) {
	data := growing(body(grow1+grow0), body(grow0))
	costs := DefaultCosts()
	both := rewriteWith(t, data, RewriteOptions{Meter: &costs, TrapOnGrow: true})
	if both.Sites != 3 || both.Helpers != 2 || both.Shape.FuncCount != 4 {
		t.Errorf("%d sites, %d helpers, %d functions", both.Sites, both.Helpers, both.Shape.FuncCount)
	}
	costs.Grow = 0
	if got := metered(t, data); got.Sites != 3 || got.Helpers != 2 {
		t.Errorf("%d sites, %d helpers", got.Sites, got.Helpers)
	}
	if got := rewriteWith(t, data, RewriteOptions{Meter: &costs}); got.Sites != 0 || got.Helpers != 0 || !got.Metered {
		t.Errorf("%d sites, %d helpers without a price", got.Sites, got.Helpers)
	}
}

func TestMeter_errors(t *testing.T) {
	exporting := func(name string) []byte {
		return assemble("\x01\x01\x60\x00\x00", "\x03\x01\x00", "\x07\x01"+sized(name)+"\x00\x00", "\x0a\x01\x02\x00\x0b")
	}
	for name, tc := range map[string]struct {
		data []byte
		cost uint32
		want errs.Code
	}{
		"an export of the name of the count": {exporting(FuelExport), 1, errs.ModuleUnsupported},
		"an export of the name of the start": {exporting(StartExport), 1, errs.ModuleUnsupported},
		"a price that is too high":           {exporting("f"), MaxCost + 1, errs.OptionRange},
		"an unknown instruction":             {growing(body("\x06\x40\x00\x0b")), 1, errs.ModuleUnsupported},
		"an unknown label":                   {growing(body("\x0c\x01")), 1, errs.ModuleInvalid},
		"an unknown label of a table":        {growing(body("\x0e\x01\x00\x07")), 1, errs.ModuleInvalid},
		"a table that is not":                {growing(body("\xfc\x11\x00")), 1, errs.ModuleInvalid},
		"a memory that is not":               {growing(body("\xfc\x0a\x00\x02")), 1, errs.ModuleInvalid},
		"else without if":                    {growing(body("\x05")), 1, errs.ModuleInvalid},
		"too many locals":                    {growing(sized("\x01\xff\xff\xff\xff\x0f\x7f\x0b")), 1, errs.ModuleInvalid},
		"more functions than declared":       {assemble("\x0a\x01" + body("")), 1, errs.ModuleInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			shape, err := Parse(tc.data)
			if err != nil {
				t.Fatal(err)
			}
			costs := DefaultCosts()
			costs.Simple = tc.cost
			if _, err := Rewrite(tc.data, shape, RewriteOptions{Meter: &costs}); err == nil || errs.From(err).Code != tc.want {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestCosts_ofEachClass(t *testing.T) {
	costs := Costs{Simple: 1, Memory: 2, Float: 3, Division: 4, SIMD: 5, Branch: 6, Call: 7, Entry: 8, BulkPer64: 9, Grow: 10}
	table := costs.table()
	for cost, ops := range []string{
		"\x00\x01\x02\x03\x05\x0b\x0f\x1a",
		"\x1b\x1c\x20\x21\x22\x41\x42\x43\x44\x45\x5a\x67\x6c\x71\x7e\x83\x8a\xa7\xac\xad\xc0\xc4\xd0\xd1\xd2",
		"\x23\x24\x25\x26\x28\x35\x36\x3e\x3f\x40\xfe",
		"\x5b\x66\x8b\x90\x92\x94\x96\x98\x99\x9e\xa0\xa2\xa4\xa6\xa8\xab\xae\xb1\xb2\xbf",
		"\x6d\x70\x7f\x82\x91\x95\x9f\xa3",
		"\xfd", "\x04\x0c\x0d\x0e", "\x10\x11\x12\x13",
	} {
		for _, op := range []byte(ops) {
			if table[op] != int64(cost) {
				t.Errorf("%02x costs %d, not %d", op, table[op], cost)
			}
		}
	}
	if costs.bulk(7) != 3 || costs.bulk(8) != 2 || costs.bulk(17) != 2 {
		t.Error("what has the prefix 0xfc")
	}
}
