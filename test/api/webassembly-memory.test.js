'use strict';

const assert = require('node:assert/strict');
const { settle } = require('../helpers');
const { converted, exportsOf, namespace, throws } = require('./webassembly-helpers');

const PAGE = 65536;
const isDetached = (buffer) => {
  try {
    buffer.slice(0, 0);
    return false;
  } catch {
    return true;
  }
};

describe('WebAssembly.Memory', () => {
  let W;
  beforeEach(() => (W = namespace()));

  it('has as many pages of zeros as it is told', () => {
    for (const initial of [0, 1, 2, '1', 1.9, { valueOf: () => 1 }, -0]) {
      const { buffer } = new W.Memory({ initial });
      assert.equal(Object.getPrototypeOf(buffer), ArrayBuffer.prototype);
      assert.equal(buffer.byteLength, Math.trunc(initial) * PAGE + 0);
      assert.ok(new Uint8Array(buffer).every((byte) => byte === 0));
    }
  });

  it('refuses what is no descriptor', () => {
    for (const value of [undefined, null, 1, 'text', Symbol(), {}, { maximum: 1 }]) {
      throws(() => new W.Memory(value), TypeError);
    }
    throws(() => W.Memory({ initial: 1 }), TypeError);
    for (const wrong of [NaN, Infinity, -1, 2 ** 32, 'x', {}, 1n, Symbol()]) {
      throws(() => new W.Memory({ initial: wrong }), TypeError);
      throws(() => new W.Memory({ initial: 0, maximum: wrong }), TypeError);
    }
    for (const pages of [PAGE + 1, 2 ** 32 - 1]) {
      throws(() => new W.Memory({ initial: pages }), RangeError);
      throws(() => new W.Memory({ initial: 0, maximum: pages }), RangeError);
    }
    throws(() => new W.Memory({ initial: 2, maximum: 1 }), RangeError);
    throws(() => new W.Memory({ initial: 1, minimum: 1 }), TypeError);
    throws(() => new W.Memory({ initial: 1, address: 'i16' }), TypeError);
    throws(() => new W.Memory({ initial: 1, shared: true }), TypeError, /maximum/);
  });

  it('reads its descriptor in the order of Web IDL, each once', () => {
    const order = [];
    const descriptor = new Proxy(
      { initial: converted(order, 'initial value', 1), maximum: converted(order, 'maximum value', 2) },
      {
        get(target, key) {
          order.push(key);
          return target[key];
        },
      },
    );
    new W.Memory(descriptor);
    const expected = ['address', 'initial', 'initial value', 'maximum', 'maximum value', 'minimum', 'shared'];
    assert.deepEqual(order, expected);
  });

  it('what wasm writes is there, and the other way round', () => {
    const memory = new W.Memory({ initial: 1 });
    const { peek, poke } = exportsOf(
      W,
      `(import "" "m" (memory 1)) (func (export "peek") (param i32) (result i32) (i32.load8_u (local.get 0)))
       (func (export "poke") (param i32 i32) (i32.store8 (local.get 0) (local.get 1)))`,
      { '': { m: memory } },
    );
    const view = new Uint8Array(memory.buffer);
    poke(PAGE - 1, 7);
    assert.equal(view[PAGE - 1], 7);
    view[0] = 9;
    assert.equal(peek(0), 9);
  });

  it('buffer is the same until the memory grows, which detaches it', () => {
    const memory = new W.Memory({ initial: 1, maximum: 4 });
    const { buffer } = memory;
    assert.equal(memory.buffer, buffer);
    new Uint8Array(buffer)[5] = 8;
    assert.equal(memory.grow(2), 1);
    assert.ok(isDetached(buffer));
    assert.equal(buffer.byteLength, 0);
    assert.notEqual(memory.buffer, buffer);
    assert.equal(memory.buffer.byteLength, 3 * PAGE);
    assert.equal(new Uint8Array(memory.buffer)[5], 8);
    const before = memory.buffer;
    assert.equal(memory.grow(0), 3, 'by nothing too');
    assert.ok(isDetached(before));
    assert.equal(memory.buffer.byteLength, 3 * PAGE);
  });

  it('growth by wasm detaches it before JavaScript runs again', () => {
    let inside;
    const { m, grow } = exportsOf(
      W,
      `(import "a" "f" (func)) (memory (export "m") 1 3)
       (func (export "grow") (result i32) (drop (memory.grow (i32.const 1))) (call 0) (memory.grow (i32.const 1)))`,
      { a: { f: () => (inside = [isDetached(before), m.buffer]) } },
    );
    const before = m.buffer;
    assert.equal(grow(), 2);
    assert.equal(inside[0], true);
    assert.ok(isDetached(inside[1]));
    assert.equal(m.buffer.byteLength, 3 * PAGE);
  });

  it('grow fails with a RangeError past a maximum, and leaves the buffer alone', () => {
    const memory = new W.Memory({ initial: 1, maximum: 2 });
    const { buffer } = memory;
    throws(() => memory.grow(2), RangeError);
    throws(() => memory.grow(2 ** 32 - 1), RangeError);
    throws(() => new W.Memory({ initial: 0 }).grow(PAGE + 1), RangeError);
    assert.equal(memory.buffer, buffer);
    assert.equal(buffer.byteLength, PAGE);
    for (const wrong of [undefined, NaN, -1, 2 ** 32, 1n, Symbol(), {}]) throws(() => memory.grow(wrong), TypeError);
    assert.equal(memory.grow('1'), 1);
  });

  it('memories of 64 bits count in bigints', () => {
    const memory = new W.Memory({ address: 'i64', initial: 1n, maximum: 3n });
    assert.equal(memory.buffer.byteLength, PAGE);
    assert.equal(memory.grow(2n), 1n);
    assert.equal(memory.buffer.byteLength, 3 * PAGE);
    assert.deepEqual(memory.type(), { minimum: 3n, maximum: 3n, address: 'i64', shared: false });
    for (const wrong of [1, undefined, -1n, 2n ** 64n]) throws(() => memory.grow(wrong), TypeError);
    throws(() => memory.grow(1n), RangeError);
    throws(() => new W.Memory({ address: 'i64', initial: 1 }), TypeError);
    for (const initial of [2n ** 18n + 1n, 2n ** 60n])
      throws(() => new W.Memory({ address: 'i64', initial }), RangeError);
    throws(() => new W.Memory({ address: 'i64', initial: 0n, maximum: 2n ** 37n }), RangeError);
    const large = new W.Memory({ address: 'i64', initial: 1n, maximum: 2n ** 37n - 1n });
    throws(() => large.grow(2n ** 18n), RangeError);
    const text = '(import "" "m" (memory i64 1)) (func (export "f") (result i32) (i32.load8_u (i64.const 5)))';
    new Uint8Array(memory.buffer)[5] = 6;
    assert.equal(exportsOf(W, text, { '': { m: memory } }).f(), 6);
  });

  it('shared memories have frozen SharedArrayBuffers, which stay when they grow', () => {
    const memory = new W.Memory({ initial: 1, maximum: 4, shared: true });
    const { buffer } = memory;
    assert.equal(Object.getPrototypeOf(buffer), SharedArrayBuffer.prototype);
    assert.ok(Object.isFrozen(buffer));
    assert.equal(memory.buffer, buffer);
    const { m, add, grow } = exportsOf(
      W,
      `(import "" "m" (memory 1 4 shared)) (export "m" (memory 0))
       (func (export "add") (result i32) (i32.atomic.rmw.add (i32.const 0) (i32.const 5)))
       (func (export "grow") (result i32) (memory.grow (i32.const 1)))`,
      { '': { m: memory } },
    );
    assert.equal(m, memory);
    Atomics.store(new Int32Array(buffer), 0, 37);
    assert.equal(add(), 37);
    assert.equal(grow(), 1);
    assert.equal(buffer.byteLength, PAGE);
    assert.equal(memory.buffer.byteLength, 2 * PAGE);
    assert.equal(Atomics.load(new Int32Array(buffer), 0), 42);
    Atomics.store(new Int32Array(buffer), 0, 1);
    assert.equal(new Int32Array(memory.buffer)[0], 1);
    assert.equal(memory.grow(1), 2);
    assert.deepEqual(memory.type(), { minimum: 3, maximum: 4, shared: true });
  });

  it('a buffer keeps the memory alive by itself, and is empty when the namespace is closed', async () => {
    let view = (() => {
      const { Memory } = require('../..').createWebAssembly();
      return new Uint8Array(new Memory({ initial: 4 }).buffer);
    })();
    let turns = 0;
    await settle(() => ++turns > 10);
    view.fill(5);
    assert.equal(view[4 * PAGE - 1], 5);
    view = undefined;
    const { buffer } = new W.Memory({ initial: 1 });
    const shared = new W.Memory({ initial: 1, maximum: 1, shared: true }).buffer;
    W.close();
    assert.ok(isDetached(buffer));
    new Uint8Array(shared)[0] = 3;
    assert.equal(new Uint8Array(shared)[0], 3, 'shared ones cannot be detached, and hold it');
  }).timeout(60000);

  it('nobody else can take its memory away', () => {
    const memory = new W.Memory({ initial: 1 });
    const view = new Uint8Array(memory.buffer);
    view[0] = 5;
    try {
      structuredClone(memory.buffer, { transfer: [memory.buffer] });
    } catch {
      // Newer versions of Node.js say that it cannot be transferred; older ones copy.
    }
    assert.equal(view[0], 5);
    assert.equal(memory.buffer, view.buffer);
  });

  it('members of something else are TypeErrors', () => {
    const { get } = Object.getOwnPropertyDescriptor(W.Memory.prototype, 'buffer');
    const other = new (namespace().Memory)({ initial: 1 });
    for (const receiver of [undefined, null, 1, {}, W.Memory, W.Memory.prototype, other]) {
      throws(() => get.call(receiver), TypeError);
      for (const name of ['grow', 'type', 'toFixedLengthBuffer']) {
        throws(() => W.Memory.prototype[name].call(receiver, 0), TypeError);
      }
    }
  });

  it('type and toFixedLengthBuffer', () => {
    const memory = new W.Memory({ minimum: 1 });
    assert.deepEqual(memory.type(), { minimum: 1, shared: false });
    memory.grow(2);
    assert.deepEqual(memory.type(), { minimum: 3, shared: false });
    assert.equal(memory.toFixedLengthBuffer(), memory.buffer);
  });
});
