'use strict';

// Inputs for each type of wasm-bindgen: the ends of its range, everything known to be troublesome,
// and numbers that look random but are the same in every run.

/** A small generator of random numbers (xorshift), the same for the same seed. */
function random(seed) {
  let state = seed >>> 0 || 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  return {
    u32: next,
    below: (limit) => next() % limit,
    big: (bits) =>
      BigInt.asUintN(
        bits,
        (BigInt(next()) << 96n) | (BigInt(next()) << 64n) | (BigInt(next()) << 32n) | BigInt(next()),
      ),
    pick: (list) => list[next() % list.length],
  };
}

const source = random(20_240_607);
const several = (count, make) => Array.from({ length: count }, make);

function integers(bits, signed) {
  const least = signed ? -(2 ** (bits - 1)) : 0;
  const greatest = 2 ** (signed ? bits - 1 : bits) - 1;
  const ends = [0, 1, least, least + 1, greatest - 1, greatest, signed ? -1 : 2 ** (bits - 1), 2 ** (bits - 2)];
  return [...new Set([...ends, ...several(6, () => least + (source.u32() % 2 ** bits))])];
}

function bigints(bits, signed) {
  const as = (value) => (signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value));
  const ends = [0n, 1n, -1n, 1n << BigInt(bits - 1), (1n << BigInt(bits - 1)) - 1n, (1n << BigInt(bits - 1)) + 1n];
  const middle = [1n << 31n, 1n << 32n, (1n << 32n) - 1n, 1n << 53n, -(1n << 53n), 1n << 62n, 1n << 63n, 1n << 64n];
  const pattern = [0x0123456789abcdef_fedcba9876543210n, 0xff_00000000_ffffffffn];
  return [...new Set([...ends, ...middle, ...pattern, ...several(6, () => source.big(bits))].map(as))];
}

const f64 = [
  ...[0, -0, 1, -1, 0.1, NaN, Infinity, -Infinity, Number.MIN_VALUE, -Number.MIN_VALUE, 2.2250738585072014e-308],
  ...[Number.MAX_VALUE, -Number.MAX_VALUE, Number.EPSILON, 2 ** 53 - 1, 2 ** 53, 2 ** 32 + 1, 2 ** 31, 16777215],
  ...several(6, () => (source.u32() - 2 ** 31) / (source.u32() + 1)),
];
const f32 = [
  ...new Set([...f64, 1.401298464324817e-45, 3.4028234663852886e38, 1.1754943508222875e-38].map(Math.fround)),
];

const char = [
  'a',
  '\0',
  '\x7f',
  '\x80',
  'ä',
  '߿',
  'ࠀ',
  '\ud7ff',
  '\ue000',
  '\ufffd',
  '\uffff',
  '\u{10000}',
  '\u{1f600}',
  '\u{10ffff}',
];

const shortText = [
  ...['', 'a', 'plain ascii', 'ä', 'naïve ♥ \u{1f600} \u{10ffff}', '\0', 'a\0b\0', '\ufeffwith a mark', '\uffff'],
  ...['\ud800', '\udfff', 'a\ud800b', '\udc00\ud800', 'lone at the end \ud83d', '\ud83d\ud83d\ude00'],
  ...several(6, () =>
    String.fromCodePoint(...several(1 + source.below(40), () => source.pick([65, 228, 8364, 128512]))),
  ),
];
const text = [
  ...shortText,
  'x'.repeat(127),
  'x'.repeat(65536),
  'ascii first, then '.repeat(100) + '\u{1f600}'.repeat(1000),
  'y'.repeat(2 ** 20),
  'ä'.repeat(2 ** 19),
  '\u{1f600}'.repeat(2 ** 18),
];

const KINDS = {
  i8: [Int8Array, integers(8, true)],
  u8: [Uint8Array, integers(8, false)],
  i16: [Int16Array, integers(16, true)],
  u16: [Uint16Array, integers(16, false)],
  i32: [Int32Array, integers(32, true)],
  u32: [Uint32Array, integers(32, false)],
  isize: [Int32Array, integers(32, true)],
  usize: [Uint32Array, integers(32, false)],
  i64: [BigInt64Array, bigints(64, true)],
  u64: [BigUint64Array, bigints(64, false)],
  f32: [Float32Array, f32],
  f64: [Float64Array, f64],
};
const scalars = Object.fromEntries(Object.entries(KINDS).map(([kind, [, values]]) => [kind, values]));

/** Arrays of a numeric type: none, one, all troublesome numbers, part of a larger buffer, 100,000 elements. */
function arrays([TypedArray, values]) {
  const all = TypedArray.from(values);
  const part = TypedArray.from([...values, ...values]).subarray(1, values.length + 1);
  const huge = TypedArray.from({ length: 100_000 }, (_, i) => values[(i * 7) % values.length]);
  return [new TypedArray(), TypedArray.of(values[2]), all, part, huge];
}

function objects() {
  const cyclic = { name: 'cyclic' };
  cyclic.self = cyclic;
  return [
    {},
    [],
    [1, 'two', null],
    cyclic,
    new Date(0),
    new Map([[1, 2]]),
    new Error('an error'),
    /x/g,
    Object.create(null),
  ];
}

const values = [
  ...[undefined, null, true, false, 0, -0, 1.5, NaN, -Infinity, 0n, -1n, 2n ** 70n, '', 'text', '\u{1f600}', '0'],
  ...[
    Symbol('described'),
    Symbol(),
    Symbol.iterator,
    () => 1,
    function named() {},
    class A {},
    Object('boxed'),
    Object(7),
  ],
  ...objects(),
  new Proxy({}, {}),
  new Uint8Array([1, 2, 3]),
  Promise.resolve(1),
];

/** Errors that JavaScript may throw. */
const thrown = [
  null,
  'a text',
  7,
  -0,
  NaN,
  3n,
  Symbol('thrown'),
  { code: 1 },
  new Error('an error'),
  new RangeError('far'),
  () => 1,
  [],
  '',
];

const inputs = {
  ...scalars,
  i128: bigints(128, true),
  u128: bigints(128, false),
  bool: [true, false],
  char,
  text,
  shortText,
  values,
  thrown,
  values_lists: [[], [undefined], [...values], several(1000, (_, i) => values[i % values.length])],
  texts_lists: [[], [''], shortText, several(2000, (_, i) => shortText[i % shortText.length])],
  clamped: arrays([Uint8ClampedArray, scalars.u8]),
};
for (const [kind, entry] of Object.entries(KINDS)) inputs[`${kind}s`] = arrays(entry);

/** The inputs of a type, or nothing. */
const optional = (list) => [...list, undefined, null];

module.exports = { inputs, optional, random };
