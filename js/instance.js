'use strict';

const binding = require('./load');
const { codedError, nearest } = require('./errors');
const { instanceOptions } = require('./options');
const { Memory } = require('./memory');
const { Module, internals } = require('./module');
const { shortened } = require('./numbers');

/** Names of enum wg_state in wg_types.h. */
const STATES = ['open', 'calling', 'poisoned', 'closed'];

/** The document of an instance that is granted nothing. */
const NO_GRANTS = '';

/** Opens an instance natively; grants are those of go/config, Instance. */
const open = (module, grants) =>
  binding.openInstance(internals(module).handle, grants === undefined ? NO_GRANTS : JSON.stringify(grants));

/** A frozen object of functions: every function export that `wanted` picks. */
function bind(handle, module, typed, wanted) {
  const functions = Object.create(null);
  let index = 0; // among the function exports, as in the native plans
  for (const entry of module.exports) {
    if (entry.kind !== 'function') continue;
    if (wanted(entry)) {
      functions[entry.name] = shortened(binding.bindExport(handle, index, typed), handle, index, typed);
    }
    index++;
  }
  return Object.freeze(functions);
}

class Instance {
  #module;
  #handle;
  #exports;
  #raw;
  #memory;

  constructor(source, options) {
    if (source instanceof Module) {
      instanceOptions(options);
      this.#module = source;
    } else {
      this.#module = Module.load(source, options);
    }
    this.#handle = open(this.#module, undefined);
  }

  get module() {
    return this.#module;
  }

  get exports() {
    return (this.#exports ??= bind(this.#handle, this.#module, true, (entry) => !entry.internal));
  }

  get raw() {
    return (this.#raw ??= bind(this.#handle, this.#module, false, () => true));
  }

  get memory() {
    return (this.#memory ??= new Memory(this.#handle));
  }

  get state() {
    return STATES[binding.instanceState(this.#handle)];
  }

  call(name, ...args) {
    const target = this.exports[name];
    if (target === undefined) {
      throw codedError(
        'ERR_EXPORT_MISSING',
        `no function export "${String(name)}"${nearest(String(name), Object.keys(this.exports))}`,
        {
          export: name,
        },
      );
    }
    return target(...args);
  }

  close() {
    binding.closeInstance(this.#handle);
  }

  [Symbol.dispose]() {
    this.close();
  }
}

module.exports = { Instance, open, bind };
