package engine

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"wasmgate/go/wasmbin"
)

// endless are functions that do not end by themselves.
const endless = `(module (memory 1) (table 1 funcref) (elem (i32.const 0) $indirect) (type $none (func)) (global $x (mut i32) (i32.const 0))
	(func (export "loop") (loop (br 0)))
	(func (export "nested") (local i32) (loop (loop
		(br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 10)))) (local.set 0 (i32.const 0)) (br 0)))
	(func (export "recursion") (global.set $x (i32.const 1)) (return_call 2))
	(func $indirect (export "indirect") (return_call_indirect (type $none) (i32.const 0)))
	(func $leaf (param i32) (result i32) (local.get 0))
	(func (export "calls") (loop (drop (call $leaf (i32.const 1))) (br 0)))
	(func (export "table") (block (loop (br_table 0 1 0 (global.get $x)))) (call 6))
	(tag $e) (func $throws (throw $e)) (elem declare func $again)
	(func (export "throw") (loop (block (try_table (catch_all 0) (throw $e))) (br 0)))
	(func (export "catch") (loop (try_table (catch_all 0) (call $throws))))
	(func $again (export "again") (block (try_table (catch $e 0) (call $throws))) (return_call_ref $none (ref.func $again)))
	(func (export "null") (loop (br_on_null 0 (ref.null any)) (drop)))
	(func (export "cast") (loop (drop (block (result anyref) (br_on_cast_fail 0 anyref (ref i31) (ref.null any)))) (br 0))))`

func TestMeter_stopsWhereItDidBefore(t *testing.T) {
	metered := meter(t, binaryOf(t, endless), wasmbin.RewriteOptions{Meter: asReference()})
	for _, export := range metered.Shape.Exports {
		for _, limit := range []int64{0, 1, 1000, 12345} {
			var used []int64
			for range 2 {
				c, _ := instantiate(t, nil, metered, limit)
				got := c.call(t, export.Name)
				if !got.empty || got.used < limit || got.used > limit+60 {
					t.Errorf("%s with %d: %+v", export.Name, limit, got)
				}
				used = append(used, got.used)
			}
			if used[0] != used[1] {
				t.Errorf("%s with %d: %v", export.Name, limit, used)
			}
		}
	}
}

func TestMeter_stopsTheStartFunction(t *testing.T) {
	metered := meter(t, binaryOf(t, `(module (start $f) (func $f (loop (br 0))))`), wasmbin.RewriteOptions{Meter: asReference()})
	if !metered.Starts {
		t.Error("no start function")
	}
	if _, got := instantiate(t, nil, metered, 500); !got.empty || got.used < 500 || got.used > 510 {
		t.Errorf("got %+v", got)
	}
}

// What has neither loops nor calls is not looked at, unless it is long.
func TestMeter_stopsLongCode(t *testing.T) {
	add := "(global.set 0 (i32.add (global.get 0) (i32.const 1)))\n"
	skipped := "(br_if 0 (global.get 1)) (if (global.get 1) (then (drop (i32.const 1)) " + strings.Repeat(add, 100) + "))\n"
	for name, code := range map[string]string{
		"straight": strings.Repeat(add, 40000),
		"branches": strings.Repeat(add+skipped, 10000),
		"calls":    strings.Repeat("(call $leaf)\n", 40000),
		"bulk":     strings.Repeat("(memory.fill (i32.const 0) (i32.const 0) (global.get 0))\n", 40000),
		"arrays":   strings.Repeat("(drop (array.new_default $array (global.get 1)))\n", 10000),
		"caught":   strings.Repeat("(block (try_table (catch $e 0) "+add+"(call $throws)))\n", 10000),
	} {
		metered := meter(t, binaryOf(t, `(module (memory 1) (global (mut i32) (i32.const 7)) (global i32 (i32.const 0))
			(type $array (array i8)) (tag $e) (func $throws (throw $e))
			(func $leaf) (func (export "f") `+code+`))`), wasmbin.RewriteOptions{Meter: asReference()})
		c, _ := instantiate(t, nil, metered, 10000)
		if got := c.call(t, "f"); !got.empty || got.used > 13000 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestMeter_countsByCosts(t *testing.T) {
	binary := binaryOf(t, `(module (memory 1 4) (memory i64 1 4) (table 10 1000 funcref) (func $f (export "none"))
		(func (export "simple") (drop (i32.add (i32.const 1) (i32.const 2))))
		(func (export "memory") (i32.store (i32.const 0) (i32.load (i32.const 0))))
		(func (export "float") (drop (f64.add (f64.const 1) (f64.sqrt (f64.const 2)))))
		(func (export "division") (drop (i32.rem_u (i32.const 1) (i32.const 2))))
		(func (export "simd") (drop (v128.not (v128.const i64x2 1 1))))
		(func (export "saturating") (drop (i32.trunc_sat_f32_s (f32.const 1))))
		(func (export "branch") (block (br_if 0 (i32.const 0)) (if (i32.const 1) (then (br 1)))))
		(func (export "call") (call $f))
		(func (export "fill") (param i32) (memory.fill (i32.const 0) (i32.const 0) (local.get 0)))
		(func (export "constant") (memory.fill (i32.const 0) (i32.const 0) (i32.const 200)))
		(func (export "wide") (param i64) (memory.copy 1 1 (i64.const 0) (i64.const 0) (local.get 0)))
		(func (export "loop") (param i32) (loop (memory.fill (i32.const 0) (i32.const 0) (local.get 0))))
		(func (export "tables") (param i32) (table.fill (i32.const 0) (ref.null func) (local.get 0)))
		(func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
		(func (export "growWide") (param i64) (result i64) (memory.grow 1 (local.get 0)))
		(func (export "growTable") (param i32) (result i32) (table.grow (ref.null func) (local.get 0)))`+managedCosts+")")
	costs := wasmbin.Costs{
		Simple: 1, Memory: 20, Float: 300, Division: 400, SIMD: 500, Branch: 600, Call: 700, Entry: 10, BulkPer64: 2, Grow: 1000,
	}
	c, _ := instantiate(t, nil, meter(t, binary, wasmbin.RewriteOptions{Meter: &costs}), 1<<30)
	stoppable, _ := instantiate(t, nil, meter(t, binary, wasmbin.RewriteOptions{Meter: &costs, Stoppable: true}), 1<<30)
	for _, tc := range []struct {
		name string
		args []any
		used int64
	}{
		{"none", nil, 10},
		{"simple", nil, 10 + 3},
		{"memory", nil, 10 + 2 + 40},
		{"float", nil, 10 + 2 + 300 + 400},
		{"division", nil, 10 + 2 + 400},
		{"simd", nil, 10 + 1000},
		{"saturating", nil, 10 + 1 + 300},
		{"branch", nil, 10 + 2 + 1800},
		{"call", nil, 10 + 700 + 10},
		{"fill", []any{int32(63)}, 10 + 3 + 20},
		{"fill", []any{int32(65536)}, 10 + 3 + 20 + 2048},
		{"constant", nil, 10 + 3 + 20 + 6},
		{"wide", []any{int64(640)}, 10 + 3 + 20 + 20},
		{"loop", []any{int32(640)}, 10 + 3 + 20 + 20},
		{"tables", []any{int32(10)}, 10 + 3 + 20},
		{"grow", []any{int32(0)}, 10 + 1 + 20},
		{"grow", []any{int32(2)}, 10 + 1 + 20 + 2000},
		{"grow", []any{int32(2)}, 10 + 1 + 20}, // it cannot
		{"grow", []any{int32(-1)}, 10 + 1 + 20},
		{"growWide", []any{int64(3)}, 10 + 1 + 20 + 3000},
		{"growWide", []any{int64(-1)}, 10 + 1 + 20},
		{"growTable", []any{int32(128)}, 10 + 2 + 20 + 4},
		{"growTable", []any{int32(1000)}, 10 + 2 + 20}, // it cannot
		{"tables", []any{int32(130)}, 10 + 3 + 20 + 4},
		{"reference", nil, 10 + 6},
		{"cast", nil, 10 + 600 + 1 + 1},
		{"null", nil, 10 + 600 + 1},
		{"callRef", nil, 10 + 1 + 700 + 10},
		{"returnCallRef", nil, 10 + 1 + 700 + 10},
		{"throw", nil, 10 + 600 + 600},
		{"catch", nil, 10 + 600 + 700 + 10 + 600},
		{"rethrow", nil, 10 + 600 + 600 + 700 + 10 + 600 + 600},
		{"struct", nil, 10 + 20 + 20},
		{"fields", nil, 10 + 20 + 4},
		{"fixed", nil, 10 + 3 + 20},
		{"new", []any{int32(0)}, 10 + 2 + 20},
		{"new", []any{int32(10)}, 10 + 2 + 20 + 20},
		{"newConstant", nil, 10 + 1 + 20 + 400},
		{"newLoop", []any{int32(10)}, 10 + 1 + 20 + 20},
		{"newData", []any{int32(64)}, 10 + 2 + 20 + 2},
		{"newElements", []any{int32(3)}, 10 + 2 + 20 + 6},
		{"arrays", []any{int32(130)}, 10 + 3*260 + 22 + 24 + 25 + 28},
		{"arrays", []any{int32(0)}, 10 + 22 + 24 + 25 + 24},
		{"elements", []any{int32(64)}, 10 + 21 + 23 + 2*128},
		{"elements", []any{int32(9000)}, 10 + 21 + 23 + 2*18000},
		{"newElements", []any{int32(9000)}, 10 + 2 + 20 + 18000},
		{"copyConstant", []any{int32(7)}, 10 + 1 + 20 + 14 + 1 + 25 + 10},
		{"copyLoop", []any{int32(7)}, 10 + 1 + 20 + 14 + 1 + 3*(25+14+6+600)},
	} {
		for _, c := range []*counting{c, stoppable} {
			if got := c.call(t, tc.name, tc.args...); got.trap != "" || got.used != tc.used {
				t.Errorf("%s %v: %+v, want %d", tc.name, tc.args, got, tc.used)
			}
		}
	}
	// What traps before it does anything is not charged for what it was asked.
	for _, name := range []string{"new", "newData", "newElements"} {
		if got := stoppable.call(t, name, int32(-1)); got.trap == "" || got.used > 10+2+20 {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := c.call(t, "wide", int64(-1)); !strings.Contains(got.trap, "out of bounds") || got.used > 10+3+20 {
		t.Errorf("got %+v", got)
	}
}

// managedCosts are functions with exceptions, references and what the engine collects.
var managedCosts = `
	(type $pair (struct (field i32) (field i32))) (type $many (struct ` + strings.Repeat("(field i8)", 130) + `))
	(type $array (array (mut i8))) (type $functions (array (mut funcref))) (type $none (func))
	(tag $e) (elem declare func $f) (data $data "` + strings.Repeat("x", 200) + `") (elem $elements func ` + strings.Repeat("$f ", 9000) + `)
	(func $throws (throw $e))
	(func (export "reference") (drop (ref.eq (ref.as_non_null (ref.i31 (i32.const 1))) (ref.i31 (i32.const 1)))))
	(func (export "cast") (block (result (ref i31)) (br_on_cast 0 anyref (ref i31) (ref.i31 (i32.const 1))) (unreachable)) (drop))
	(func (export "null") (br_on_null 0 (ref.null any)) (drop))
	(func (export "callRef") (call_ref $none (ref.func $f)))
	(func (export "returnCallRef") (return_call_ref $none (ref.func $f)))
	(func (export "throw") (try_table (catch_all 0) (throw $e)))
	(func (export "catch") (block (try_table (catch $e 0) (call $throws))))
	(func (export "rethrow") (try_table (catch $e 0)
		(block (result exnref) (try_table (result exnref) (catch_all_ref 0) (call $throws) (unreachable))) (throw_ref)))
	(func (export "struct") (drop (struct.get $pair 1 (struct.new_default $pair))))
	(func (export "fields") (drop (struct.new_default $many)))
	(func (export "fixed") (drop (array.new_fixed $array 3 (i32.const 1) (i32.const 2) (i32.const 3))))
	(func (export "new") (param i32) (drop (array.new $array (i32.const 1) (local.get 0))))
	(func (export "newConstant") (drop (array.new_default $array (i32.const 200))))
	(func (export "newLoop") (param i32) (loop (drop (array.new_default $array (local.get 0)))))
	(func (export "newData") (param i32) (drop (array.new_data $array $data (i32.const 0) (local.get 0))))
	(func (export "newElements") (param i32) (drop (array.new_elem $functions $elements (i32.const 0) (local.get 0))))
	(func (export "copyConstant") (param i32) (local $a (ref null $array)) (local.set $a (array.new_default $array (local.get 0)))
		(array.copy $array $array (local.get $a) (i32.const 0) (local.get $a) (i32.const 0) (i32.const 5)))
	(func (export "copyLoop") (param i32) (local $a (ref null $array)) (local $i i32) (local.set $a (array.new_default $array (local.get 0)))
		(loop (array.copy $array $array (local.get $a) (i32.const 0) (local.get $a) (i32.const 0) (local.get 0))
			(br_if 0 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3)))))
	(func (export "arrays") (param i32) (local $a (ref null $array))
		(local.set $a (array.new_default $array (local.get 0)))
		(array.fill $array (local.get $a) (i32.const 0) (i32.const 1) (local.get 0))
		(array.copy $array $array (local.get $a) (i32.const 0) (local.get $a) (i32.const 0) (local.get 0))
		(array.init_data $array $data (local.get $a) (i32.const 0) (i32.const 0) (local.get 0)))
	(func (export "elements") (param i32)
		(array.init_elem $functions $elements (array.new_default $functions (local.get 0)) (i32.const 0) (i32.const 0) (local.get 0)))`

func TestMeter_leadsBackToPlaces(t *testing.T) {
	binary := binaryOf(t, `(module (func (export "f") (local i32)
		(loop (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 10))))
		(drop (i32.const 1)) (call $g)) (func $g (unreachable)))`)
	metered := meter(t, binary, wasmbin.RewriteOptions{Meter: asReference()})
	frames := func(metered *wasmbin.Rewritten, limit int64) (out []string) {
		c, _ := instantiate(t, binary, metered, limit)
		for _, frame := range c.trap(t, "f") {
			place := int(frame.ModuleOffset())
			if metered != nil {
				place = metered.Moves.Original(place)
			}
			out = append(out, fmt.Sprint(frame.FuncIndex(), " ", place))
		}
		return out
	}
	if want, got := frames(nil, 1000), frames(metered, 1000); len(want) != 2 || !slices.Equal(want, got) {
		t.Errorf("got %v, want %v", got, want)
	}
	// Out of fuel in the loop: the place is that of its first instruction.
	first := fmt.Sprint("0 ", strings.Index(string(binary), "\x03\x40\x20\x00")+2)
	if got := frames(metered, 20); len(got) != 1 || got[0] != first {
		t.Errorf("got %v, want %s", got, first)
	}
}
