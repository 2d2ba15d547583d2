'use strict';

// What wasm-bindgen's own crate imports: operations on JavaScript values. Up to 0.2.101
// these imports have fixed names and types, later their types come with the module;
// what they do is the same. Source: the wasm-bindgen binary interface, "Raw intrinsics".

const { codedError } = require('./errors');
const { dropClosure } = require('./closures');

/** Operations that throw give the error as their value. */
const attempt = (action) => {
  try {
    return action();
  } catch (error) {
    return error;
  }
};

const makeArray = (array) => array;

const intrinsics = {
  bigint_new: (text) => BigInt(text),
  bigint_from_str: (text) => BigInt(text),
  bigint_from_i128: (high, low) => (high << 64n) | low,
  bigint_from_u128: (high, low) => (high << 64n) | low,
  bigint_get_as_i64: (value) => (typeof value === 'bigint' ? BigInt.asIntN(64, value) : undefined),
  symbol_named_new: (text) => Symbol(text),
  symbol_anonymous_new: () => Symbol(),

  is_null: (value) => value === null,
  is_undefined: (value) => value === undefined,
  is_null_or_undefined: (value) => value === null || value === undefined,
  object_is_undefined: (value) => value === undefined,
  object_is_null_or_undefined: (value) => value === null || value === undefined,
  is_symbol: (value) => typeof value === 'symbol',
  is_object: (value) => typeof value === 'object' && value !== null,
  is_function: (value) => typeof value === 'function',
  is_string: (value) => typeof value === 'string',
  is_bigint: (value) => typeof value === 'bigint',
  is_array: (value) => Array.isArray(value),
  is_falsy: (value) => !value,
  typeof: (value) => typeof value,
  in: (name, object) => name in object,

  as_number: (value) => +value,
  try_into_number: (value) => attempt(() => +value),
  neg: (value) => -value,
  bit_not: (value) => ~value,
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  checked_div: (a, b) => {
    try {
      return a / b;
    } catch (error) {
      if (error instanceof RangeError) return error;
      throw error;
    }
  },
  rem: (a, b) => a % b,
  pow: (a, b) => a ** b,
  bit_and: (a, b) => a & b,
  bit_or: (a, b) => a | b,
  bit_xor: (a, b) => a ^ b,
  shl: (a, b) => a << b,
  shr: (a, b) => a >> b,
  unsigned_shr: (a, b) => a >>> b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
  jsval_eq: (a, b) => a === b,
  // Guests ask for this operator by name.
  jsval_loose_eq: (a, b) => a == b, // eslint-disable-line eqeqeq

  number_get: (value) => (typeof value === 'number' ? value : undefined),
  boolean_get: (value) => (typeof value === 'boolean' ? value : undefined),
  // Up to 0.2.101, where 2 says that it is none.
  boolean_get_number: (value) => (typeof value === 'boolean' ? Number(value) : 2),
  string_get: (value) => (typeof value === 'string' ? value : undefined),
  string_from_utf8_lossy: (bytes) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes),
  debug_string: debugString,
  json_parse: (text) => JSON.parse(text),
  json_serialize: (value) => JSON.stringify(value === undefined ? null : value),

  cb_drop: dropClosure,
  cb_forget: () => undefined,
  copy_to_typed_array: (bytes, array) => {
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength).set(bytes);
  },
  array_new: () => [],
  array_push: (array, value) => void array.push(value),
  int8_array_new: makeArray,
  uint8_array_new: makeArray,
  uint8_clamped_array_new: makeArray,
  int16_array_new: makeArray,
  uint16_array_new: makeArray,
  int32_array_new: makeArray,
  uint32_array_new: makeArray,
  bigint64_array_new: makeArray,
  biguint64_array_new: makeArray,
  float32_array_new: makeArray,
  float64_array_new: makeArray,

  // Futures ask before they suspend the guest, which is not offered: they go on without.
  jspi_in_context: () => 0,

  externref_heap_live_count: notOffered('a count of its references'),
  anyref_heap_live_count: notOffered('a count of its references'),
  memory: notOffered('its memory as an object of JavaScript'),
  module: notOffered('its module as an object of JavaScript'),
  exports: notOffered('its exports as an object of JavaScript'),
  instance: notOffered('its instance as an object of JavaScript'),
  function_table: notOffered('its table as an object of JavaScript'),
};

function notOffered(what) {
  return () => {
    throw codedError('ERR_IMPORT_CALLED', `the guest asked for ${what}, which is not offered`);
  };
}

/** Says of a value what Rust's Debug is to show. */
function debugString(value) {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'symbol':
      return value.description === undefined ? 'Symbol' : `Symbol(${value.description})`;
    case 'function':
      return value.name ? `Function(${value.name})` : 'Function';
    case 'bigint':
      return 'BigInt';
    case 'object':
      return value === null ? 'null' : debugObject(value);
    default:
      return String(value);
  }
}

function debugObject(value) {
  if (Array.isArray(value)) return `[${value.map(debugString).join(', ')}]`;
  const tag = Object.prototype.toString.call(value).slice('[object '.length, -1);
  if (value instanceof Error) return `${value.name}: ${value.message}\n${value.stack}`;
  if (tag !== 'Object') return tag;
  try {
    return `Object(${JSON.stringify(value)})`;
  } catch {
    return 'Object';
  }
}

/** The function of an intrinsic, undefined for one that is not known. */
function makeIntrinsic(state, name) {
  return Object.hasOwn(intrinsics, name) ? intrinsics[name] : undefined;
}

module.exports = { makeIntrinsic };
