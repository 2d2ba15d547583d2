'use strict';

// The rows of the table in docs/types.md:
//
//   rust      the type
//   js        what it is in JavaScript
//   type      what it is called in a signature; the exports must have it
//   argument  exports that take it; without it the type cannot be an argument. An empty list: none is tested
//   result    the same for exports that return it
//   imports   exports that pass it to an imported function, and its result back
//   processed the note, if the description of a processed module has no reason

const code = (text) => `\`${text}\``;

/** A row whose exports echo one type: argument, result and, if there is such an export, imports. */
const echo = (rust, js, type, name, passing) => ({
  rust: code(rust),
  js,
  type,
  argument: [name],
  result: [name],
  imports: passing === undefined ? undefined : [passing],
});

const SMALL = ['i8', 'u8', 'i16', 'u16', 'i32', 'u32'];
const WIDE = ['i64', 'u64'];
const FLOATS = ['f32', 'f64'];
const SCALARS = [
  ['bool', 'boolean', 'bool'],
  ['char', 'string of one Unicode scalar value', 'char'],
  ...SMALL.map((type) => [type, 'number', type]),
  ['isize', 'number', 'i32'],
  ['usize', 'number', 'u32'],
  ...WIDE.map((type) => [type, 'bigint', type]),
  ['i128', 'bigint', 'i128'],
  ['u128', 'bigint', 'u128'],
  ...FLOATS.map((type) => [type, 'number', type]),
];
/** Options that also go to an import and back. */
const PASSED_OPTIONS = ['i8', 'u16', 'i32', 'u32', 'i64', 'u64', 'i128', 'f64', 'bool', 'char'];
const ARRAYS = {
  i8: 'Int8Array',
  u8: 'Uint8Array',
  i16: 'Int16Array',
  u16: 'Uint16Array',
  i32: 'Int32Array',
  u32: 'Uint32Array',
  i64: 'BigInt64Array',
  u64: 'BigUint64Array',
  f32: 'Float32Array',
  f64: 'Float64Array',
};
const PASSED_SLICES = ['u8', 'i32', 'u64', 'f64'];
const FILLED_SLICES = ['u8', 'i16', 'f64'];
const listOf = (kind) => (kind === 'u8' ? 'bytes' : `${kind}[]`);

const scalars = [
  ...SCALARS.map(([rust, js, type]) => echo(rust, js, type, `echo_${rust}`, `pass_${rust}`)),
  { rust: code('()'), js: 'undefined', type: '()', result: ['unit'], imports: ['pass_nothing'] },
];

const texts = [
  echo('String', 'string', 'string', 'echo_string', 'pass_string'),
  { rust: code('&str'), js: 'string', type: 'string', argument: ['echo_str'], imports: ['pass_str'] },
];

const options = [
  ...SCALARS.map(([rust, js, type]) => {
    const passing = PASSED_OPTIONS.includes(rust) ? `pass_opt_${rust}` : undefined;
    return echo(`Option<${rust}>`, `${js}, or undefined`, `${type}?`, `opt_${rust}`, passing);
  }),
  echo('Option<String>', 'string, or undefined', 'string?', 'opt_string', 'pass_opt_string'),
  { rust: code('Option<&str>'), js: 'string, or undefined', imports: ['pass_opt_str'] },
];

const arrays = [
  ...Object.entries(ARRAYS).flatMap(([kind, js]) => [
    echo(`Vec<${kind}>`, js, listOf(kind), `vec_${kind}`, `pass_vec_${kind}`),
    {
      rust: code(`&[${kind}]`),
      js,
      type: listOf(kind),
      argument: [`slice_${kind}`],
      imports: PASSED_SLICES.includes(kind) ? [`pass_slice_${kind}`] : undefined,
    },
    {
      rust: code(`&mut [${kind}]`),
      js: `${js}, which changes`,
      type: listOf(kind),
      argument: [`reverse_${kind}`],
      imports: FILLED_SLICES.includes(kind) ? [`fill_${kind}`] : undefined,
    },
    echo(
      `Option<Vec<${kind}>>`,
      `${js}, or undefined`,
      `${listOf(kind)}?`,
      `opt_vec_${kind}`,
      kind === 'u16' ? 'pass_opt_vec' : undefined,
    ),
  ]),
  echo('Vec<isize>', 'Int32Array', 'i32[]', 'vec_isize'),
  echo('Vec<usize>', 'Uint32Array', 'u32[]', 'vec_usize'),
  echo('Box<[u8]>', 'Uint8Array', 'bytes', 'boxed_u8'),
  echo('Option<Box<[u32]>>', 'Uint32Array, or undefined', 'u32[]?', 'opt_boxed_u32'),
  echo('Clamped<Vec<u8>>', 'Uint8ClampedArray', 'u8clamped[]', 'clamped_vec', 'pass_clamped'),
  { rust: code('Clamped<&[u8]>'), js: 'Uint8ClampedArray', imports: ['pass_slice_clamped'] },
  {
    rust: 'variadic',
    js: 'the arguments that are left',
    type: 'i32[]',
    argument: ['count_rest'],
    imports: ['call_variadic', 'call_variadic_values'],
  },
];

const lists = [
  echo('Vec<String>', 'array of strings', 'string[]', 'vec_string', 'pass_vec_string'),
  echo('Option<Vec<String>>', 'array of strings, or undefined', 'string[]?', 'opt_vec_string'),
  echo('Vec<JsValue>', 'array', 'any[]', 'vec_value', 'pass_vec_value'),
  echo('Option<Vec<JsValue>>', 'array, or undefined', 'any[]?', 'opt_vec_value'),
  {
    rust: `${code('Vec<S>')}, S a struct`,
    js: 'array of objects',
    argument: ['take_counters', 'vec_point'],
    result: ['make_counters', 'vec_point'],
    imports: ['pass_vec_point'],
  },
  { rust: `${code('Vec<E>')}, E an enum`, js: 'array of numbers', argument: ['vec_color'], result: ['vec_color'] },
];

const error = (type) => `as T; the error is thrown as ${type}`;
const okTypes = ['bool', 'u8', 'i32', 'u32', 'i64', 'u64', 'f32', 'f64', 'char', 'string', 'vec_u8', 'vec_f64', 'unit'];
const okOptions = ['u8', 'i32', 'u64', 'f32', 'f64', 'string', 'vec_u8'];
const results = [
  {
    rust: `${code('Result<T, JsValue>')}, T a number, a text, an array, an option of these or ()`,
    js: error('the value'),
    result: [...okTypes, ...okOptions.map((type) => `opt_${type}`)].map((type) => `result_${type}`),
  },
  {
    rust: `${code('Result<T, JsValue>')}, T of 128 bits`,
    js: error('the value'),
    result: ['result_i128', 'result_u128'],
  },
  { rust: code('Result<E, JsValue>') + ', E an enum', js: error('the value'), result: ['parse_color'] },
  { rust: code('Result<JsValue, JsValue>'), js: error('the value'), result: ['result_value'] },
  {
    rust: `${code('Result<S, JsValue>')}, S a struct`,
    js: error('the value'),
    result: ['counter_checked'],
    processed: 'classes',
  },
  { rust: code('Result<T, JsError>'), js: error('an Error'), result: ['js_error', 'parse_i32', 'at_most_100'] },
  { rust: code('Result<T, String>'), js: error('the string'), result: ['string_error', 'string_error_unit'] },
  { rust: code('Result<(), f64>'), js: error('the number'), result: ['number_error'] },
];

const objects = [
  {
    rust: 'a struct',
    js: 'object of its class; given away as an argument',
    type: 'Counter',
    argument: ['take_counter', 'echo_counter'],
    result: ['make_counter', 'echo_counter'],
    imports: ['pass_counter', 'pass_point'],
  },
  { rust: 'a struct by `&`', js: 'object of its class', type: 'Counter', argument: ['peek_counter'] },
  { rust: 'a struct by `&mut`', js: 'object of its class', type: 'Counter', argument: ['bump_counter'] },
  {
    rust: '`Option` of a struct',
    js: 'object of its class, or undefined',
    type: 'Counter?',
    argument: ['opt_counter', 'take_opt_counter'],
    result: ['opt_counter', 'make_opt_counter'],
    imports: ['pass_opt_counter'],
  },
  {
    rust: '`self`, `&self`, `&mut self`',
    js: 'method of the object',
    argument: ['counter_finish', 'counter_intoNamed', 'counter_get', 'counter_describe', 'counter_increment'],
    processed: 'classes',
  },
  {
    rust: 'constructors, static methods',
    js: '`new`, function of the class',
    result: ['counter_new', 'counter_withName', 'point_new', 'duo_of'],
    processed: 'classes',
  },
  {
    rust: 'an enum',
    js: 'number',
    argument: ['echo_color', 'echo_size', 'echo_span'],
    result: ['echo_color', 'echo_size', 'echo_span'],
    imports: ['pass_color'],
  },
  { ...echo('', 'number', 'Sign', 'echo_sign'), rust: 'an enum with negative numbers' },
  {
    rust: '`Option` of an enum',
    js: 'number, or undefined',
    argument: ['opt_color', 'opt_size', 'opt_span', 'name_of_color'],
    result: ['opt_color', 'opt_size', 'opt_span', 'next_color'],
    imports: ['pass_opt_size'],
  },
  {
    rust: 'a string enum',
    js: 'string, one of its texts',
    type: 'Suit',
    argument: ['echo_suit'],
    result: ['echo_suit'],
    imports: ['pass_suit'],
  },
  {
    rust: '`Option` of a string enum',
    js: 'string, or undefined',
    argument: ['opt_suit', 'name_of_suit'],
    result: ['opt_suit', 'suit_at'],
    imports: ['pass_opt_suit'],
  },
];

const values = [
  echo('JsValue', 'any value', 'any', 'echo_value', 'pass_value'),
  {
    rust: code('&JsValue'),
    js: 'any value',
    type: 'any',
    argument: ['clone_value', 'second_value', 'third_value'],
    imports: ['pass_ref_value'],
  },
  { rust: code('Option<JsValue>'), js: 'any value, or undefined', argument: [], result: [] },
  {
    rust: 'an imported type',
    js: 'object of it',
    argument: ['pass_thing'],
    result: ['make_thing', 'try_thing', 'pass_thing'],
    imports: ['pass_thing'],
  },
  {
    rust: 'an imported type by `&`',
    js: 'object of it',
    argument: ['greet_thing', 'set_nick', 'use_table'],
    imports: ['pass_ref_thing'],
  },
  {
    rust: '`Option` of an imported type',
    js: 'object of it, or undefined',
    argument: ['pass_opt_thing', 'pass_opt_ref_thing'],
    result: ['pass_opt_thing'],
    imports: ['pass_opt_thing', 'pass_opt_ref_thing'],
  },
];

const imported = (rust, js, ...imports) => ({ rust, js, imports });
const functions = [
  imported('imported functions, `js_name`', 'function', 'call_add', 'call_named'),
  imported('imported namespaces', 'function of an object', 'call_nested'),
  imported('imported modules', 'what `imports` gives for them', 'call_modules'),
  imported('imported statics', 'value', 'read_statics'),
  imported(
    'imported constructors, methods, getters, setters (`structural`, `final`, static)',
    'the same of the class',
    'use_thing',
    'use_special',
    'set_nick',
  ),
  imported('imported indexing (`indexing_getter` …)', 'property of any name', 'use_table'),
  imported('`instanceof` of imported classes', '', 'name_of_thing', 'classes_of_value'),
  imported(
    '`catch`',
    'what is thrown is an Err',
    ...['bool', 'i32', 'i64', 'f64', 'string', 'vec', 'opt_u32', 'opt_f64', 'value', 'unit'].map((k) => `catch_${k}`),
  ),
  imported('what an import throws without `catch`', 'comes out of the call', 'call_throw'),
  imported(code('&dyn Fn'), 'function, as long as the call lasts', 'lend_fn', 'lend_fn_of_many'),
  imported(code('&mut dyn FnMut'), 'function, as long as the call lasts', 'lend_fn_mut', 'lend_too_long'),
  {
    rust: `${code('Closure')}`,
    js: 'function',
    result: ['make_adder', 'make_ticker', 'make_joiner', 'make_seven', 'make_once'],
    imports: ['subscription_new'],
  },
  {
    rust: '`js_sys::Function`',
    js: 'function',
    argument: ['call_function', 'call_function_with'],
    result: ['make_adder'],
  },
  { rust: '`async fn`', js: 'Promise', result: [] },
  { rust: '`*const T`, `*mut T`', js: 'number, an address', argument: [], result: [] },
];

const ROWS = [
  ...[...scalars, ...texts, ...options, ...arrays],
  ...[...lists, ...results, ...objects, ...values, ...functions],
];

module.exports = { ROWS };
