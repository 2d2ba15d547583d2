'use strict';

// Value types, from their text in the description of a module.
//
// A type is { text, letter, heap, nullable }. The letter says how values cross, and is
// missing where they do not: vectors and exceptions. `heap` is that of a reference, with
// 'concrete' for a type of a module, which the engine itself checks.

const NUMBERS = { i32: 'w', i64: 'l', f32: 'f', f64: 'd' };

/** Letters by heap type: those of the extern, any and func hierarchies. */
const HEAPS = { extern: 'x', noextern: 'x', func: 'p', nofunc: 'p', exn: undefined, noexn: undefined };
for (const heap of ['any', 'eq', 'i31', 'struct', 'array', 'none']) HEAPS[heap] = 'a';

/** Heap types whose reference types have a name that does not say it. */
const BOTTOMS = { null: 'none', nullfunc: 'nofunc', nullextern: 'noextern', nullexn: 'noexn' };

/** Letters of concrete types, by what they are. */
const CONCRETE = { func: 'p', struct: 'a', array: 'a' };

const reference = (text, nullable, heap, letter) => Object.freeze({ text, letter, heap, nullable });

const named = new Map();
for (const [text, letter] of Object.entries(NUMBERS)) named.set(text, Object.freeze({ text, letter }));
named.set('v128', Object.freeze({ text: 'v128', letter: undefined }));
for (const heap of Object.keys(HEAPS)) {
  const nonNull = `(ref ${heap})`;
  named.set(nonNull, reference(nonNull, false, heap, HEAPS[heap]));
  const short = Object.keys(BOTTOMS).find((name) => BOTTOMS[name] === heap) ?? heap;
  named.set(`${short}ref`, reference(`${short}ref`, true, heap, HEAPS[heap]));
}

/** The type of that text; `kinds` are those of the module's own types. */
function parseType(text, kinds) {
  const known = named.get(text);
  if (known !== undefined) return known;
  const [, nullable, index] = /^\(ref (null )?(\d+)\)$/.exec(text) ?? [];
  if (index === undefined) return Object.freeze({ text, letter: undefined });
  return reference(text, nullable !== undefined, 'concrete', CONCRETE[kinds?.[index]]);
}

/**
 * The signature of a function or tag: types of parameters and results, and the plan, which
 * is undefined if a value of some type cannot cross.
 */
function makeSignature({ parameters, results = [] }, kinds) {
  const read = (texts) => texts.map((text) => parseType(text, kinds));
  const signature = { parameters: read(parameters), results: read(results), plan: undefined };
  if ([...signature.parameters, ...signature.results].every(({ letter }) => letter !== undefined)) {
    const letters = (types) => types.map(({ letter }) => letter).join('');
    signature.plan = `${letters(signature.parameters)}>${letters(signature.results)}`;
  }
  return signature;
}

/** A limit of a description, which is text where it may not fit a number. */
const limit = (value, is64) => (value === undefined ? undefined : is64 ? BigInt(value) : value);

/** The limits of a memory or table in a description, as the API counts them. */
function readLimits({ minimum, maximum, address = 'i32' }) {
  const is64 = address === 'i64';
  return { minimum: limit(minimum, is64), maximum: limit(maximum, is64), address };
}

const defined = (entries) => Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));

/** What Module.exports and Module.imports tell of a type, as the proposal for type reflection has it. */
function reflected(kind, type) {
  switch (kind) {
    case 'function':
      return { parameters: [...type.parameters], results: [...type.results] };
    case 'tag':
      return { parameters: [...type.parameters] };
    case 'global':
      return { mutable: type.mutable === true, value: type.value };
    default: {
      const { address, ...limits } = readLimits(type);
      const others = kind === 'memory' ? { shared: type.shared === true } : { element: type.element };
      return defined({ ...limits, ...others, address: address === 'i64' ? address : undefined });
    }
  }
}

module.exports = { makeSignature, parseType, readLimits, reflected };
