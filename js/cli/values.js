'use strict';

// What the words of a command line become, by the types of a signature.

const fs = require('node:fs');
const { UsageError } = require('./arguments');
const { NUMBERS, signatureOf } = require('./signature');
const { describe } = require('../errors');

/** The typed array of each kind of list. */
const LISTS = {
  'i8[]': Int8Array,
  'u8clamped[]': Uint8ClampedArray,
  'i16[]': Int16Array,
  'u16[]': Uint16Array,
  'i32[]': Int32Array,
  'u32[]': Uint32Array,
  'i64[]': BigInt64Array,
  'u64[]': BigUint64Array,
  'f32[]': Float32Array,
  'f64[]': Float64Array,
};

const NUMBER = /^[+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|Infinity)$|^NaN$/i;
const HEX_NUMBER = /^([+-]?)(0[xob][\da-f]+)$/i;
const INTEGER = /^([+-]?)(\d+|0[xob][\da-f]+)n?$/i;

/** Thrown by readers: what they expected. */
class Expected extends Error {}

function number(text) {
  const hex = HEX_NUMBER.exec(text);
  const value = hex !== null ? Number(hex[2]) * (hex[1] === '-' ? -1 : 1) : NUMBER.test(text) ? Number(text) : NaN;
  if (Number.isNaN(value) && text !== 'NaN') throw new Expected('a number');
  return value;
}

function bigint(text) {
  const match = INTEGER.exec(text);
  if (match === null) throw new Expected('an integer');
  try {
    const value = BigInt(match[2]);
    return match[1] === '-' ? -value : value;
  } catch {
    throw new Expected('an integer'); // such as 0b2
  }
}

function boolean(text) {
  if (text !== 'true' && text !== 'false') throw new Expected('true or false');
  return text === 'true';
}

function bytes(text) {
  if (text.startsWith('@')) {
    try {
      return new Uint8Array(fs.readFileSync(text.slice(1)));
    } catch (error) {
      throw new Expected(`a file to read (${error.message})`);
    }
  }
  if (!/^(?:[\da-f]{2})*$/i.test(text)) throw new Expected('bytes as hexadecimal digits, or @FILE');
  return new Uint8Array(Buffer.from(text, 'hex'));
}

function json(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Expected('JSON');
  }
}

/** "[1, 2]" as a typed array. Integers of 64 bits are read as such, not as JSON's numbers. */
function list(text, TypedArray) {
  const big = TypedArray === BigInt64Array || TypedArray === BigUint64Array;
  const match = /^\s*\[(.*)\]\s*$/s.exec(text);
  const wanted = new Expected(`a list of ${big ? 'integers' : 'numbers'}, such as [1, 2]`);
  if (match === null) throw wanted;
  const words = match[1].trim() === '' ? [] : match[1].split(',').map((word) => word.trim());
  const values = words.map((word) => (big ? bigint(word) : number(word)));
  const array = TypedArray.from(values);
  const whole = TypedArray !== Float32Array && TypedArray !== Float64Array;
  const misfit = whole ? values.find((value, index) => array[index] !== value) : undefined;
  if (misfit !== undefined) throw new Expected(`values of ${TypedArray.name}; ${misfit} does not fit`);
  return array;
}

const READERS = {
  ...Object.fromEntries(NUMBERS.map((name) => [name, number])),
  ...Object.fromEntries(Object.entries(LISTS).map(([name, array]) => [name, (text) => list(text, array)])),
  i64: bigint,
  u64: bigint,
  i128: bigint,
  u128: bigint,
  bigint,
  bool: boolean,
  char: String,
  string: String,
  bytes,
  'u8[]': bytes,
  v128: bytes,
};

const isText = (type) => type === 'string' || type === 'char';

/** How a type is read that only this module has: a name of an enumeration's, or JSON. */
function namedReader(type, { enums = [], stringEnums = [] } = {}) {
  const variants = enums.find(({ name }) => name === type)?.variants;
  if (variants !== undefined) return (text) => variants.find(({ name }) => name === text)?.value ?? number(text);
  return stringEnums.some(({ name }) => name === type) ? String : json;
}

/** The value of one word. What cannot be passed at all comes out as JSON: the call says why. */
function valueOf(text, { type, optional }, api) {
  if (optional && !isText(type) && ['null', 'undefined'].includes(text)) return undefined;
  return (Object.hasOwn(READERS, type) ? READERS[type] : namedReader(type, api))(text);
}

/** The arguments of a call. Too few or too many are refused by the call itself. */
function argumentsOf(entry, words, api) {
  const { parameters } = signatureOf(entry);
  return words.map((word, index) => {
    if (index >= parameters.length || entry.unsupported !== undefined) return word;
    try {
      return valueOf(word, parameters[index], api);
    } catch (error) {
      if (!(error instanceof Expected)) throw error;
      const where = `${entry.name}: argument ${index + 1} (${parameters[index].name})`;
      throw new UsageError(`${where}: expected ${error.message}, got ${describe(word)}`, 'run');
    }
  });
}

module.exports = { argumentsOf };
