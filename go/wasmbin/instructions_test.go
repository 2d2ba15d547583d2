package wasmbin

import (
	"testing"

	"wasmgate/go/errs"
)

// What the engine accepts is compared in go/engine/opcodes_test.go.
func TestInstruction_endsWhereTheNextBegins(t *testing.T) {
	for name, code := range map[string]string{
		"i32.add":                       "\x6a",
		"block":                         "\x02\x40",
		"block of a value":              "\x02\x7b",
		"block of a reference":          "\x02\x63\x70",
		"block of a far type":           "\x02\xff\xff\x03",
		"br_table":                      "\x0e\x03\x40\x40\x40\x40",
		"call_indirect":                 "\x11\x80\x01\x40",
		"select of an externref":        "\x1c\x01\x6f",
		"load":                          "\x28\x02\x80\x80\x04",
		"load of the second memory":     "\x28\x42\x01\x40",
		"load with a 64-bit offset":     "\x29\x03\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01",
		"memory.size":                   "\x3f\x00",
		"memory.grow, padded":           "\x40\x80\x80\x80\x80\x00",
		"i32.const -2147483648":         "\x41\x80\x80\x80\x80\x78",
		"i64.const":                     "\x42\x80\x80\x80\x80\x80\x80\x80\x80\x80\x7f",
		"f32.const":                     "\x43\x40\x00\x40\x00",
		"f64.const":                     "\x44\x40\x00\x40\x00\x40\x00\x40\x00",
		"ref.null extern":               "\xd0\x6f",
		"block of a concrete reference": "\x02\x64\x82\x00",
		"ref.null of a far type":        "\xd0\x82\x80\x80\x80\x00",
		"select of a reference":         "\x1c\x01\x63\x02",
		"throw":                         "\x08\x02",
		"throw_ref":                     "\x0a",
		"try_table":                     "\x1f\x40\x00",
		"try_table with clauses":        "\x1f\x02\x04\x00\x02\x40\x01\x40\x02\x02\x02\x03\x40",
		"call_ref":                      "\x14\x82\x00",
		"return_call_ref":               "\x15\x02",
		"br_on_null":                    "\xd5\x02",
		"struct.new":                    "\xfb\x00\x02",
		"struct.get":                    "\xfb\x02\x02\x40",
		"array.new_fixed":               "\xfb\x08\x02\x40",
		"array.len":                     "\xfb\x0f",
		"array.copy":                    "\xfb\x11\x02\x40",
		"ref.cast":                      "\xfb\x16\x6d",
		"br_on_cast":                    "\xfb\x18\x03\x40\x6e\x02",
		"ref.i31":                       "\xfb\x1c",
		"i32.trunc_sat_f64_u":           "\xfc\x03",
		"memory.init":                   "\xfc\x08\x40\x00",
		"table.fill":                    "\xfc\x11\x40",
		"v128.const":                    "\xfd\x0c0123456789abcdef",
		"i8x16.shuffle":                 "\xfd\x0d0123456789abcdef",
		"i8x16.replace_lane":            "\xfd\x17\x0b",
		"v128.load8_lane":               "\xfd\x54\x40\x01\x40\x0b",
		"v128.load32_zero":              "\xfd\x5c\x02\x40",
		"i32x4.relaxed_dot_i8x16":       "\xfd\x93\x02",
		"i8x16.relaxed_swizzle":         "\xfd\x80\x02",
		"atomic.fence":                  "\xfe\x03\x00",
		"i64.atomic.rmw32.cmpxchg_u":    "\xfe\x4e\x02\x40",
	} {
		t.Run(name, func(t *testing.T) {
			r := &reader{data: []byte(code + "\x0b")}
			if op := r.instruction(); op != code[0] || r.err != nil || r.pos != len(code) {
				t.Errorf("operation %02x, %d of %d bytes, %v", op, r.pos, len(code), r.err)
			}
		})
	}
}

func TestInstruction_errors(t *testing.T) {
	for name, tc := range map[string]struct {
		code string
		want errs.Code
	}{
		"the first after i31":            {"\xfb\x1f\x00", errs.ModuleUnsupported},
		"try of long ago":                {"\x06\x40", errs.ModuleUnsupported},
		"an unknown clause":              {"\x1f\x40\x01\x04\x00", errs.ModuleUnsupported},
		"wide arithmetic":                {"\xfc\x13", errs.ModuleUnsupported},
		"a gap among vectors":            {"\xfd\x9a\x01", errs.ModuleUnsupported},
		"the first after the vectors":    {"\xfd\x94\x02", errs.ModuleUnsupported},
		"the first after the atomics":    {"\xfe\x4f\x00\x00", errs.ModuleUnsupported},
		"a block of an unknown type":     {"\x02\x68", errs.ModuleUnsupported},
		"a null of an unknown type":      {"\xd0\x68", errs.ModuleUnsupported},
		"a reference to an unknown type": {"\x02\x63\x7f", errs.ModuleUnsupported},
		"nothing":                        {"", errs.ModuleInvalid},
		"a constant that is cut":         {"\xfd\x0c0123", errs.ModuleInvalid},
		"a type that is cut":             {"\x02", errs.ModuleInvalid},
		"a table of half the input":      {"\x0e\xff\xff\x7f\x00", errs.ModuleInvalid},
		"an index of six bytes":          {"\x10\x80\x80\x80\x80\x80\x00", errs.ModuleInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			r := &reader{data: []byte(tc.code)}
			r.instruction()
			if r.err == nil || errs.From(r.err).Code != tc.want || !r.done() {
				t.Errorf("got %v", r.err)
			}
		})
	}
}
