'use strict';

// Host functions in C: (i32, i32) -> i32, called by a loop of the guest. What a call costs is the difference to the same
// loop over a function of the guest's own, or a ratio to the same module on V8 with a function of JavaScript.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

/** Calls in one run of the loop. */
const CALLS = 10000;

const name = (text) => [text.length, ...Buffer.from(text)];
const section = (id, ...bytes) => [id, bytes.length, ...bytes];
const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const TYPES = section(1, 2, 0x60, 2, 0x7f, 0x7f, 1, 0x7f, 0x60, 1, 0x7f, 1, 0x7f);
const EXPORTS = section(7, 2, ...name('loop'), 0, 1, ...name('memory'), 2, 0);
const MEMORY = section(5, 1, 0, 1);
/** (count) { sum = add(sum, 3) as often; return sum } */
const LOOP = [
  ...[1, 1, 0x7f, 0x03, 0x40, 0x20, 1, 0x41, 3, 0x10, 0, 0x21, 1],
  ...[0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b, 0x20, 1, 0x0b],
];
const ADD = [0, 0x20, 0, 0x20, 1, 0x6a, 0x0b];

/** The module whose add is an import of that module … */
const importing = (from) =>
  Buffer.from([
    ...HEADER,
    ...TYPES,
    ...section(2, 1, ...name(from), ...name('add'), 0, 0),
    ...section(3, 1, 1),
    ...MEMORY,
    ...EXPORTS,
    ...section(10, 1, LOOP.length, ...LOOP),
  ]);

/** … or a function of its own. */
const own = () =>
  Buffer.from([
    ...HEADER,
    ...TYPES,
    ...section(3, 2, 0, 1),
    ...MEMORY,
    ...EXPORTS,
    ...section(10, 2, ADD.length, ...ADD, LOOP.length, ...LOOP),
  ]);

/** Builds the plugin, once for each process. */
function library() {
  const { Plugin } = require('..');
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'wasmgate-bench-'));
  process.on('exit', () => fs.rmSync(dir, { recursive: true, force: true }));
  const output = path.join(dir, 'bench.so');
  const source = path.join(__dirname, 'plugins/bench.c');
  execFileSync(process.env.CC ?? 'cc', ['-O2', '-fPIC', '-shared', `-I${Plugin.include}`, '-o', output, source]);
  return output;
}

function ours(from) {
  const { Instance } = require('..');
  const options = { plugins: [library()], grants: { plugins: { bench: true } } };
  const { loop } = new Instance(importing(from), options).exports;
  return { name: `plugin ${from}`, call: () => loop(CALLS), probe: 'same' };
}

function guest() {
  const { Instance } = require('..');
  const { loop } = new Instance(own()).exports;
  return { name: 'own function', call: () => loop(CALLS), probe: 'same' };
}

function v8() {
  const { loop } = new WebAssembly.Instance(new WebAssembly.Module(importing('callback')), {
    callback: { add: (a, b) => (a + b) | 0 },
  }).exports;
  return { name: 'v8', call: () => loop(CALLS), probe: 'same' };
}

function javascript() {
  const { Instance } = require('..');
  const { loop } = new Instance(importing('callback'), { imports: { callback: { add: (a, b) => (a + b) | 0 } } })
    .exports;
  return { name: 'import', call: () => loop(CALLS), probe: 'same' };
}

const row = (title, from, rest) => ({
  name: title,
  per: CALLS,
  expect: () => (from === 'memory' ? 0 : 3 * CALLS),
  ...rest,
});
const difference = { peer: "the guest's own function", compare: 'difference' };

exports.rows = [
  row('callback', 'callback', { ...difference, target: 12, sides: () => [ours('callback'), guest()] }),
  row('plain C function', 'plain', { ...difference, sides: () => [ours('plain'), guest()] }),
  row('callback, V8', 'callback', { peer: 'V8, a JavaScript import', sides: () => [ours('callback'), v8()] }),
  row('callback, JavaScript', 'callback', {
    peer: 'a JavaScript import',
    sides: () => [ours('callback'), javascript()],
  }),
  row('callback and memory_at', 'memory', {
    peer: 'the callback alone',
    compare: 'difference',
    sides: () => [ours('memory'), zeroed(ours('callback'))],
  }),
];

/** The same time with the result that the other side has. */
const zeroed = (side) => ({ ...side, call: () => side.call() & 0 });
