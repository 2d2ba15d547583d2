'use strict';

// `require('wasmgate/install')`, or `node --require wasmgate/install`: puts the namespace of this package in place of
// the global WebAssembly, for everything that runs afterwards in this thread. For trying things.

const { WebAssembly } = require('./webassembly');

Object.defineProperty(globalThis, 'WebAssembly', {
  value: WebAssembly,
  writable: true,
  enumerable: false,
  configurable: true,
});

module.exports = WebAssembly;
