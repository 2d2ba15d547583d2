'use strict';

const assert = require('node:assert/strict');
const { refuses, wat } = require('../helpers');

const PAGE = 65536;
const start = () =>
  wat(
    `(memory (export "memory") 1 3) (data (i32.const 0) "abc")
     (func (export "grow") (result i32) (memory.grow (i32.const 1)))
     (func (export "poke") (param i32 i32) (i32.store8 (local.get 0) (local.get 1)))
     (func (export "peek") (param i32) (result i32) (i32.load8_u (local.get 0)))`,
  );

describe('memory', () => {
  it('is the same object each time', () => {
    const instance = start();
    assert.equal(instance.memory, instance.memory);
  });

  it('byteLength follows growth', () => {
    const { memory, exports } = start();
    assert.equal(memory.byteLength, PAGE);
    exports.grow();
    assert.equal(memory.byteLength, 2 * PAGE);
    assert.throws(() => {
      memory.byteLength = 1;
    }, TypeError);
  });

  it('read gives a copy', () => {
    const { memory, exports } = start();
    const copy = memory.read(0, 3);
    assert.equal(Object.getPrototypeOf(copy), Uint8Array.prototype);
    assert.equal(Buffer.from(copy).toString(), 'abc');
    exports.poke(0, 120);
    assert.equal(copy[0], 97);
    copy[1] = 0;
    assert.equal(exports.peek(1), 98);
  });

  it('write copies any bytes', () => {
    const { memory } = start();
    const buffer = Uint8Array.from({ length: 32 }, (_, i) => i + 1).buffer;
    for (const [view, expected] of [
      [new Uint8Array(buffer, 3, 2), [4, 5]],
      [new DataView(buffer, 1, 1), [2]],
      [new Float64Array(buffer, 8, 1), [9, 10, 11, 12, 13, 14, 15, 16]],
      [buffer.slice(0, 3), [1, 2, 3]],
      [Buffer.from('xy'), [120, 121]],
      [new Uint8Array(), []],
    ]) {
      assert.equal(memory.write(100, view), undefined);
      assert.deepEqual([...memory.read(100, expected.length)], expected);
    }
  });

  it('both ends, and one past them', () => {
    const { memory, exports } = start();
    const all = memory.read(0, PAGE);
    assert.equal(all.length, PAGE);
    memory.write(0, all.fill(7));
    assert.equal(exports.peek(PAGE - 1), 7);
    assert.equal(memory.read(PAGE, 0).length, 0);
    memory.write(PAGE, new Uint8Array());
    for (const [ptr, length] of [
      [0, PAGE + 1],
      [PAGE, 1],
      [PAGE - 1, 2],
      [PAGE + 1, 0],
      [2 ** 32, 0],
      [2 ** 53 - 1, 2 ** 53 - 1],
      [0, 2 ** 53 - 1],
      [2 ** 32 - 1, 1],
    ]) {
      refuses(() => memory.read(ptr, length), 'ERR_MEMORY_BOUNDS', { message: /memory/ });
    }
    for (const [ptr, length] of [
      [PAGE, 1],
      [PAGE - 1, 2],
      [0, PAGE + 1],
      [2 ** 53 - 1, 1],
    ]) {
      refuses(() => memory.write(ptr, new Uint8Array(length)), 'ERR_MEMORY_BOUNDS');
    }
    exports.grow();
    assert.equal(memory.read(PAGE, 1)[0], 0);
  });

  it('numbers that are no places', () => {
    const { memory } = start();
    for (const value of [-1, 0.5, NaN, Infinity, -Infinity, 2 ** 53]) {
      refuses(() => memory.read(value, 0), 'ERR_MEMORY_BOUNDS', { message: /ptr/ });
      refuses(() => memory.read(0, value), 'ERR_MEMORY_BOUNDS', { message: /length/ });
      refuses(() => memory.write(value, new Uint8Array()), 'ERR_MEMORY_BOUNDS', { message: /ptr/ });
    }
    assert.equal(memory.read(-0, 1)[0], 97);
  });

  it('values of other types', () => {
    const { memory } = start();
    for (const value of [undefined, null, '0', 0n, true, {}, [], Symbol('a'), { valueOf: () => 0 }]) {
      refuses(() => memory.read(value, 0), 'ERR_ARG_TYPE', { message: /ptr/ });
      refuses(() => memory.read(0, value), 'ERR_ARG_TYPE', { message: /length/ });
      refuses(() => memory.write(value, new Uint8Array()), 'ERR_ARG_TYPE', { message: /ptr/ });
      refuses(() => memory.write(0, value), 'ERR_ARG_TYPE');
    }
    refuses(() => memory.write(0, new SharedArrayBuffer(1)), 'ERR_ARG_TYPE');
    refuses(() => memory.write(0, new Uint8Array(new SharedArrayBuffer(1))), 'ERR_ARG_TYPE');
    const detached = new Uint8Array(1);
    structuredClone(detached.buffer, { transfer: [detached.buffer] });
    refuses(() => memory.write(0, detached), 'ERR_ARG_TYPE');
  });

  it('an instance without memory has none', () => {
    const { memory } = wat('(func (export "f"))');
    assert.equal(memory.byteLength, 0);
    refuses(() => memory.read(0, 1), 'ERR_MEMORY_BOUNDS');
    refuses(() => memory.write(0, Uint8Array.of(1)), 'ERR_MEMORY_BOUNDS');
  });

  it('"memory" is taken if there are several', () => {
    const { memory } = wat(
      '(memory (export "other") 2) (memory (export "memory") 1) (memory (export "third") 3) (data (memory 1) (i32.const 0) "m")',
    );
    assert.equal(memory.byteLength, PAGE);
    assert.equal(memory.read(0, 1)[0], 109);
  });

  it('methods belong to memories only', () => {
    const { memory } = start();
    for (const other of [undefined, {}, Object.create(Object.getPrototypeOf(memory))]) {
      assert.throws(() => memory.read.call(other, 0, 0), TypeError);
      assert.throws(() => memory.write.call(other, 0, new Uint8Array()), TypeError);
    }
  });

  it('a closed instance has no memory', () => {
    const instance = start();
    const { memory } = instance;
    instance.close();
    assert.equal(memory.byteLength, 0);
    refuses(() => memory.read(0, 1), 'ERR_CLOSED');
    refuses(() => memory.read(0, 0), 'ERR_CLOSED');
    refuses(() => memory.write(0, Uint8Array.of(1)), 'ERR_CLOSED');
  });
});
