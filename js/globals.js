'use strict';

// Where the imports of a wasm-bindgen module are looked up: what the caller gives,
// and, if asked for, globals of JavaScript. Nothing by default.

const { codedError, describe } = require('./errors');
const { isGiven, isObject, keyOf, mayUse } = require('./guard');

/**
 * Names of the language itself (ECMAScript), which the crate js-sys is about. Without
 * those that make code of text, and without the global object, of which the guest gets
 * one that has only these.
 */
const LANGUAGE = [
  ...['Object', 'Boolean', 'Symbol', 'Error', 'AggregateError', 'EvalError', 'RangeError', 'ReferenceError'],
  ...['SyntaxError', 'TypeError', 'URIError', 'Number', 'BigInt', 'Math', 'Date', 'String', 'RegExp', 'Array'],
  ...['Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array'],
  ...['BigInt64Array', 'BigUint64Array', 'Float32Array', 'Float64Array', 'Map', 'Set', 'WeakMap', 'WeakSet'],
  ...['WeakRef', 'FinalizationRegistry', 'ArrayBuffer', 'SharedArrayBuffer', 'DataView', 'Atomics', 'JSON', 'Promise'],
  ...['Reflect', 'Proxy', 'Intl', 'Iterator', 'isFinite', 'isNaN', 'parseFloat', 'parseInt', 'decodeURI'],
  ...['decodeURIComponent', 'encodeURI', 'encodeURIComponent', 'escape', 'unescape', 'NaN', 'Infinity', 'undefined'],
  'queueMicrotask',
];

const GLOBAL_NAMES = ['globalThis', 'global', 'self', 'window'];

function pick(names) {
  const out = Object.create(null);
  for (const name of names) {
    if (name in globalThis) out[name] = globalThis[name];
  }
  return out;
}

function language() {
  const own = Object.freeze(pick(LANGUAGE));
  const scope = Object.assign(Object.create(null), own);
  for (const name of GLOBAL_NAMES) scope[name] = own;
  return Object.freeze(scope);
}

function everything() {
  const scope = Object.create(globalThis);
  for (const name of GLOBAL_NAMES) Object.defineProperty(scope, name, { value: globalThis });
  return scope;
}

let languageScope;

/** Scopes that can be asked for by name. */
const SCOPES = {
  'js-sys': () => (languageScope ??= language()),
  'web-sys': everything,
};

/** Reflect.get for a guest that was not granted the language. */
function getOwn(object, key) {
  const name = keyOf(key);
  return mayUse(object, name) ? object[name] : undefined;
}

/** Functions of the language that wasm-bindgen itself imports: safe for any guest. */
const BUILT_IN = new Map([
  ['Error', (message) => new Error(message)],
  ['BigInt', (value) => BigInt(value)],
  ['Symbol', (description) => Symbol(description)],
  ['Number', (value) => Number(value)],
  ['Array.isArray', (value) => Array.isArray(value)],
  ['JSON.parse', (text) => JSON.parse(text)],
  ['JSON.stringify', (value) => JSON.stringify(value)],
  ['Reflect.get', getOwn],
]);

/**
 * Reads the option `imports`: an object, the name of a scope, or an array of these.
 * Gives the layers in which a name is looked up, the first one that has it wins.
 */
function importLayers(value) {
  const list = Array.isArray(value) ? value : [value];
  const layers = [];
  list.forEach((item, i) => {
    const path = Array.isArray(value) ? `imports[${i}]` : 'imports';
    if (typeof item === 'string') {
      if (!Object.hasOwn(SCOPES, item)) {
        const known = Object.keys(SCOPES).join('", "');
        throw codedError('ERR_OPTION_RANGE', `${path}: expected "${known}" or an object, got ${describe(item)}`, {
          option: path,
        });
      }
      layers.push({ scope: SCOPES[item](), global: true });
    } else if (typeof item === 'object' && item !== null) {
      layers.push({ scope: item, global: false });
    } else if (item !== undefined) {
      throw codedError('ERR_OPTION_TYPE', `${path}: expected an object or the name of a scope, got ${describe(item)}`, {
        option: path,
      });
    }
  });
  return layers;
}

/** What a path of names leads to in `holder`; undefined if that ends on the way. */
function follow(holder, path, has) {
  for (const name of path) {
    if (!has(holder, name)) return undefined;
    holder = holder[name];
  }
  return holder;
}

const hasAny = (holder, name) => isObject(holder) && name in holder;

/** Whether guests may do with any value what the language allows: a scope was granted. */
const isTrusted = (layers) => layers.some((layer) => layer.global);

/** Up to 0.2.86 wasm-bindgen writes "_default" where Rust code imports a module's default. */
const isDefault = (module, path, holder) =>
  module !== undefined && path.at(-1) === '_default' && isObject(holder) && !('_default' in holder);

/**
 * Finds what has the first of `path`: { holder, value } of the whole path, or undefined.
 * Modules are given by the caller only, by their specifier.
 */
function lookUp(layers, module, path) {
  for (const { scope, global } of layers) {
    if (module !== undefined && global) continue;
    const has = global ? hasAny : isGiven;
    const root = module === undefined ? scope : has(scope, module) ? scope[module] : undefined;
    const holder = follow(root, path.slice(0, -1), has);
    const name = isDefault(module, path, holder) ? 'default' : path.at(-1);
    if (has(holder, name)) {
      // A name of the top is no method of what holds it.
      return { holder: path.length > 1 || module !== undefined ? holder : undefined, value: holder[name] };
    }
  }
  return undefined;
}

/** The function of the language of that path which every guest may call. */
const builtIn = (module, path) => (module === undefined ? BUILT_IN.get(path.join('.')) : undefined);

module.exports = { builtIn, importLayers, isTrusted, lookUp };
