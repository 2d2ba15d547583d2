'use strict';

const assert = require('node:assert/strict');
const { converted, exportsOf, namespace, throws } = require('./webassembly-helpers');

describe('WebAssembly.Table', () => {
  let W, f, g;
  beforeEach(() => {
    W = namespace();
    ({ f, g } = exportsOf(
      W,
      '(func (export "f") (result i32) i32.const 1) (func (export "g") (result i32) i32.const 2)',
    ));
  });

  it('begins with null, undefined or the value that is given', () => {
    assert.equal(new W.Table({ element: 'anyfunc', initial: 2 }).get(1), null);
    assert.equal(new W.Table({ element: 'externref', initial: 2 }).get(1), undefined);
    assert.equal(new W.Table({ element: 'externref', initial: 2 }, null).get(1), null);
    assert.equal(new W.Table({ element: 'anyfunc', initial: 2 }, f).get(1), f);
    const object = {};
    const table = new W.Table({ element: 'externref', initial: 3, maximum: 5 }, object);
    assert.deepEqual(
      [0, 1, 2].map((i) => table.get(i) === object),
      [true, true, true],
    );
    assert.equal(table.length, 3);
    for (const wrong of [undefined, () => {}, 1, {}]) {
      throws(() => new W.Table({ element: 'anyfunc', initial: 0 }, wrong), TypeError);
    }
  });

  it('refuses what is no descriptor', () => {
    for (const value of [undefined, null, 1, 'x', {}, { initial: 1 }, { element: 'anyfunc' }]) {
      throws(() => new W.Table(value), TypeError);
    }
    for (const element of ['i32', '', 'v128', undefined, Symbol()])
      throws(() => new W.Table({ element, initial: 1 }), TypeError);
    for (const wrong of [NaN, -1, 2 ** 32, 1n, 'x', Symbol()]) {
      throws(() => new W.Table({ element: 'anyfunc', initial: wrong }), TypeError);
      throws(() => new W.Table({ element: 'anyfunc', initial: 0, maximum: wrong }), TypeError);
    }
    throws(() => new W.Table({ element: 'anyfunc', initial: 2, maximum: 1 }), RangeError);
    throws(() => new W.Table({ element: 'anyfunc', initial: 10_000_001 }), RangeError);
    throws(() => new W.Table({ element: 'anyfunc', initial: 1, minimum: 1 }), TypeError);
    throws(() => W.Table({ element: 'anyfunc', initial: 1 }), TypeError);
    const order = [];
    const descriptor = new Proxy(
      {
        element: { toString: () => (order.push('element text'), 'anyfunc') },
        initial: converted(order, 'initial value', 1),
      },
      { get: (target, key) => (order.push(key), target[key]) },
    );
    new W.Table(descriptor);
    assert.deepEqual(order, ['address', 'element', 'element text', 'initial', 'initial value', 'maximum', 'minimum']);
  });

  it('get and set, of functions', () => {
    const table = new W.Table({ element: 'anyfunc', initial: 2 });
    assert.equal(table.set(0, f), undefined);
    assert.equal(table.get(0), f);
    table.set('1', g);
    assert.equal(table.get(1.9), g);
    table.set(0);
    assert.equal(table.get(0), null);
    table.set(1, null);
    assert.equal(table.get(1), null);
    const foreign = exportsOf(namespace(), '(func (export "f"))').f;
    for (const wrong of [undefined, 1, {}, () => {}, Math.max, foreign]) throws(() => table.set(0, wrong), TypeError);
  });

  it('get and set, of any value', () => {
    const table = new W.Table({ element: 'externref', initial: 1 });
    const values = [
      null,
      undefined,
      0,
      -0,
      5,
      2 ** 30,
      -(2 ** 30),
      2 ** 40,
      NaN,
      'text',
      5n,
      Symbol(),
      {},
      f,
      () => {},
      true,
    ];
    for (const value of values) {
      table.set(0, value);
      assert.ok(Object.is(table.get(0), value), String(value));
    }
    table.set(0);
    assert.equal(table.get(0), undefined);
  });

  it('indices are checked first, and past the end a RangeError', () => {
    const table = new W.Table({ element: 'anyfunc', initial: 2 });
    for (const index of [2, 100, 2 ** 32 - 1]) {
      throws(() => table.get(index), RangeError);
      throws(() => table.set(index, null), RangeError);
      throws(() => table.set(index, 1), TypeError);
    }
    for (const index of [undefined, NaN, -1, 2 ** 32, Infinity, 1n, Symbol(), 'x', {}]) {
      throws(() => table.get(index), TypeError);
      throws(() => table.set(index, null), TypeError);
      throws(() => table.grow(index), TypeError);
    }
    throws(() => table.get(), TypeError);
    throws(() => table.set(), TypeError);
  });

  it('grows by defaults or by a value, up to its maximum', () => {
    const table = new W.Table({ element: 'anyfunc', initial: 1, maximum: 4 }, f);
    assert.equal(table.grow(1), 1);
    assert.equal(table.grow(1, g), 2);
    assert.equal(table.grow(0), 3);
    assert.deepEqual(
      [0, 1, 2].map((i) => table.get(i)),
      [f, null, g],
    );
    throws(() => table.grow(2), RangeError);
    throws(() => table.grow(1, undefined), TypeError);
    throws(() => table.grow(1, () => {}), TypeError);
    assert.equal(table.length, 3);
    const values = new W.Table({ element: 'externref', initial: 0 });
    assert.equal(values.grow(2), 0);
    assert.equal(values.grow(1, 'x'), 2);
    assert.deepEqual(
      [0, 2].map((i) => values.get(i)),
      [undefined, 'x'],
    );
    throws(() => values.grow(10_000_000), RangeError);
  });

  it('wasm calls what JavaScript put in, and the other way round', () => {
    const { t, call, put } = exportsOf(
      W,
      `(table (export "t") 2 4 funcref) (type $t (func (result i32))) (func $own (result i32) i32.const 77)
       (elem declare func $own)
       (func (export "call") (param i32) (result i32) (call_indirect (type $t) (local.get 0)))
       (func (export "put") (table.set (i32.const 1) (ref.func $own)) (drop (table.grow (ref.func $own) (i32.const 1))))`,
    );
    t.set(0, f);
    assert.equal(call(0), 1);
    t.set(0, g);
    assert.equal(call(0), 2);
    put();
    assert.equal(t.get(1)(), 77);
    assert.equal(t.length, 3);
    assert.equal(t.get(1), t.get(2));
    const { trap } = throws(() => call(3), W.RuntimeError);
    assert.equal(trap, 'table_out_of_bounds');
  });

  it('a table is shared by all that import it', () => {
    const table = new W.Table({ element: 'anyfunc', initial: 1 });
    const text = (
      n,
    ) => `(import "a" "t" (table 1 funcref)) (func $f (result i32) i32.const ${n}) (elem (i32.const 0) $f)
      (export "t" (table 0)) (export "f" (func $f))`;
    const first = exportsOf(W, text(1), { a: { t: table } });
    assert.equal(first.t, table);
    assert.equal(table.get(0), first.f);
    const second = exportsOf(W, text(2), { a: { t: table } });
    assert.equal(table.get(0), second.f);
    assert.equal(table.get(0)(), 2);
  });

  it('tables of 64 bits count in bigints', () => {
    const table = new W.Table({ address: 'i64', element: 'externref', initial: 1n, maximum: 3n }, 'x');
    assert.equal(table.length, 1n);
    assert.equal(table.get(0n), 'x');
    assert.equal(table.grow(1n, 'y'), 1n);
    table.set(0n, 'z');
    assert.deepEqual([table.get(0n), table.get(1n)], ['z', 'y']);
    throws(() => table.get(0), TypeError);
    throws(() => table.get(2n), RangeError);
    throws(() => table.get(2n ** 64n), TypeError);
    throws(() => table.grow(2n), RangeError);
    assert.deepEqual(table.type(), { element: 'externref', minimum: 2n, maximum: 3n, address: 'i64' });
  });

  it('elements of the types of a module are checked', () => {
    const { t, i, n } = exportsOf(
      W,
      `(type $f (func (result i32))) (table (export "t") 1 (ref null $f)) (table (export "i") 1 i31ref)
       (func $d (result i32) i32.const 9) (table (export "n") 1 1 (ref func) (ref.func $d))`,
    );
    t.set(0, f);
    assert.equal(t.get(0), f);
    const { other } = exportsOf(W, '(func (export "other") (param i32))');
    throws(() => t.set(0, other), TypeError);
    throws(() => t.set(0, () => {}), TypeError);
    assert.equal(t.get(0), f);
    i.set(0, -3);
    assert.equal(i.get(0), -3);
    for (const wrong of [1.5, 2 ** 30, 'x', {}, undefined, f]) throws(() => i.set(0, wrong), TypeError);
    assert.equal(n.get(0)(), 9);
    throws(() => n.set(0, null), TypeError);
    throws(() => n.set(0), TypeError);
    throws(() => n.grow(1), TypeError);
    assert.deepEqual(t.type(), { element: '(ref null 0)', minimum: 1 });
  });

  it('exceptions do not cross', () => {
    const { t } = exportsOf(W, '(table (export "t") 1 exnref)');
    assert.equal(t.length, 1);
    throws(() => t.get(0), TypeError);
    throws(() => t.set(0, null), TypeError);
  });

  it('members of something else are TypeErrors', () => {
    const { get } = Object.getOwnPropertyDescriptor(W.Table.prototype, 'length');
    for (const receiver of [
      undefined,
      {},
      W.Table.prototype,
      new (namespace().Table)({ element: 'anyfunc', initial: 1 }),
    ]) {
      throws(() => get.call(receiver), TypeError);
      for (const name of ['get', 'set', 'grow', 'type'])
        throws(() => W.Table.prototype[name].call(receiver, 0), TypeError);
    }
  });
});

describe('WebAssembly.Global', () => {
  let W;
  beforeEach(() => (W = namespace()));

  it('has the value that is given, or the default of its type', () => {
    const defaults = { i32: 0, i64: 0n, f32: 0, f64: 0, externref: undefined, anyfunc: null };
    for (const [value, expected] of Object.entries(defaults)) {
      assert.equal(new W.Global({ value }).value, expected);
      if (value !== 'anyfunc') assert.equal(new W.Global({ value }, undefined).value, expected);
    }
    assert.equal(new W.Global({ value: 'i32' }, 2 ** 32 - 1).value, -1);
    assert.equal(new W.Global({ value: 'i64' }, 2n ** 63n).value, -(2n ** 63n));
    assert.equal(new W.Global({ value: 'f32' }, 0.1).value, Math.fround(0.1));
    assert.equal(new W.Global({ value: 'f64' }, '0.1').value, 0.1);
    const object = {};
    assert.equal(new W.Global({ value: 'externref' }, object).value, object);
    assert.equal(new W.Global({ value: 'externref' }, null).value, null);
    assert.equal(new W.Global({ value: 'anyfunc' }, null).value, null);
    assert.equal(new W.Global({ value: 'i32' }, 5).valueOf(), 5);
  });

  it('refuses what is no descriptor, and values of other types', () => {
    for (const wrong of [undefined, null, 1, 'x', {}, { value: 'x' }, { value: undefined }, { value: Symbol() }]) {
      throws(() => new W.Global(wrong), TypeError);
    }
    throws(() => W.Global({ value: 'i32' }), TypeError);
    throws(() => new W.Global({ value: 'v128' }), TypeError);
    throws(() => new W.Global({ value: 'i32' }, 1n), TypeError);
    throws(() => new W.Global({ value: 'i64' }, 1), TypeError);
    throws(() => new W.Global({ value: 'anyfunc' }, () => {}), TypeError);
  });

  it('can be set if it is mutable', () => {
    const global = new W.Global({ value: 'i64', mutable: 'yes' }, 1n);
    global.value = 2n;
    assert.equal(global.value, 2n);
    throws(() => (global.value = 1), TypeError);
    assert.equal(global.value, 2n);
    const fixed = new W.Global({ value: 'i32' }, 1);
    throws(() => (fixed.value = 2), TypeError);
    throws(() => (fixed.value = Symbol()), TypeError, /immutable/);
    assert.equal(fixed.value, 1);
    const reference = new W.Global({ value: 'externref', mutable: true });
    for (const value of [{}, null, 'text', 7, -0, undefined]) {
      reference.value = value;
      assert.ok(Object.is(reference.value, value));
    }
  });

  it('is one thing with the global of wasm', () => {
    const global = new W.Global({ value: 'f64', mutable: true }, 1.5);
    const { add, g } = exportsOf(
      W,
      `(import "" "g" (global $g (mut f64))) (export "g" (global $g))
       (func (export "add") (global.set $g (f64.add (global.get $g) (f64.const 1))))`,
      { '': { g: global } },
    );
    assert.equal(g, global);
    add();
    assert.equal(global.value, 2.5);
    global.value = 10;
    add();
    assert.equal(g.value, 11);
  });

  it('vectors and exceptions do not cross', () => {
    const { v, e } = exportsOf(
      W,
      '(global (export "v") (mut v128) (v128.const i64x2 1 2)) (global (export "e") (mut exnref) (ref.null exn))',
    );
    for (const global of [v, e]) {
      throws(() => global.value, TypeError);
      throws(() => global.valueOf(), TypeError);
      throws(() => (global.value = null), TypeError);
    }
    assert.deepEqual(v.type(), { mutable: true, value: 'v128' });
    const text =
      '(import "" "v" (global $v (mut v128))) (func (export "f") (result i64) (i64x2.extract_lane 1 (global.get $v)))';
    assert.equal(exportsOf(W, text, { '': { v } }).f(), 2n);
  });

  it('members of something else are TypeErrors', () => {
    const { get, set } = Object.getOwnPropertyDescriptor(W.Global.prototype, 'value');
    for (const receiver of [undefined, true, {}, W.Global.prototype, new (namespace().Global)({ value: 'i32' })]) {
      throws(() => get.call(receiver), TypeError);
      throws(() => set.call(receiver, 0), TypeError);
      throws(() => W.Global.prototype.valueOf.call(receiver), TypeError);
    }
    const global = new W.Global({ value: 'i32', mutable: true }, 5);
    assert.equal(set.call(global), undefined);
    assert.equal(global.value, 0, 'a value that is not given is undefined');
  });
});
