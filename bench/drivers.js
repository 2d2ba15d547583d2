'use strict';

// The two sides of a row. Each driver gives the functions of a fixture, under the same names.

const fs = require('node:fs');
const path = require('node:path');
const { hostOf } = require('./host');
const glue = require('./glue');
const { loadGlue } = require('../test/diff/glue');

const VERSION = '0.2.127';
const fixture = (...parts) => path.join(__dirname, '../test/fixtures/wasm', ...parts);

/** The functions of an instance of ours. */
function openFile(file) {
  const { exports } = new (require('..').Instance)(file);
  return { ...exports, echoText: exports.echo, echoBytes: exports.echo };
}

const BULK = path.join(__dirname, 'guests/bulk.wat');

/** guests/bulk.wat on a WebAssembly as JavaScript has it: its exports, and its memory as `bulk` of a driver gives it. */
function bulkOf({ Module, Instance }) {
  const { assemble } = require('../js/load');
  const { exports } = new Instance(new Module(assemble(fs.readFileSync(BULK, 'utf8'))));
  const { memory } = exports;
  return {
    exports,
    write: (bytes) => new Uint8Array(memory.buffer).set(bytes),
    read: (ptr, length) => new Uint8Array(memory.buffer).slice(ptr, ptr + length),
  };
}

/** This package. */
const wasmgate = {
  name: 'wasmgate',

  open: (crate) => openFile(glue.fileOf(crate)),

  /** The same with options of the load and the instance, and limits of each call. */
  openWith(crate, options, limits) {
    const instance = new (require('..').Instance)(glue.fileOf(crate), options);
    const { exports } = limits ? instance.with(limits) : instance;
    return { ...exports, echoText: exports.echo, echoBytes: exports.echo };
  },

  /** The same crate as the compiler wrote it. */
  openRaw: (crate) => openFile(fixture('raw', crate, `${VERSION}.wasm`)),

  /** guests/bulk.wat: { exports, write(bytes), which writes to address 0, read(ptr, length), which gives a copy }. */
  bulk() {
    const { exports, memory } = new (require('..').Instance)(BULK);
    return { exports, write: (bytes) => memory.write(0, bytes), read: (ptr, length) => memory.read(ptr, length) };
  },

  /** The exports of the crate `types`, raw, with the imports of host.js. */
  types() {
    const { Instance } = require('..');
    return new Instance(fixture('raw/types', `${VERSION}.wasm`), { imports: hostOf('wasmgate') }).exports;
  },

  /** The serde function of the guest crate. */
  record: () => new (require('..').Instance)(fixture('guest_record/wasm32-unknown-unknown-1.96.wasm')).exports.record,

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

  bulk: () => bulkOf(WebAssembly),

  /** The exports of the crate `types` through the very file that wasm-bindgen generates. */
  types: () => loadGlue(fixture('types', VERSION, 'types.js'), hostOf('v8')),

  /** Functions that pass the same record as ours: through serde-wasm-bindgen, and as JSON. */
  serde: () => loadGlue(fixture('serde_peer/serde_peer.js'), {}),

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

/** The WebAssembly namespace of this package. */
const namespace = {
  name: 'namespace',

  bulk: () => bulkOf(require('..').WebAssembly),
};

/** The least that a call through Node-API can cost. */
const floor = {
  name: 'empty Node-API function',

  open: () => ({ empty: require('../js/load').empty }),
};

module.exports = { wasmgate, v8, namespace, floor };
