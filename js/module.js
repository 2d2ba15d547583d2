'use strict';

const { fileURLToPath } = require('node:url');
const { types } = require('node:util');
const { codedError, describe } = require('./errors');
const { moduleOptions } = require('./options');
const binding = require('./load');

/**
 * The two arguments of a native load: the options document, and the bytes if
 * the source is not a file.
 */
function loadArguments(source, options) {
  const { metering, ...rest } = moduleOptions(options);
  const document = { sidecar: true, ...rest };
  if (metering !== undefined) document.metering = metering !== false;
  if (metering?.costs !== undefined) document.costs = metering.costs;
  if (typeof source === 'string' || (source instanceof URL && !types.isProxy(source))) {
    document.path = pathOf(source);
    return [JSON.stringify(document), undefined];
  }
  if (types.isUint8Array(source) && !types.isSharedArrayBuffer(source.buffer)) {
    return [JSON.stringify(document), source];
  }
  throw codedError('ERR_SOURCE_TYPE', `module: expected a path, a file: URL or a Uint8Array, got ${describe(source)}`);
}

function pathOf(source) {
  if (typeof source === 'string' && !source.startsWith('file:')) {
    if (source === '' || source.includes('\0')) {
      throw codedError('ERR_SOURCE_TYPE', `module: ${describe(source)} is not a path`);
    }
    return source;
  }
  try {
    return fileURLToPath(source);
  } catch (cause) {
    throw codedError('ERR_SOURCE_TYPE', `module: expected a file: URL, got ${describe(source)}`, { cause });
  }
}

/** Freezes what inspect and modules hand out, so that it can be shared. */
function frozen(value) {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(frozen);
  return Object.freeze(value);
}

/** A native description: what users see of it, and what only js/world.js and js/imports.js need. */
function read(text) {
  const { glue, late, ...description } = JSON.parse(text);
  return [frozen(description), { glue, late }];
}

const secret = Symbol('wasmgate.module');

class Module {
  #handle;
  #description;
  #inner;
  #closed = false;

  constructor(key, [handle, description]) {
    if (key !== secret) throw new TypeError('use Module.load or Module.loadAsync');
    this.#handle = handle;
    [this.#description, this.#inner] = read(description);
  }

  static load(source, options) {
    return new Module(secret, binding.loadModule(...loadArguments(source, options)));
  }

  static async loadAsync(source, options) {
    return new Module(secret, await binding.loadModuleAsync(...loadArguments(source, options)));
  }

  get exports() {
    return this.#description.exports;
  }

  get imports() {
    return this.#description.imports;
  }

  get closed() {
    return this.#closed;
  }

  close() {
    this.#closed = true;
    binding.closeModule(this.#handle);
  }

  [Symbol.dispose]() {
    this.close();
  }

  /** The native handle, the description and what is not for users, for the other classes of the package. */
  static internals(module) {
    return { handle: module.#handle, description: module.#description, ...module.#inner };
  }

  static describe(source, options) {
    if (source instanceof Module) return source.#description;
    return read(binding.inspect(...loadArguments(source, options)))[0];
  }
}

// Not part of the public class.
const { internals, describe: inspect } = Module;
delete Module.internals;
delete Module.describe;

module.exports = { Module, internals, inspect };
