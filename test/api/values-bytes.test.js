'use strict';

const assert = require('node:assert/strict');
const { Blob } = require('node:buffer');
const { compiled, fixture } = require('../fixtures');
const { open, refuses, wat } = require('../helpers');

const bytes = () => open(compiled('bytes')).exports;

/** Exports of `bytes` and the arrays that they take and give. */
const ARRAYS = {
  echo_i8: Int8Array,
  echo_i16: Int16Array,
  echo_u16: Uint16Array,
  echo_i32: Int32Array,
  echo_u32: Uint32Array,
  echo_i64: BigInt64Array,
  echo_u64: BigUint64Array,
  echo_f32: Float32Array,
  echo_f64: Float64Array,
};
const VIEWS = [...Object.values(ARRAYS), Uint8Array, Uint8ClampedArray];

const pattern = (length) => Uint8Array.from({ length }, (_, i) => (i * 31 + 7) & 255);

function detached(view) {
  structuredClone(view.buffer ?? view, { transfer: [view.buffer ?? view] });
  return view;
}

describe('bytes in', () => {
  it('lengths from 0 to 300 and around powers of two', () => {
    const { reverse, sum } = bytes();
    const lengths = Array.from({ length: 301 }, (_, i) => i);
    for (let n = 512; n <= 1 << 20; n *= 2) lengths.push(n - 1, n, n + 1);
    for (const length of lengths) {
      const input = pattern(length);
      assert.ok(Buffer.from(input).reverse().equals(reverse(input)), `length ${length}`);
      assert.equal(
        sum(input),
        input.reduce((a, b) => a + b, 0),
      );
    }
  });

  it('every typed array, DataView and ArrayBuffer gives its own bytes', () => {
    const { echo } = bytes();
    const buffer = pattern(96).buffer;
    for (const View of VIEWS) {
      const whole = new View(buffer);
      assert.deepEqual(echo(whole), pattern(96), View.name);
      const part = new View(buffer, 16, 32 / View.BYTES_PER_ELEMENT);
      assert.deepEqual(echo(part), pattern(96).slice(16, 48), View.name);
      assert.deepEqual(echo(part.subarray(1)), pattern(96).slice(16 + View.BYTES_PER_ELEMENT, 48), View.name);
    }
    assert.deepEqual(echo(new DataView(buffer)), pattern(96));
    assert.deepEqual(echo(new DataView(buffer, 5, 7)), pattern(96).slice(5, 12));
    assert.deepEqual(echo(buffer), pattern(96));
    assert.deepEqual(echo(new ArrayBuffer(0)), new Uint8Array());
    assert.deepEqual(echo(new DataView(new ArrayBuffer(0))), new Uint8Array());
    assert.deepEqual(echo(new Uint8Array(buffer, 96)), new Uint8Array());
  });

  it('small arrays that V8 keeps on its heap', () => {
    const { echo, echo_f64 } = bytes();
    for (let i = 0; i < 1000; i++) {
      assert.equal(echo(Uint8Array.of(i & 255))[0], i & 255);
      assert.equal(echo_f64(Float64Array.of(i + 0.5))[0], i + 0.5);
    }
  });

  it('Buffers, slices of the pool included', () => {
    const { echo, reverse } = bytes();
    assert.deepEqual(Buffer.from(reverse(Buffer.from('abc'))).toString(), 'cba');
    const pooled = Buffer.from('some text in the pool of Node.js');
    assert.ok(pooled.buffer.byteLength > pooled.length);
    assert.equal(Buffer.from(echo(pooled)).toString(), pooled.toString());
    assert.equal(Buffer.from(echo(pooled.subarray(5, 9))).toString(), 'text');
  });

  it('subclasses count as what they are, whatever their getters say', () => {
    class Liar extends Uint8Array {
      get length() {
        throw new Error('a getter ran');
      }
      get byteLength() {
        return 1e9;
      }
      get buffer() {
        throw new Error('a getter ran');
      }
      get [Symbol.toStringTag]() {
        throw new Error('a getter ran');
      }
    }
    const { sum, echo_i8 } = bytes();
    assert.equal(sum(new Liar([1, 2, 3])), 6);
    refuses(() => echo_i8(new Liar([1])), 'ERR_ARG_TYPE', { message: /Uint8Array/ });
  });

  it('detached ones are an error', () => {
    const { echo, echo_i16 } = bytes();
    for (const view of [new Uint8Array(8), new DataView(new ArrayBuffer(8)), new ArrayBuffer(8), new Float64Array(2)]) {
      refuses(() => echo(detached(view)), 'ERR_ARG_TYPE', { argument: 0, message: /not detached/ });
    }
    refuses(() => echo_i16(detached(new Int16Array(2))), 'ERR_ARG_TYPE', { argument: 0 });
  });

  it('shared memory is an error', () => {
    const { echo, echo_i32 } = bytes();
    const shared = new SharedArrayBuffer(16);
    for (const value of [shared, new Uint8Array(shared), new DataView(shared), new Float32Array(shared)]) {
      refuses(() => echo(value), 'ERR_ARG_TYPE', { argument: 0, message: /not shared/ });
    }
    refuses(() => echo_i32(new Int32Array(shared)), 'ERR_ARG_TYPE', { argument: 0, message: /shared memory/ });
  });

  it('memory of V8\u2019s own WebAssembly is taken, and an error once it has grown', () => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const view = new Uint8Array(memory.buffer, 10, 3).fill(9);
    const { sum } = bytes();
    assert.equal(sum(view), 27);
    memory.grow(1);
    refuses(() => sum(view), 'ERR_ARG_TYPE');
    assert.equal(sum(new Uint8Array(memory.buffer, 10, 3)), 27);
  });

  it('anything else is an error, and nothing of it runs', () => {
    const { echo } = bytes();
    const values = [
      'text',
      1,
      1n,
      true,
      null,
      undefined,
      Symbol('a'),
      [1, 2],
      { length: 1, 0: 1 },
      { buffer: new ArrayBuffer(1), byteOffset: 0, byteLength: 1 },
      () => 1,
      new Blob(['a']),
      Object.create(Uint8Array.prototype),
      new Proxy(new Uint8Array(1), {
        get() {
          throw new Error('a trap ran');
        },
      }),
    ];
    for (const value of values) {
      refuses(() => echo(value), 'ERR_ARG_TYPE', {
        argument: 0,
        message: /^echo: argument 1: expected an ArrayBuffer or a view/,
      });
    }
  });

  it('100 MB', () => {
    const { sum, zeros } = bytes();
    const input = Buffer.alloc(1e8, 1);
    assert.equal(sum(input), 1e8);
    assert.equal(zeros(1e8).length, 1e8);
  });

  it('changes that the guest makes to a mutable slice stay with it', () => {
    const { increment } = open(compiled('bytes')).exports;
    const input = Uint8Array.of(1, 2, 3);
    let outcome;
    try {
      outcome = increment(input);
    } catch (error) {
      assert.equal(error.code, 'ERR_EXPORT_UNSUPPORTED');
      return;
    }
    assert.equal(outcome, undefined);
    assert.deepEqual(input, Uint8Array.of(1, 2, 3));
  });
});

describe('resizable ArrayBuffers', () => {
  const resizable = (length, max) => {
    const buffer = new ArrayBuffer(length, { maxByteLength: max });
    new Uint8Array(buffer).set(pattern(length));
    return buffer;
  };

  it('give what they are long at the time of the call', () => {
    const { echo } = bytes();
    const buffer = resizable(8, 64);
    const tracking = new Uint8Array(buffer);
    const offset = new Uint8Array(buffer, 4);
    const fixed = new Uint8Array(buffer, 2, 4);
    const view = new DataView(buffer);
    assert.deepEqual(echo(buffer), pattern(8));
    assert.deepEqual(echo(tracking), pattern(8));
    assert.deepEqual(echo(view), pattern(8));
    buffer.resize(64);
    assert.equal(echo(buffer).length, 64);
    assert.equal(echo(tracking).length, 64);
    assert.equal(echo(offset).length, 60);
    assert.equal(echo(view).length, 64);
    buffer.resize(6);
    assert.deepEqual(echo(tracking), pattern(6));
    assert.deepEqual(echo(offset), pattern(6).slice(4));
    assert.deepEqual(echo(fixed), pattern(6).slice(2));
    assert.deepEqual(echo(view), pattern(6));
  });

  it('views that have fallen out of their buffer are an error', () => {
    const { echo, echo_i16 } = bytes();
    const buffer = resizable(4096, 4096);
    const views = [
      new Uint8Array(buffer, 2, 4094),
      new Uint8Array(buffer, 2048),
      new DataView(buffer, 2, 4094),
      new DataView(buffer, 2048),
      new Float64Array(buffer, 8, 2),
    ];
    const narrow = new Int16Array(buffer, 2, 100);
    buffer.resize(1);
    for (const view of views) refuses(() => echo(view), 'ERR_ARG_TYPE', { argument: 0 });
    refuses(() => echo_i16(narrow), 'ERR_ARG_TYPE', { argument: 0 });
    assert.deepEqual(echo(buffer), pattern(1));
    buffer.resize(0);
    assert.deepEqual(echo(buffer), new Uint8Array());
    assert.deepEqual(echo(new Uint8Array(buffer)), new Uint8Array());
  });

  it('shared growable ones are shared', () => {
    const shared = new SharedArrayBuffer(8, { maxByteLength: 16 });
    const { echo } = bytes();
    for (const value of [shared, new Uint8Array(shared), new DataView(shared)])
      refuses(() => echo(value), 'ERR_ARG_TYPE');
  });
});

describe('typed arrays other than bytes', () => {
  const VALUES = {
    Int8Array: [-128, -1, 0, 127],
    Int16Array: [-32768, -1, 0, 32767],
    Uint16Array: [0, 1, 65535],
    Int32Array: [-2147483648, -1, 0, 2147483647],
    Uint32Array: [0, 1, 4294967295],
    BigInt64Array: [-(2n ** 63n), -1n, 0n, 2n ** 63n - 1n],
    BigUint64Array: [0n, 1n, 2n ** 64n - 1n],
    Float32Array: [NaN, -0, 2 ** -149, Infinity, 1.5],
    Float64Array: [NaN, -0, 2 ** -1074, -Infinity, 0.1],
  };

  for (const [name, Type] of Object.entries(ARRAYS)) {
    it(`${name}: ends of the range, empty, part of a buffer, long`, () => {
      const echo = bytes()[name];
      const values = VALUES[Type.name];
      const out = echo(Type.from(values));
      assert.equal(Object.getPrototypeOf(out), Type.prototype);
      assert.deepEqual([...out], values);
      assert.equal(out.byteOffset, 0);
      assert.equal(out.buffer.byteLength, out.byteLength);
      assert.deepEqual(echo(new Type()), new Type());
      const one = typeof values[0] === 'bigint' ? 3n : 3;
      const large = new Type(5000).fill(one);
      assert.deepEqual(echo(large), large);
      large[2] = values[0];
      assert.deepEqual(echo(large.subarray(2, 4)), Type.of(values[0], one));
    });

    it(`${name}: takes no other kind of array`, () => {
      const echo = bytes()[name];
      for (const Other of VIEWS) {
        if (Other === Type) continue;
        refuses(() => echo(new Other(1)), 'ERR_ARG_TYPE', {
          argument: 0,
          message: new RegExp(`an? ${Type.name}, got an? ${Other.name} of 1 elements`),
        });
      }
      const text = new RegExp(`expected an? ${Type.name}`);
      for (const value of [new ArrayBuffer(8), new DataView(new ArrayBuffer(8)), [1], 'a', null]) {
        refuses(() => echo(value), 'ERR_ARG_TYPE', { argument: 0, message: text });
      }
    });
  }

  it('mean of a Float64Array', () => {
    const { mean } = open(compiled('numbers')).exports;
    assert.equal(mean(Float64Array.of(1, 2, 6)), 3);
    assert.ok(Number.isNaN(mean(new Float64Array())));
  });

  it('u8clamped[]', () => {
    const { echo } = open(fixture('bytes'), { signatures: { echo: '(u8clamped[]) -> u8clamped[]' } }).exports;
    assert.deepEqual(echo(Uint8ClampedArray.of(0, 255)), Uint8ClampedArray.of(0, 255));
    refuses(() => echo(new Uint8Array(1)), 'ERR_ARG_TYPE');
  });
});

describe('bytes out', () => {
  it('are a Uint8Array of their own', () => {
    const instance = open(compiled('bytes'));
    const input = pattern(1000);
    const out = instance.exports.echo(input);
    const again = instance.exports.echo(input);
    assert.equal(Object.getPrototypeOf(out), Uint8Array.prototype);
    assert.equal(out.buffer.byteLength, 1000);
    assert.notEqual(out.buffer, again.buffer);
    out.fill(0);
    instance.exports.echo(new Uint8Array(100000).fill(9));
    instance.close();
    assert.deepEqual(again, pattern(1000));
    structuredClone(again.buffer, { transfer: [again.buffer] });
  });

  it('of length 0', () => {
    const { zeros, reverse } = bytes();
    assert.deepEqual(zeros(0), new Uint8Array());
    assert.deepEqual(reverse(new Uint8Array()), new Uint8Array());
  });

  it('optional', () => {
    const { maybe } = bytes();
    assert.deepEqual(maybe(Uint8Array.of(1)), Uint8Array.of(1));
    assert.deepEqual(maybe(new Uint8Array()), new Uint8Array());
    for (const none of [undefined, null]) assert.equal(maybe(none), undefined);
    assert.equal(maybe(), undefined);
    refuses(() => maybe('a'), 'ERR_ARG_TYPE');
  });

  it('a misaligned array of the guest is copied as it lies there', () => {
    const { exports, memory } = wat(
      `(memory (export "memory") 1) (func (export "malloc") (param i32) (result i32) i32.const 64)
       (func (export "free") (param i32)) (func (export "f") (result i32 i32) i32.const 3 i32.const 2)`,
      { signatures: { f: '() -> f64[]' } },
    );
    memory.write(3, new Uint8Array(Float64Array.of(1.5, -2).buffer));
    assert.deepEqual(exports.f(), Float64Array.of(1.5, -2));
  });
});
