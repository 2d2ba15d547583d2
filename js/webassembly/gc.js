'use strict';

// Structs and arrays of the engine as JavaScript sees them: objects with nothing in them,
// one per struct or array for as long as somebody holds it.

const binding = require('../load');

const target = Object.freeze(Object.create(null));

/** Setting and deleting throw, also where code is not strict. */
const handler = Object.freeze({
  __proto__: null,
  set() {
    throw new TypeError('WebAssembly: a struct or an array cannot be changed from JavaScript');
  },
  deleteProperty() {
    throw new TypeError('WebAssembly: a struct or an array has no properties to delete');
  },
  defineProperty: () => false,
  setPrototypeOf: () => false,
  preventExtensions: () => false,
});

/** The objects of a space, by the numbers that the native side gives them. */
class GcObjects {
  #space;
  #numbers = new WeakMap();
  #entries = new Map();
  #forgotten;

  constructor(space) {
    this.#space = space;
    this.#forgotten = new FinalizationRegistry((entry) => this.#release(entry));
  }

  /** The object of a number that came out, which counts as one use of it. */
  object(number) {
    const entry = this.#entries.get(number);
    const known = entry?.object.deref();
    if (known !== undefined) {
      entry.uses++;
      return known;
    }
    const made = new Proxy(target, handler);
    const fresh = { number, uses: 1, object: new WeakRef(made) };
    this.#entries.set(number, fresh);
    this.#numbers.set(made, number);
    this.#forgotten.register(made, fresh);
    return made;
  }

  /** The number of an object; undefined for any other value. */
  number(value) {
    return this.#numbers.get(value);
  }

  #release(entry) {
    if (this.#entries.get(entry.number) === entry) this.#entries.delete(entry.number);
    if (this.#space.closed) return;
    binding.releaseGc(this.#space.handle, entry.number, entry.uses);
  }
}

module.exports = { GcObjects };
