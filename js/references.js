'use strict';

// Functions of an instance as the guest has them: funcrefs. What a guest gives is the very
// function that `exports` has (or `raw`, for what only that has); what is no export gets a
// function of its own, made once.

const { keep } = require('./world');

/**
 * The functions that an instance is known by. `find` gives the function of an export by its
 * number among the exported functions, and is set when there are some.
 */
function makeFunctions() {
  const numbers = new WeakMap();
  const given = new Map();
  const state = { find: undefined, register, out, into };

  /** Makes a function known as the one of that number. */
  function register(made, number) {
    numbers.set(made, number);
  }

  /** The function of a number; `made` is a new one for a number that has none. */
  function out(number, made) {
    const known = given.get(number);
    if (known !== undefined) return known;
    const found = state.find(number);
    if (found === undefined && made === undefined) return undefined;
    given.set(number, found ?? made);
    if (found !== undefined) return found;
    numbers.set(made, number);
    return state.kept === undefined ? made : keep(made, state.kept);
  }

  /** The number of a function, undefined if it is none of this instance's. */
  function into(value) {
    return numbers.get(value);
  }

  return state;
}

const isRef = (type) => type === 'externref' || type === 'funcref';
const known = new WeakMap(); // by the description of the module

/** Whether values of reference types cross between JavaScript and a module. */
function hasReferences(description) {
  let has = known.get(description);
  if (has === undefined) {
    const refers = ({ kind, type }) => kind === 'function' && (type.parameters.some(isRef) || type.results.some(isRef));
    known.set(description, (has = description.exports.some(refers)));
  }
  return has;
}

module.exports = { hasReferences, makeFunctions };
