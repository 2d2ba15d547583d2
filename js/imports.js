'use strict';

// The functions of JavaScript behind the imports that are bound when an instance is opened
// (docs/ARCHITECTURE.md, "An import of JavaScript's").

const binding = require('./load');
const { Caller } = require('./caller');
const { boolean, callable, parse, string } = require('./checks');
const { decode, encode } = require('./codec');
const { codedError, describe } = require('./errors');
const { isObject } = require('./guard');
const { trampoline } = require('./trampolines');

/** What hostFn was given, by the function that it made. */
const hosts = new WeakMap();

const HOST = { caller: boolean };

/** Gives an argument of hostFn to a check of options. */
function argument(check, name, value) {
  try {
    return check(`hostFn: ${name}`, value);
  } catch (error) {
    if (error.code !== 'ERR_OPTION_TYPE') throw error;
    throw codedError(
      'ERR_ARG_TYPE',
      `hostFn: ${name}: expected a ${name === 'signature' ? 'string' : 'function'}, got ${describe(value)}`,
    );
  }
}

/** A host function with a signature, and perhaps with a caller as its first argument. */
function hostFn(signature, fn, options) {
  const text = argument(string, 'signature', signature);
  argument(callable, 'function', fn);
  const { caller = false } = parse(options, HOST, 'hostFn has no such option', 'hostFn: options');
  const made = (...args) => fn(...args);
  hosts.set(made, { signature: text, fn, caller });
  return Object.freeze(Object.defineProperty(made, 'name', { value: fn.name, configurable: true }));
}

const wrongType = (option, wanted, value) =>
  codedError('ERR_OPTION_TYPE', `${option}: expected ${wanted}, got ${describe(value)}`, { option });

/** What the option has for an import: undefined if nothing. */
function provided({ module, name }, layers) {
  for (const { scope, global } of layers) {
    const holder = global || !has(scope, module) ? undefined : scope[module];
    if (holder === undefined) continue;
    if (!isObject(holder)) throw wrongType(`imports.${module}`, 'an object of functions', holder);
    const value = has(holder, name) ? holder[name] : undefined;
    if (value === undefined) continue;
    if (typeof value !== 'function') throw wrongType(`imports.${module}.${name}`, 'a function', value);
    return value;
  }
  return undefined;
}

/** Whether somebody gave an object a property of that name: what all objects have does not count. */
const has = (holder, name) => Object.hasOwn(holder, name) || (name in holder && !(name in Object.prototype));

/**
 * The functions behind the late-bound imports of a module: `functions` has an element for
 * each, undefined where `layers` have none, `short` those through which numbers go
 * (js/trampolines.js), `list` what the native side is told of those that there are, `plans`
 * theirs if some have a signature. `opened` is the instance to be (js/open.js).
 */
function lateFunctions(opened, handle, late, layers) {
  const given = late.map((entry) => provided(entry, layers));
  const list = [];
  given.forEach((made, number) => {
    if (made !== undefined) list.push({ number, signature: hosts.get(made)?.signature });
  });
  const [plans, details] = planned(handle, list);
  const functions = [...given];
  const short = [];
  list.forEach(({ number }, i) => {
    const host = hosts.get(given[number]);
    const detail = details?.[i];
    if (host !== undefined) functions[number] = serving(opened, host, detail, late[number]);
    const call = details === undefined ? shortOf(late[number].type) : detail.short;
    if (call !== undefined) short[number] = trampoline(functions[number], call);
  });
  return { functions, short, list, plans };
}

/** What js/trampolines.js is told of a function with wasm-level types. */
const shortOf = ({ parameters, results }) =>
  results.length > 1 ? undefined : { params: parameters, slots: parameters.map((_, i) => i), result: results[0] };

/** The native plans of imports some of which have a signature, and what is to be known of each. */
function planned(handle, list) {
  if (list.every(({ signature }) => signature === undefined)) return [];
  const [plans, details] = binding.planImports(handle, JSON.stringify({ imports: list }));
  return [plans, JSON.parse(details)];
}

/** The function that native code calls for one of hostFn. */
function serving(opened, { fn, caller }, { encoded }, { module, name }) {
  const called = caller ? withCaller(opened, fn) : fn;
  return encoded ? coded(called, encoded, `${module}.${name}`) : called;
}

/** The function behind one of a module that says its types itself: those that hostFn was given do not count. */
function hosted(opened, value) {
  const host = hosts.get(value);
  return host === undefined ? value : host.caller ? withCaller(opened, host.fn) : host.fn;
}

const withCaller =
  (opened, fn) =>
  (...args) => {
    const caller = new Caller(opened);
    try {
      return fn(caller, ...args);
    } finally {
      caller[Caller.end]();
    }
  };

const isThenable = (value) => isObject(value) && typeof value.then === 'function';

/** A function some of whose values are encoded (docs/guest-abi.md). */
const coded =
  (call, { params, result }, title) =>
  (...args) => {
    for (const i of params) args[i] = decode(args[i]);
    const value = call(...args);
    if (!result) return value;
    if (isThenable(value)) return value; // for the native side to refuse
    return encode(value, { text: `${title}: result`, imports: [title] });
  };

module.exports = { hostFn, hosted, isThenable, lateFunctions };
