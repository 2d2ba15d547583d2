'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const { VM } = require('../..');
const { scratch } = require('../helpers');

/** The documented texts, written down apart from the implementation's. */
const MESSAGE = {
  source: 'Expected a Wasm file or a Wasm binary sequence.',
  array: 'Input Wasm is not a valid Uint8Array or not a valid file path.',
  format: 'Unknown bytecode format.',
  options: 'Parse options failed.',
  load: 'Wasm bytecode/file cannot be loaded correctly.',
  validate: 'Wasm bytecode/file failed at validation stage.',
  instantiate: 'Wasm bytecode/file cannot be instantiated.',
  initialize: 'Initialize wasi reactor mode failed',
  malloc: 'Failed to call wasm-bindgen helper function __wbindgen_malloc',
  free: 'Failed to call wasm-bindgen helper function __wbindgen_free',
  argument: 'Unsupported argument type',
  run: 'SSVM execution failed',
  area: 'Access to forbidden memory address when retrieving address and length of result data',
  integer: 'SSVM-Napi implementation error: unknown integer type',
};

/** Runs `fn`, which must throw a plain Error with this message and a cause with this code; returns the cause. */
function fails(fn, message, causeCode) {
  let error;
  try {
    fn();
  } catch (thrown) {
    error = thrown;
  }
  assert.ok(error !== undefined, `expected "${message}", but nothing was thrown`);
  assert.equal(Object.getPrototypeOf(error), Error.prototype, `a plain Error, not ${error?.stack}`);
  assert.equal(error.message, message, error.stack);
  assert.equal(error.code, 'Error');
  assert.equal(error.cause?.code, causeCode, error.cause?.stack);
  return error.cause;
}

let files = 0;

/** Writes a module in text form to a file of its own; returns the path. */
function watFile(text) {
  const file = scratch(`vm-${process.pid}-${++files}.wat`);
  fs.writeFileSync(file, `(module ${text})`);
  return file;
}

/** A VM of a module in text form. */
const watVM = (text, options) => new VM(watFile(text), options);

/** One page of memory and an allocator that never reuses anything, with its first address. */
const allocator = (first = 1024) => `
  (memory (export "memory") 1)
  (global $next (mut i32) (i32.const ${first}))
  (func (export "__wbindgen_malloc") (param i32) (result i32)
    global.get $next
    (global.set $next (i32.add (global.get $next) (local.get 0))))
  (func (export "__wbindgen_free") (param i32 i32))
`;

/** Functions that store (ptr, length), or 64 bits, at the address given as their first parameter. */
const echoes = `
  (func $slice (export "slice") (param $at i32) (param $ptr i32) (param $length i32)
    (i32.store (local.get $at) (local.get $ptr))
    (i32.store offset=4 (local.get $at) (local.get $length)))
`;

module.exports = { MESSAGE, fails, watFile, watVM, allocator, echoes };
