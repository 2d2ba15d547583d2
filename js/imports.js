'use strict';

// The functions of JavaScript behind the imports that are bound when an instance is opened
// (docs/ARCHITECTURE.md, "An import of JavaScript's").

const { codedError, describe } = require('./errors');
const { isObject } = require('./guard');
const { trampoline } = require('./trampolines');

/** What the option has for an import: undefined if nothing. */
function provided({ module, name }, layers) {
  for (const { scope, global } of layers) {
    if (global) continue;
    const holder = scope[module];
    if (holder === undefined) continue;
    if (!isObject(holder)) throw wrongType(`imports.${module}`, 'an object of functions', holder);
    const value = Object.hasOwn(holder, name) || !(name in Object.prototype) ? holder[name] : undefined;
    if (value === undefined) continue;
    if (typeof value !== 'function') throw wrongType(`imports.${module}.${name}`, 'a function', value);
    return value;
  }
  return undefined;
}

const wrongType = (option, wanted, value) =>
  codedError('ERR_OPTION_TYPE', `${option}: expected ${wanted}, got ${describe(value)}`, { option });

/**
 * The functions behind the late-bound imports of a module: `functions` has an element for
 * each, undefined where `layers` have none, `short` those through which numbers go
 * (js/trampolines.js), `list` what the native side is told of those that there are.
 */
function lateFunctions(late, layers) {
  const functions = late.map((entry) => provided(entry, layers));
  const list = [];
  functions.forEach((made, number) => {
    if (made !== undefined) list.push({ number });
  });
  const short = functions.map((made, number) => made && trampoline(made, late[number].type));
  return { functions, short, list };
}

module.exports = { lateFunctions };
