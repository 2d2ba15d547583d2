'use strict';

const { markAsUntransferable } = require('node:worker_threads');
const binding = require('../load');
const { hasMemory } = require('../errors');
const { dictionary, enforceAddress, limitsOf, limitsType, makeInterface } = require('./idl');
const { readLimits } = require('./types');

const KEY = Symbol('wasmgate.memory');

const PAGE = 65536;

/** The most pages that a type may name, by the width of addresses, and that a memory may have. */
const MOST = { i32: 2 ** 16, i64: 2 ** 37 - 1 };
const MOST_NOW = { i32: 2 ** 16, i64: 2 ** 18 };

/** MemoryDescriptor, checked. */
function descriptorOf(value) {
  const where = 'WebAssembly.Memory()';
  const descriptor = dictionary(value, where);
  const type = limitsOf(descriptor, where);
  type.shared = Boolean(descriptor.shared);
  if (type.shared && type.maximum === undefined) {
    throw new TypeError(`${where}: a shared memory must have a maximum`);
  }
  for (const [key, most] of [
    ['initial', MOST_NOW[type.address]],
    ['maximum', MOST[type.address]],
  ]) {
    if (type[key] > most) throw new RangeError(`${where}: ${key}: ${type[key]} pages are more than ${most}`);
  }
  return type;
}

/** The class Memory of a space, and the ways in and out of it for the other classes. */
function makeMemory(space) {
  class Memory {
    #id;
    #type;
    #buffer;

    constructor(descriptor) {
      if (descriptor === KEY) {
        this.#id = arguments[1];
        this.#type = arguments[2];
        return;
      }
      this.#type = descriptorOf(descriptor);
      this.#id = create(space, this.#type);
      space.register(this.#id, this);
    }

    get buffer() {
      return this.#view();
    }

    #pages() {
      return binding.spaceMemoryBytes(space.handle, this.#id) / PAGE;
    }

    #view() {
      const old = this.#buffer;
      // What has a length is neither detached nor too short: only shared memory grows under a buffer.
      if (old !== undefined && old.byteLength > 0 && !this.#type.shared) return old;
      const bytes = binding.spaceMemoryBytes(space.handle, this.#id);
      if (old !== undefined && old.byteLength === bytes && (bytes > 0 || this.#type.shared || hasMemory(old)))
        return old;
      return this.#refresh();
    }

    #refresh() {
      this.#buffer = binding.memoryBuffer(space.handle, this.#id);
      if (this.#type.shared) Object.freeze(this.#buffer);
      else markAsUntransferable(this.#buffer);
      return this.#buffer;
    }

    grow(delta) {
      const is64 = this.#type.address === 'i64';
      const pages = enforceAddress(delta, is64, 'WebAssembly.Memory.grow(): delta');
      const fits = Number(pages) + this.#pages() <= MOST_NOW[this.#type.address];
      const before = fits ? binding.memoryGrow(space.handle, this.#id, pages) : undefined;
      if (before === undefined) {
        throw new RangeError(`WebAssembly.Memory.grow(): the memory cannot grow by ${pages} pages`);
      }
      if (this.#buffer !== undefined) this.#refresh(); // which detaches the old one
      return is64 ? BigInt(before) : before;
    }

    /** As the proposal for type reflection has it. */
    type() {
      const pages = this.#pages();
      const is64 = this.#type.address === 'i64';
      return { ...limitsType(this.#type, is64 ? BigInt(pages) : pages), shared: this.#type.shared };
    }

    /** The buffer, which here always has a fixed length. */
    toFixedLengthBuffer() {
      return this.#view();
    }

    static unwrap(value) {
      return typeof value === 'object' && value !== null && #id in value ? value.#id : undefined;
    }
  }
  const { unwrap } = Memory;
  delete Memory.unwrap;
  makeInterface('Memory', Memory);
  const wrap = (id, type) =>
    space.object(id, () => new Memory(KEY, id, { ...readLimits(type), shared: type.shared === true }));
  return { Memory, wrap, unwrap };
}

function create(space, { initial, maximum, shared, address }) {
  try {
    return binding.memoryNew(space.handle, initial, maximum, shared, address === 'i64');
  } catch (error) {
    if (error?.code !== 'ERR_OUT_OF_MEMORY' && error?.code !== 'ERR_LIMIT') throw error;
    throw new RangeError(`WebAssembly.Memory(): there is no memory for ${initial} pages`, { cause: error });
  }
}

module.exports = { makeMemory };
