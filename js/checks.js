'use strict';

// What every check of options is made of. A check takes the path of an option and
// its value, and returns the value to use, or throws: an unknown key is an error
// that names the nearest known one, undefined counts as absent, and 0, '' and []
// are values. What is read is read once.

const { types } = require('node:util');
const { codedError, describe, nearest } = require('./errors');

/** The value is of another type than the option. */
function wrongType(path, expected, value) {
  return codedError('ERR_OPTION_TYPE', `${path}: expected ${expected}, got ${describe(value)}`, { option: path });
}

/** The type is right, but the value is none of those that are allowed. */
function outOfRange(path, expected, value) {
  return codedError('ERR_OPTION_RANGE', `${path}: expected ${expected}, got ${describe(value)}`, { option: path });
}

/** What is granted cannot be used. */
function unusable(path, problem) {
  return codedError('ERR_GRANT_INVALID', `${path}: ${problem}`, { option: path });
}

/** The path of a key whose name may be anything. */
const member = (path, key) => (/^[\w$-]+$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`);

/**
 * Copies and checks an options object against a table of checks. Getters of the
 * object run once each; what they throw comes out as it is. `unknown` says what is
 * wrong with a key that is not in the table.
 */
function parse(options, table, unknown, prefix) {
  if (options === undefined) return {};
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw wrongType(prefix ?? 'options', 'an object', options);
  }
  const out = {};
  for (const key of Object.keys(options)) {
    const path = prefix === undefined ? key : `${prefix}.${key}`;
    if (!Object.hasOwn(table, key)) {
      throw codedError('ERR_OPTION_UNKNOWN', `${path}: ${unknown}${nearest(key, Object.keys(table))}`, {
        option: path,
      });
    }
    const value = options[key];
    if (value !== undefined) out[key] = table[key](path, value);
  }
  return out;
}

const SPECIAL = ['isDate', 'isMap', 'isSet', 'isRegExp', 'isPromise', 'isAnyArrayBuffer', 'isBoxedPrimitive'];

/** Whether a value is an object with keys: what keeps its content elsewhere would look empty. */
const isRecord = (value) =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !ArrayBuffer.isView(value) &&
  !SPECIAL.some((is) => types[is](value));

/** The same as parse, for an option inside another. */
function nested(path, value, table, unknown, expected = 'an object') {
  if (!isRecord(value)) throw wrongType(path, expected, value);
  return parse(value, table, unknown, path);
}

/** [key, value] of each key of an object whose keys are names; without those that are undefined. */
function entries(path, value, expected) {
  if (!isRecord(value)) throw wrongType(path, expected, value);
  return Object.entries(value).filter(([, inner]) => inner !== undefined);
}

/** Checks each element of an array; a hole is undefined. */
function list(path, value, expected, check) {
  if (!Array.isArray(value)) throw wrongType(path, expected, value);
  const out = [];
  for (let i = 0, n = value.length; i < n; i++) out.push(check(`${path}[${i}]`, value[i]));
  return out;
}

function boolean(path, value) {
  if (typeof value !== 'boolean') throw wrongType(path, 'a boolean', value);
  return value;
}

function string(path, value) {
  if (typeof value !== 'string') throw wrongType(path, 'a string', value);
  return value;
}

function callable(path, value) {
  if (typeof value !== 'function') throw wrongType(path, 'a function', value);
  return value;
}

/** A check for integers of a range. */
function integer(least, most) {
  return (path, value) => {
    if (typeof value !== 'number') throw wrongType(path, 'a number', value);
    if (!Number.isSafeInteger(value) || value < least || value > most) {
      throw outOfRange(path, `an integer from ${least} to ${most}`, value);
    }
    return value + 0; // never -0
  };
}

const MAX_64 = 2n ** 64n - 1n;

/** An unsigned integer of 64 bits, as a bigint or a number that is exact. Gives a bigint. */
function uint64(path, value) {
  const isNumber = typeof value === 'number';
  if (!isNumber && typeof value !== 'bigint') throw wrongType(path, 'a number or a bigint', value);
  if (isNumber ? !Number.isSafeInteger(value) || value < 0 : value < 0n || value > MAX_64) {
    const most = isNumber ? '2^53-1 (larger ones as a bigint)' : '2^64-1';
    throw outOfRange(path, `an integer from 0 to ${most}`, value);
  }
  return BigInt(value);
}

module.exports = {
  boolean,
  callable,
  entries,
  integer,
  isRecord,
  list,
  member,
  nested,
  outOfRange,
  parse,
  string,
  uint64,
  unusable,
  wrongType,
};
