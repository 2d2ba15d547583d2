'use strict';

// Host functions: what a guest pays for calling JavaScript. Each call of an export makes a hundred of an import
// (guests/imports.wat); figures are for one of these.

const fs = require('node:fs');
const path = require('node:path');

const FILE = path.join(__dirname, 'guests/wasm/imports.wasm');
const TEXT = 'It was a bright cold day in April, and the clocks were striking thirteen. ';
const CALLS = 100;

/** The functions of JavaScript, for the side of that name: of its own, so that V8 sees one caller of each. */
const hosts = (name) =>
  new Function(`// ${name}
  return {
    next: (x) => x + 1,
    weigh: (x, y) => x + y,
    read: (text) => text.length + text.charCodeAt(0),
    touch: (value) => value,
  };`)();

function ours() {
  const { Instance, hostFn } = require('..');
  const { read, ...plain } = hosts('wasmgate');
  return new Instance(FILE, { imports: { env: { ...plain, read: hostFn('(string) -> i32', read) } } }).exports;
}

/** V8's, with what wasm-bindgen's JavaScript does about a text. */
function v8() {
  const { read, ...plain } = hosts('v8');
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
  decoder.decode();
  let memory;
  let view = null;
  const bytes = () => {
    if (view === null || view.byteLength === 0) view = new Uint8Array(memory.buffer);
    return view;
  };
  const textAt = (ptr, length) => {
    ptr = ptr >>> 0;
    return decoder.decode(bytes().subarray(ptr, ptr + length));
  };
  const env = { ...plain, read: (ptr, length) => read(textAt(ptr, length)) };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(fs.readFileSync(FILE)), { env });
  ({ memory } = exports);
  return exports;
}

/** Both sides of an export. */
const both = (name, probe) => () =>
  [ours, v8].map((open) => ({ name: open.name === 'ours' ? 'wasmgate' : 'v8', call: open()[name], probe }));

const text = (bytes) => ({
  probe: `text${bytes}`,
  input: (k) => k % 2,
  expect: (k) => CALLS * (bytes + TEXT.charCodeAt(k)),
});

const rows = [
  {
    name: '(i32) → i32, a round trip',
    peer: 'the loop without the call',
    compare: 'difference',
    target: 150,
    input: (k) => k,
    expect: (k) => k + CALLS,
    sides() {
      const { next, idle } = ours();
      return [
        { name: 'wasmgate', call: next, probe: 'same' },
        { name: 'idle', call: idle, probe: 'same' },
      ];
    },
  },
  { name: '(i32) → i32, V8', input: (k) => k, expect: (k) => k + CALLS, sides: both('next', 'same') },
  { name: '(f64, f64) → f64, V8', input: (k) => k / 4, expect: (k) => k + CALLS, sides: both('weigh', 'same') },
  { name: '(string) → i32, 8 B', target: 1.5, ...text(8) },
  { name: '(string) → i32, 64 B', target: 1.5, ...text(64) },
  {
    name: '(externref) → externref, V8',
    input: (k) => ({ k }),
    expect: (value) => value,
    sides: both('touch', 'same'),
  },
];

exports.rows = rows.map(({ probe, ...row }) => ({
  per: CALLS,
  peer: 'V8',
  ...(probe && { sides: both('read', probe) }),
  ...row,
}));
