'use strict';

// The errors of the WebAssembly namespaces, and what the native side throws made into
// them. One set of classes for all namespaces.

const { WasmError } = require('../errors');

/** Makes a class as those of the language: callable without `new`, its properties not enumerable. */
function nativeError(name) {
  const hidden = (value) => ({ value, writable: true, enumerable: false, configurable: true });
  // Not a class, which could not be called.
  const constructor = function (...args) {
    const made = Reflect.construct(Error, args, new.target ?? constructor);
    if (Error.stackTraceLimit > 0) Error.captureStackTrace(made, new.target ?? constructor);
    return made;
  };
  Object.defineProperty(constructor, 'name', { value: name });
  Object.defineProperty(constructor, 'length', { value: 1 });
  Object.setPrototypeOf(constructor, Error);
  const prototype = Object.create(Error.prototype, {
    constructor: hidden(constructor),
    name: hidden(name),
    message: hidden(''),
  });
  Object.defineProperty(constructor, 'prototype', { value: prototype, writable: false });
  return constructor;
}

const CompileError = nativeError('CompileError');
const LinkError = nativeError('LinkError');
const RuntimeError = nativeError('RuntimeError');

/** What of a coded error goes over to the error that takes its place. */
const DETAILS = ['code', 'trap', 'wasmStack', 'exitCode', 'limit'];

/** The message in one line, without the code, which the classes here do not have at the end. */
const plain = (error) =>
  error.message
    .replace(/ \(ERR_[A-Z0-9_]+\)$/, '')
    .replace(/\s*\n\s*Caused by:\s*(\d+: )?/g, ': ')
    .replace(/\s*\n\s*\d+: /g, ': ')
    .trim();

function replaced(error, class_, prefix = '') {
  const made = new class_(prefix + plain(error));
  for (const key of DETAILS) if (error[key] !== undefined) made[key] = error[key];
  return made;
}

/** What compiling failed with, for who called `method`. */
function compileFailure(error, method) {
  switch (error?.code) {
    case 'ERR_OUT_OF_MEMORY':
      return replaced(error, RangeError, `${method}: `);
    case 'ERR_CLOSED':
    case 'ERR_INTERNAL':
      return error;
    default:
      return typeof error?.code === 'string' ? replaced(error, CompileError, `${method}: `) : error;
  }
}

/** Ways in which a guest fails that are no trap of its own code's making. */
const RUNTIME = new Set(['ERR_TIMEOUT', 'ERR_STOPPED', 'ERR_LIMIT', 'ERR_FUEL', 'ERR_EXIT']);

/** What the engine threw in a call or an instantiation. */
function runFailure(error) {
  if (error?.code === 'ERR_TRAP' || error?.code === 'ERR_PANIC') {
    return replaced(error, error.trap === 'stack_overflow' ? RangeError : RuntimeError);
  }
  if (error?.code === 'ERR_LINK') return replaced(error, LinkError);
  if (error?.code === 'ERR_OUT_OF_MEMORY') return replaced(error, RangeError);
  return error instanceof WasmError && RUNTIME.has(error.code) ? replaced(error, RuntimeError) : error;
}

module.exports = { CompileError, LinkError, RuntimeError, compileFailure, runFailure };
