'use strict';

// The short path of imports that take numbers and texts and give a number, the counterpart
// of js/numbers.js: a function that reads the numbers from the slots that native code sees,
// gets the texts as arguments, and leaves the result in the first slot. A result that is not of the import's
// type is handed back, for the native side to convert or to say what is wrong with it.

const { i32, f32, f64, i64 } = require('./slots');

/** kMaxMailedImport in binding/plan.h. */
const MOST = 6;
/** Most texts: InstanceHandle::Mailed in binding/handle.h. */
const MOST_TEXTS = 3;
/** Index in `i32` of the slot that tells whether the result is in the first. */
const ASIDE = 4 * MOST;

/** Readers of the argument in slot i, by its type. */
const readers = {
  u32: (i) => () => i32[4 * i] >>> 0,
  bool: (i) => () => i32[4 * i] !== 0,
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

/** The same for parameters of any types but text. */
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

/** The commonest with texts. */
const texts = {
  string: (f, write) => (a) => write(f(a)),
  'string,string': (f, write) => (a, b) => write(f(a, b)),
  'i32,string': (f, write) => (b) => write(f(i32[0], b)),
  'string,i32': (f, write) => (a) => write(f(a, i32[8])),
};

/** The same for any parameters. */
const mixed = (f, write, read) =>
  function () {
    let text = 0;
    const args = read.map((next) => (next === undefined ? arguments[text++] : next()));
    return write(f(...args));
  };

/**
 * The function through which an import calls `f`: `params` are the types of its parameters,
 * `slots` their places among the words that the guest gives, `result` the type of the result.
 * undefined if there is none for these.
 */
function trampoline(f, { params, slots, result }) {
  const count = params.filter((type) => type === 'string').length;
  const isKnown = (type) => type === 'string' || Object.hasOwn(readers, type);
  if (params.length + count > MOST || count > MOST_TEXTS || !params.every(isKnown)) return undefined;
  if (!Object.hasOwn(writers, String(result))) return undefined;
  const write = writers[result];
  if (params.length < ints.length && params.every((type) => type === 'i32')) {
    return result === 'i32' && params.length < plain.length ? plain[params.length](f) : ints[params.length](f, write);
  }
  const read = params.map((type, i) => readers[type]?.(slots[i]));
  if (count === 0) return others[params.length](f, write, read);
  return Object.hasOwn(texts, String(params)) ? texts[params](f, write) : mixed(f, write, read);
}

module.exports = { trampoline };
