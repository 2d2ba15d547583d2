'use strict';

const binding = require('../load');
const { describe } = require('../errors');
const { isObject, makeInterface } = require('./idl');
const { ImportReader } = require('./imports');
const { internals } = require('./module');
const { makeSignature } = require('./types');

const KEY = Symbol('wasmgate.instance');

/** The class Instance of a space, and how one is made in two steps; `ways` are those of its other classes. */
function makeInstance(space, ways) {
  class Instance {
    #exports;

    constructor(module, importObject) {
      if (module === KEY) {
        this.#exports = importObject;
        return;
      }
      const where = 'WebAssembly.Instance()';
      const inner = internals(module, where);
      this.#exports = instantiate(inner, read(inner, importsOf(importObject, where)));
    }

    get exports() {
      return this.#exports;
    }
  }
  Object.defineProperty(Instance, 'length', { value: 1 });
  makeInterface('Instance', Instance);

  /** Makes an instance of imports that are read, and gives its exports. */
  function instantiate(module, ids) {
    const { handle } = space;
    const number = space.enroll(module);
    let made;
    try {
      made = binding.instantiate(handle, module.handle, ids, number);
    } catch (error) {
      throw space.failure(error);
    }
    if (typeof made === 'number') throw space.uncaught(made);
    return exportsOf(space, ways, module.description, made);
  }

  /** The entities behind the imports of a module. */
  function read(module, importObject) {
    const inner = (other, imports) => instantiate(other, read(other, imports));
    return new ImportReader(space, ways, module, inner).read(importObject);
  }

  return {
    Instance,
    read,
    instantiate: (module, ids) => new Instance(KEY, instantiate(module, ids)),
  };
}

/** The object that imports are taken from, if any. */
function importsOf(value, where) {
  if (value === undefined || isObject(value)) return value;
  throw new TypeError(`${where}: expected an object of imports, got ${describe(value)}`);
}

function exportsOf(space, ways, { exports, kinds }, ids) {
  const object = Object.create(null);
  exports.forEach(({ name, kind, type, index }, i) => {
    object[name] =
      kind === 'function'
        ? space.function(ids[i], () => ({ signature: makeSignature(type, kinds), name: index }))
        : ways[kind].wrap(ids[i], type, kinds);
  });
  return Object.freeze(object);
}

module.exports = { importsOf, makeInstance };
