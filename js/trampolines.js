'use strict';

// The short path of imports that take and give plain numbers, the counterpart of
// js/numbers.js: a function without parameters, which reads the arguments from the slots
// that native code sees and leaves the result there. A result that is not of the import's
// type is handed back, for the native side to convert or to say what is wrong with it.

const { i32, f32, f64, i64 } = require('./slots');

/** kMaxMailedImport in binding/plan.h. */
const MOST = 6;
/** Index in `i32` of the slot that tells whether the result is in the first. */
const ASIDE = 4 * MOST;

/** Readers of argument i, by its type. */
const readers = {
  i32: (i) => () => i32[4 * i],
  i64: (i) => () => i64[2 * i],
  f32: (i) => () => f32[4 * i],
  f64: (i) => () => f64[2 * i],
};

/** Leaves a result that is none of its type to the native side. */
function aside(value) {
  i32[ASIDE] = 1;
  return value;
}

/** Writers of the result, by its type; undefined stands for none. */
const writers = {
  undefined(value) {
    if (value !== undefined) return aside(value);
    i32[ASIDE] = 0;
    return undefined;
  },
  i32(value) {
    if (typeof value !== 'number' || (value | 0) !== value) return aside(value);
    i32[0] = value;
    i32[ASIDE] = 0;
    return undefined;
  },
  i64(value) {
    if (typeof value !== 'bigint' || BigInt.asIntN(64, value) !== value) return aside(value);
    i64[0] = value;
    i32[ASIDE] = 0;
    return undefined;
  },
  f32(value) {
    if (typeof value !== 'number') return aside(value);
    f32[0] = value;
    i32[ASIDE] = 0;
    return undefined;
  },
  f64(value) {
    if (typeof value !== 'number') return aside(value);
    f64[0] = value;
    i32[ASIDE] = 0;
    return undefined;
  },
};

/** Functions of up to three parameters of type i32, with whatever result. */
const ints = [
  (f, write) => () => write(f()),
  (f, write) => () => write(f(i32[0])),
  (f, write) => () => write(f(i32[0], i32[4])),
  (f, write) => () => write(f(i32[0], i32[4], i32[8])),
];

/** The commonest of them, in one piece. */
const plain = [
  (f) => () => {
    const value = f();
    if (typeof value !== 'number' || (value | 0) !== value) return aside(value);
    i32[0] = value;
    i32[ASIDE] = 0;
    return undefined;
  },
  (f) => () => {
    const value = f(i32[0]);
    if (typeof value !== 'number' || (value | 0) !== value) return aside(value);
    i32[0] = value;
    i32[ASIDE] = 0;
    return undefined;
  },
  (f) => () => {
    const value = f(i32[0], i32[4]);
    if (typeof value !== 'number' || (value | 0) !== value) return aside(value);
    i32[0] = value;
    i32[ASIDE] = 0;
    return undefined;
  },
];

/** The same for parameters of any types. */
const others = [
  ints[0],
  (f, write, [a]) =>
    () =>
      write(f(a())),
  (f, write, [a, b]) =>
    () =>
      write(f(a(), b())),
  (f, write, [a, b, c]) =>
    () =>
      write(f(a(), b(), c())),
  (f, write, [a, b, c, d]) =>
    () =>
      write(f(a(), b(), c(), d())),
  (f, write, [a, b, c, d, e]) =>
    () =>
      write(f(a(), b(), c(), d(), e())),
  (f, write, [a, b, c, d, e, g]) =>
    () =>
      write(f(a(), b(), c(), d(), e(), g())),
];

/** The function through which an import of that type calls `f`; undefined if it has more than numbers. */
function trampoline(f, { parameters, results }) {
  const fits = parameters.length <= MOST && results.length <= 1;
  if (!fits || ![...parameters, ...results].every((type) => Object.hasOwn(readers, type))) return undefined;
  if (parameters.length < ints.length && parameters.every((type) => type === 'i32')) {
    if (results[0] === 'i32' && parameters.length < plain.length) return plain[parameters.length](f);
    return ints[parameters.length](f, writers[results[0]]);
  }
  const read = parameters.map((type, i) => readers[type](i));
  return others[parameters.length](f, writers[results[0]], read);
}

module.exports = { trampoline };
