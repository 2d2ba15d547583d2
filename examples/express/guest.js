'use strict';

const { Module, Instance } = require('../..');

/**
 * A guest that outlives its own failures. A trap, a panic or a timeout leaves an instance in an unknown state, in which
 * it refuses further calls; the next call then gets a fresh one of the same module, with memory of its own.
 */
class Guest {
  #module;
  #instance;

  /** `limits` are those of the instance, everything else goes to the load of the module. */
  constructor(source, { limits, ...options } = {}) {
    this.#module = Module.load(source, options);
    this.#instance = new Instance(this.#module, { limits });
  }

  call(name, ...args) {
    if (this.#instance.state !== 'open') this.#instance.reset();
    return this.#instance.exports[name](...args);
  }

  close() {
    this.#instance.close();
    this.#module.close();
  }
}

module.exports = { Guest };
