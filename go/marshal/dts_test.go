package marshal

import "testing"

const declarations = `
/* tslint:disable */
/**
 * Says hello. export function notThis(a: string): void;
 */
export function say(name: string): string;
export function many(a: number, b: bigint | undefined, c?: Uint8Array | null): Float64Array;
export function nothing(): void;
export function paint(color: Color): Color;
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
	} {
		if s, ok := got[name]; !ok || s.String() != want || s.Unsupported != "" {
			t.Errorf("%s: got %v (%s), want %s", name, s, s.Unsupported, want)
		}
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
function helper(ptr) {
    return ptr >>> 0;
}
`

func TestParseGlue(t *testing.T) {
	got := ParseGlue(glue)
	for name, want := range map[string]Facts{
		"old":    {Known: true, Fallible: true, Unsigned: true},
		"modern": {Known: true, Unsigned: true, NewNone: true},
		"area":   {Known: true, areaF64: true},
		"halves": {Known: true, Unsigned: true},
	} {
		if got[name] != want {
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
