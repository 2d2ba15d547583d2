'use strict';

// WebAssembly namespaces where the process or the thread ends, or memory is shared between threads.

const { childPrints } = require('../helpers');

const PREPARED = `
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads');
const wat = (text) => new Uint8Array(load.assemble('(module ' + text + ')'));
const { root } = require(${JSON.stringify(require.resolve('../helpers'))});
/** A worker that runs a script with W, the namespace of its thread, and start(bytes, imports). */
const worker = (script, data) => new Worker(
  \`const { parentPort, workerData } = require('node:worker_threads');
   const { WebAssembly: W, createWebAssembly } = require(workerData.root);
   const start = (bytes, imports) => new W.Instance(new W.Module(bytes), imports).exports;
   const data = workerData.data;\` + script, { eval: true, workerData: { root, data } });
const ended = (thread) => new Promise((resolve) => thread.on('exit', resolve).on('error', (error) => console.log(String(error))));
`;
const run = (script, stdout, options) => childPrints(`${PREPARED}(async () => { ${script} })();`, stdout, options);

describe('WebAssembly namespaces and the ends of threads', function () {
  this.timeout(60000);

  it('a worker that is in an endless loop of wasm can be terminated', () =>
    run(
      `for (let i = 0; i < 3; i++) {
         const thread = worker("parentPort.postMessage('runs'); start(data).loop();", wat('(func (export "loop") (loop br 0))'));
         await new Promise((resolve) => thread.on('message', resolve));
         await thread.terminate();
       }
       console.log('ended', load.live()[0]);`,
      'ended 0\n',
    ));

  it('so can one in a start function, and one whose wasm calls JavaScript for ever', () =>
    run(
      `for (const text of ['(import "" "f" (func)) (func (loop br 0)) (start 1)', '(import "" "f" (func)) (func (loop (call 0) (br 0))) (start 1)']) {
         const thread = worker("let n = 0; start(data, { '': { f() { if (n++ === 100) parentPort.postMessage('runs'); } } });", wat(text));
         if (text.includes('call')) await new Promise((resolve) => thread.on('message', resolve));
         else await new Promise((resolve) => setTimeout(resolve, 300));
         await thread.terminate();
       }
       console.log('ended', load.live()[0]);`,
      'ended 0\n',
    ));

  it('a worker that ends while its module compiles takes nothing with it', () =>
    run(
      `const large = wat(Array.from({ length: 3000 }, (_, i) => '(func (result i32) (i32.const ' + i + '))').join(''));
       for (let i = 0; i < 4; i++) {
         const thread = worker("W.compile(data).then(() => {}); W.instantiate(data, {}); setTimeout(() => process.exit(3), 1);", large);
         console.log(await ended(thread));
       }
       console.log('goes on', (await wg.WebAssembly.compile(large)) instanceof wg.WebAssembly.Module);`,
      '3\n3\n3\n3\ngoes on true\n',
    ));

  it('process.exit in a function that wasm calls ends the process', () =>
    run(
      `const W = wg.WebAssembly;
       const { f } = new W.Instance(new W.Module(wat('(import "" "f" (func)) (memory (export "m") 1) (func (export "f") (call 0))')), { '': { f() { console.log('bye'); process.exit(0); } } }).exports;
       f();
       console.log('never');`,
      'bye\n',
    ));

  it('memory that is shared with another thread stays when the thread that made it ends', () =>
    run(
      `const thread = worker("const { buffer } = new W.Memory({ initial: 1, maximum: 2, shared: true }); new Uint8Array(buffer).fill(7); parentPort.postMessage(buffer);");
       const buffer = await new Promise((resolve) => thread.on('message', resolve));
       await ended(thread);
       global.gc();
       const view = new Uint8Array(buffer);
       view[65535]++;
       console.log(view[0], view[65535], Object.prototype.toString.call(buffer));
       const namespace = wg.createWebAssembly();
       const own = new namespace.Memory({ initial: 1, maximum: 1, shared: true }).buffer;
       const other = worker("parentPort.on('message', () => { new Uint8Array(data)[5] = 9; parentPort.postMessage(0); parentPort.close(); })", own);
       await new Promise((resolve) => other.on('online', resolve));
       namespace.close();
       other.postMessage(0);
       await ended(other);
       console.log(new Uint8Array(own)[5]);`,
      '7 8 [object SharedArrayBuffer]\n9\n',
      { flags: ['--expose-gc'] },
    ));

  it('two threads wait for each other in shared memory', () =>
    run(
      `const shared = new SharedArrayBuffer(4);
       const W = wg.WebAssembly;
       const memory = new W.Memory({ initial: 1, maximum: 1, shared: true });
       const { buffer } = memory;
       const thread = worker("const view = new Int32Array(data); Atomics.wait(view, 0, 0); Atomics.store(view, 1, 42); Atomics.notify(view, 1);", buffer);
       await new Promise((resolve) => thread.on('online', resolve));
       const { go } = new W.Instance(new W.Module(wat('(import "" "m" (memory 1 1 shared)) (func (export "go") (result i32) (i32.atomic.store (i32.const 0) (i32.const 1)) (i32.atomic.load (i32.const 4)))')), { '': { m: memory } }).exports;
       let value;
       while ((value = go()) === 0) { Atomics.notify(new Int32Array(buffer), 0); await new Promise(setImmediate); }
       console.log(value);`,
      '42\n',
    ));
});
