'use strict';

const { Module, inspect } = require('./module');
const { hostFn } = require('./imports');
const { Instance } = require('./instance');
const { run, runSync } = require('./run');
const { VM } = require('./vm');
const { NativeRef } = require('./native');
const { Plugin } = require('./plugin');
const { WasmError } = require('./errors');

module.exports = {
  Module,
  Instance,
  Plugin,
  NativeRef,
  VM,
  hostFn,
  inspect,
  run,
  runSync,
  WasmError,
  // Most programs use none of this, so that it is loaded when somebody does.
  get WebAssembly() {
    return require('./webassembly').WebAssembly;
  },
  get createWebAssembly() {
    return require('./webassembly').createWebAssembly;
  },
};
