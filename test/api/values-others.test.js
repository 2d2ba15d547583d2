'use strict';

const assert = require('node:assert/strict');
const { fixture } = require('../fixtures');
const { open, refuses, wat } = require('../helpers');

describe('bool', () => {
  const f = () =>
    wat('(func (export "f") (param i32) (result i32) local.get 0)', { signatures: { f: '(bool) -> i32' } }).exports.f;

  it('true and false travel as 1 and 0', () => {
    assert.equal(f()(true), 1);
    assert.equal(f()(false), 0);
  });

  it('nothing else counts as a boolean', () => {
    const call = f();
    for (const value of [0, 1, 1n, 'true', '', null, undefined, {}, [], Symbol(), Object(true), new Proxy({}, {})]) {
      refuses(() => call(value), 'ERR_ARG_TYPE', { argument: 0, message: /expected a boolean/ });
    }
  });

  it('any result but 0 is true', () => {
    const g = wat('(func (export "g") (param i32) (result i32) local.get 0)', { signatures: { g: '(i32) -> bool' } })
      .exports.g;
    assert.deepEqual(
      [0, 1, 2, -1, 256].map((n) => g(n)),
      [false, true, true, true, true],
    );
  });
});

describe('char', () => {
  const text = '(func (export "f") (param i32) (result i32) local.get 0)';
  const code = (value) => wat(text, { signatures: { f: '(char) -> u32' } }).exports.f(value);
  const char = (value) => wat(text, { signatures: { f: '(u32) -> char' } }).exports.f(value);

  it('goes in as one scalar value', () => {
    for (const point of [
      0, 0x41, 0x7f, 0x80, 0xff, 0x100, 0xd7ff, 0xe000, 0xfffd, 0xffff, 0x10000, 0x1f600, 0x10ffff,
    ]) {
      assert.equal(code(String.fromCodePoint(point)), point);
      assert.equal(char(point), String.fromCodePoint(point));
    }
  });

  it('anything but one scalar value is out of range', () => {
    for (const value of ['', 'ab', 'e\u0301', '\ud800', '\udc00', '\udc00\ud800', '\ud83d\ude00x', 'abcdef', '👩‍👩‍👧']) {
      refuses(() => code(value), 'ERR_ARG_RANGE', { argument: 0, message: /one character/ });
    }
  });

  it('anything but a string has the wrong type', () => {
    for (const value of [65, 65n, true, null, undefined, {}, ['a'], Object('a'), Symbol('a')]) {
      refuses(() => code(value), 'ERR_ARG_TYPE', { argument: 0 });
    }
  });

  it('a guest that returns no scalar value is reported', () => {
    for (const value of [0xd800, 0xdbff, 0xdc00, 0xdfff, 0x110000, 0x7fffffff, 0xffffffff]) {
      refuses(() => char(value), 'ERR_RESULT_INVALID');
    }
  });

  it('in Rust', () => {
    const { exports } = open(fixture('strings'), { signatures: { next_char: '(char) -> char' } });
    assert.equal(exports.next_char('a'), 'b');
    assert.equal(exports.next_char('\ud7ff'), '\ue000');
    assert.equal(exports.next_char('\uffff'), '\u{10000}');
    assert.equal(exports.next_char('\u{10ffff}'), '\0');
    refuses(() => exports.next_char('\ud800'), 'ERR_ARG_RANGE');
  });
});

describe('v128', () => {
  const text = `(func (export "f") (param v128) (result v128) local.get 0)
    (func (export "lane") (param v128) (result i32) (i8x16.extract_lane_u 15 (local.get 0)))
    (func (export "two") (param v128 i32 v128) (result v128 i32 v128) local.get 2 local.get 1 local.get 0)`;

  it('is a Uint8Array of 16 bytes, little-endian lanes, fresh each time', () => {
    const { f, lane } = wat(text).exports;
    const bytes = Uint8Array.from({ length: 16 }, (_, i) => 255 - i);
    const out = f(bytes);
    assert.ok(out instanceof Uint8Array);
    assert.deepEqual(out, bytes);
    assert.notEqual(out.buffer, bytes.buffer);
    assert.equal(lane(bytes), 240);
    bytes.fill(0);
    assert.equal(out[0], 255);
  });

  it('any view of 16 bytes is taken, and only its bytes', () => {
    const { f } = wat(text).exports;
    const buffer = Uint8Array.from({ length: 40 }, (_, i) => i).buffer;
    const expected = Uint8Array.from({ length: 16 }, (_, i) => i + 8);
    for (const view of [new Uint8Array(buffer, 8, 16), new DataView(buffer, 8, 16), new BigInt64Array(buffer, 8, 2)]) {
      assert.deepEqual(f(view), expected);
    }
    assert.deepEqual(f(buffer.slice(8, 24)), expected);
  });

  it('several together with other values', () => {
    const { two } = wat(text).exports;
    const a = new Uint8Array(16).fill(1);
    const b = new Uint8Array(16).fill(2);
    assert.deepEqual(two(a, 7, b), [b, 7, a]);
  });

  it('any other length is out of range, any other value of the wrong type', () => {
    const { f } = wat(text).exports;
    for (const length of [0, 15, 17, 32]) refuses(() => f(new Uint8Array(length)), 'ERR_ARG_RANGE', { argument: 0 });
    for (const value of [Array(16).fill(0), 1n, 0, 'x'.repeat(16), null, undefined, {}]) {
      refuses(() => f(value), 'ERR_ARG_TYPE', { argument: 0, message: /16 bytes/ });
    }
  });
});

describe('several results', () => {
  it('come as an array', () => {
    const { f } = wat(
      `(func (export "f") (param i32 i64 f32 f64) (result f64 f32 i64 i32)
         local.get 3 local.get 2 local.get 1 local.get 0)`,
    ).exports;
    const out = f(1, -(2n ** 63n), 0.5, NaN);
    assert.ok(Array.isArray(out));
    assert.deepEqual(out, [NaN, 0.5, -(2n ** 63n), 1]);
    assert.notEqual(f(1, 2n, 3, 4), f(1, 2n, 3, 4));
  });

  for (const count of [2, 3, 8, 15, 16, 17, 33, 200, 1000]) {
    it(`${count} of them`, () => {
      const results = Array(count).fill('i32').join(' ');
      const body = Array.from({ length: count }, (_, i) => `(i32.const ${i - 3})`).join(' ');
      const { f, g } = wat(
        `(func (export "f") (result ${results}) ${body})
         (func (export "g") (param i32) (result ${results}) ${body.replace('(i32.const -3)', '(local.get 0)')})`,
      ).exports;
      const expected = Array.from({ length: count }, (_, i) => i - 3);
      assert.deepEqual(f(), expected);
      assert.deepEqual(g(42), [42, ...expected.slice(1)]);
    });
  }

  it('with a signature each has its own type', () => {
    const { f } = wat('(func (export "f") (result i32 i32 i64) (i32.const -1) (i32.const 65) (i64.const -1))', {
      signatures: { f: '() -> (u8, char, u64)' },
    }).exports;
    assert.deepEqual(f(), [255, 'A', 2n ** 64n - 1n]);
  });
});

describe('optionals in Rust', () => {
  const ends = {
    u8: [0, 255],
    i16: [-32768, 32767],
    i32: [-2147483648, 2147483647],
    u32: [0, 4294967295],
    i64: [-(2n ** 63n), 2n ** 63n - 1n],
    u64: [0n, 2n ** 64n - 1n],
    f32: [-0, 3.4028234663852886e38],
    f64: [Number.MIN_VALUE, 2 ** 53 - 1],
    bool: [false, true],
    char: ['\0', '\u{10ffff}'],
  };
  const signatures = Object.fromEntries(Object.keys(ends).map((kind) => [`opt_${kind}`, `(${kind}?) -> ${kind}?`]));

  for (const [kind, values] of Object.entries(ends)) {
    it(kind, () => {
      const f = open(fixture('numbers'), { signatures }).exports[`opt_${kind}`];
      for (const value of values) assert.ok(Object.is(f(value), value), String(value));
      for (const none of [undefined, null]) assert.equal(f(none), undefined);
      assert.equal(f(), undefined);
      refuses(() => f(values[0], 1), 'ERR_ARG_COUNT');
      refuses(() => f({}), 'ERR_ARG_TYPE', { argument: 0 });
      refuses(() => f(Symbol()), 'ERR_ARG_TYPE', { argument: 0 });
    });
  }

  it('what stands for None in the encoding is an ordinary value for f64', () => {
    const f = open(fixture('numbers'), { signatures }).exports.opt_f64;
    for (const value of [2 ** 53 - 1, 2 ** 32 + 1, 16777215, NaN, 0, -0]) assert.ok(Object.is(f(value), value));
  });

  it('only trailing optionals may be left out', () => {
    const { f } = wat(
      `(func (export "f") (param i32 i32 i32) (result i32 i32 i32) local.get 0 local.get 1 local.get 2)`,
      { signatures: { f: '(u8?, u8, u8?) -> (u8?, u8, u8?)' } },
    ).exports;
    assert.deepEqual(f(undefined, 1), [undefined, 1, undefined]);
    assert.deepEqual(f(1, 2, null), [1, 2, undefined]);
    refuses(() => f(1), 'ERR_ARG_COUNT', { message: /got 1/ });
    refuses(() => f(), 'ERR_ARG_COUNT', { message: /got 0/ });
    refuses(() => f(1, undefined), 'ERR_ARG_TYPE', { argument: 1 });
    refuses(() => f(256, 1), 'ERR_ARG_RANGE', { argument: 0 });
  });
});
