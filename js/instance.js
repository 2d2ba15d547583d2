'use strict';

const binding = require('./load');
const { codedError, nearest } = require('./errors');
const { bothOptions, instanceOptions } = require('./options');
const { variadic } = require('./classes');
const { Memory } = require('./memory');
const { Module, internals } = require('./module');
const { shortened } = require('./numbers');
const { keep, makeExports, makeWorld } = require('./world');

/** Names of enum wg_state in wg_types.h. */
const STATES = ['open', 'calling', 'poisoned', 'closed'];

/** The document of an instance that is granted nothing. */
const NO_OPTIONS = '';

/**
 * Opens an instance natively; options are those of go/config, Instance. Of a raw
 * wasm-bindgen module it gets a world (js/world.js), with imports out of `layers`.
 */
function open(module, options, layers = []) {
  const { handle, description, glue } = internals(module);
  const world = glue && makeWorld(description.api, glue, layers);
  const document = options === undefined ? NO_OPTIONS : JSON.stringify(options);
  const instance = binding.openInstance(handle, document, world?.elements);
  if (world) attach(world, instance, module);
  return { handle: instance, world };
}

/** Gives a world the functions of its instance. */
function attach(world, handle, module) {
  const numbers = new Map();
  module.exports.filter(({ kind }) => kind === 'function').forEach((entry, i) => numbers.set(entry.name, [i, entry]));
  world.native = (name, typed) => {
    const [index] = numbers.get(name);
    return shortened(keep(binding.bindExport(handle, index, typed), world), handle, index, typed);
  };
  world.parameters = (name) => numbers.get(name)[1].type.parameters.length;
  world.exports = (name) => numbers.has(name);
}

/** What the API of a module says of a function. */
const described = (module, name) => internals(module).description.api.functions.find((entry) => entry.export === name);

/** A frozen object of functions: every function export that `wanted` picks. */
function bind({ handle, world }, module, typed, wanted) {
  const functions = Object.create(null);
  let index = 0; // among the function exports, as in the native plans
  for (const entry of module.exports) {
    if (entry.kind !== 'function') continue;
    if (wanted(entry)) {
      let made = shortened(binding.bindExport(handle, index, typed), handle, index, typed);
      if (typed && entry.variadic) made = variadic(described(module, entry.name), made);
      functions[entry.name] = world ? keep(made, world) : made;
    }
    index++;
  }
  return Object.freeze(functions);
}

class Instance {
  #module;
  #opened;
  #exports;
  #raw;
  #memory;

  constructor(source, options) {
    let own;
    if (source instanceof Module) {
      own = instanceOptions(options);
      this.#module = source;
    } else {
      let module;
      [module, own] = bothOptions(options);
      this.#module = Module.load(source, module);
    }
    this.#opened = open(this.#module, own.document, own.imports);
  }

  get module() {
    return this.#module;
  }

  get exports() {
    return (this.#exports ??= this.#bind());
  }

  #bind() {
    const { world } = this.#opened;
    if (world) return makeExports(world, this.#module);
    return bind(this.#opened, this.#module, true, (entry) => !entry.internal);
  }

  get raw() {
    return (this.#raw ??= bind(this.#opened, this.#module, false, () => true));
  }

  get memory() {
    return (this.#memory ??= new Memory(this.#opened.handle));
  }

  get state() {
    return STATES[binding.instanceState(this.#opened.handle)];
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
    binding.closeInstance(this.#opened.handle);
  }

  [Symbol.dispose]() {
    this.close();
  }
}

module.exports = { Instance, open, bind };
