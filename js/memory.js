'use strict';

const binding = require('./load');
const { codedError, describe } = require('./errors');

function integer(name, value) {
  if (typeof value !== 'number') {
    throw codedError('ERR_ARG_TYPE', `memory: ${name}: expected a number, got ${describe(value)}`);
  }
  if (!Number.isSafeInteger(value) || value < 0) {
    throw codedError('ERR_MEMORY_BOUNDS', `memory: ${name}: expected an integer from 0 on, got ${value}`);
  }
  return value;
}

/**
 * Checked copies in and out of a guest's memory, for use with `raw` exports. No
 * view of guest memory is ever handed out here: what a guest changes later
 * cannot change what was read.
 */
class Memory {
  #handle;

  constructor(handle) {
    this.#handle = handle;
  }

  get byteLength() {
    return binding.memoryBytes(this.#handle);
  }

  read(ptr, length) {
    return binding.memoryRead(this.#handle, integer('ptr', ptr), integer('length', length));
  }

  write(ptr, bytes) {
    binding.memoryWrite(this.#handle, integer('ptr', ptr), bytes);
  }
}

module.exports = { Memory, integer };
