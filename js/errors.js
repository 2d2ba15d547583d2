'use strict';

// The errors that wasmgate throws, made from codes and facts. The native side
// calls createError; nothing below the JavaScript layer writes prose about
// arguments.

const { types } = require('node:util');
const codes = require('./codes');

/**
 * What a guest or the engine did wrong. `code` is stable; messages are not.
 */
class WasmError extends Error {
  constructor(message, properties = {}) {
    super(message);
    Object.assign(this, properties);
  }
}
Object.defineProperty(WasmError.prototype, 'name', { value: 'WasmError', configurable: true, writable: true });

const classes = { TypeError, RangeError, WasmError };
const classOf = new Map(codes.slice(1).map(([name, className]) => [name, classes[className]]));

/** Makes the error of a code, with the class that the table gives it. */
function codedError(code, message, properties) {
  return Object.assign(new (classOf.get(code))(`${message} (${code})`), { code }, properties);
}

// What a parameter of each kind accepts. Index: enum wg_kind in wg_types.h.
const EXPECTED = [
  'nothing',
  'an integer from -128 to 127',
  'an integer from 0 to 255',
  'an integer from -32768 to 32767',
  'an integer from 0 to 65535',
  'an integer from -2147483648 to 2147483647',
  'an integer from 0 to 4294967295',
  'a bigint from -2^63 to 2^63-1',
  'a bigint from 0 to 2^64-1',
  'a number',
  'a number',
  'a boolean',
  'a string of one character (one Unicode scalar value)',
  'a string',
  'a Uint8Array of 16 bytes',
  'an integer from -2147483648 to 4294967295',
  'a bigint from -2^63 to 2^64-1',
  'null or a function of the instance',
  'any value',
  'an Int8Array',
  'an ArrayBuffer or a view of one (not shared, not detached)',
  'a Uint8ClampedArray',
  'an Int16Array',
  'a Uint16Array',
  'an Int32Array',
  'a Uint32Array',
  'a BigInt64Array',
  'a BigUint64Array',
  'a Float32Array',
  'a Float64Array',
  'a bigint from -2^127 to 2^127-1',
  'a bigint from 0 to 2^128-1',
  'any value',
  'an object of the class',
  'an integer from -2147483648 to 4294967295',
  'one of the strings of the enum',
  'an array of at most 4194304 elements',
  'a function',
];

// Where the range of a kind depends on how it is encoded: optional numbers whose
// type a .d.ts does not tell.
const NARROWER = {
  10: 'a whole number from 0 to 2147483647 (the .d.ts does not say which others fit; give `signatures`)',
};

// The getters themselves: looked up on a value they could be the value's own.
const TypedArray = Object.getPrototypeOf(Uint8Array);
const getter = (prototype, key) => Object.getOwnPropertyDescriptor(prototype, key).get;
const tagOf = getter(TypedArray.prototype, Symbol.toStringTag);
const lengthOf = getter(TypedArray.prototype, 'length');
const bufferOf = getter(TypedArray.prototype, 'buffer');
const byteLengthOf = getter(ArrayBuffer.prototype, 'byteLength');

/** Says what a value is, without running any code of its. */
function describe(value) {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'undefined':
      return 'undefined';
    case 'string':
      return value.length > 40 ? `a string of ${value.length} characters` : `the string ${JSON.stringify(value)}`;
    case 'bigint':
      return BigInt.asIntN(128, value) === value ? `the bigint ${value}n` : 'a bigint of more than 128 bits';
    case 'number':
    case 'boolean':
      return `the ${typeof value} ${Object.is(value, -0) ? '-0' : value}`;
    case 'symbol':
      return 'a symbol';
    case 'function':
      return 'a function';
  }
  if (types.isProxy(value)) return 'a Proxy';
  if (types.isSharedArrayBuffer(value)) return 'a SharedArrayBuffer';
  if (types.isTypedArray(value)) {
    const shared = types.isSharedArrayBuffer(bufferOf.call(value)) ? ' of shared memory' : '';
    return `a ${tagOf.call(value)}${shared} of ${lengthOf.call(value)} elements`;
  }
  if (types.isArrayBuffer(value)) return `an ArrayBuffer of ${byteLengthOf.call(value)} bytes`;
  if (types.isDate(value)) return 'a Date';
  if (types.isMap(value)) return 'a Map';
  if (types.isSet(value)) return 'a Set';
  return Array.isArray(value) ? 'an array' : 'an object';
}

/** A value that JavaScript held for the guest: WG_VALUE_HANDLE in wg_types.h. */
const HANDLE = 9;

/** The message of an Error that may be anybody's. */
function messageOf(error) {
  try {
    return typeof error.message === 'string' ? error.message : undefined;
  } catch {
    return undefined;
  }
}

const GUEST_VALUES = {
  1: () => undefined,
  2: () => null,
  3: (facts) => facts.number === 1,
  4: (facts) => facts.number,
  5: (facts) => facts.message ?? '',
  6: (facts) => new Error(facts.message ?? ''),
  7: (facts) => facts.integer,
  8: (facts) => BigInt.asUintN(64, facts.integer),
};

/**
 * Whether an ArrayBuffer, or a view that seems empty, still has its memory: it
 * has not if it is detached, or if its resizable buffer shrank under it.
 */
function hasMemory(value) {
  try {
    if (types.isTypedArray(value)) TypedArray.prototype.keys.call(value);
    else if (types.isDataView(value)) getter(DataView.prototype, 'byteLength').call(value);
    else ArrayBuffer.prototype.slice.call(value, 0, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * Makes the error for what the native side reports: { code, message?, detail?,
 * trap?, wasmStack?, exitCode?, valueKind?, … }, or about an argument
 * { code, export, index, kind, value }, or { code, export, expected, got }.
 */
function createError(facts) {
  if (facts.bytes !== undefined) return guestError(facts);
  const [name, , meaning] = codes[facts.code] ?? codes[1];
  let message = facts.message ?? meaning;
  const properties = {};
  const expected = (name === 'ERR_ARG_RANGE' && NARROWER[facts.kind]) || EXPECTED[facts.kind];
  if (name === 'ERR_ASYNC_IMPORT' && facts.import !== undefined) {
    message = `${facts.import}: returned a Promise; call the export asynchronously`;
    properties.imports = [facts.import];
  } else if (facts.import !== undefined) {
    const wanted = facts.results === undefined ? expected : `an array of ${facts.results} values`;
    const got =
      facts.results !== undefined && Array.isArray(facts.value)
        ? `one of ${facts.value.length}`
        : describe(facts.value);
    message = `${facts.import}: result: expected ${wanted}, got ${got}`;
    properties.imports = [facts.import];
  } else if (facts.index !== undefined) {
    message = `${facts.export}: argument ${facts.index + 1}: expected ${expected}, got ${describe(facts.value)}`;
    properties.argument = facts.index;
  } else if (facts.got !== undefined) {
    const plural = facts.expected === 1 ? '' : 's';
    message = `${facts.export}: expected ${facts.expected} argument${plural}, got ${facts.got}`;
  }
  if (facts.detail !== undefined) Object.assign(properties, JSON.parse(facts.detail));
  for (const key of ['trap', 'wasmStack', 'exitCode']) {
    if (facts[key] !== undefined) properties[key] = facts[key];
  }
  if (facts.valueKind !== undefined) {
    properties.value = facts.valueKind === HANDLE ? facts.thrown : GUEST_VALUES[facts.valueKind](facts);
    if (properties.value instanceof Error) {
      message = messageOf(properties.value) ?? message;
      properties.cause = properties.value;
    }
    if (facts.message === undefined) message = `the guest threw ${describe(properties.value)}`;
  }
  const error = codedError(name, message, properties);
  Error.captureStackTrace(error, createError);
  return error;
}

/**
 * Gives what a host function threw the wasm frames between it and the call that it comes out
 * of, as `wasmStack`: if it is an object that can have the property and has none. `detail` is
 * where the frames of a start function are told.
 */
function attachStack(thrown, stack, detail) {
  const text = stack ?? (detail === undefined ? undefined : JSON.parse(detail).wasmStack);
  if (text === undefined || typeof thrown !== 'object' || thrown === null || types.isProxy(thrown)) return;
  if (!Object.isExtensible(thrown) || 'wasmStack' in thrown) return;
  Object.defineProperty(thrown, 'wasmStack', { value: text, configurable: true, writable: true });
}

/** The error of a function of the guest crate, as docs/guest-abi.md has it. */
function guestError({ export: name, bytes }) {
  const { decode } = require('./codec'); // which needs this file
  const text = (from) => new TextDecoder().decode(bytes.subarray(from));
  let error;
  if (bytes[0] === 1) {
    const value = decode(bytes.subarray(1));
    error = codedError('ERR_GUEST_ERROR', `${name}: the guest failed with ${describe(value)}`, { value });
  } else if (bytes[0] === 2 && bytes.length > 1) {
    error = codedError('ERR_ARG_TYPE', `${name}: argument ${bytes[1] + 1}: ${text(2)}`, { argument: bytes[1] });
  } else {
    const value = new Error(text(1));
    error = codedError('ERR_GUEST_ERROR', value.message, { value });
  }
  Error.captureStackTrace(error, createError);
  return error;
}

/** What a function of JavaScript threw, for the guest crate. */
function encodeError(thrown) {
  const { encode } = require('./codec');
  const bytes = (kind, rest) => Buffer.concat([Buffer.of(kind), rest]);
  if (thrown instanceof Error) return bytes(0, Buffer.from(messageOf(thrown) ?? 'an error'));
  try {
    return bytes(1, encode(thrown));
  } catch {
    return bytes(0, Buffer.from(`JavaScript threw ${describe(thrown)}`));
  }
}

/** The name in `names` that `name` is most likely meant to be, if any is near. */
function nearest(name, names) {
  let best;
  let least = Math.min(3, Math.ceil(name.length / 2)) + 1;
  for (const candidate of names) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best === undefined ? '' : ` (did you mean "${best}"?)`;
}

/** Letters to insert, delete, change or swap with their neighbour (optimal string alignment). */
function editDistance(a, b) {
  let before = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        next[j] = Math.min(next[j], before[j - 2] + 1);
      }
    }
    [before, row] = [row, next];
  }
  return row[b.length];
}

module.exports = { WasmError, attachStack, codedError, createError, describe, encodeError, hasMemory, nearest };
