'use strict';

const assert = require('node:assert/strict');
const { converted, exportsOf, namespace, thrown, throws } = require('./webassembly-helpers');

describe('WebAssembly: exported functions', () => {
  let W;
  beforeEach(() => (W = namespace()));
  const make = (text, imports) => exportsOf(W, text, imports);

  it('are functions without a prototype, named after their index', () => {
    const { first, second } = make(
      `(import "a" "f" (func)) (func (export "first") (param i32 i64 f32)) (func (export "second") (result i32) i32.const 1)`,
      { a: { f() {} } },
    );
    const descriptor = (value) => ({ value, writable: false, enumerable: false, configurable: true });
    assert.deepEqual(Object.getOwnPropertyDescriptor(first, 'name'), descriptor('1'));
    assert.deepEqual(Object.getOwnPropertyDescriptor(first, 'length'), descriptor(3));
    assert.deepEqual(Object.getOwnPropertyDescriptor(second, 'name'), descriptor('2'));
    assert.equal(second.length, 0);
    assert.deepEqual(Object.getOwnPropertyNames(first), ['length', 'name']);
    assert.ok(first instanceof W.Function && first instanceof Function);
    assert.ok(Object.isExtensible(first));
    throws(() => new first(1, 1n, 1), TypeError);
    assert.equal(Reflect.apply(second, {}, [1, 2, 3]), 1);
  });

  it('the same function is the same object, however it comes out', () => {
    const exports = make(
      `(table (export "t") 3 funcref) (elem (i32.const 0) $f $g $f) (func $f (export "f")) (func $g)
       (func (export "give") (result funcref) (ref.func $f)) (export "again" (func $f))
       (global (export "global") funcref (ref.func $g))`,
    );
    const { f, t } = exports;
    assert.deepEqual([exports.again, t.get(0), t.get(2), exports.give()], [f, f, f, f]);
    assert.equal(t.get(1), exports.global.value);
    assert.notEqual(t.get(1), f);
    assert.equal(t.get(1).name, '1');
  });

  it('an exported import is the function that was imported, if that is of wasm', () => {
    const { f } = make('(func (export "f"))');
    const host = () => 5;
    const text =
      '(import "a" "f" (func)) (import "a" "h" (func (result i32))) (export "f" (func 0)) (export "h" (func 1))';
    const exports = make(text, { a: { f, h: host } });
    assert.equal(exports.f, f);
    assert.notEqual(exports.h, host);
    assert.equal(exports.h.name, '1');
    assert.equal(exports.h(), 5);
    assert.notEqual(make(text, { a: { f, h: host } }).h, exports.h, 'each import of JavaScript makes one');
    assert.equal(
      make('(import "a" "x" (func (result i32))) (export "x" (func 0))', { a: { x: exports.h } }).x,
      exports.h,
    );
  });

  it('converts arguments as the specification says', () => {
    const { i32, i64, f32, f64 } = make(`
      (func (export "i32") (param i32) (result i32) local.get 0) (func (export "i64") (param i64) (result i64) local.get 0)
      (func (export "f32") (param f32) (result f32) local.get 0) (func (export "f64") (param f64) (result f64) local.get 0)`);
    const cases = [
      [i32, 1.9, 1],
      [i32, -1.9, -1],
      [i32, 2 ** 31, -(2 ** 31)],
      [i32, 2 ** 32 + 3, 3],
      [i32, NaN, 0],
      [i32, Infinity, 0],
      [i32, undefined, 0],
      [i32, null, 0],
      [i32, true, 1],
      [i32, '0x10', 16],
      [i32, { valueOf: () => 7 }, 7],
      [i64, 5n, 5n],
      [i64, 2n ** 63n, -(2n ** 63n)],
      [i64, 2n ** 64n + 1n, 1n],
      [i64, -1n, -1n],
      [i64, '12', 12n],
      [i64, true, 1n],
      [f32, 0.1, Math.fround(0.1)],
      [f32, 1e40, Infinity],
      [f32, -0, -0],
      [f32, '1.5', 1.5],
      [f64, 0.1, 0.1],
      [f64, -0, -0],
      [f64, undefined, NaN],
      [f64, Number.MIN_VALUE, Number.MIN_VALUE],
    ];
    for (const [fn, argument, expected] of cases) assert.equal(fn(argument), expected);
    for (const fn of [i32, f32, f64]) for (const wrong of [1n, Symbol()]) throws(() => fn(wrong), TypeError);
    for (const wrong of [1, undefined, null, Symbol(), 1.5]) throws(() => i64(wrong), TypeError);
    throws(() => i64('1.5'), SyntaxError);
  });

  it('converts all arguments in order before anything runs; what is missing is undefined', () => {
    for (const type of ['i32', 'f64', 'f32']) {
      let ran = 0;
      const { f } = make(
        `(import "a" "ran" (func)) (func (export "f") (param ${type} ${type} ${type}) (result ${type}) call 0 local.get 2)`,
        { a: { ran: () => void ran++ } },
      );
      const order = [];
      const at = (name) => converted(order, name, 4);
      assert.equal(f(at('a'), at('b'), at('c'), at('d')), 4);
      assert.deepEqual(order, ['a', 'b', 'c']);
      throws(() => f(at('a'), 1n, at('c')), TypeError);
      assert.deepEqual(order.slice(3), ['a']);
      assert.equal(ran, 1);
      assert.equal(f(1, 2), type === 'i32' ? 0 : NaN);
    }
  });

  it('an argument whose conversion calls wasm does not disturb the others', () => {
    const { sub } = make('(func (export "sub") (param i32 i32) (result i32) (i32.sub (local.get 0) (local.get 1)))');
    assert.equal(sub(50, { valueOf: () => sub(9, 1) }), 42);
    assert.equal(sub({ valueOf: () => sub(50, 0) }, 8), 42);
    const { many } = make(
      `(func (export "many") (param i32 i64 f32 f64 i32) (result f64) (f64.add (local.get 3) (f64.convert_i32_s (local.get 4))))`,
    );
    assert.equal(many(1, 2n, 3, { valueOf: () => many(0, 0n, 0, 30, 10) }, 2), 42);
  });

  it('gives nothing, a value or an array', () => {
    const { none, one, three } = make(`
      (func (export "none") (param i32)) (func (export "one") (result i64) i64.const -1)
      (func (export "three") (result i32 i64 f64) i32.const 1 i64.const 2 f64.const 0.5)`);
    assert.equal(none(1), undefined);
    assert.equal(one(), -1n);
    const values = three();
    assert.deepEqual(values, [1, 2n, 0.5]);
    assert.equal(Object.getPrototypeOf(values), Array.prototype);
    assert.notEqual(three(), values);
  });

  it('takes any number of parameters and results', () => {
    const types = ['i32', 'f64', 'i64', 'f32'];
    for (const count of [4, 5, 6, 17, 100, 1000]) {
      const list = Array.from({ length: count }, (_, i) => types[i % 4]);
      const { f } = make(
        `(func (export "f") (param ${list.join(' ')}) (result ${list.join(' ')}) ${list.map((_, i) => `local.get ${i}`).join(' ')})`,
      );
      assert.equal(f.length, count);
      const values = list.map((type, i) => (type === 'i64' ? BigInt(i) : i));
      assert.deepEqual(f(...values), values);
    }
  });

  it('vectors and exceptions do not cross: a TypeError at each call, before arguments are converted', () => {
    const order = [];
    const { v, e, r, ok } = make(`
      (func (export "v") (param i32 v128)) (func (export "e") (param exnref)) (func (export "r") (result v128) (v128.const i64x2 0 0))
      (func (export "ok") (result i32) i32.const 1)`);
    for (const fn of [v, e, r]) throws(() => fn(converted(order, 'a', 1)), TypeError);
    assert.deepEqual(order, []);
    assert.equal(v.length, 2);
    assert.equal(ok(), 1);
  });

  it('traps are RuntimeErrors that say which, and the instance goes on', () => {
    const { f, g } = make(`
      (memory 1) (table 1 funcref)
      (func (export "f") (param i32)
        (block (block (block (block (br_table 0 1 2 3 (local.get 0)))
          unreachable) (drop (i32.div_s (i32.const 1) (i32.const 0))) return)
          (drop (i32.load (i32.const 65536))) return)
        (call_indirect (i32.const 0)))
      (func (export "g") (result i32) i32.const 3)`);
    for (const [argument, trap] of Object.entries([
      'unreachable',
      'integer_division_by_zero',
      'memory_out_of_bounds',
      'indirect_call_to_null',
    ])) {
      const error = throws(() => f(argument), W.RuntimeError);
      assert.equal(error.trap, trap);
      assert.equal(error.code, 'ERR_TRAP');
      assert.equal(typeof error.wasmStack, 'string');
      assert.doesNotMatch(error.message, /ERR_/);
    }
    assert.equal(g(), 3);
  });

  it('endless recursion is a RangeError, in wasm and through JavaScript', () => {
    const { f, g } = make(`(import "a" "h" (func)) (func $f (export "f") call $f) (func (export "g") call 0)`, {
      a: { h: () => again() },
    });
    const again = () => g();
    throws(f, RangeError);
    throws(g, RangeError);
    throws(f, RangeError);
  });
});

describe('WebAssembly: functions of JavaScript', () => {
  let W;
  beforeEach(() => (W = namespace()));
  const make = (text, imports) => exportsOf(W, text, imports);

  /** The export of a module that passes its parameters to `f` and its results on. */
  const through = (type, f) => {
    const count = (/\(param ([^)]*)\)/.exec(type)?.[1] ?? '').split(' ').filter(Boolean).length;
    const gets = Array.from({ length: count }, (_, i) => `local.get ${i}`).join(' ');
    return make(`(import "a" "f" (func ${type})) (func (export "g") ${type} ${gets} call 0)`, { a: { f } }).g;
  };

  it('get their arguments, and undefined as this', () => {
    const calls = [];
    const f = function (...args) {
      calls.push([this, ...args]);
    };
    through('', f)();
    through('(param i32)', f)(-1);
    through('(param i32 i64)', f)(1, -2n);
    through('(param f32 f64 i32)', f)(0.5, NaN, 3);
    through('(param i32 i32 i32 i32 i64)', f)(1, 2, 3, 4, 5n);
    assert.deepEqual(calls, [
      [undefined],
      [undefined, -1],
      [undefined, 1, -2n],
      [undefined, 0.5, NaN, 3],
      [undefined, 1, 2, 3, 4, 5n],
    ]);
  });

  it('anything that can be called will do', () => {
    const bound = function () {
      return this.value;
    }.bind({ value: 1 });
    const proxy = new Proxy(() => 2, {});
    for (const [f, expected] of [
      [bound, 1],
      [proxy, 2],
      [Math.max, 0],
      [async () => 5, 0],
    ]) {
      assert.equal(through('(result i32)', f)(), expected);
    }
    throws(through('', class {}), TypeError);
  });

  it('what they return is converted', () => {
    const cases = [
      ['i32', 2 ** 32 + 1.5, 1],
      ['i32', undefined, 0],
      ['i64', '7', 7n],
      ['f32', 0.1, Math.fround(0.1)],
      ['f64', { valueOf: () => 2 }, 2],
    ];
    for (const [type, given, expected] of cases) assert.equal(through(`(result ${type})`, () => given)(), expected);
    for (const [type, wrong] of [
      ['i32', 1n],
      ['i64', 1],
      ['f64', Symbol()],
    ]) {
      throws(
        through(`(result ${type})`, () => wrong),
        TypeError,
      );
    }
    const error = new Error('mine');
    const bad = {
      valueOf() {
        throw error;
      },
    };
    assert.equal(thrown(through('(result i32)', () => bad)), error);
    assert.equal(through('', () => bad)(), undefined, 'or ignored');
  });

  it('several results come as any iterable', () => {
    const f = (given) => through('(result i32 f64)', () => given);
    function* generator() {
      yield 1;
      yield 2;
    }
    for (const given of [[1, 2], new Set([1, 2]), generator(), '12', new Float32Array([1, 2])]) {
      assert.deepEqual(f(given)(), [1, 2]);
    }
    for (const given of [undefined, null, 1, {}, [1], [1, 2, 3], { [Symbol.iterator]: 1 }, [1, 2n]]) {
      throws(f(given), TypeError);
    }
    const order = [];
    const values = [converted(order, 'a', 1), converted(order, 'b', 2)];
    assert.deepEqual(f(values)(), [1, 2]);
    assert.deepEqual(order, ['a', 'b']);
    throws(f([1, 2, converted(order, 'c', 3)]), TypeError);
    assert.deepEqual(order, ['a', 'b'], 'nothing is converted where the number is wrong');
  });

  it('what they throw comes out as the same value, through any number of calls', () => {
    for (const value of [new Error('mine'), undefined, null, 0, 'text', Symbol(), new W.RuntimeError('mine')]) {
      const f = () => {
        throw value;
      };
      assert.equal(thrown(through('', f)), value);
      assert.equal(thrown(through('(param i32)', () => through('(result i64)', f)())), value);
    }
  });

  it('a trap inside of a call of JavaScript can be caught there', () => {
    const { trap } = make('(func (export "trap") unreachable)');
    let caught;
    const g = through('(result i32)', () => {
      caught = throws(trap, W.RuntimeError);
      return 9;
    });
    assert.equal(g(), 9);
    assert.equal(caught.trap, 'unreachable');
    assert.equal(thrown(through('', () => trap())).trap, 'unreachable');
  });

  it('may call back in', () => {
    const { down } = make(
      `(import "a" "f" (func (param i32) (result i32)))
       (func (export "down") (param i32) (result i32)
         (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 0))
           (else (i32.add (local.get 0) (call 0 (i32.sub (local.get 0) (i32.const 1)))))))`,
      { a: { f: (n) => down(n) } },
    );
    assert.equal(down(100), 5050);
  });

  it('vectors do not cross: a TypeError when it is called', () => {
    let called = false;
    const text = '(import "a" "f" (func (param v128))) (func (export "g") (call 0 (v128.const i64x2 1 2)))';
    const { g } = make(text, { a: { f: () => (called = true) } });
    throws(g, TypeError);
    assert.equal(called, false);
  });

  it('an error of wasmgate that passes through stays what it is', () => {
    const { Instance } = require('../..');
    const guest = new Instance(Buffer.from('(module (func (export "f") unreachable))'));
    const error = thrown(through('', () => guest.exports.f()));
    assert.equal(error.name, 'WasmError');
    assert.equal(error.code, 'ERR_TRAP');
    guest.close();
  });
});
