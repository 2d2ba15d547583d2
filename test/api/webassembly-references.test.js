'use strict';

const assert = require('node:assert/strict');
const { settle } = require('../helpers');
const { exportsOf, namespace, throws } = require('./webassembly-helpers');

describe('WebAssembly: references', () => {
  let W;
  beforeEach(() => (W = namespace()));

  it('any value passes through externref as itself', () => {
    const { same, keep, kept, isNull } = exportsOf(
      W,
      `(func (export "same") (param externref) (result externref) local.get 0)
       (global $g (mut externref) (ref.null extern))
       (func (export "keep") (param externref) (global.set $g (local.get 0)))
       (func (export "kept") (result externref) (global.get $g))
       (func (export "isNull") (param externref) (result i32) (ref.is_null (local.get 0)))`,
    );
    const values = [undefined, 0, -0, 1, -(2 ** 30), 2 ** 30, 2 ** 31, 1.5, NaN, Infinity, '', 'text', 5n, true, false];
    values.push(Symbol(), Symbol.iterator, {}, [], () => {}, same, new Proxy({}, {}), new Date(), W);
    for (const value of values) {
      assert.ok(Object.is(same(value), value), String(typeof value));
      keep(value);
      assert.ok(Object.is(kept(), value));
      assert.equal(isNull(value), 0);
    }
    assert.equal(same(null), null);
    assert.equal(isNull(null), 1);
    assert.equal(same(), undefined);
  });

  it('(ref extern) has no null, neither as argument nor as result', () => {
    const { f } = exportsOf(W, '(func (export "f") (param (ref extern)) (result externref) local.get 0)');
    assert.equal(f(undefined), undefined);
    throws(() => f(null), TypeError);
    const { g } = exportsOf(
      W,
      '(import "" "h" (func (result (ref extern)))) (func (export "g") (result externref) call 0)',
      {
        '': { h: () => null },
      },
    );
    throws(g, TypeError);
  });

  it('funcref is null or a function of this namespace', () => {
    const { f, call } = exportsOf(
      W,
      `(type $t (func (result i32))) (func (export "f") (result i32) i32.const 6)
       (func (export "call") (param funcref) (result i32) (call_ref $t (ref.cast (ref $t) (local.get 0))))`,
    );
    assert.equal(call(f), 6);
    assert.equal(throws(() => call(null), W.RuntimeError).trap, 'cast_failure');
    const foreign = exportsOf(namespace(), '(func (export "f") (result i32) i32.const 6)').f;
    for (const wrong of [undefined, 1, {}, () => 6, foreign, f.bind()]) throws(() => call(wrong), TypeError);
  });

  it('typed functions are checked', () => {
    const { call, maybe } = exportsOf(
      W,
      `(type $t (func (param i32) (result i32)))
       (func (export "call") (param (ref $t)) (result i32) (call_ref $t (i32.const 4) (local.get 0)))
       (func (export "maybe") (param (ref null $t)) (result i32) (ref.is_null (local.get 0)))`,
    );
    const { f, g } = exportsOf(
      W,
      `(func (export "f") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 10)))
       (func (export "g") (result i32) i32.const 1)`,
    );
    assert.equal(call(f), 40);
    assert.equal(maybe(null), 1);
    assert.equal(maybe(f), 0);
    for (const wrong of [g, null, undefined, () => 1]) throws(() => call(wrong), TypeError);
    for (const wrong of [g, undefined, 5]) throws(() => maybe(wrong), TypeError);
  });

  it('small integers are i31, all else that JavaScript gives stays what it is', () => {
    const { is31, get, back } = exportsOf(
      W,
      `(func (export "is31") (param anyref) (result i32) (ref.test (ref i31) (local.get 0)))
       (func (export "get") (param i31ref) (result i32) (i31.get_s (local.get 0)))
       (func (export "back") (param anyref) (result anyref) local.get 0)`,
    );
    const small = [0, 1, -1, 2 ** 30 - 1, -(2 ** 30)];
    for (const value of small) {
      assert.equal(is31(value), 1);
      assert.equal(get(value), value);
      assert.equal(back(value), value);
    }
    for (const value of [-0, 2 ** 30, -(2 ** 30) - 1, 0.5, NaN, '1', 1n, true, undefined, {}]) {
      assert.equal(is31(value), 0);
      assert.ok(Object.is(back(value), value));
      throws(() => get(value), TypeError);
    }
    assert.equal(back(null), null);
  });

  it('a number is the same to wasm as externref and as anyref', () => {
    const { inside, outside } = exportsOf(
      W,
      `(func (export "inside") (param externref) (result i32) (ref.test (ref i31) (any.convert_extern (local.get 0))))
       (func (export "outside") (result externref) (extern.convert_any (ref.i31 (i32.const 7))))`,
    );
    assert.equal(inside(3), 1);
    assert.equal(inside(3.5), 0);
    assert.equal(inside({}), 0);
    assert.equal(outside(), 7);
  });

  it('values of JavaScript keep their identity inside of structs and arrays', () => {
    const { put, take } = exportsOf(
      W,
      `(type $s (struct (field (mut externref)) (field (mut anyref)))) (global $g (mut (ref null $s)) (ref.null $s))
       (func (export "put") (param externref anyref) (global.set $g (struct.new $s (local.get 0) (local.get 1))))
       (func (export "take") (result externref anyref) (struct.get $s 0 (global.get $g)) (struct.get $s 1 (global.get $g)))`,
    );
    const [a, b] = [{}, []];
    put(a, b);
    const [x, y] = take();
    assert.deepEqual([x === a, y === b], [true, true]);
  });
});

describe('WebAssembly: structs and arrays', () => {
  let W;
  beforeEach(() => (W = namespace()));
  const make = () =>
    exportsOf(
      W,
      `(type $s (struct (field i32))) (type $a (array i8)) (type $other (struct (field f64) (field f64)))
       (global $g (mut anyref) (ref.null any))
       (func (export "struct") (param i32) (result (ref $s)) (struct.new $s (local.get 0)))
       (func (export "array") (result (ref $a)) (array.new_default $a (i32.const 3)))
       (func (export "second") (result (ref $other)) (struct.new_default $other))
       (func (export "get") (param (ref $s)) (result i32) (struct.get $s 0 (local.get 0)))
       (func (export "any") (param anyref) (result anyref) local.get 0)
       (func (export "eq") (param eqref)) (func (export "isStruct") (param structref))
       (func (export "isArray") (param (ref array))) (func (export "none") (param nullref))
       (func (export "extern") (param externref) (result externref) local.get 0)
       (func (export "keep") (param anyref) (global.set $g (local.get 0))) (func (export "kept") (result anyref) (global.get $g))`,
    );

  it('are objects with nothing in them that cannot be changed', () => {
    const object = make().struct(5);
    assert.equal(typeof object, 'object');
    assert.equal(Object.getPrototypeOf(object), null);
    assert.deepEqual(Reflect.ownKeys(object), []);
    assert.equal(Object.isExtensible(object), false);
    assert.equal(Object.isFrozen(object), true);
    assert.equal(object.x, undefined);
    assert.equal('x' in object, false);
    const sloppy = new Function('o', 'o.x = 1');
    for (const change of [
      () => (object.x = 1),
      () => sloppy(object),
      () => delete object.x,
      () => Object.defineProperty(object, 'x', { value: 1 }),
      () => Object.setPrototypeOf(object, {}),
      () => Object.preventExtensions(object),
      () => String(object),
    ]) {
      throws(change, TypeError);
    }
    assert.equal(Reflect.setPrototypeOf(object, {}), false);
    assert.equal(Reflect.defineProperty(object, 'x', { value: 1 }), false);
    assert.equal(Reflect.preventExtensions(object), false);
  });

  it('are the same object for the same struct, wherever it has been', () => {
    const exports = make();
    const object = exports.struct(7);
    assert.equal(exports.any(object), object);
    assert.equal(exports.extern(object), object);
    exports.keep(object);
    assert.equal(exports.kept(), object);
    assert.notEqual(exports.struct(7), object);
    assert.equal(exports.get(object), 7);
    const table = new W.Table({ element: 'externref', initial: 1 }, object);
    assert.equal(table.get(0), object);
  });

  it('are accepted by the types that they belong to, and by no others', () => {
    const exports = make();
    const [struct, array, second] = [exports.struct(1), exports.array(), exports.second()];
    const cases = { eq: [struct, array, 5, null], isStruct: [struct, second, null], isArray: [array], none: [null] };
    const all = [struct, array, second, 5, null, undefined, 'text', {}, exports.get];
    for (const [name, accepted] of Object.entries(cases)) {
      for (const value of all) {
        const fits = accepted.includes(value) || (name === 'eq' && value === second);
        if (fits) assert.equal(exports[name](value), undefined);
        else throws(() => exports[name](value), TypeError);
      }
    }
    for (const wrong of [array, second, null, 5, {}]) throws(() => exports.get(wrong), TypeError);
  });

  it('of another namespace are values like any other', () => {
    const foreign = exportsOf(
      namespace(),
      '(type $s (struct)) (func (export "f") (result (ref $s)) (struct.new $s))',
    ).f();
    const exports = make();
    assert.equal(exports.any(foreign), foreign);
    throws(() => exports.isStruct(foreign), TypeError);
  });

  it('stay alive while JavaScript holds them, and come back as they are', async () => {
    const exports = make();
    const objects = Array.from({ length: 1000 }, (_, i) => exports.struct(i));
    for (let i = 0; i < 20; i++) for (let j = 0; j < 1000; j++) exports.struct(j);
    global.gc();
    await new Promise(setImmediate);
    assert.deepEqual(
      objects.map((object) => exports.get(object)),
      objects.map((_, i) => i),
    );
  });

  it('values that only wasm refers to stay, and go when it lets go', async () => {
    const { put, get } = exportsOf(
      W,
      `(table $t 100 externref) (func (export "put") (param i32 externref) (table.set $t (local.get 0) (local.get 1)))
       (func (export "get") (param i32) (result externref) (table.get $t (local.get 0)))`,
    );
    let gone = 0;
    const registry = new FinalizationRegistry(() => gone++);
    for (let i = 0; i < 100; i++) {
      const object = { i };
      registry.register(object);
      put(i, object);
    }
    for (let i = 0; i < 3000; i++) put(0, get(0)); // the engine's collector runs
    let turns = 0;
    await settle(() => ++turns > 10);
    assert.equal(gone, 0);
    assert.equal(get(42).i, 42);
    for (let i = 0; i < 100; i++) put(i, null);
    for (let i = 0; i < 1100; i++) put(0, undefined);
    await settle(() => gone >= 99);
    assert.ok(gone >= 99, `${100 - gone} of 100 objects are left`);
  }).timeout(60000);
});
