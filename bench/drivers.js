'use strict';

// The two sides of a row. Each driver gives the functions of a fixture, under the same names.

const glue = require('./glue');

/** This package. */
const wasmgate = {
  name: 'wasmgate',

  open(crate) {
    const { exports } = new (require('..').Instance)(glue.fileOf(crate));
    return { ...exports, echoText: exports.echo, echoBytes: exports.echo };
  },

  /** A function that makes an instance of a loaded module, calls `use` with it if there is one, and closes it. */
  creator(crate, use) {
    const { Module, Instance } = require('..');
    const module = Module.load(glue.fileOf(crate));
    return () => {
      const instance = new Instance(module);
      const result = use ? use(instance.exports) : instance.state === 'open';
      instance.close();
      return result;
    };
  },
};

/** V8's own WebAssembly, with the glue that wasm-bindgen generates for it. */
const v8 = {
  name: 'v8',

  open: (crate) => glue.open(glue.compile(crate)),

  /** Like that of wasmgate; V8 frees an instance when it collects it. */
  creator(crate, use) {
    const module = glue.compile(crate);
    let exports;
    const imports = glue.imports(module, () => exports);
    return () => {
      exports = new WebAssembly.Instance(module, imports).exports;
      exports.__wbindgen_start();
      return use ? use(exports) : exports.memory.buffer.byteLength > 0;
    };
  },
};

/** The least that a call through Node-API can cost. */
const floor = {
  name: 'empty Node-API function',

  open: () => ({ empty: require('../js/load').empty }),
};

module.exports = { wasmgate, v8, floor };
