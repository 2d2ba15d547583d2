'use strict';

const binding = require('./load');
const { codedError, describe, nearest } = require('./errors');
const { bothOptions, callOptions, instanceOptions } = require('./options');
const { Memory } = require('./memory');
const { makeWords, receiptOf, statsOf } = require('./meters');
const { Module, internals } = require('./module');
const { bindExports, exportsOf, open, rawOf } = require('./open');

/** Names of enum wg_state in wg_types.h. */
const STATES = ['open', 'calling', 'poisoned', 'closed'];

/** Limits of a call as the native side has them: nanoseconds and fuel, 0 for none. */
function limitWords({ timeoutMs, fuel } = {}) {
  const words = new BigUint64Array(2);
  if (timeoutMs !== undefined) words[0] = BigInt(Math.ceil(timeoutMs * 1e6));
  if (fuel !== undefined) words[1] = BigInt(fuel) || 1n; // 0 is no limit there
  return words;
}

/** The function of that name, which `call` is to call. */
function find(exports, name) {
  const target = exports[name];
  if (target !== undefined) return target;
  const text = String(name);
  throw codedError('ERR_EXPORT_MISSING', `no function export "${text}"${nearest(text, Object.keys(exports))}`, {
    export: name,
  });
}

/** The exports of an instance, whose calls have limits of their own. */
class Limited {
  #bind;
  #exports;

  constructor(makeBound) {
    this.#bind = makeBound;
  }

  get exports() {
    return (this.#exports ??= this.#bind());
  }

  call(name, ...args) {
    return find(this.exports, name)(...args);
  }
}

class Instance {
  #module;
  #own;
  #made; // undefined while its start function runs, which may call host functions
  #memory;
  #limits;
  #scopes = 0; // functions of with() that are running

  constructor(source, options) {
    if (source instanceof Module) {
      this.#own = instanceOptions(options);
      this.#module = source;
    } else {
      let module;
      [module, this.#own] = bothOptions(options);
      this.#module = Module.load(source, module);
    }
    this.#limits = this.#own.document?.limits ?? {};
    this.#own.owner = this;
    this.#made = open(this.#module, this.#own);
  }

  /** Stops the call that is under way in an instance of any thread. */
  static stop(id) {
    return binding.stopInstance(idOf(id));
  }

  /** The stats of an instance of any thread, undefined if there is none of that id. */
  static stats(id) {
    const words = makeWords();
    return binding.peekMeters(idOf(id), words) ? statsOf(words, true) : undefined;
  }

  get #opened() {
    if (this.#made === undefined) throw codedError('ERR_BUSY', 'the instance is being made');
    return this.#made;
  }

  get module() {
    return this.#module;
  }

  get id() {
    return binding.instanceId(this.#opened.handle);
  }

  get exports() {
    return exportsOf(this.#opened, this.#module);
  }

  get raw() {
    return rawOf(this.#opened, this.#module);
  }

  get memory() {
    return (this.#memory ??= new Memory(this.#opened.handle));
  }

  get state() {
    return STATES[binding.instanceState(this.#opened.handle)];
  }

  #words() {
    const words = makeWords();
    binding.readMeters(this.#opened.handle, words);
    return words;
  }

  get #description() {
    return internals(this.#module).description;
  }

  get stats() {
    return statsOf(this.#words(), this.#description.profile.metering);
  }

  get receipt() {
    const name = binding.lastExport(this.#opened.handle);
    if (name === undefined || !this.#description.profile.metering) return undefined;
    return receiptOf(this.#words(), this.#description, name);
  }

  takeOutput() {
    const [stdout, stderr] = binding.takeOutput(this.#opened.handle);
    return { stdout, stderr };
  }

  call(name, ...args) {
    return find(this.exports, name)(...args);
  }

  with(limits, action) {
    const own = callOptions(limits);
    this.#fit(own);
    const before = this.#limits;
    const both = { ...before, ...own };
    const words = limitWords(both);
    if (action === undefined) return new Limited(() => bindExports(this.#opened, this.#module, words));
    if (typeof action !== 'function') {
      throw codedError('ERR_ARG_TYPE', `with: expected a function, got ${describe(action)}`);
    }
    this.#limits = both;
    this.#scopes++;
    binding.setLimits(this.#opened.handle, words, true);
    try {
      return action();
    } finally {
      this.#limits = before;
      this.#scopes--;
      binding.setLimits(this.#opened.handle, limitWords(before), this.#scopes > 0);
    }
  }

  /** Limits that the module cannot be held to are refused, as they are when an instance is made. */
  #fit({ timeoutMs, fuel }) {
    const { metering, interruptible } = this.#description.profile;
    const missing =
      fuel !== undefined && !metering
        ? ['fuel', 'metering: true']
        : timeoutMs !== undefined && !interruptible && ['timeoutMs', 'interruptible: true'];
    if (!missing) return;
    const [option, load] = missing;
    throw codedError('ERR_PROFILE', `${option}: needs a module that was loaded with ${load}`, { option });
  }

  reset() {
    if (this.state === 'closed') throw codedError('ERR_CLOSED', 'the instance is closed');
    const { handle } = this.#opened;
    if (this.state === 'calling') throw codedError('ERR_BUSY', 'the instance is in the middle of a call');
    const fresh = open(this.#module, { ...this.#own, document: { ...this.#own.document, replaces: true } });
    try {
      binding.closeInstance(handle);
    } catch (error) {
      binding.closeInstance(fresh.handle);
      throw error;
    }
    binding.setLimits(fresh.handle, limitWords(this.#limits), this.#scopes > 0); // those of a function of with() that resets
    this.#memory = undefined;
    this.#made = fresh;
    return this;
  }

  close() {
    binding.closeInstance(this.#opened.handle);
  }

  [Symbol.dispose]() {
    this.close();
  }
}

function idOf(id) {
  if (typeof id !== 'bigint') throw codedError('ERR_ARG_TYPE', `id: expected a bigint, got ${describe(id)}`);
  return id;
}

module.exports = { Instance };
