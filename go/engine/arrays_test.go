package engine

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"wasmgate/go/config"
	"wasmgate/go/errs"
	"wasmgate/go/marshal"
	"wasmgate/go/wasmbin"
)

// elements are types of elements: of the array, of another that is not mutable, and how to
// make one of the i32 $i and an i64 of one.
var elements = map[string]struct{ to, from, put, get, take string }{
	"i8":     {"i8", "i8", "(local.get $i)", "array.get_s", "i64.extend_i32_s"},
	"i16":    {"i16", "i16", "(local.get $i)", "array.get_u", "i64.extend_i32_u"},
	"i32":    {"i32", "i32", "(local.get $i)", "array.get", "i64.extend_i32_u"},
	"i64":    {"i64", "i64", "(i64.extend_i32_u (local.get $i))", "array.get", "nop"},
	"f32":    {"f32", "f32", "(f32.reinterpret_i32 (i32.or (i32.const 0x7fa00000) (local.get $i)))", "array.get", "i32.reinterpret_f32 i64.extend_i32_u"},
	"v128":   {"v128", "v128", "(i32x4.splat (local.get $i))", "array.get", "i64x2.extract_lane 1"},
	"any":    {"anyref", "(ref i31)", "(ref.i31 (local.get $i))", "array.get", "ref.cast (ref i31) i31.get_u i64.extend_i32_u"},
	"extern": {"externref", "externref", "(extern.convert_any (ref.i31 (local.get $i)))", "array.get", "any.convert_extern ref.cast (ref i31) i31.get_u i64.extend_i32_u"},
	"struct": {"(ref $p)", "(ref $p)", "(struct.new $p (local.get $i))", "array.get", "struct.get $p 0 i64.extend_i32_u"},
	"func":   {"funcref", "(ref func)", "(ref.as_non_null (table.get (i32.and (local.get $i) (i32.const 3))))", "array.get", "ref.cast (ref $f) call_ref $f"},
}

const copied = `(module (type $p (struct (field i32))) (type $f (func (result i64))) (type $t (array (mut TO))) (type $c (array FROM))
	(table funcref (elem $0 $1 $2 $3))
	(func $0 (result i64) i64.const 5) (func $1 (result i64) i64.const 6) (func $2 (result i64) i64.const 7) (func $3 (result i64) i64.const 9)
	(global $t (mut (ref null $t)) (ref.null $t)) (global $c (mut (ref null $c)) (ref.null $c))
	(func $value (param $i i32) (result VALUE) PUT)
	(func (export "make") (param i32) (local $i i32)
		(global.set $t (array.new $t (call $value (i32.const 3)) (local.get 0)))
		(global.set $c (array.new_fixed $c 5 (call $value (i32.const 250)) (call $value (i32.const 1001)) (call $value (i32.const 2))
			(call $value (i32.const 3)) (call $value (i32.const 70000))))
		(loop (array.set $t (global.get $t) (local.get $i) (call $value (i32.mul (local.get $i) (i32.const 37))))
			(br_if 0 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get 0)))))
	(func (export "copy") (param i32 i32 i32) (array.copy $t $t (global.get $t) (local.get 0) (global.get $t) (local.get 1) (local.get 2)))
	(func (export "other") (param i32 i32 i32) (array.copy $t $c (global.get $t) (local.get 0) (global.get $c) (local.get 1) (local.get 2)))
	(func (export "three") (param i32 i32) (array.copy $t $c (global.get $t) (local.get 0) (global.get $c) (local.get 1) (i32.const 3)))
	(func (export "to") (param i32 i32 i32) (array.copy $t $t (ref.null $t) (local.get 0) (global.get $t) (local.get 1) (local.get 2)))
	(func (export "from") (param i32 i32 i32) (array.copy $t $c (global.get $t) (local.get 0) (ref.null $c) (local.get 1) (local.get 2)))
	(func (export "sum") (result i64) (local $i i32) (local $sum i64)
		(loop (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) (call $at (local.get $i))))
			(br_if 0 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (array.len (global.get $t)))))
		(local.get $sum))
	(func $at (export "at") (param i32) (result i64) global.get $t local.get 0 GET $t TAKE))`

// twins are instances of a module as it is, and changed in that way.
func twins(t *testing.T, binary []byte, options wasmbin.RewriteOptions) (asIs, changed Record) {
	t.Helper()
	shape, err := wasmbin.Parse(binary)
	if err != nil {
		t.Fatal(err)
	}
	rewritten, err := wasmbin.Rewrite(binary, shape, options)
	if err != nil {
		t.Fatal(err)
	}
	if rewritten.Sites == 0 || rewritten.Helpers == 0 {
		t.Fatalf("%d sites, %d helpers", rewritten.Sites, rewritten.Helpers)
	}
	var out [2]Record
	for i, code := range []Code{plainCode(binary, shape), {Rewritten: rewritten}} {
		m, err := Compile(config.DefaultProfile(), code, shape, marshal.DetectABI(shape))
		if err != nil {
			t.Fatal(err)
		}
		out[i] = open(t, m, config.Grants{})
	}
	return out[0], out[1]
}

// outcome is what a call gives, a trap with its stack.
func outcome(record Record, name string, args ...int64) string {
	got, err := Probe(record, name, args...)
	if err != nil {
		failure := errs.From(err)
		return fmt.Sprintf("%v %v %v", failure.Code, failure.Detail, failure.Msg)
	}
	return fmt.Sprint(got[0])
}

func wantSame(t *testing.T, asIs, changed Record, name string, args ...int64) string {
	t.Helper()
	want, got := outcome(asIs, name, args...), outcome(changed, name, args...)
	if want != got {
		t.Errorf("%s%v: got %s, want %s", name, args, got, want)
	}
	return want
}

func ways() []wasmbin.RewriteOptions {
	costs := wasmbin.DefaultCosts()
	free := wasmbin.Costs{}
	return []wasmbin.RewriteOptions{{Stoppable: true}, {Stoppable: true, Meter: &costs, TrapOnGrow: true}, {Stoppable: true, Meter: &free}}
}

func TestStoppable_copiesAsTheInstructionDoes(t *testing.T) {
	const long = 60
	for name, e := range elements {
		value := e.from
		if value == "i8" || value == "i16" {
			value = "i32"
		}
		text := strings.NewReplacer("TO", e.to, "FROM", e.from, "VALUE", value, "PUT", e.put, "GET", e.get, "TAKE", e.take).Replace(copied)
		for way, options := range ways() {
			asIs, changed := twins(t, binaryOf(t, text), options)
			random := rand.New(rand.NewPCG(1, uint64(way)))
			traps := map[string]int{}
			wantSame(t, asIs, changed, "make", long)
			for range 400 {
				what := []string{"copy", "copy", "copy", "other", "three", "to", "from"}[random.IntN(7)]
				args := []int64{random.Int64N(long), random.Int64N(long), random.Int64N(long)}
				if what != "copy" {
					args[1], args[2] = random.Int64N(7), random.Int64N(4)
				}
				if random.IntN(20) == 0 {
					args[random.IntN(3)] = []int64{1<<32 - 1, 1 << 31, long, 5}[random.IntN(4)]
				}
				if what == "three" {
					args = args[:2]
				}
				for _, trap := range []string{"null_reference", "array_out_of_bounds"} {
					if strings.Contains(wantSame(t, asIs, changed, what, args...), trap) {
						traps[trap]++
					}
				}
				wantSame(t, asIs, changed, "sum")
			}
			if traps["null_reference"] == 0 || traps["array_out_of_bounds"] == 0 {
				t.Errorf("%s: %v", name, traps)
			}
		}
	}
}

const segments = `(module (type $f (func (result i64))) (type $t (array (mut funcref))) (type $c (array funcref))
	(func $0 (result i64) i64.const 5) (func $1 (result i64) i64.const 6) (func $2 (result i64) i64.const 7)
	(elem $e func ELEMENTS) (elem $x funcref EXPRESSIONS)
	(global $t (mut (ref null $t)) (ref.null $t))
	(func (export "make") (param i32) (global.set $t (array.new $t (ref.func $2) (local.get 0))))
	(func (export "init") (param i32 i32 i32) (array.init_elem $t $e (global.get $t) (local.get 0) (local.get 1) (local.get 2)))
	(func (export "each") (param i32 i32 i32) (array.init_elem $t $x (global.get $t) (local.get 0) (local.get 1) (local.get 2)))
	(func (export "null") (param i32 i32 i32) (array.init_elem $t $e (ref.null $t) (local.get 0) (local.get 1) (local.get 2)))
	(func (export "new") (param i32 i32) (global.set $t (array.new_elem $t $e (local.get 0) (local.get 1))))
	(func (export "fixed") (param i32 i32) (result i32) (array.len (array.new_elem $c $e (local.get 0) (local.get 1))))
	(func (export "drop") (elem.drop $e))
	(func (export "sum") (result i64) (local $i i32) (local $sum i64)
		(loop (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31))
				(call_ref $f (ref.cast (ref $f) (array.get $t (global.get $t) (local.get $i))))))
			(br_if 0 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (array.len (global.get $t)))))
		(local.get $sum)))`

func TestStoppable_takesSegmentsAsTheInstructionDoes(t *testing.T) {
	const long = 9999
	text := strings.NewReplacer("ELEMENTS", strings.Repeat("$0 $1 $0 $2 $1 $2 $0 $0 $1 ", long/9),
		"EXPRESSIONS", strings.Repeat("(ref.func $0) (ref.func $1) (ref.func $0) ", long/3)).Replace(segments)
	for _, options := range ways() {
		asIs, changed := twins(t, binaryOf(t, text), options)
		wantSame(t, asIs, changed, "make", 12000)
		for _, args := range [][]int64{
			{0, 0, long},
			{2001, 0, long},
			{2002, 0, long},
			{5, 7, 4096},
			{5, 7, 4097},
			{1, 2, 8192},
			{1, 2, 8193},
			{1, 1, long},
			{1 << 31, 1, 5000},
			{7, 1 << 31, 5000},
			{7, 1<<32 - 1, 5000},
			{7, 1, 1<<32 - 1},
			{1<<32 - 5000, 0, 5000},
			{12000, long, 0},
			{12000, long + 1, 0},
			{7, 5000, 5000},
			{7, 4999, 5000},
			{7, 4800, 5000},
		} {
			for _, what := range []string{"init", "each", "null"} {
				wantSame(t, asIs, changed, what, args...)
				wantSame(t, asIs, changed, "sum")
			}
			for _, what := range []string{"new", "fixed"} {
				wantSame(t, asIs, changed, what, args[1:]...)
				wantSame(t, asIs, changed, "sum")
			}
			wantSame(t, asIs, changed, "make", 12000)
		}
		wantSame(t, asIs, changed, "drop")
		if got := wantSame(t, asIs, changed, "init", 0, 0, 5000); !strings.Contains(got, "table_out_of_bounds") {
			t.Error(got)
		}
		wantSame(t, asIs, changed, "new", 0, 5000)
	}
}

func TestStoppable_leavesOtherModulesAlone(t *testing.T) {
	for name, text := range map[string]string{
		"no arrays":   `(module (memory 1) (func (memory.copy (i32.const 0) (i32.const 0) (i32.const 9))))`,
		"no copies":   `(module (type $a (array (mut i8))) (func (drop (array.new_default $a (i32.const 9)))))`,
		"not mutable": `(module (type $a (array funcref)) (elem $e func) (func (drop (array.new_elem $a $e (i32.const 0) (i32.const 0)))))`,
	} {
		binary := binaryOf(t, text)
		got := meter(t, binary, wasmbin.RewriteOptions{Stoppable: true})
		if !reflect.DeepEqual(got.Binary, binary) || got.Helpers != 0 || got.Moves != nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
