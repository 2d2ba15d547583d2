'use strict';

const { Module, Instance } = require('../..');

/**
 * A guest that outlives its own failures. A trap or panic leaves an instance in an unknown state, in which it refuses
 * further calls; the next call then gets a new instance of the same module, with memory of its own.
 */
class Guest {
  #module;
  #instance;
  #functions;

  constructor(source, options) {
    this.#module = Module.load(source, options);
    this.#open();
  }

  #open() {
    this.#instance = new Instance(this.#module);
    this.#functions = this.#instance.exports;
  }

  call(name, ...args) {
    if (this.#instance.state !== 'open') {
      this.#instance.close();
      this.#open();
    }
    return this.#functions[name](...args);
  }

  close() {
    this.#instance.close();
    this.#module.close();
  }
}

module.exports = { Guest };
