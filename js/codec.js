'use strict';

// What crosses as a `value`: MessagePack, as the guest crate reads and writes it
// through serde (docs/guest-abi.md). encode takes what a caller gave, so it
// complains about arguments; decode reads what a guest wrote, which may be
// anything at all. No library: none gives bigints just where numbers are not
// exact, a Map just where an object cannot be, and an error for text that is not
// UTF-8; and none is faster in both directions.

const { isUtf8 } = require('node:buffer');
const { types } = require('node:util');
const { codedError, describe } = require('./errors');

/** Levels of arrays and maps inside of each other. */
const MAX_DEPTH = 512;
const SLAB_BYTES = 1 << 14;
/** Shorter text is cheaper to copy here than by a call into Node. */
const SHORT_TEXT = 24;

// ---- Encoding: into a slab, of which each result is a part. What is written since `start` moves to the next one.

let slab = Buffer.alloc(0);
let view = new DataView(slab.buffer);
let start = 0;
let at = 0;
let encoding = false;
let about;

/** Makes space for so many more bytes. */
function reserve(bytes) {
  if (at + bytes <= slab.length) return;
  const next = Buffer.from(new ArrayBuffer(Math.max(SLAB_BYTES, 2 * (at - start) + bytes)));
  slab.copy(next, 0, start, at);
  slab = next;
  view = new DataView(next.buffer);
  at -= start;
  start = 0;
}

/**
 * The MessagePack of a value. Errors: ERR_ARG_TYPE and ERR_ARG_RANGE; `place` is what they say the value is:
 * { text, argument } or { text, imports }.
 */
function encode(value, place) {
  const outer = encoding ? { slab, view, start, at, about } : undefined; // a getter of the value may come here again
  if (outer) slab = Buffer.alloc(0);
  if (outer) at = 0;
  encoding = true;
  about = place;
  start = at;
  try {
    put(value, 0);
    return new Uint8Array(slab.buffer, start, at - start);
  } catch (error) {
    at = start;
    throw error;
  } finally {
    if (outer) ({ slab, view, start, at, about } = outer);
    encoding = outer !== undefined;
  }
}

function put(value, depth) {
  reserve(9);
  switch (typeof value) {
    case 'string':
      return putText(value);
    case 'number':
      return putNumber(value);
    case 'boolean':
      slab[at++] = value ? 0xc3 : 0xc2;
      return;
    case 'undefined':
      slab[at++] = 0xc0;
      return;
    case 'bigint':
      return putBigint(value);
    case 'object':
      if (value === null) slab[at++] = 0xc0;
      else if (depth === MAX_DEPTH) throw tooDeep();
      else putObject(value, depth + 1);
      return;
  }
  throw refused(value);
}

/** An error of what is being encoded. */
function problem(code, message) {
  if (about === undefined) return codedError(code, message);
  const { text: what, ...properties } = about;
  return codedError(code, `${what}: ${message}`, properties);
}

const refused = (value) => problem('ERR_ARG_TYPE', `${describe(value)} cannot be passed to a guest`);
const tooDeep = () => problem('ERR_ARG_RANGE', `a value is nested deeper than ${MAX_DEPTH} levels, or in itself`);

function putNumber(value) {
  if ((value | 0) === value && (value !== 0 || 1 / value > 0)) {
    if (value >= 0 ? value < 0x80 : value >= -32) {
      slab[at++] = value;
    } else {
      slab[at] = 0xd2;
      view.setInt32(at + 1, value);
      at += 5;
    }
  } else if (Number.isSafeInteger(value) && value !== 0) {
    slab[at] = 0xd3;
    view.setInt32(at + 1, Math.floor(value / 0x100000000));
    view.setUint32(at + 5, value % 0x100000000);
    at += 9;
  } else {
    slab[at] = 0xcb;
    view.setFloat64(at + 1, value);
    at += 9;
  }
}

function putBigint(value) {
  if (BigInt.asIntN(64, value) === value) {
    slab[at] = 0xd3;
    view.setBigInt64(at + 1, value);
  } else if (BigInt.asUintN(64, value) === value) {
    slab[at] = 0xcf;
    view.setBigUint64(at + 1, value);
  } else {
    throw problem('ERR_ARG_RANGE', `expected a bigint from -2^63 to 2^64-1, got ${describe(value)}`);
  }
  at += 9;
}

function putText(value) {
  const { length } = value;
  if (length <= SHORT_TEXT) {
    reserve(length + 1);
    let i = 0;
    for (let to = at + 1, unit; i < length && (unit = value.charCodeAt(i)) < 0x80; i++) slab[to++] = unit;
    if (i === length) {
      slab[at] = 0xa0 | length;
      at += 1 + length;
      return;
    }
  }
  reserve(5 + 3 * length);
  const bytes = slab.write(value, at + 5);
  slab[at] = 0xdb;
  view.setUint32(at + 1, bytes);
  at += 5 + bytes;
}

/** Writes how many elements or entries follow; `small` is the first byte for none. */
function putCount(count, small, large) {
  if (count < 16) {
    slab[at++] = small | count;
    return;
  }
  slab[at] = large;
  view.setUint32(at + 1, count);
  at += 5;
}

function putObject(value, depth) {
  if (Array.isArray(value)) return putArray(value, depth);
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return putEntries(value, depth);
  if (types.isAnyArrayBuffer(value) || ArrayBuffer.isView(value)) return putView(value, depth);
  if (types.isMap(value)) return putMap([...Map.prototype.entries.call(value)], depth);
  if (types.isSet(value)) return putArray([...Set.prototype.values.call(value)], depth);
  if (types.isDate(value) || types.isRegExp(value) || types.isPromise(value) || types.isBoxedPrimitive(value)) {
    throw refused(value);
  }
  putEntries(value, depth);
}

function putArray(list, depth) {
  const { length } = list;
  putCount(length, 0x90, 0xdd);
  for (let i = 0; i < length; i++) put(list[i], depth);
}

function putEntries(object, depth) {
  const keys = Object.keys(object);
  const values = Object.values(object); // in one go: faster than one by one
  if (values.length !== keys.length) throw problem('ERR_ARG_TYPE', 'an object changed while it was read');
  putCount(keys.length, 0x80, 0xdf);
  for (let i = 0; i < keys.length; i++) {
    reserve(5);
    putText(keys[i]);
    put(values[i], depth);
  }
}

function putMap(entries, depth) {
  putCount(entries.length, 0x80, 0xdf);
  for (const [key, value] of entries) {
    put(key, depth);
    put(value, depth);
  }
}

/** Bytes as such, other numbers as the array that a Vec of them is to serde. */
function putView(value, depth) {
  if (types.isSharedArrayBuffer(value.buffer ?? value)) throw refused(value);
  if (types.isTypedArray(value) && !types.isUint8Array(value) && !types.isUint8ClampedArray(value)) {
    return putArray(value, depth);
  }
  const bytes = ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value);
  reserve(5 + bytes.length);
  slab[at] = 0xc6;
  view.setUint32(at + 1, bytes.length);
  slab.set(bytes, at + 5);
  at += 5 + bytes.length;
}

// ---- Decoding

const eight = new Uint8Array(8);
const asFloat64 = new Float64Array(eight.buffer);
const asFloat32 = new Float32Array(eight.buffer);
const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
const { latin1Slice, utf8Slice } = Buffer.prototype;
const { fromCharCode } = String;

// Reading beyond the end gives undefined, of which nothing comes but an error: at
// the latest decode sees how far it went. What copies, or repeats, checks before.
let source;
let from = 0;
let end = 0;

const invalid = (what) => codedError('ERR_RESULT_INVALID', `the guest returned a value that ${what}`);

/** The value of MessagePack. Errors: ERR_RESULT_INVALID, ERR_RESULT_UTF8. */
function decode(bytes) {
  source = bytes;
  from = 0;
  end = bytes.length;
  const value = take(0);
  source = undefined;
  if (from !== end) throw invalid(from < end ? 'is followed by more bytes' : 'ends too early');
  return value;
}

function take(depth) {
  const byte = source[from++];
  if (byte < 0x80) return byte;
  if (byte >= 0xe0) return byte - 0x100;
  if (byte >= 0xa0 && byte < 0xc0) return text(byte & 0x1f);
  if (byte < 0x90) return map(byte & 0x0f, depth);
  if (byte < 0xa0) return array(byte & 0x0f, depth);
  switch (byte) {
    case 0xc0:
      return undefined;
    case 0xc2:
      return false;
    case 0xc3:
      return true;
    case 0xc4:
    case 0xc5:
    case 0xc6:
      return binary(uint(1 << (byte - 0xc4)));
    case 0xca:
      return float(4, asFloat32);
    case 0xcb:
      return float(8, asFloat64);
    case 0xcc:
    case 0xcd:
    case 0xce:
      return uint(1 << (byte - 0xcc));
    case 0xcf:
      return wide(uint(4), uint(4));
    case 0xd0:
      return (uint(1) << 24) >> 24;
    case 0xd1:
      return (uint(2) << 16) >> 16;
    case 0xd2:
      return uint(4) | 0;
    case 0xd3:
      return wide(uint(4) | 0, uint(4));
    case 0xd9:
    case 0xda:
    case 0xdb:
      return text(uint(1 << (byte - 0xd9)));
    case 0xdc:
    case 0xdd:
      return array(uint(byte === 0xdc ? 2 : 4), depth);
    case 0xde:
    case 0xdf:
      return map(uint(byte === 0xde ? 2 : 4), depth);
  }
  throw invalid(from > end ? 'ends too early' : 'is no MessagePack that serde writes');
}

function uint(bytes) {
  let number = source[from++];
  for (let i = 1; i < bytes; i++) number = number * 256 + source[from++];
  return number;
}

/** 64 bits: a number if it is exact as one. */
function wide(high, low) {
  const number = high * 0x100000000 + low;
  if (Number.isSafeInteger(number)) return number;
  if (from > end) throw invalid('ends too early');
  return (BigInt(high) << 32n) | BigInt(low);
}

function float(bytes, as) {
  if (littleEndian) for (let i = bytes - 1; i >= 0; i--) eight[i] = source[from++];
  else for (let i = 0; i < bytes; i++) eight[i] = source[from++];
  return as[0];
}

/** Steps over so many bytes and returns where they begin. */
function skip(count) {
  const begin = from;
  from += count;
  if (!(from <= end)) throw invalid('ends too early');
  return begin;
}

function binary(length) {
  const begin = skip(length);
  return new Uint8Array(source.buffer.slice(source.byteOffset + begin, source.byteOffset + from));
}

function text(length) {
  const begin = skip(length);
  if (length <= SHORT_TEXT) {
    let i = begin;
    while (i < from && source[i] < 0x80) i++;
    if (i === from) return length > 16 ? latin1Slice.call(source, begin, from) : ascii(source, begin, length);
  }
  const decoded = utf8Slice.call(source, begin, from);
  if (decoded.includes('\ufffd') && !isUtf8(source.subarray(begin, from))) {
    throw codedError('ERR_RESULT_UTF8', 'the guest returned a value with a string that is not UTF-8');
  }
  return decoded;
}

/** The text of up to 16 bytes. Several letters in one call: what is put together of parts is slower, also to use. */
function ascii(b, i, length) {
  if (length >= 8) {
    const head = fromCharCode(b[i], b[i + 1], b[i + 2], b[i + 3], b[i + 4], b[i + 5], b[i + 6], b[i + 7]);
    return length === 8 ? head : head + ascii(b, i + 8, length - 8);
  }
  switch (length) {
    case 0:
      return '';
    case 1:
      return fromCharCode(b[i]);
    case 2:
      return fromCharCode(b[i], b[i + 1]);
    case 3:
      return fromCharCode(b[i], b[i + 1], b[i + 2]);
    case 4:
      return fromCharCode(b[i], b[i + 1], b[i + 2], b[i + 3]);
    case 5:
      return fromCharCode(b[i], b[i + 1], b[i + 2], b[i + 3], b[i + 4]);
    case 6:
      return fromCharCode(b[i], b[i + 1], b[i + 2], b[i + 3], b[i + 4], b[i + 5]);
  }
  return fromCharCode(b[i], b[i + 1], b[i + 2], b[i + 3], b[i + 4], b[i + 5], b[i + 6]);
}

// Keys recur, and in the same order: each remembers which one followed it the last
// time, and a table by hash the last one that had it.
const NO_KEY = { text: '', bytes: [-1], next: undefined };
NO_KEY.next = NO_KEY;
const keys = new Array(512).fill(NO_KEY);

function matches(key, begin, length) {
  const { bytes } = key;
  if (bytes.length !== length) return false;
  for (let i = 0; i < length; i++) if (bytes[i] !== source[begin + i]) return false;
  return true;
}

/** The key of up to 31 bytes that comes after `previous`. */
function key(length, previous) {
  const begin = skip(length);
  if (matches(previous.next, begin, length)) return previous.next;
  let hash = length;
  for (let i = begin; i < from; i++) hash = Math.imul(hash, 31) + source[i];
  let found = keys[hash & 511];
  if (!matches(found, begin, length)) {
    from = begin;
    const [name] = Object.keys({ [text(length)]: 0 }); // in the form that objects want
    found = { text: name, bytes: Array.from(source.subarray(begin, from)), next: NO_KEY };
    keys[hash & 511] = found;
  }
  if (previous !== NO_KEY) previous.next = found;
  return found;
}

/** A count says nothing about what is there: each element takes at least a byte of the source. */
function checkCount(count, bytes, depth) {
  if (depth === MAX_DEPTH) throw invalid(`is nested deeper than ${MAX_DEPTH} levels`);
  if (!(count * bytes <= end - from)) throw invalid('ends too early');
}

function array(count, depth) {
  checkCount(count, 1, depth);
  const list = [];
  for (let i = 0; i < count; i++) list.push(take(depth + 1));
  return list;
}

/** An object if all keys are strings, otherwise a Map. */
function map(count, depth) {
  checkCount(count, 2, depth);
  const object = {};
  let last = NO_KEY;
  for (let i = 0; i < count; i++) {
    const byte = source[from];
    let name;
    if (byte >= 0xa0 && byte < 0xc0) {
      from++;
      last = key(byte & 0x1f, last);
      name = last.text;
    } else {
      name = take(depth + 1);
      if (typeof name !== 'string') return mapFrom(object, name, count - i, depth);
    }
    const value = take(depth + 1);
    if (name === '__proto__') {
      Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
    } else {
      object[name] = value;
    }
  }
  return object;
}

/** A Map of what was read so far, of the key that was just read, and of what follows. */
function mapFrom(object, name, left, depth) {
  const out = new Map(Object.entries(object));
  out.set(name, take(depth + 1));
  for (let i = 1; i < left; i++) out.set(take(depth + 1), take(depth + 1));
  return out;
}

module.exports = { encode, decode };
