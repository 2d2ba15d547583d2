'use strict';

// Functions that a module may import without anybody's providing them, if it was compiled
// with `builtins`: for now the set "js-string", under the module name "wasm:js-string".

const { describe } = require('../errors');
const { charArraysImports, charArraysModule } = require('./chararrays');
const { RuntimeError } = require('./errors');
const { trust } = require('./hosts');

/** Ends the wasm that called as a trap does. */
function trap(problem) {
  throw new RuntimeError(`wasm:js-string: ${problem}`);
}

function unwrap(value) {
  return typeof value === 'string' ? value : trap(`expected a string, got ${describe(value)}`);
}

function at(string, index) {
  const i = index >>> 0;
  if (i < unwrap(string).length) return i;
  return trap(`index ${i} is outside of a string of ${string.length}`);
}

const nullable = (value) => (value === null ? value : unwrap(value));

const E = 'externref';
const R = '(ref extern)';
const I = 'i32';

const A = 'a reference to an array of i16';

/** Parameters, the result and what they do. Integers come with a sign and are meant without. */
const STRINGS = {
  cast: [[E], R, unwrap],
  test: [[E], I, (value) => (typeof value === 'string' ? 1 : 0)],
  fromCharCode: [[I], R, (code) => String.fromCharCode(code)],
  fromCodePoint: [
    [I],
    R,
    (code) => (code >>> 0 > 0x10ffff ? trap(`${code >>> 0} is no code point`) : String.fromCodePoint(code)),
  ],
  charCodeAt: [[E, I], I, (string, index) => unwrap(string).charCodeAt(at(string, index))],
  codePointAt: [[E, I], I, (string, index) => unwrap(string).codePointAt(at(string, index))],
  length: [[E], I, (string) => unwrap(string).length],
  concat: [[E, E], R, (first, second) => unwrap(first) + unwrap(second)],
  substring: [
    [E, I, I],
    R,
    (string, start, end) => {
      const [from, to] = [start >>> 0, end >>> 0];
      return from > to || from > unwrap(string).length ? '' : string.substring(from, to);
    },
  ],
  equals: [[E, E], I, (first, second) => (nullable(first) === nullable(second) ? 1 : 0)],
  compare: [[E, E], I, (first, second) => (unwrap(first) === unwrap(second) ? 0 : first < second ? -1 : 1)],
  fromCharCodeArray: [[A, I, I], R],
  intoCharCodeArray: [[E, A, I], I],
};
for (const [, , function_] of Object.values(STRINGS)) if (function_ !== undefined) trust(function_);

const SETS = { 'js-string': STRINGS };

/** What an import of a module is, if it is one of the sets that it was compiled with. */
function builtinOf({ module, name }, sets) {
  if (!module.startsWith('wasm:')) return undefined;
  const set = module.slice('wasm:'.length);
  if (!sets.includes(set) || !Object.hasOwn(SETS, set) || !Object.hasOwn(SETS[set], name)) return undefined;
  return SETS[set][name];
}

/** What is wrong with a module for its options, if anything is. */
function checkBuiltins({ imports, kinds }, { builtins, strings }) {
  const twice = builtins.find((name, i) => builtins.indexOf(name) !== i);
  if (twice !== undefined) return `builtins: "${twice}" stands twice`;
  for (const entry of imports) {
    const problem = entry.module === strings ? checkConstant(entry) : checkFunction(entry, builtins, kinds);
    if (problem !== undefined) return `import "${entry.module}" "${entry.name}": ${problem}`;
  }
  return undefined;
}

function checkConstant({ kind, type }) {
  const fits = kind === 'global' && type.mutable !== true && [E, R].includes(type.value);
  return fits ? undefined : `an imported string is an immutable global of type ${E} or ${R}`;
}

/** The type of a function as text, as far as a description tells it. */
function shape({ parameters, results }, kinds) {
  const array = (text) => (kinds?.[/^\(ref null (\d+)\)$/.exec(text)?.[1]] === 'array' ? A : text);
  return `(${parameters.map(array).join(', ')}) -> ${results.map(array).join(', ')}`;
}

function checkFunction(entry, sets, kinds) {
  const builtin = builtinOf(entry, sets);
  if (builtin === undefined) return undefined;
  const [parameters, result] = builtin;
  const text = shape({ parameters, results: [result] });
  const { kind, type } = entry;
  return kind === 'function' && shape(type, kinds) === text ? undefined : `the built-in function has the type ${text}`;
}

/** The instances of the functions about arrays, by space. */
const charArrays = new WeakMap();

/**
 * The function behind a built-in one: of JavaScript, or one that a space exports.
 * `instantiate` makes the exports of a module of ours.
 */
function builtinFunction([, , function_], name, space, instantiate) {
  if (function_ !== undefined) return function_;
  if (!charArrays.has(space)) {
    const imports = charArraysImports(() => charArrays.get(space).memory, unwrap);
    Object.values(imports).forEach(trust);
    charArrays.set(space, instantiate(charArraysModule(), { '': imports }));
  }
  return charArrays.get(space)[name];
}

module.exports = { builtinFunction, builtinOf, checkBuiltins };
