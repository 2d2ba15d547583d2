'use strict';

const { Module, inspect } = require('./module');
const { hostFn } = require('./imports');
const { Instance } = require('./instance');
const { run, runSync } = require('./run');
const { VM } = require('./vm');
const { NativeRef } = require('./native');
const { Plugin } = require('./plugin');
const { WasmError } = require('./errors');

module.exports = { Module, Instance, Plugin, NativeRef, VM, hostFn, inspect, run, runSync, WasmError };
