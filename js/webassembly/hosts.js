'use strict';

// Host functions: functions of JavaScript as wasm calls them. The native side calls them
// without arguments; those of the user's function are in the slots, and so are its results.

const { codecOf } = require('./values');

/** What the results of a function become: checked values, one for each type. */
function spread(returned, codecs) {
  const values = [...returned];
  if (values.length === codecs.length) return values.map((value, i) => codecs[i].check(value));
  throw new TypeError(
    `WebAssembly: a function of JavaScript returned ${values.length} values instead of ${codecs.length}`,
  );
}

/** For up to one result and at most three parameters, without arrays. */
const short = [
  (failed, function_, _, check, put) => () => {
    let result;
    try {
      result = check(function_());
    } catch (error) {
      return failed(error);
    }
    put(0, result);
    return undefined;
  },
  (failed, function_, [a], check, put) =>
    () => {
      let result;
      try {
        result = check(function_(a(0)));
      } catch (error) {
        return failed(error);
      }
      put(0, result);
      return undefined;
    },
  (failed, function_, [a, b], check, put) =>
    () => {
      let result;
      try {
        result = check(function_(a(0), b(1)));
      } catch (error) {
        return failed(error);
      }
      put(0, result);
      return undefined;
    },
  (failed, function_, [a, b, c], check, put) =>
    () => {
      let result;
      try {
        result = check(function_(a(0), b(1), c(2)));
      } catch (error) {
        return failed(error);
      }
      put(0, result);
      return undefined;
    },
];

const nothing = () => undefined;

function long(failed, function_, readers, codecs) {
  return () => {
    let results;
    try {
      const args = readers.map((get, i) => get(i));
      const returned = Reflect.apply(function_, undefined, args);
      results = codecs.length > 1 ? spread(returned, codecs) : codecs.map(({ check }) => check(returned));
    } catch (error) {
      return failed(error);
    }
    for (let i = 0; i < results.length; i++) codecs[i].put(i, results[i]);
    return undefined;
  };
}

/** Functions of ours, whose errors are traps that no wasm can catch. */
const trusted = new WeakSet();

const trust = (function_) => trusted.add(function_);

/** What the native side is to call for `function_`, of a signature. */
function makeHost(space, function_, { parameters, results, plan }) {
  if (plan === undefined) {
    return () => space.threw(new TypeError('WebAssembly: vectors and exceptions cannot cross to JavaScript'));
  }
  const failed = trusted.has(function_) ? (error) => space.stopped(error) : (error) => space.threw(error);
  const readers = parameters.map((type) => codecOf(space, type).get);
  const codecs = results.map((type) => codecOf(space, type));
  if (codecs.length > 1 || readers.length >= short.length) return long(failed, function_, readers, codecs);
  const { check, put } = codecs[0] ?? { check: nothing, put: nothing };
  return short[readers.length](failed, function_, readers, check, put);
}

module.exports = { makeHost, trust };
