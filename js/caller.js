'use strict';

const { markAsUntransferable } = require('node:worker_threads');
const binding = require('./load');
const { codedError } = require('./errors');
const { Memory, integer } = require('./memory');

const end = Symbol('wasmgate.end');

/** The memory of the instance that called a host function, while that runs. */
class CallerMemory extends Memory {
  #handle;
  #buffers = [];

  constructor(handle) {
    super(handle);
    this.#handle = handle;
  }

  view(ptr, length) {
    if (this.#buffers === undefined) throw returned('memory.view');
    const view = binding.memoryView(this.#handle, integer('ptr', ptr), integer('length', length));
    if (length > 0) {
      markAsUntransferable(view.buffer);
      this.#buffers.push(view.buffer);
    }
    return view;
  }

  /** Detaches all views. */
  [end]() {
    const buffers = this.#buffers;
    this.#buffers = undefined;
    if (buffers === undefined || buffers.length === 0 || binding.memoryLeave(this.#handle, buffers)) return;
    throw codedError('ERR_ARG_TYPE', 'caller.memory: the buffer of a view was transferred; copy what you want to keep');
  }
}

const returned = (what) => codedError('ERR_CLOSED', `caller.${what}: the host function has returned`);

const making = (what) => codedError('ERR_BUSY', `caller.${what}: the instance is being made`);

/** The instance that called a host function. */
class Caller {
  #opened;
  #memory;
  #ended = false;

  constructor(opened) {
    this.#opened = opened;
  }

  get instance() {
    return this.#opened.owner;
  }

  get exports() {
    if (this.#opened.handle === undefined) throw making('exports');
    return this.#opened.exported();
  }

  get memory() {
    if (this.#memory === undefined) {
      if (this.#ended) throw returned('memory');
      const { handle } = this.#opened;
      if (handle === undefined) throw making('memory');
      this.#memory = new CallerMemory(handle);
    }
    return this.#memory;
  }

  /** Called when the host function has returned. */
  [end]() {
    this.#ended = true;
    this.#memory?.[end]();
  }

  static end = end;
}

module.exports = { Caller };
