'use strict';

// What Web IDL says of interfaces, dictionaries and numbers, as far as the namespaces
// need it.

const { types } = require('node:util');
const { describe, hasMemory } = require('../errors');

/** Gives a class the descriptors of an interface: members can be listed, and there is a tag. */
function makeInterface(name, class_) {
  for (const target of [class_, class_.prototype]) {
    for (const key of Reflect.ownKeys(target)) {
      const descriptor = Object.getOwnPropertyDescriptor(target, key);
      const isMember = typeof descriptor.value === 'function' || descriptor.get !== undefined;
      if (!isMember || key === 'constructor' || typeof key === 'symbol') continue;
      Object.defineProperty(target, key, { ...descriptor, enumerable: true });
    }
  }
  Object.defineProperty(class_.prototype, Symbol.toStringTag, { value: `WebAssembly.${name}`, configurable: true });
  return class_;
}

const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

/** The object that a dictionary is read from; undefined and null are an empty one. */
function dictionary(value, where) {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw new TypeError(`${where}: expected an object, got ${describe(value)}`);
  return value;
}

/** A value of an enumeration, which is text. */
function oneOf(value, allowed, where) {
  const text = `${value}`;
  if (allowed.includes(text)) return text;
  throw new TypeError(`${where}: expected ${allowed.map((name) => `"${name}"`).join(', ')}, got ${describe(value)}`);
}

/** Text whose lone surrogates are replaced. */
const usvString = (value) => `${value}`.toWellFormed();

/** Elements of a sequence. */
function sequence(value, where) {
  const method = isObject(value) ? value[Symbol.iterator] : undefined;
  if (typeof method !== 'function') throw new TypeError(`${where}: expected an iterable, got ${describe(value)}`);
  return [...{ [Symbol.iterator]: () => Reflect.apply(method, value, []) }];
}

const MAX_U32 = 2 ** 32 - 1;

/** An integer of 32 bits without sign; what does not fit is refused. */
function enforceU32(value, where) {
  const number = Math.trunc(+value);
  if (number >= 0 && number <= MAX_U32) return number + 0; // never -0
  throw new TypeError(`${where}: expected an integer from 0 to ${MAX_U32}, got ${describe(value)}`);
}

const MAX_U64 = 2n ** 64n - 1n;

/** An address or a size: a number of 32 bits, or a bigint of 64. */
function enforceAddress(value, is64, where) {
  if (!is64) return enforceU32(value, where);
  const number = BigInt.asIntN(Number.MAX_SAFE_INTEGER, value); // converts, and cuts nothing off
  if (number >= 0n && number <= MAX_U64) return number;
  throw new TypeError(`${where}: expected an integer from 0 to ${MAX_U64}, got ${describe(value)}`);
}

/** The bytes of a buffer or a view of one; none if it is detached. Those of shared memory are copied. */
function bytesOf(source, where) {
  const isView = ArrayBuffer.isView(source);
  const buffer = isView ? source.buffer : source;
  if (!types.isAnyArrayBuffer(buffer)) {
    throw new TypeError(
      `${where}: expected an ArrayBuffer, a SharedArrayBuffer or a view of one, got ${describe(source)}`,
    );
  }
  const shared = types.isSharedArrayBuffer(buffer);
  if (!shared && !hasMemory(buffer)) return new Uint8Array();
  const view = isView ? new Uint8Array(buffer, source.byteOffset, source.byteLength) : new Uint8Array(buffer);
  return shared ? view.slice() : view;
}

/**
 * What the descriptors of memories and tables have in common, read in the order of Web
 * IDL: the width of addresses, what `others` reads, and the limits. `minimum` is another
 * name of `initial`.
 */
function limitsOf(descriptor, where, others = () => {}) {
  const address = descriptor.address;
  const type = { address: address === undefined ? 'i32' : oneOf(address, ['i32', 'i64'], `${where}: address`) };
  others(type);
  for (const key of ['initial', 'maximum', 'minimum']) {
    const value = descriptor[key];
    if (value !== undefined) type[key] = enforceAddress(value, type.address === 'i64', `${where}: ${key}`);
  }
  if (type.initial !== undefined && type.minimum !== undefined) {
    throw new TypeError(`${where}: initial and minimum mean the same; give one of them`);
  }
  type.initial ??= type.minimum;
  if (type.initial === undefined) throw new TypeError(`${where}: initial is missing`);
  if (type.initial > type.maximum) {
    throw new RangeError(`${where}: initial, ${type.initial}, is above maximum, ${type.maximum}`);
  }
  return type;
}

/** The limits of a memory or table, as type() tells them. */
function limitsType({ maximum, address }, minimum) {
  const type = { minimum };
  if (maximum !== undefined) type.maximum = maximum;
  if (address === 'i64') type.address = address;
  return type;
}

module.exports = {
  bytesOf,
  dictionary,
  enforceAddress,
  enforceU32,
  isObject,
  limitsOf,
  limitsType,
  makeInterface,
  oneOf,
  sequence,
  usvString,
};
