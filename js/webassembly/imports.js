'use strict';

// What the imports of a module become: entities of the space that it is instantiated in.

const binding = require('../load');
const { describe } = require('../errors');
const { builtinFunction, builtinOf } = require('./builtins');
const { LinkError } = require('./errors');
const { makeHost } = require('./hosts');
const { isObject } = require('./idl');
const { makeSignature, parseType } = require('./types');
const { codecOf } = require('./values');

/** How an import is called in messages. */
const nameOf = ({ module, name }) => `import ${JSON.stringify(module)} ${JSON.stringify(name)}`;

const mismatch = (entry, expected, value) =>
  new LinkError(`${nameOf(entry)}: expected ${expected}, got ${describe(value)}`);

/** Types of which a global can be made by their letter. */
const SIMPLE = new Set(['i32', 'i64', 'f32', 'f64', 'externref', 'funcref']);

/**
 * Reads the imports of one module for one space. `ways` are those out of its classes, by
 * kind; `instantiate` gives the exports of a module with imports.
 */
class ImportReader {
  #space;
  #ways;
  #module;
  #instantiate;
  #functions = 0;

  constructor(space, ways, module, instantiate) {
    this.#space = space;
    this.#ways = ways;
    this.#module = module;
    this.#instantiate = instantiate;
  }

  /** The entities, in the order of the imports. Runs getters of `object`. */
  read(object) {
    const { imports } = this.#module.description;
    if (imports.length > 0 && object === undefined) {
      throw new TypeError('WebAssembly.Instance(): the module has imports, but no object was given to take them from');
    }
    return Uint32Array.from(imports, (entry, index) => this.#entity(entry, index, object));
  }

  #entity(entry, index, object) {
    const { builtins, strings } = this.#module.options;
    if (entry.module === strings) return this.#global(entry, index, entry.name);
    const builtin = builtinOf(entry, builtins);
    if (builtin !== undefined) return this.#builtin(entry, index, builtin);
    const from = object[entry.module];
    if (!isObject(from)) {
      throw new TypeError(`${nameOf(entry)}: expected an object to take it from, got ${describe(from)}`);
    }
    const value = from[entry.name];
    if (entry.kind === 'function') return this.#function(entry, index, value);
    const id = this.#ways[entry.kind].unwrap(value);
    if (id !== undefined) return id;
    if (entry.kind === 'global') return this.#global(entry, index, value);
    const class_ = entry.kind[0].toUpperCase() + entry.kind.slice(1);
    throw mismatch(entry, `a WebAssembly.${class_} of this namespace`, value);
  }

  #function(entry, index, value) {
    const name = this.#functions++;
    if (typeof value !== 'function') throw mismatch(entry, 'a function', value);
    return this.#space.functionId(value) ?? this.#host(entry, index, name, value);
  }

  #builtin(entry, index, builtin) {
    const made = builtinFunction(builtin, entry.name, this.#space, this.#instantiate);
    return this.#function(entry, index, made);
  }

  #host(entry, index, name, function_) {
    const space = this.#space;
    const { handle, description } = this.#module;
    const signature = makeSignature(entry.type, description.kinds);
    const place = space.place(makeHost(space, function_, signature));
    const id = binding.hostFunction(space.handle, handle, index, place, signature.plan ?? '');
    space.addHost(id, { signature, name });
    return id;
  }

  /** A global of the value that was given instead of one. */
  #global(entry, index, value) {
    const space = this.#space;
    const type = parseType(entry.type.value, this.#module.description.kinds);
    const expected = { l: 'bigint', w: 'number', f: 'number', d: 'number' }[type.letter];
    const wrong =
      entry.type.mutable === true || type.letter === undefined || (expected !== undefined && typeof value !== expected);
    const given = type.letter === undefined || entry.type.mutable === true ? '' : ' or a value';
    const wanted = `a WebAssembly.Global of this namespace${given} of type ${type.text}`;
    if (wrong) throw mismatch(entry, wanted, value);
    const codec = codecOf(space, type);
    let checked;
    try {
      checked = codec.check(value);
    } catch (error) {
      throw error instanceof TypeError ? mismatch(entry, wanted, value) : error;
    }
    const { handle } = space;
    codec.put(0, checked);
    if (SIMPLE.has(type.text)) return binding.globalNew(handle, type.letter, false);
    try {
      return binding.globalImport(handle, this.#module.handle, index, type.letter);
    } catch (error) {
      throw error?.code === 'ERR_ARG_TYPE' ? mismatch(entry, wanted, value) : error;
    }
  }
}

module.exports = { ImportReader };
