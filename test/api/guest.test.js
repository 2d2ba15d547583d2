'use strict';

const assert = require('node:assert/strict');
const { refuses } = require('../helpers');
const { builds, guest, withBuild } = require('./guest-helpers');

const INTEGERS = {
  i8: [-128, 127],
  u8: [0, 255],
  i16: [-32768, 32767],
  u16: [0, 65535],
  i32: [-2147483648, 2147483647],
  u32: [0, 4294967295],
  isize: [-2147483648, 2147483647],
  usize: [0, 4294967295],
};
const BIGINTS = {
  i64: [-(2n ** 63n), 2n ** 63n - 1n],
  u64: [0n, 2n ** 64n - 1n],
  i128: [-(2n ** 127n), 2n ** 127n - 1n],
  u128: [0n, 2n ** 128n - 1n],
};
const FLOATS = [0, -0, 1.5, -2.25, 2 ** 53, NaN, Infinity, -Infinity];
const CHARS = ['a', '\0', 'ß', '€', '\ud7ff', '\ue000', '\uffff', '😀', '\u{10ffff}'];
const TEXTS = ['', 'a', '\0', 'ünïcode', '€ 😀', '\u{10ffff}\ufeff', 'x'.repeat(1000), '😀'.repeat(300)];
const LARGE = 1 << 20;

/** name: [class, least, greatest] */
const ARRAYS = {
  bytes: [Uint8Array, 0, 255],
  i8s: [Int8Array, -128, 127],
  i16s: [Int16Array, -32768, 32767],
  u16s: [Uint16Array, 0, 65535],
  i32s: [Int32Array, -2147483648, 2147483647],
  u32s: [Uint32Array, 0, 4294967295],
  i64s: [BigInt64Array, ...BIGINTS.i64],
  u64s: [BigUint64Array, ...BIGINTS.u64],
  f32s: [Float32Array, -1.5, 3.25],
  f64s: [Float64Array, -1.5, 1e100],
  boxed: [Uint16Array, 0, 65535],
};

const some = (text) => `Some(${text})`;

for (const build of builds) {
  describe(`guest crate, ${build}`, () => {
    withBuild(build);
    let exports;
    let instance;
    beforeEach(() => {
      instance = guest(build);
      ({ exports } = instance);
    });

    const fits = (name, value, shown) => {
      assert.deepEqual(exports[`same_${name}`](value), value, name);
      if (shown !== undefined) assert.equal(exports[`show_${name}`](value), shown, name);
    };
    const fails = (name, value, code) => {
      for (const way of ['same', 'show']) refuses(() => exports[`${way}_${name}`](value), code, { argument: 0 });
    };
    /** The option is not there for each type. */
    const optional = (name) => `same_opt_${name}` in exports;
    const none = (name) => {
      for (const nothing of [undefined, null]) {
        assert.equal(exports[`same_opt_${name}`](nothing), undefined);
        assert.equal(exports[`show_opt_${name}`](nothing), 'None');
      }
      assert.equal(exports[`same_opt_${name}`](), undefined);
    };

    for (const [type, [low, high]] of Object.entries(INTEGERS)) {
      it(`${type}: extremes, what lies outside, other types`, () => {
        const names = optional(type) ? [type, `opt_${type}`] : [type];
        for (const name of names) {
          for (const value of [low, low + 1, 0, 1, high - 1, high]) {
            fits(name, value, name === type ? String(value) : some(value));
          }
          assert.ok(Object.is(exports[`same_${name}`](-0), 0));
          for (const value of [low - 1, high + 1, 0.5, NaN, Infinity, -1e300]) fails(name, value, 'ERR_ARG_RANGE');
          for (const value of ['1', true, {}, [1], Symbol('x'), () => 1]) fails(name, value, 'ERR_ARG_TYPE');
        }
        fails(type, undefined, 'ERR_ARG_TYPE');
        fails(type, null, 'ERR_ARG_TYPE');
        if (optional(type)) none(type);
      });
    }

    for (const [type, [low, high]] of Object.entries(BIGINTS)) {
      it(`${type}: extremes, what lies outside, other types`, () => {
        for (const name of [type, `opt_${type}`]) {
          const middle = [0n, 1n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 62n];
          for (const value of [low, low + 1n, ...middle, high - 1n, high]) {
            fits(name, value, name === type ? String(value) : some(value));
          }
          for (const value of [low - 1n, high + 1n, 2n ** 200n]) fails(name, value, 'ERR_ARG_RANGE');
          for (const value of [1, '1', true, {}, NaN]) fails(name, value, 'ERR_ARG_TYPE');
        }
        fails(type, undefined, 'ERR_ARG_TYPE');
        none(type);
      });
    }

    it('i128: both halves have their own sign', () => {
      for (const value of [-1n, -(2n ** 64n), 2n ** 64n - 1n, 2n ** 63n, -(2n ** 63n), -(2n ** 64n) - 1n]) {
        fits('i128', value, String(value));
        fits('opt_i128', value, some(value));
      }
    });

    it('f32, f64: -0, NaN, infinities; f32 is rounded', () => {
      for (const name of ['f32', 'f64', 'opt_f32', 'opt_f64']) {
        for (const value of FLOATS) fits(name, value);
        for (const value of ['1', true, 1n, {}]) fails(name, value, 'ERR_ARG_TYPE');
      }
      for (const name of ['f32', 'opt_f32']) {
        for (const value of [0.1, 1e300, -1e300, 1e-300, -1e-300, 9007199254740991]) {
          assert.ok(Object.is(exports[`same_${name}`](value), Math.fround(value)), `${name} ${value}`);
        }
      }
      for (const value of [9007199254740991, Number.MAX_VALUE, Number.MIN_VALUE, -Number.MIN_VALUE]) {
        fits('f64', value);
        fits('opt_f64', value);
      }
      assert.equal(exports.show_f64(-0), '-0.0');
      assert.equal(exports.show_opt_f32(NaN), 'Some(NaN)');
      assert.equal(exports.show_f64(-Infinity), '-inf');
      none('f32');
      none('f64');
    });

    it('bool and char', () => {
      for (const value of [true, false]) {
        fits('bool', value, String(value));
        fits('opt_bool', value, some(value));
      }
      for (const value of [0, 1, 'true', {}]) {
        fails('bool', value, 'ERR_ARG_TYPE');
        fails('opt_bool', value, 'ERR_ARG_TYPE');
      }
      for (const value of CHARS) {
        fits('char', value);
        fits('opt_char', value);
      }
      assert.equal(exports.show_char('😀'), "'😀'");
      for (const name of ['char', 'opt_char']) {
        for (const value of ['', 'ab', '\ud800', '\udc00', '😀x', 'e\u0301']) fails(name, value, 'ERR_ARG_RANGE');
        for (const value of [97, true, {}, ['a']]) fails(name, value, 'ERR_ARG_TYPE');
      }
      fails('char', null, 'ERR_ARG_TYPE');
      fails('bool', undefined, 'ERR_ARG_TYPE');
      none('bool');
      none('char');
    });

    it('text: empty, of all planes, 1 MiB; lone surrogates become U+FFFD', () => {
      for (const name of ['string', 'alias', 'opt_string']) {
        for (const value of TEXTS) fits(name, value);
        for (const unit of ['a', '€', '😀']) {
          const large = unit.repeat(LARGE / Buffer.byteLength(unit));
          assert.ok(exports[`same_${name}`](large) === large);
        }
        assert.equal(exports[`same_${name}`]('a\ud800b\udc00'), 'a\ufffdb\ufffd');
        for (const value of [1, true, {}, ['a'], Object('a'), Symbol('a')]) fails(name, value, 'ERR_ARG_TYPE');
      }
      fails('string', undefined, 'ERR_ARG_TYPE');
      fails('string', null, 'ERR_ARG_TYPE');
      assert.equal(exports.show_string('a "b"'), '"a \\"b\\""');
      assert.equal(exports.show_opt_string(''), 'Some("")');
      none('string');
    });

    for (const [name, [Class, low, high]] of Object.entries(ARRAYS)) {
      it(`${name}: empty, extremes, parts of a buffer, 1 MiB, other types`, () => {
        const zero = typeof low === 'bigint' ? 0n : 0;
        const names = optional(name) ? [name, `opt_${name}`] : [name];
        for (const each of names) {
          fits(each, new Class(0));
          fits(each, Class.of(low, zero, high));
          fits(each, Class.of(high, low, high, low).subarray(1, 3));
          const large = new Class(LARGE / Class.BYTES_PER_ELEMENT).fill(high);
          assert.equal(
            Buffer.compare(Buffer.from(exports[`same_${each}`](large).buffer), Buffer.from(large.buffer)),
            0,
          );
          for (const value of [[low], 1, 'x', {}, new Set([1])]) fails(each, value, 'ERR_ARG_TYPE');
          if (name !== 'bytes') fails(each, new DataView(new ArrayBuffer(8)), 'ERR_ARG_TYPE');
        }
        assert.equal(exports[`show_${name}`](new Class(0)), '[]');
        assert.equal(exports[`show_${name}`](new Class(2)), name[0] === 'f' ? '[0.0, 0.0]' : '[0, 0]');
        fails(name, undefined, 'ERR_ARG_TYPE');
        if (optional(name)) none(name);
      });
    }

    it('the result is a copy of its own', () => {
      const given = Uint8Array.of(1, 2, 3);
      const got = exports.same_bytes(given);
      got[0] = 9;
      assert.deepEqual(given, Uint8Array.of(1, 2, 3));
      assert.equal(got.buffer.byteLength, 3);
      assert.deepEqual(exports.same_bytes(given), given);
    });

    it('bytes: whatever holds them', () => {
      const view = Uint8Array.of(9, 1, 2, 9).subarray(1, 3);
      const sources = [view, Buffer.from([1, 2]), Uint8Array.of(1, 2).buffer, new DataView(view.buffer, 1, 2)];
      for (const value of sources) assert.deepEqual(exports.same_bytes(value), Uint8Array.of(1, 2));
    });

    it('owned and borrowed text and arrays', () => {
      assert.deepEqual(exports.reverse(Uint8Array.of(1, 2, 3)), Uint8Array.of(3, 2, 1));
      assert.equal(exports.sum(Float64Array.of(1, 2.5)), 3.5);
      assert.equal(exports.first_word(' one two'), 'one');
      assert.equal(exports.first_word('  '), undefined);
      assert.equal(exports.after('key=välue', '='), 'välue');
      assert.equal(exports.after('key', '='), '');
      assert.equal(exports.spare(), 'spare');
      assert.equal(exports.say('ß'), 'hello ß');
      assert.equal(exports.sayHello(), 'hello');
      assert.equal(exports.nothing(), undefined);
      assert.equal(exports.add(2147483647, 1), -2147483648);
    });

    it('many parameters, each with its place', () => {
      const args = [
        -1,
        2n ** 63n - 1n,
        1.5,
        -2.5,
        'fünf',
        4294967295,
        Uint16Array.of(7, 8),
        true,
        '😀',
        2n ** 128n - 1n,
      ];
      assert.equal(
        exports.many(...args),
        `-1 9223372036854775807 1.5 -2.5 fünf Some(4294967295) [7, 8] true 😀 ${2n ** 128n - 1n}`,
      );
      for (const [i] of args.entries()) {
        const wrong = args.with?.(i, Symbol('x')) ?? args.map((arg, j) => (i === j ? Symbol('x') : arg));
        refuses(() => exports.many(...wrong), 'ERR_ARG_TYPE', { argument: i });
      }
      refuses(() => exports.many(...args.slice(1)), 'ERR_ARG_COUNT');
      refuses(() => exports.many(...args, 1), 'ERR_ARG_COUNT');
      refuses(() => exports.say(), 'ERR_ARG_COUNT');
      refuses(() => exports.nothing(1), 'ERR_ARG_COUNT');
    });

    it('tuples', () => {
      assert.deepEqual(exports.pair('ä', -(2n ** 63n)), ['ä', -(2n ** 63n)]);
      assert.deepEqual(exports.pair('', undefined), ['', undefined]);
      assert.deepEqual(exports.mixed(3), [3, 1.5, false, Float32Array.of(3, 3, 3), -3n]);
      assert.deepEqual(exports.mixed(255), [255, 127.5, false, new Float32Array(255).fill(255), -255n]);
      const low = -(2n ** 63n);
      assert.deepEqual(
        exports.six(low),
        [0n, 1n, 2n, 3n, 4n, 5n].map((n) => low + n),
      );
      assert.deepEqual(exports.same_tuple([-1, 'x', true]), [-1, 'x', true]);
      assert.deepEqual(exports.same_tuple([0, '', undefined]), [0, '', undefined]);
    });
  });
}
