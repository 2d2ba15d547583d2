'use strict';

const assert = require('node:assert/strict');
const { converted, exportsOf, namespace, thrown, throws } = require('./webassembly-helpers');

describe('WebAssembly.Tag', () => {
  let W;
  beforeEach(() => (W = namespace()));

  it('has the types of its values', () => {
    assert.deepEqual(new W.Tag({ parameters: [] }).type(), { parameters: [] });
    const parameters = ['i32', 'i64', 'f32', 'f64', 'v128', 'externref', 'anyfunc'];
    const types = [...parameters.slice(0, -1), 'funcref'];
    assert.deepEqual(new W.Tag({ parameters: new Set(parameters) }).type(), { parameters: types });
    for (const wrong of [undefined, null, 1, {}, { parameters: 1 }, { parameters: ['x'] }, { parameters: {} }]) {
      throws(() => new W.Tag(wrong), TypeError);
    }
    throws(() => W.Tag({ parameters: [] }), TypeError);
  });

  it('is the same object wherever it comes out', () => {
    const tag = new W.Tag({ parameters: ['i32'] });
    const first = exportsOf(W, '(import "" "t" (tag (param i32))) (export "t" (tag 0)) (tag (export "own"))', {
      '': { t: tag },
    });
    assert.equal(first.t, tag);
    const second = exportsOf(W, '(import "" "own" (tag)) (export "again" (tag 0))', { '': first });
    assert.equal(second.again, first.own);
    throws(() => W.Tag.prototype.type.call({}), TypeError);
  });
});

describe('WebAssembly.Exception', () => {
  let W;
  beforeEach(() => (W = namespace()));

  it('has a tag and values, converted', () => {
    const tag = new W.Tag({ parameters: ['i32', 'i64', 'f32', 'externref'] });
    const object = {};
    const exception = new W.Exception(tag, [2 ** 32 + 1, '5', 0.1, object]);
    assert.deepEqual(
      [0, 1, 2].map((i) => exception.getArg(tag, i)),
      [1, 5n, Math.fround(0.1)],
    );
    assert.equal(exception.getArg(tag, '3'), object);
    assert.equal(exception.is(tag), true);
    const other = new W.Tag({ parameters: ['i32', 'i64', 'f32', 'externref'] });
    assert.equal(exception.is(other), false);
    throws(() => exception.getArg(other, 0), TypeError);
    throws(() => exception.getArg(tag, 4), RangeError);
    for (const wrong of [undefined, {}, null, 1, W.Tag]) {
      throws(() => exception.getArg(wrong, 0), TypeError);
      throws(() => exception.is(wrong), TypeError);
      throws(() => new W.Exception(wrong, []), TypeError);
    }
    throws(() => exception.getArg(tag, -1), TypeError);
    assert.equal(Object.getPrototypeOf(W.Exception.prototype), Object.prototype);
    assert.equal(W.Exception.length, 2);
  });

  it('checks the number and the types of its values', () => {
    const tag = new W.Tag({ parameters: ['i32', 'i64'] });
    for (const values of [undefined, 1, {}, [], [1], [1, 2n, 3], [1, 2], [1n, 2n], [Symbol(), 2n]]) {
      throws(() => new W.Exception(tag, values), TypeError);
    }
    throws(() => new W.Exception(new W.Tag({ parameters: ['v128'] }), [1]), TypeError);
    throws(() => new W.Exception(new W.Tag({ parameters: ['anyfunc'] }), [() => {}]), TypeError);
    throws(() => W.Exception(tag, [1, 2n]), TypeError);
    const order = [];
    new W.Exception(tag, [converted(order, 'a', 1), converted(order, 'b', 1n)]);
    assert.deepEqual(order, ['a', 'b']);
  });

  it('has a stack if it is asked to', () => {
    const tag = new W.Tag({ parameters: [] });
    assert.equal(new W.Exception(tag, []).stack, undefined);
    assert.equal(new W.Exception(tag, [], {}).stack, undefined);
    assert.match(new W.Exception(tag, [], { traceStack: 1 }).stack, /webassembly-exceptions\.test/);
    throws(() => new W.Exception(tag, [], 5), TypeError);
    throws(() => Object.getOwnPropertyDescriptor(W.Exception.prototype, 'stack').get.call({}), TypeError);
  });

  it('what wasm throws and nobody catches comes out as one', () => {
    const { tag, f, deep } = exportsOf(
      W,
      `(tag $t (export "tag") (param i32 externref f64)) (func $f (export "f") (param externref)
         (throw $t (i32.const 5) (local.get 0) (f64.const 0.5)))
       (func (export "deep") (param externref) (call $f (local.get 0)))`,
    );
    const object = {};
    for (const fn of [f, deep]) {
      const exception = throws(() => fn(object), W.Exception);
      assert.ok(exception.is(tag));
      assert.deepEqual([exception.getArg(tag, 0), exception.getArg(tag, 2)], [5, 0.5]);
      assert.equal(exception.getArg(tag, 1), object);
    }
    assert.notEqual(
      thrown(() => f(1)),
      thrown(() => f(1)),
    );
  });

  it('also out of a start function, and with a tag that nobody knows', () => {
    const module = '(tag (param i32)) (func (throw 0 (i32.const 1))) (start 0)';
    const exception = throws(() => exportsOf(W, module), W.Exception);
    assert.equal(exception.is(new W.Tag({ parameters: ['i32'] })), false);
  });

  it('wasm catches what JavaScript throws', () => {
    const tag = new W.Tag({ parameters: ['i32', 'externref'] });
    let next;
    const { run } = exportsOf(
      W,
      `(import "" "f" (func $f)) (import "" "t" (tag $t (param i32 externref)))
       (func (export "run") (result i32 externref)
         (block $h (result i32 externref)
           (try_table (catch $t $h) (call $f))
           (i32.const -1) (ref.null extern)))`,
      {
        '': {
          t: tag,
          f() {
            if (next !== undefined) throw next;
          },
        },
      },
    );
    const object = {};
    next = new W.Exception(tag, [7, object]);
    assert.deepEqual(run(), [7, object]);
    next = undefined;
    assert.deepEqual(run(), [-1, null]);
    for (next of [new W.Exception(new W.Tag({ parameters: [] }), []), new Error('mine'), 5, null]) {
      assert.equal(thrown(run), next, 'what it does not catch comes out as it is');
    }
  });

  it('JSTag catches any value that JavaScript throws', () => {
    assert.equal(W.JSTag, W.JSTag);
    assert.deepEqual(W.JSTag.type(), { parameters: ['externref'] });
    throws(() => new W.Exception(W.JSTag, [1]), TypeError);
    let next;
    const { run, raise } = exportsOf(
      W,
      `(import "" "f" (func $f)) (import "" "t" (tag $t (param externref)))
       (func (export "run") (result externref)
         (block $h (result externref) (try_table (catch $t $h) (call $f)) (ref.null extern)))
       (func (export "raise") (param externref) (throw $t (local.get 0)))`,
      {
        '': {
          t: W.JSTag,
          f() {
            throw next;
          },
        },
      },
    );
    for (next of [{}, 5, undefined, new Error('mine')]) {
      assert.equal(run(), next);
      assert.equal(
        thrown(() => raise(next)),
        next,
      );
    }
    next = new W.Exception(new W.Tag({ parameters: [] }), []);
    assert.equal(thrown(run), next);
  });

  it('what wasm catches and throws again is the same exception', () => {
    const tag = new W.Tag({ parameters: ['externref'] });
    let next;
    const { run } = exportsOf(
      W,
      `(import "" "f" (func $f))
       (func (export "run") (block $h (result exnref) (try_table (catch_all_ref $h) (call $f)) return) throw_ref)`,
      {
        '': {
          f() {
            throw next;
          },
        },
      },
    );
    for (next of [new W.Exception(tag, [{}]), new Error('mine'), undefined]) assert.equal(thrown(run), next);
  });

  it('passes from instance to instance, by way of JavaScript too', () => {
    const thrower = exportsOf(W, '(tag $t (export "t") (param i64)) (func (export "f") (throw $t (i64.const -3)))');
    const catcher = `(import "" "f" (func $f)) (import "" "t" (tag $t (param i64)))
      (func (export "run") (result i64) (block $h (result i64) (try_table (catch $t $h) (call $f)) (i64.const 0)))`;
    assert.equal(exportsOf(W, catcher, { '': thrower }).run(), -3n);
    assert.equal(exportsOf(W, catcher, { '': { t: thrower.t, f: () => thrower.f() } }).run(), -3n);
    const hidden = exportsOf(W, '(tag (param i32)) (func (export "f") (throw 0 (i32.const 1)))');
    const all = `(import "" "f" (func $f)) (func (export "run") (result i32)
      (block $h (try_table (catch_all $h) (call $f)) (return (i32.const 0))) (i32.const 1))`;
    assert.equal(exportsOf(W, all, { '': { f: () => hidden.f() } }).run(), 1);
  });

  it('a trap is none that wasm could catch', () => {
    const { run } = exportsOf(
      W,
      `(func (export "run") (result i32) (block $h (try_table (catch_all $h) unreachable)) (i32.const 1))`,
    );
    assert.equal(throws(run, W.RuntimeError).trap, 'unreachable');
  });
});
