'use strict';

// JavaScript may use nearly all of a thread's stack. A guest that is entered
// there must not run into the end of it.

const { childPrints } = require('../helpers');

/** Recurses until JavaScript's stack is full, then loads and calls at 60 depths on the way back. */
const PROBE = `
const { Instance, Module } = require(${JSON.stringify(require.resolve('../..'))});
const text = Buffer.from(
  '(module (func $f (export "f") (param i64) (result i64) (i64.add (i64.const 1) (call $f (local.get 0)))) (func (export "ok") (result i32) i32.const 7))',
);
const guest = new Instance(text).exports;
const seen = new Set();
let left = 60;
const attempt = (f) => { try { seen.add(String(f())); } catch (error) { seen.add(error.trap ?? error.name); } };
const deep = () => {
  try { deep(); } catch (error) {
    if (left-- > 0) { attempt(() => guest.f(1n)); attempt(() => guest.ok()); attempt(() => new Instance(text).close()); attempt(() => Module.load(text).close()); }
    throw error;
  }
};
const start = () => { try { deep(); } catch (error) { if (error.name !== 'RangeError') throw error; } };
start();
const expected = new Set(['RangeError', 'stack_overflow', '7', 'undefined']);
for (const what of seen) if (!expected.has(what)) throw new Error('unexpected: ' + what);
if (guest.ok() !== 7) throw new Error('the guest does not answer afterwards');
`;

const inWorker = (options) => `
const { Worker } = require('node:worker_threads');
const worker = new Worker(${JSON.stringify(PROBE)}, { eval: true, ...${JSON.stringify(options)} });
worker.on('error', (error) => { throw error; });
worker.on('exit', (code) => console.log('worker ended', code));`;

describe('a guest called where the stack is nearly full', () => {
  it('on the main thread', () => childPrints(`${PROBE}; console.log('done');`, 'done\n'));

  for (const options of [{}, { resourceLimits: { stackSizeMb: 1 } }, { resourceLimits: { stackSizeMb: 16 } }]) {
    it(`in a worker with ${JSON.stringify(options)}`, () => childPrints(inWorker(options), 'worker ended 0\n'));
  }
});
