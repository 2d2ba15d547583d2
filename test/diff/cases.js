'use strict';

// What is done with the exports of the crate `types`, one entry per export or per story that several
// of them tell together:
//
//   name      what is shown; `covers` are the exports it is about, by default that one
//   inputs    lists of arguments
//   run       (guest, host, ...arguments) => result; guest is what the glue or our instance exports
//   expect    (...arguments) => the right result, where it can be said without asking a guest
//   since     first version of wasm-bindgen that has it: 96 stands for 0.2.96
//   failure   what kind of failure is right, apart from a Rust Err: see outcomes.js
//   imports   it needs imports
//   objects   it needs values of JavaScript, classes or string enums
//   fresh     it needs an instance of its own, for each input
//   throws    false if the glue must not throw
//   wrongGlue first and last version whose glue is wrong: there `expect`, and `asked` for the calls of imports,
//             say what is right

const { inputs, optional } = require('./inputs');
const { ending } = require('./story');
const stories = require('./stories');

/** Lists of arguments out of one list per parameter: as many as the longest, each list at another place. */
function together(...lists) {
  const count = lists.length === 0 ? 1 : Math.max(...lists.map((list) => list.length));
  return Array.from({ length: count }, (_, i) => lists.map((list, j) => list[(i + j * 3) % list.length]));
}

/** An export that is called with values of these lists. */
function call(name, lists, expect, more = {}) {
  const run = (guest, host, ...args) => guest[name](...args);
  return { name, covers: [name], inputs: () => together(...lists), run, expect, ...more };
}

/** An export whose argument is an array that it may change: the result and the array. */
function change(name, list, expect) {
  const run = (guest, host, array) => {
    const copy = array.slice();
    return [guest[name](copy), copy];
  };
  return { name, covers: [name], inputs: () => together(list), run, expect };
}

const wellFormed = (text) => text?.toWellFormed() ?? undefined;
const same = (value) => value ?? undefined;
const withImports = { imports: true };
const withObjects = { objects: true };
const withBoth = { imports: true, objects: true };
const since = (version, more) => ({ since: version, ...more });
const bits = (value) => new Uint32Array(Float32Array.of(value).buffer)[0];
const bits64 = (value) => new BigUint64Array(Float64Array.of(value).buffer)[0];

const { text, shortText, values, thrown, char, bool, f32, f64, values_lists, texts_lists } = inputs;
const SMALL = ['i8', 'u8', 'i16', 'u16', 'i32', 'u32'];
const WIDE = ['i64', 'u64'];
const SIZES = ['isize', 'usize'];
const HUGE = ['i128', 'u128'];
const FLOATS = ['f32', 'f64'];
const ARRAYS = [...SMALL, ...WIDE, ...FLOATS];
const colors = [1, 2, 5];
const sizes = [0, 1, 2];
const spans = [0, 0x7fffffff];
const signs = [-1, 0, 1, -2147483648];
const suits = ['clubs', 'heärts ♥', ''];
const messages = [...shortText, undefined, null];

const numbers = [
  ...[...SMALL, ...WIDE, ...SIZES, ...FLOATS, 'bool', 'char'].map((kind) => call(`echo_${kind}`, [inputs[kind]], same)),
  ...HUGE.map((kind) => call(`echo_${kind}`, [inputs[kind]], same, since(96))),
  ...['i32', 'u32', ...WIDE].map((kind) => call(`text_of_${kind}`, [inputs[kind]], String)),
  ...HUGE.map((kind) => call(`text_of_${kind}`, [inputs[kind]], String, since(96))),
  call('bits_of_f32', [f32], bits),
  call('bits_of_f64', [f64], bits64),
  call('f32_of_bits', [f32.map(bits)], (value) => new Float32Array(Uint32Array.of(value).buffer)[0]),
  call('f64_of_bits', [f64.map(bits64)], (value) => new Float64Array(BigUint64Array.of(value).buffer)[0]),
  call('not', [bool], (value) => !value),
  call('code_of_char', [char], (value) => value.codePointAt(0)),
  call(
    'char_of_code',
    [[0, 65, 0xd7ff, 0xd800, 0xdfff, 0xe000, 0xffff, 0x10000, 0x10ffff, 0x110000, 0xffffff, 0xffffffff]],
    (code) => (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? undefined : String.fromCodePoint(code)),
  ),
  call('unit', [], () => undefined),
  call('add_i64', [inputs.i64, inputs.i64], (a, b) => BigInt.asIntN(64, a + b)),
  call(
    'join_numbers',
    ['i8', 'u64', 'u8', 'f32', 'i16', 'bool', 'u16', 'f64', 'i32', 'char', 'u32', 'i64'].map((kind) => inputs[kind]),
    (a, b, c, d, e, f, g, h, i, j, k, l) => [a, b, c, bits(d), e, f, g, bits64(h), i, j.codePointAt(0), k, l].join(' '),
  ),
];

const texts = [
  call('echo_string', [text], wellFormed),
  call('echo_str', [text], wellFormed),
  call('bytes_of_str', [text], (value) => Buffer.byteLength(value.toWellFormed())),
  call('utf8_of_str', [text], (value) => new TextEncoder().encode(value)),
  call('join_texts', [text, shortText, shortText], (...parts) => parts.map(wellFormed).join('')),
  call('repeat_str', [shortText, [0, 1, 3, 1000]], (value, times) => value.toWellFormed().repeat(times)),
  call('toUpperCase', [['', 'abc', 'äb']], (value) => value.replace(/[a-z]/g, (letter) => letter.toUpperCase())),
  call('of', [['', ' a b ', '\u2003x\n']], (value) => value.trim()),
  call('invalid_string', [], undefined, { failure: 'utf8' }),
  {
    ...call('count_rest', [shortText, [[], [1], [1, -2, 2147483647]]], undefined, since(82)),
    run: (guest, host, first, rest) => guest.count_rest(first, ...rest),
    expect: (first, rest) => `${wellFormed(first)} ${rest.length} ${rest.reduce((a, b) => (a + b) | 0, 0)}`,
  },
];

const arrays = [
  ...[...ARRAYS, ...SIZES].map((kind) => call(`vec_${kind}`, [inputs[`${kind}s`]], (value) => value.slice())),
  call('boxed_u8', [inputs.u8s], (value) => value.slice()),
  ...ARRAYS.map((kind) => call(`opt_vec_${kind}`, [optional(inputs[`${kind}s`])], (value) => value?.slice())),
  ...ARRAYS.map((kind) => call(`slice_${kind}`, [inputs[`${kind}s`]], (value) => value.slice().reverse())),
  ...ARRAYS.map((kind) =>
    change(`reverse_${kind}`, inputs[`${kind}s`], (value) => [undefined, value.slice().reverse()]),
  ),
  call('opt_boxed_u32', [optional(inputs.u32s)], (value) => value?.slice()),
  call('clamped_vec', [inputs.clamped], (value) => value.slice()),
  call('vec_value', [values_lists], (list) => [...list], withObjects),
  call('opt_vec_value', [optional(values_lists)], same, withObjects),
  call('vec_string', [texts_lists], (list) => list.map(wellFormed), since(88, withObjects)),
  call('opt_vec_string', [optional(texts_lists)], (list) => list?.map(wellFormed), since(88, withObjects)),
  call(
    'bytes_of_strings',
    [texts_lists],
    (list) => Uint32Array.from(list, (value) => Buffer.byteLength(value.toWellFormed())),
    since(88, withObjects),
  ),
  {
    ...call('raise', [inputs.u8, inputs.u8s, shortText]),
    run: (guest, host, by, array, label) => {
      const copy = array.slice();
      return [guest.raise(by, copy, label), copy];
    },
    expect: (by, array, label) => [
      `${wellFormed(label)}${array.reduce((a, b) => (a + b) & 255, 0)}`,
      array.map((number) => number + by),
    ],
  },
  call('count_up', [[0, 1, 255, 256, 100_000]], (length) => Uint8Array.from({ length }, (_, i) => i)),
];

const options = [
  ...[...SMALL, ...WIDE, ...SIZES, ...FLOATS, 'bool', 'char'].map((kind) =>
    call(`opt_${kind}`, [optional(inputs[kind])], same),
  ),
  ...HUGE.map((kind) => call(`opt_${kind}`, [optional(inputs[kind])], same, since(96))),
  call('opt_string', [optional(text)], wellFormed),
  call(
    'join_options',
    ['u8', 'f64', 'i32', 'shortText', 'u64', 'bool', 'f32', 'char', 'u32'].map((kind, i) =>
      i % 2 ? optional(inputs[kind]) : [undefined, ...inputs[kind]],
    ),
    (a, b, c, d, e, f, g, h, i) => {
      const debug = (value, as = String) => (value === undefined || value === null ? 'None' : `Some(${as(value)})`);
      const code = (letter) => letter.codePointAt(0);
      const length = (value) => Buffer.byteLength(value.toWellFormed());
      const parts = [debug(a), debug(b, bits64), debug(c), debug(d, length), debug(e), debug(f), debug(g, bits)];
      return [...parts, debug(h, code), debug(i)].join(' ');
    },
  ),
];

/** Exports that return their first argument unless there is a message, which is then the error. */
const result = (kind, list, more) =>
  call(`result_${kind}`, [list, ['', undefined, 'ä\0', ...messages]], undefined, more);

const results = [
  ...['bool', 'u8', 'i32', 'u32', 'i64', 'u64', 'f32', 'f64', 'char'].map((kind) => result(kind, inputs[kind])),
  ...['u8', 'i32', 'u64', 'f32', 'f64'].map((kind) => result(`opt_${kind}`, optional(inputs[kind]))),
  ...HUGE.map((kind) => result(kind, inputs[kind], since(96))),
  result('string', text),
  result('opt_string', optional(text)),
  result('vec_u8', inputs.u8s),
  result('vec_f64', inputs.f64s),
  result('opt_vec_u8', optional(inputs.u8s)),
  call('result_unit', [messages]),
  call(
    'result_value',
    [
      [...values, ...thrown],
      [true, false, true],
    ],
    undefined,
    withObjects,
  ),
  call('string_error', [inputs.i32, messages], undefined, since(79)),
  call('string_error_unit', [messages], undefined, since(79)),
  call('js_error', [shortText, [undefined, ...messages]], undefined, since(79)),
  call('parse_i32', [['', '1', '-2147483648', '2147483648', 'x', '١']], undefined, since(79)),
  call('number_error', [f64], undefined, since(79)),
  call('at_most_100', [[0, 1, 100, 101, 4294967295]], undefined, since(79)),
];

const enums = [
  ...[
    ['color', colors, ['Red', 'Green', 'Blue']],
    ['size', sizes, ['Small', 'Medium', 'Large']],
    ['span', spans, ['Least', 'Greatest']],
    ['sign', signs, ['Minus', 'Zero', 'Plus', 'Lowest'], since(96)],
    ['suit', suits, ['Clubs', 'Hearts', 'Empty'], withObjects],
  ].flatMap(([kind, list, names, more]) => [
    call(`echo_${kind}`, [list], same, more),
    call(`opt_${kind}`, [optional(list)], same, more),
    call(`name_of_${kind}`, [optional(list)], (value) => names[list.indexOf(value)] ?? 'None', more),
  ]),
  call('next_color', [colors], (color) => [2, 5, undefined][colors.indexOf(color)]),
  call('parse_color', [['red', 'green', 'blue', 'mauve', '']]),
  call('suit_at', [[0, 1, 2, 3]], (i) => suits[i], withObjects),
  call('vec_color', [[[], [1, 2, 5, 2]]], (list) => [...list], since(88, withObjects)),
];

/** Exports that pass their argument to an import and its result back. */
const pass = (kind, list, expect = same, more) => call(`pass_${kind}`, [list], expect, { ...withImports, ...more });
const copy = (value) => value?.slice();

const passing = [
  ...[...SMALL, 'i64', ...SIZES, ...FLOATS, 'bool', 'char'].map((kind) => pass(kind, inputs[kind])),
  // The imports of that glue see a number with a sign.
  pass('u64', inputs.u64, same, { wrongGlue: [83, 99], asked: (number) => [['js_u64', number]] }),
  ...HUGE.map((kind) => pass(kind, inputs[kind], same, since(96))),
  ...['i8', 'u16', 'i32', 'u32', 'i64', 'u64', 'f32', 'f64', 'bool', 'char'].map((kind) =>
    pass(`opt_${kind}`, optional(inputs[kind])),
  ),
  pass('opt_i128', optional(inputs.i128), same, since(96)),
  pass('string', text, wellFormed),
  pass('opt_string', optional(text), wellFormed),
  pass('str', text, wellFormed),
  pass('opt_str', optional(text), wellFormed),
  pass('value', values, (value) => value, withObjects),
  pass('ref_value', values, (value) => value, withObjects),
  pass('thing', values, (value) => value, withObjects),
  pass('ref_thing', values, (value) => value, withObjects),
  pass('opt_thing', values, same, withObjects),
  pass('opt_ref_thing', values, same, withObjects),
  pass('color', colors),
  pass('suit', suits, same, withObjects),
  pass('opt_size', optional(sizes)),
  pass('opt_suit', optional(suits), same, withObjects),
  pass('opt_vec', optional(inputs.u16s), copy),
  ...ARRAYS.map((kind) => pass(`vec_${kind}`, inputs[`${kind}s`], copy)),
  ...['u8', 'i32', 'u64', 'f64'].map((kind) => pass(`slice_${kind}`, inputs[`${kind}s`], copy)),
  pass('slice_clamped', inputs.u8s, copy),
  pass('clamped', inputs.clamped, copy),
  pass('vec_value', values_lists, (list) => [...list], withObjects),
  pass('vec_string', texts_lists, (list) => list.map(wellFormed), since(88, withObjects)),
  call('pass_nothing', [], () => undefined, withImports),
  call('fill_u8', [[0, 1, 1000], inputs.u8], (length, n) => new Uint8Array(length).fill(n), withImports),
  call('fill_i16', [[0, 1, 1000], inputs.i16], (length, n) => new Int16Array(length).fill(n), withImports),
  call('fill_f64', [[0, 1, 1000], f64], (length, n) => new Float64Array(length).fill(n), withImports),
  call(
    'pass_mixed',
    [inputs.u8, shortText, inputs.i64, values, f32, optional(f64), inputs.u16s.slice(0, 4), optional(inputs.u32)],
    () => '8 arguments',
    withBoth,
  ),
];

/** Pairs of values for operators that do not throw. */
const operands = [0, -0, 1, -1, 7, 2 ** 31, 2 ** 32 + 5, 0.5, NaN, Infinity, '3', '', 'x', null, undefined, true];

const value = (name, lists, expect, version) => call(name, lists, expect, since(version, withObjects));

const javascript = [
  value('echo_value', [values], (v) => v),
  value('clone_value', [values], (v) => v),
  value('second_value', [values, values, values], (a, b) => b),
  value('third_value', [values, values, values], (a, b, c) => c),
  value('facts_of_value', [values]),
  value('number_of_value', [values], (v) => (typeof v === 'number' ? v : undefined)),
  value('string_of_value', [values], (v) => (typeof v === 'string' ? v : undefined)),
  value('bool_of_value', [values], (v) => (typeof v === 'boolean' ? v : undefined)),
  value('debug_of_value', [values]),
  value('equal_values', [values, values], (a, b) => a === b),
  value('equal_values', [values.flatMap((v) => [v, v, v])], undefined),
  value('value_of_str', [text], wellFormed),
  value('value_of_f64', [f64], same),
  value('value_of_bool', [bool], same),
  {
    ...value('value_of_symbol', [optional(shortText)]),
    run: (guest, host, description) => {
      const symbol = guest.value_of_symbol(description);
      return [typeof symbol, symbol.description];
    },
    expect: (description) => ['symbol', wellFormed(description)],
  },
  value('value_null', [], () => null),
  value('value_undefined', [], () => undefined),
  value('values_of_rust', [], () => [undefined, null, true, false, -0, 'text ♥', 7, 'other text']),
  value('type_of_value', [values], (v) => typeof v, 77),
  value('loosely_equal', [operands, [...operands, 'a'], []].slice(0, 2), undefined, 77),
  value(
    'has_property',
    [
      ['a', 'b', 0, Symbol.iterator],
      [{ a: 1 }, [1]],
    ],
    undefined,
    77,
  ),
  {
    ...value('has_property', [['a'], ['x', 7, undefined]], () => 'TypeError', 77),
    run: (guest, host, name, object) => ending(() => guest.has_property(name, object))[1].name, // V8 words it as it likes
  },
  value('calculate', [operands, [...operands, 2, 3]], undefined, 77),
  value('calculate', [inputs.i64.map((n) => n >> 8n), [1n, 2n, 3n]], undefined, 77),
  value('shift_unsigned', [operands, [...operands, 2]], (a, b) => a >>> b, 77),
  value('divide_values', [operands, [...operands, 2]], undefined, 83),
  value('divide_values', [inputs.i64, [0n, 1n, -1n, 3n]], undefined, 83),
  value('bigints', [inputs.i64, inputs.u64], undefined, 83),
  value('i64_of_value', [[...values, ...inputs.i128]], undefined, 83),
  value('u64_of_value', [[...values, ...inputs.u128]], undefined, 83),
];

module.exports = {
  numbers,
  texts,
  arrays,
  options,
  results,
  enums,
  passing,
  values: javascript,
  ...stories,
};
