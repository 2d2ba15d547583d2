'use strict';

// JavaScript values to those of wasm and back. A codec of a type has
//
// - check(value): what the specification's ToWebAssemblyValue does; may run code of a user;
// - put(i, checked): stores it in slot i, for the engine to take;
// - get(i): the JavaScript value of what the engine stored in slot i.

const binding = require('../load');
const { describe } = require('../errors');
const { f32, f64, i32, i64, u32 } = require('./slots');

const numbers = {
  w: {
    check: (value) => value | 0,
    put: (i, value) => (i32[4 * i] = value),
    get: (i) => i32[4 * i],
  },
  l: {
    check: (value) => BigInt.asIntN(64, value),
    put: (i, value) => (i64[2 * i] = value),
    get: (i) => i64[2 * i],
  },
  f: {
    check: (value) => Math.fround(value),
    put: (i, value) => (f32[4 * i] = value),
    get: (i) => f32[4 * i],
  },
  d: {
    check: (value) => +value,
    put: (i, value) => (f64[2 * i] = value),
    get: (i) => f64[2 * i],
  },
};

// What a reference in a slot is.
const NULL = 0;
const VALUE = 1;
const FUNCTION = 2;
const I31 = 3;
const GC = 4;

function putReference(i, kind, number) {
  i32[4 * i] = kind;
  i32[4 * i + 1] = number;
}

/** Whether a value is a number that is an i31; -0 is not, as it would come back without its sign. */
const isI31 = (value) =>
  typeof value === 'number' &&
  (value | 0) === value &&
  value >= -0x40000000 &&
  value < 0x40000000 &&
  !Object.is(value, -0);

const STRUCT = 1;
const ARRAY = 2;

/** What the heap types of the any hierarchy accept besides null. */
const members = {
  any: () => true,
  eq: (space, value) => isI31(value) || space.gc.number(value) !== undefined,
  i31: (space, value) => isI31(value),
  struct: (space, value) => isKind(space, value, STRUCT),
  array: (space, value) => isKind(space, value, ARRAY),
  none: () => false,
  concrete: (space, value) => space.gc.number(value) !== undefined, // the engine looks which it is
};

function isKind(space, value, kind) {
  const number = space.gc.number(value);
  return number !== undefined && binding.gcKind(space.handle, number) === kind;
}

/** Whether a value that is not null belongs to a reference type. */
function accepts(space, { letter, heap }, value) {
  if (letter === 'a') return members[heap](space, value);
  if (letter === 'p') return heap !== 'nofunc' && space.functionId(value) !== undefined;
  return heap !== 'noextern';
}

const NAMES = { a: 'a reference', p: 'a function exported by WebAssembly of this namespace', x: 'a value' };

function refused(type, value) {
  const expected = type.nullable ? `null or ${NAMES[type.letter]}` : NAMES[type.letter];
  return new TypeError(`WebAssembly: expected ${expected} of type ${type.text}, got ${describe(value)}`);
}

function getReference(space, i) {
  switch (i32[4 * i]) {
    case NULL:
      return null;
    case VALUE:
      return space.values[u32[4 * i + 1]];
    case FUNCTION:
      return space.function(u32[4 * i + 1]);
    case I31:
      return i32[4 * i + 1];
    default:
      return space.gc.object(u32[4 * i + 1]);
  }
}

/** Stores a value of the extern or the any hierarchy. */
function putAny(space, i, value) {
  if (value === null) return putReference(i, NULL, 0);
  if (isI31(value)) return putReference(i, I31, value);
  const number = space.gc.number(value);
  if (number !== undefined) return putReference(i, GC, number);
  return putReference(i, VALUE, space.keep(value));
}

function putFunction(space, i, value) {
  if (value === null) putReference(i, NULL, 0);
  else putReference(i, FUNCTION, space.functionId(value));
}

function referenceCodec(space, type) {
  const store = type.letter === 'p' ? putFunction : putAny;
  return {
    check(value) {
      if (value === null ? type.nullable : accepts(space, type, value)) return value;
      throw refused(type, value);
    },
    put: (i, value) => store(space, i, value),
    get: (i) => getReference(space, i),
  };
}

/** The codec of a type, which has a letter. */
function codecOf(space, type) {
  return numbers[type.letter] ?? referenceCodec(space, type);
}

/**
 * The value that a missing argument stands for, checked; undefined if the type has none.
 * Externref's is the value undefined itself.
 */
function defaultOf({ letter, heap, nullable }) {
  switch (letter) {
    case 'w':
    case 'f':
    case 'd':
      return { value: 0 };
    case 'l':
      return { value: 0n };
    default:
      if (!nullable) return undefined;
      return { value: heap === 'extern' ? undefined : null };
  }
}

module.exports = { codecOf, defaultOf, isI31 };
