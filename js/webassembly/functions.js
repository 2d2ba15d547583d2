'use strict';

// Exported functions: functions of wasm as JavaScript calls them. They have no
// `prototype` and cannot be constructed, and so are arrow functions.

const binding = require('../load');
const { i32, f64 } = require('./slots');
const { codecOf } = require('./values');

/** Enters the engine; arguments and results are in the slots. */
function enter(space, run) {
  let tag;
  try {
    tag = run();
  } catch (error) {
    throw space.failure(error);
  }
  if (tag !== undefined) throw space.uncaught(tag);
}

// The short ways of functions that take a few i32 or f64, by the number of parameters.

const ints = [
  (space, run, get) => () => {
    enter(space, run);
    return get(0);
  },
  (space, run, get) => (a) => {
    i32[0] = a |= 0;
    enter(space, run);
    return get(0);
  },
  (space, run, get) => (a, b) => {
    a |= 0;
    b |= 0;
    i32[0] = a;
    i32[4] = b;
    enter(space, run);
    return get(0);
  },
  (space, run, get) => (a, b, c) => {
    a |= 0;
    b |= 0;
    c |= 0;
    i32[0] = a;
    i32[4] = b;
    i32[8] = c;
    enter(space, run);
    return get(0);
  },
  (space, run, get) => (a, b, c, d) => {
    a |= 0;
    b |= 0;
    c |= 0;
    d |= 0;
    i32[0] = a;
    i32[4] = b;
    i32[8] = c;
    i32[12] = d;
    enter(space, run);
    return get(0);
  },
  (space, run, get) => (a, b, c, d, e) => {
    a |= 0;
    b |= 0;
    c |= 0;
    d |= 0;
    e |= 0;
    i32[0] = a;
    i32[4] = b;
    i32[8] = c;
    i32[12] = d;
    i32[16] = e;
    enter(space, run);
    return get(0);
  },
];

const doubles = [
  ints[0],
  (space, run, get) => (a) => {
    f64[0] = a = +a;
    enter(space, run);
    return get(0);
  },
  (space, run, get) => (a, b) => {
    a = +a;
    b = +b;
    f64[0] = a;
    f64[2] = b;
    enter(space, run);
    return get(0);
  },
  (space, run, get) => (a, b, c) => {
    a = +a;
    b = +b;
    c = +c;
    f64[0] = a;
    f64[2] = b;
    f64[4] = c;
    enter(space, run);
    return get(0);
  },
];

const SHORT = { w: ints, d: doubles };

const nothing = () => undefined;

/** A maker of a short way, if there is one for the parameters. */
function shortWay(letters) {
  const ways = SHORT[letters[0] ?? 'w'];
  const same = /^(.)\1*$|^$/.test(letters) ? ways?.[letters.length] : undefined;
  return same ?? mixed[letters.length];
}

function makeReader(codecs) {
  if (codecs.length === 0) return nothing;
  if (codecs.length === 1) return codecs[0].get;
  return () => codecs.map(({ get }, i) => get(i));
}

// Those of any types, by the number of parameters.

const mixed = [
  undefined, // the same as ints
  (space, run, get, [p]) =>
    (a) => {
      p.put(0, p.check(a));
      enter(space, run);
      return get(0);
    },
  (space, run, get, [p, q]) =>
    (a, b) => {
      a = p.check(a);
      b = q.check(b);
      p.put(0, a);
      q.put(1, b);
      enter(space, run);
      return get(0);
    },
  (space, run, get, [p, q, r]) =>
    (a, b, c) => {
      a = p.check(a);
      b = q.check(b);
      c = r.check(c);
      p.put(0, a);
      q.put(1, b);
      r.put(2, c);
      enter(space, run);
      return get(0);
    },
];

/** A function of any signature. */
function longWay(space, run, read, parameters) {
  return (...args) => {
    for (let i = 0; i < parameters.length; i++) args[i] = parameters[i].check(args[i]);
    for (let i = 0; i < parameters.length; i++) parameters[i].put(i, args[i]);
    enter(space, run);
    return read(0);
  };
}

/** The function of JavaScript that calls entity `id` of a space. */
function makeExported(space, id, signature, name) {
  const { parameters, results, plan } = signature;
  let made;
  if (plan === undefined) {
    made = () => {
      throw new TypeError(`WebAssembly function ${name}: vectors and exceptions cannot cross to JavaScript`);
    };
  } else {
    const run = binding.bindFunction(space.handle, id, plan);
    const read = makeReader(results.map((type) => codecOf(space, type)));
    const short = shortWay(plan.slice(0, plan.indexOf('>')));
    const codecs = parameters.map((type) => codecOf(space, type));
    made = (short ?? longWay)(space, run, read, codecs);
  }
  Object.defineProperty(made, 'length', { value: parameters.length, configurable: true });
  return Object.defineProperty(made, 'name', { value: String(name), configurable: true });
}

module.exports = { makeExported };
