'use strict';

// What it costs to read the types of a raw module. `inspect` does all that a load does but compile, so it is timed on the
// module and on the same bytes with the marks of a raw module misspelt: the same size and code, but nothing to read.
// And a load with all that belongs to it, of a raw module against the one that the wasm-bindgen tool made of it.

const fs = require('node:fs');
const path = require('node:path');

const WASM = path.join(__dirname, '../test/fixtures/wasm');
const VERSION = '0.2.127';

const rawFile = (crate) => path.join(WASM, 'raw', crate, `${VERSION}.wasm`);

/** Replaces a text in a binary by one of the same length. */
function misspell(bytes, text) {
  const wrong = text.replace(/.$/, 'X');
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at)) bytes.write(wrong, at, 'latin1');
  return bytes;
}

/** The binary of a raw module as one that nothing is known of. */
function untyped(crate) {
  const bytes = fs.readFileSync(rawFile(crate));
  return ['__wasm_bindgen_unstable', '__wbindgen_describe'].reduce(misspell, bytes);
}

/** Whether a description has what only types come with. */
const isTyped = ({ api }) => api.functions.some(({ docs }) => docs.length > 0);

const inspector = (bytes) => () => isTyped(require('..').inspect(bytes));

const negated = (test) => () => !test();

const typing = (crate) => ({
  name: `types of a raw module: ${crate}`,
  unit: 'ms',
  compare: 'difference',
  target: 2,
  peer: 'inspect without types',
  settings: { rounds: 20, roundMs: 100 },
  expect: () => true,
  sides: () => [
    { name: 'typed', call: inspector(fs.readFileSync(rawFile(crate))), probe: 'create' },
    { name: 'untyped', call: negated(inspector(untyped(crate))), probe: 'create' },
  ],
});

function loader(bytes) {
  const { Module } = require('..');
  return () => {
    const module = Module.load(bytes);
    const { length } = module.exports;
    module.close();
    return length > 0;
  };
}

const loading = (crate, processed) => ({
  name: `Module.load, raw: ${crate}`,
  unit: 'ms',
  peer: 'the processed module',
  settings: { rounds: 8, roundMs: 300 },
  smoke: { rounds: 2, verified: 1 }, // a load takes long
  expect: () => true,
  sides: () => [
    { name: 'raw', call: loader(fs.readFileSync(rawFile(crate))), probe: 'create' },
    { name: 'processed', call: loader(fs.readFileSync(path.join(WASM, processed))), probe: 'create' },
  ],
});

exports.rows = [
  ...['hello', 'types', 'async_js'].map(typing),
  loading('hello', 'hello/hello_bg.wasm'),
  loading('types', `types/${VERSION}/types_bg.wasm`),
];
