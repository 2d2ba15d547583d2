package marshal

import (
	"reflect"
	"testing"
)

const declarations = `
/* tslint:disable */
/**
 * Says hello. export function notThis(a: string): void;
 */
export function say(name: string): string;
export function many(a: number, b: bigint | undefined, c?: Uint8Array | null): Float64Array;
export function nothing(): void;
export function paint(color: Color): Color;
export function choose(color?: Color | null, size?: number): Color | undefined;
export function rest(first: string, ...rest: Int32Array): number | undefined;
export function callback(f: (a: number) => void, rest: string): void;
export declare function typed(a: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
export function literal(a: "x,y" | "z)"): void;
export function counter(): Counter;
export function list(): string[];
export function any(a: any): any;
export function broken(a: string
export enum Color { Red = 0, Green = 5 }
export class Counter {
  free(): void;
  export function inner(): void;
}
export default function init(): void;
`

func TestParseDTS(t *testing.T) {
	got := ParseDTS(declarations)
	for name, want := range map[string]string{
		"say":     "(name: string) -> string",
		"many":    "(a: number, b: bigint?, c: bytes?) -> f64[]",
		"nothing": "() -> ()",
		"paint":   "(color: number) -> number",
		"typed":   "(a: bytes) -> bytes",
		"choose":  "(color: number?, size: number?) -> number?",
		"rest":    "(first: string, rest: i32[]) -> number?",
	} {
		if s, ok := got[name]; !ok || s.String() != want || s.Unsupported != "" {
			t.Errorf("%s: got %v (%s), want %s", name, s, s.Unsupported, want)
		}
	}
	if choose := got["choose"]; choose.Params[0].Type.Kind != tsEnum || choose.Params[1].Type.Kind != tsNumberOrEnum {
		t.Errorf("choose: got the kinds %d and %d", choose.Params[0].Type.Kind, choose.Params[1].Type.Kind)
	}
	if !got["rest"].Variadic || got["say"].Variadic {
		t.Error("rest parameters are not told from others")
	}
	for name, want := range map[string]string{
		"callback": "parameter f has the type (a: number) => void, a JavaScript value",
		"literal":  `parameter a has the type "x,y" | "z)", a union`,
		"counter":  "the result has the type Counter, a class of the guest",
		"list":     "the result has the type string[], a list of JavaScript values",
		"any":      "parameter a has the type any, a JavaScript value",
	} {
		if s := got[name]; s.Unsupported != want {
			t.Errorf("%s: got %q, want %q", name, s.Unsupported, want)
		}
	}
	for _, name := range []string{"notThis", "init", "default"} {
		if _, ok := got[name]; ok {
			t.Errorf("%s was taken for a function of the module", name)
		}
	}
}

func FuzzParseDTS(f *testing.F) {
	f.Add(declarations)
	f.Add("export function f(")
	f.Fuzz(func(_ *testing.T, text string) { ParseDTS(text) })
}

// In the shapes that the tool has written over the years.
const glue = `
module.exports.old = function(a, b) {
    try {
        const retptr = wasm.__wbindgen_add_to_stack_pointer(-16);
        wasm.old(retptr, a, b);
        var r0 = getInt32Memory0()[retptr / 4 + 0];
        var r1 = getInt32Memory0()[retptr / 4 + 1];
        if (r1) {
            throw takeObject(r0);
        }
        return r0 >>> 0;
    } finally {
    }
};
function modern(a) {
    const ret = wasm.modern(a === undefined ? Number.MAX_SAFE_INTEGER : a);
    return BigInt.asUintN(64, ret[0]);
}
exports.modern = modern;
export function area() {
    wasm.area(retptr);
    var r2 = getDataViewMemory0().getFloat64(retptr + 8 * 1, true);
    return r2;
}
module.exports.halves = function(a) {
    wasm.halves(retptr);
    const n0 = uint64CvtShim[0];
    return n0;
};
module.exports.option = function(value) {
    wasm.option(retptr);
    const n1 = r0 === 0 ? undefined : uint64CvtShim[0];
    return n1;
};
module.exports.argument = function(value) {
    uint64CvtShim[0] = value;
    const low0 = u32CvtShim[0];
    return wasm.argument(low0);
};
module.exports.back = function(by, numbers, ...text) {
    try {
        var ptr0 = passArray8ToWasm0(numbers, wasm.__wbindgen_malloc);
        var len0 = WASM_VECTOR_LEN;
        wasm.back(by, ptr0, len0, ptr1, len1);
    } finally {
        numbers.set(getUint8Memory0().subarray(ptr0 / 1, ptr0 / 1 + len0));
        wasm.__wbindgen_free(ptr0, len0 * 1);
    }
};
function along(a, b, c, d) {
    const char0 = d.codePointAt(0);
    wasm.along(ptr0, len0, a, ptr1, len1, addHeapObject(b), ptr2, len2, char0);
}
function options(a, b, c, d, e, f, g) {
    const ret = wasm.options(isLikeNone(a) ? 3 : a, isLikeNone(b) ? 0xFFFFFF : b, !isLikeNone(c), isLikeNone(c) ? 0 : c, isLikeNone(d) ? Number.MAX_SAFE_INTEGER : (d) >>> 0, isLikeNone(e) ? 0x100000001 : (e) >> 0, isLikeNone(f) ? 0x100000001 : Math.fround(f), isLikeNone(g) ? 2147483648 : g);
    return ret === 3 ? undefined : ret;
}
function wrapped() {
    const ret = wasm.wrapped();
    return ret === 0 ? undefined : Counter.__wrap(ret);
}
function helper(ptr) {
    return ptr >>> 0;
}
`

// params are parameters of which the glue tells nothing.
func params(names ...string) map[string]ParamFacts {
	out := map[string]ParamFacts{}
	for _, name := range names {
		out[name] = ParamFacts{}
	}
	return out
}

func hole(number uint32) None { return None{Told: true, Form: OptHole, Hole: number} }

func TestParseGlue(t *testing.T) {
	got := ParseGlue(glue)
	for name, want := range map[string]Facts{
		"old":      {Known: true, Fallible: true, Unsigned: true, Params: params("a", "b")},
		"modern":   {Known: true, Unsigned: true, NewNone: true, Params: params("a")},
		"area":     {Known: true, areaF64: true, Params: params()},
		"halves":   {Known: true, Unsigned: true, Params: params("a")},
		"option":   {Known: true, Unsigned: true, Params: params("value"), None: None{Told: true, Form: OptFlag}},
		"argument": {Known: true, Params: params("value")},
		"back":     {Known: true, Params: map[string]ParamFacts{"by": {}, "numbers": {CopiesBack: true}, "text": {}}},
		"along":    {Known: true, Params: map[string]ParamFacts{"a": {WithArray: true}, "b": {WithArray: true}, "c": {}, "d": {Char: true}}},
		"options": {Known: true, NewNone: true, OldNone: true, None: hole(3), Params: map[string]ParamFacts{
			"a": {None: hole(3)}, "b": {None: None{Told: true, Form: OptSmall}}, "c": {None: None{Told: true, Form: OptFlag}},
			"d": {None: None{Told: true, Form: OptDouble}, Number: U32}, "e": {None: None{Told: true, Form: OptDoubleOld}, Number: I32},
			"f": {None: None{Told: true, Form: OptDoubleOld}, Number: F32}, "g": {None: hole(1 << 31)},
		}},
		"wrapped": {Known: true, Params: params(), None: None{Told: true, Form: OptFlag}},
	} {
		if !reflect.DeepEqual(got[name], want) {
			t.Errorf("%s: got %+v, want %+v", name, got[name], want)
		}
	}
	if _, ok := got["helper"]; ok {
		t.Error("a function that calls no wasm was taken for an export")
	}
}

func FuzzParseGlue(f *testing.F) {
	f.Add(glue)
	f.Fuzz(func(_ *testing.T, text string) { ParseGlue(text) })
}
