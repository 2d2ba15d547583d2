'use strict';

const assert = require('node:assert/strict');
const { compiled } = require('../fixtures');
const { open, refuses, wat } = require('../helpers');

const INT32_KINDS = {
  i8: [-128, 127],
  u8: [0, 255],
  i16: [-32768, 32767],
  u16: [0, 65535],
  i32: [-2147483648, 2147483647],
  u32: [0, 4294967295],
};
const INT64_KINDS = {
  i64: [-(2n ** 63n), 2n ** 63n - 1n],
  u64: [0n, 2n ** 64n - 1n],
};
const BITS = { i8: 8, u8: 8, i16: 16, u16: 16, i32: 32, u32: 32 };

/** An instance whose export "f" gives back its argument as the kind says. */
function identity(kind, wasm) {
  return wat(`(func (export "f") (param ${wasm}) (result ${wasm}) local.get 0)`, {
    signatures: { f: `(${kind}) -> ${kind}` },
  }).exports.f;
}

const proxy = () =>
  new Proxy(
    {},
    {
      get() {
        throw new Error('a trap of the proxy ran');
      },
      getPrototypeOf() {
        throw new Error('a trap of the proxy ran');
      },
    },
  );

/** Values that are neither numbers nor bigints; none of them may be run or converted. */
const NOT_NUMBERS = {
  string: '1',
  'empty string': '',
  boolean: true,
  null: null,
  undefined: undefined,
  symbol: Symbol('1'),
  object: {},
  array: [1],
  function: () => 1,
  date: new Date(0),
  'Number object': Object(1),
  'object with valueOf': {
    valueOf() {
      throw new Error('valueOf ran');
    },
    [Symbol.toPrimitive]() {
      throw new Error('toPrimitive ran');
    },
  },
  'proxy that throws': proxy(),
  'object with a throwing getter': {
    get [Symbol.toStringTag]() {
      throw new Error('a getter ran');
    },
  },
};

describe('integers of up to 32 bits', () => {
  for (const [kind, [low, high]] of Object.entries(INT32_KINDS)) {
    it(`${kind}: both ends of the range, and what lies outside`, () => {
      const f = identity(kind, 'i32');
      for (const value of [low, low + 1, 0, 1, high - 1, high]) assert.equal(f(value), value);
      assert.ok(Object.is(f(-0), 0), '-0 is the integer 0');
      const outside = [low - 1, high + 1, NaN, Infinity, -Infinity, 0.5, high - 0.5, Number.MIN_VALUE, 1e300, -1e300];
      for (const value of outside) {
        const error = refuses(() => f(value), 'ERR_ARG_RANGE', { argument: 0 });
        assert.ok(error.message.includes(`the number ${value} `), error.message);
        assert.ok(error.message.includes(`from ${low} to ${high}`), error.message);
      }
    });

    it(`${kind}: wrong types`, () => {
      const f = identity(kind, 'i32');
      for (const value of [...Object.values(NOT_NUMBERS), 1n]) {
        refuses(() => f(value), 'ERR_ARG_TYPE', { argument: 0, message: /expected an integer from/ });
      }
    });

    it(`${kind}: results are read from as many bits as the type has`, () => {
      const f = wat('(func (export "f") (param i32) (result i32) local.get 0)', {
        signatures: { f: `(i32) -> ${kind}` },
      }).exports.f;
      for (const bits of [0, 1, 127, 128, 255, 256, 32768, 65535, 65536, 2147483647, -1, -2147483648, 0x12345678]) {
        const wide = BigInt(bits);
        const asInt = kind[0] === 'i' ? BigInt.asIntN : BigInt.asUintN;
        assert.equal(f(bits), Number(asInt(BITS[kind], wide)), `${kind} of ${bits}`);
      }
    });
  }

  it('the names of the parameters do not matter, their places do', () => {
    const f = wat('(func (export "f") (param i32 i32) (result i32) (i32.sub (local.get 0) (local.get 1)))', {
      signatures: { f: '(a: i32, b: u8) -> i32' },
    }).exports.f;
    assert.equal(f(1, 2), -1);
    refuses(() => f(1, 256), 'ERR_ARG_RANGE', { argument: 1, message: /^f: argument 2: / });
    refuses(() => f('1', 256), 'ERR_ARG_TYPE', { argument: 0, message: /^f: argument 1: / });
  });

  it('without a signature an i32 is signed', () => {
    const f = wat('(func (export "f") (param i32) (result i32) local.get 0)').exports.f;
    assert.equal(f(-1), -1);
    refuses(() => f(2147483648), 'ERR_ARG_RANGE');
  });
});

describe('64-bit integers', () => {
  for (const [kind, [low, high]] of Object.entries(INT64_KINDS)) {
    it(`${kind}: both ends of the range as bigint, and what lies outside`, () => {
      const f = identity(kind, 'i64');
      const inside = [low, low + 1n, 0n, 1n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n + 1n, high - 1n, high];
      for (const value of inside) assert.equal(f(value), value);
      for (const value of [low - 1n, high + 1n, 2n ** 64n, -(2n ** 64n), 2n ** 1000n, -(2n ** 1000n)]) {
        refuses(() => f(value), 'ERR_ARG_RANGE', { argument: 0, message: /a bigint from/ });
      }
    });

    it(`${kind}: wrong types`, () => {
      const f = identity(kind, 'i64');
      for (const value of [...Object.values(NOT_NUMBERS), 1, 0, NaN, Object(1n)]) {
        refuses(() => f(value), 'ERR_ARG_TYPE', { argument: 0, message: /expected a bigint from/ });
      }
    });
  }

  it('the same bits read as i64 and as u64', () => {
    const { exports } = wat(
      '(func $f (param i64) (result i64) local.get 0) (export "s" (func $f)) (export "u" (func $f))',
      { signatures: { s: '(u64) -> i64', u: '(i64) -> u64' } },
    );
    assert.equal(exports.s(2n ** 64n - 1n), -1n);
    assert.equal(exports.s(2n ** 63n), -(2n ** 63n));
    assert.equal(exports.u(-1n), 2n ** 64n - 1n);
    assert.equal(exports.u(-(2n ** 63n)), 2n ** 63n);
  });
});

describe('floating point', () => {
  const SPECIAL = [0, -0, 1.5, -1.5, NaN, Infinity, -Infinity, 2 ** -149, 2 ** -126, 16777215, 3.4028234663852886e38];

  it('f64 keeps every value', () => {
    const f = identity('f64', 'f64');
    const values = [...SPECIAL, Number.MIN_VALUE, 2 ** -1022, 2 ** -1022 - 2 ** -1074, Number.MAX_VALUE, 0.1, 2 ** 53];
    for (const value of values) assert.ok(Object.is(f(value), value), String(value));
  });

  it('f32 rounds as Math.fround', () => {
    const f = identity('f32', 'f32');
    const values = [...SPECIAL, 0.1, 16777217, 1e300, -1e300, Number.MIN_VALUE, 2 ** -150, 1.5 * 2 ** -149, 1e-45];
    for (const value of values) assert.ok(Object.is(f(value), Math.fround(value)), String(value));
  });

  for (const kind of ['f32', 'f64']) {
    it(`${kind}: wrong types`, () => {
      const f = identity(kind, kind);
      for (const value of [...Object.values(NOT_NUMBERS), 1n]) {
        refuses(() => f(value), 'ERR_ARG_TYPE', { argument: 0, message: /expected a number/ });
      }
    });
  }

  it('the bits of -0, subnormals and infinities arrive', () => {
    const { bits32, bits64 } = wat(
      `(func (export "bits32") (param f32) (result i32) (i32.reinterpret_f32 (local.get 0)))
       (func (export "bits64") (param f64) (result i64) (i64.reinterpret_f64 (local.get 0)))`,
    ).exports;
    assert.equal(bits32(-0), -2147483648);
    assert.equal(bits32(2 ** -149), 1);
    assert.equal(bits32(-Infinity), 0xff800000 | 0);
    assert.equal(bits64(-0), -(2n ** 63n));
    assert.equal(bits64(Number.MIN_VALUE), 1n);
    assert.equal(bits64(Infinity), 0x7ff0000000000000n);
  });

  it('any NaN of the guest is NaN', () => {
    const { f, g } = wat(
      `(func (export "f") (param i64) (result f64) (f64.reinterpret_i64 (local.get 0)))
       (func (export "g") (param i32) (result f32) (f32.reinterpret_i32 (local.get 0)))`,
    ).exports;
    for (const bits of [0x7ff8000000000000n, 0x7ff0000000000001n, -1n, 0x7fffffffffffffffn]) {
      assert.ok(Number.isNaN(f(bits)));
      assert.equal(typeof f(bits), 'number');
    }
    for (const bits of [0x7fc00000, 0x7f800001, -1]) assert.ok(Number.isNaN(g(bits)));
    // What V8 uses to mark holes in arrays of numbers must not come out as one.
    assert.ok(Number.isNaN([f(-0x80001ffffn), f(-0x1n)][0]));
  });
});

describe('number of arguments', () => {
  it('too few and too many', () => {
    const { two, none } = wat(
      '(func (export "two") (param i32 i32) (result i32) local.get 0) (func (export "none"))',
    ).exports;
    for (const args of [[], [1], [1, 2, 3], [1, 2, undefined]]) {
      refuses(() => two(...args), 'ERR_ARG_COUNT', { message: /^two: expected 2 arguments, got \d/ });
    }
    refuses(() => none(undefined), 'ERR_ARG_COUNT', { message: /^none: expected 0 arguments, got 1/ });
    assert.equal(none(), undefined);
  });

  for (const count of [1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 65, 255, 256, 999, 1000]) {
    it(`${count} parameters arrive in order`, () => {
      const params = Array(count).fill('i32').join(' ');
      const body = Array.from(
        { length: count },
        (_, i) => `(local.set $s (i32.add (i32.mul (local.get $s) (i32.const 31)) (local.get ${i})))`,
      );
      const f = wat(
        `(func (export "f") (param ${params}) (result i32) (local $s i32) ${body.join(' ')} (local.get $s))`,
      ).exports.f;
      const args = Array.from({ length: count }, (_, i) => i * 7919 - 5);
      assert.equal(
        f(...args),
        args.reduce((sum, n) => (Math.imul(sum, 31) + n) | 0, 0),
      );
      refuses(() => f(...args.slice(1)), 'ERR_ARG_COUNT');
      refuses(() => f(...args, 1), 'ERR_ARG_COUNT');
      refuses(() => f(...args.with(-1, 'x')), 'ERR_ARG_TYPE', { argument: count - 1 });
    });
  }

  it('more than 1000 parameters: the module is refused or the export unsupported', () => {
    const text = `(func (export "f") (param ${Array(1001).fill('i32').join(' ')}))`;
    let instance;
    try {
      instance = wat(text);
    } catch (error) {
      assert.equal(error.code, 'ERR_MODULE_INVALID');
      return;
    }
    refuses(() => instance.exports.f(...Array(1001).fill(0)), 'ERR_EXPORT_UNSUPPORTED');
  });
});

describe('numbers in Rust', () => {
  const signatures = Object.fromEntries(
    ['i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'i64', 'u64', 'f32', 'f64'].map((k) => [`echo_${k}`, `(${k}) -> ${k}`]),
  );

  it('explicit signatures: both ends of every range', () => {
    const { fixture } = require('../fixtures');
    const { exports } = open(fixture('numbers'), { signatures });
    for (const [kind, [low, high]] of [...Object.entries(INT32_KINDS), ...Object.entries(INT64_KINDS)]) {
      const one = typeof low === 'bigint' ? 1n : 1;
      const echo = exports[`echo_${kind}`];
      for (const value of [low, high, low + one, high - one]) assert.equal(echo(value), value, kind);
      refuses(() => echo(low - one), 'ERR_ARG_RANGE');
      refuses(() => echo(high + one), 'ERR_ARG_RANGE');
    }
    for (const value of [NaN, -0, 2 ** -1074]) assert.ok(Object.is(exports.echo_f64(value), value));
    assert.equal(exports.echo_f32(2 ** -149), 2 ** -149);
  });

  it('a .d.ts alone: an i32 may be given signed or unsigned and is read as signed', () => {
    const { exports } = open(compiled('numbers'));
    assert.equal(exports.add(2147483647, 1), -2147483648);
    assert.equal(exports.add(4294967295, 2), 1);
    assert.equal(exports.echo_u32(4294967295), -1);
    assert.equal(exports.echo_u64(2n ** 64n - 1n), -1n);
    refuses(() => exports.add(4294967296, 0), 'ERR_ARG_RANGE');
    refuses(() => exports.add(-2147483649, 0), 'ERR_ARG_RANGE');
    refuses(() => exports.echo_i64(2n ** 64n), 'ERR_ARG_RANGE');
    refuses(() => exports.echo_i64(-(2n ** 63n) - 1n), 'ERR_ARG_RANGE');
    assert.equal(exports.nothing(), undefined);
    assert.equal(exports.next_color(0), 5);
    assert.equal(exports.next_color(5), 9);
  });

  it('128-bit integers are refused, not cut', () => {
    const { exports } = open(compiled('numbers'));
    for (const name of ['echo_i128', 'echo_u128']) refuses(() => exports[name](1n), 'ERR_EXPORT_UNSUPPORTED');
  });
});
