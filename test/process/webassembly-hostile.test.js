'use strict';

// What WebAssembly namespaces do with the process and its threads, each case in a process of its own.

const path = require('node:path');
const { child, childPrints, root } = require('../helpers');
const assert = require('node:assert/strict');

const SETUP = `
const { createWebAssembly } = require(${JSON.stringify(root)});
const { assemble } = require(${JSON.stringify(path.join(root, 'js/load'))});
const { Worker } = require('node:worker_threads');
const make = (W, text, imports) => new W.Instance(new W.Module(new Uint8Array(assemble('(module ' + text + ')'))), imports).exports;
const code = (f) => { try { f(); return 'done'; } catch (e) { return e.code ?? e.name; } };
const ECHO = '(import "m" "h" (func $h (param externref) (result externref)))' +
  '(func (export "f") (param externref) (result externref) (call $h (local.get 0)))';
`;
const prints = (script, stdout, options) => childPrints(`${SETUP}${script}`, stdout, options);
const GC = { flags: ['--expose-gc'] };

describe('WebAssembly namespaces in a process', function () {
  this.timeout(60000);

  it("references when the engine's heap is full", () =>
    prints(
      `const W = createWebAssembly({ limits: { memoryBytes: 262144 } });
       const t = new W.Table({ element: 'externref', initial: 20000 });
       let count = 0;
       const fill = () => { for (count = 0; count < 20000; count++) t.set(count, { count }); };
       const codes = [code(fill), code(() => t.set(count, {}))];
       let whole = count > 1000;
       for (let i = 0; i < count; i++) whole &&= t.get(i).count === i;
       for (let i = 0; i < count; i++) t.set(i, null);
       console.log(codes.join(), whole, code(() => t.set(0, {})));`,
      'ERR_OUT_OF_MEMORY,ERR_OUT_OF_MEMORY true done\n',
    ));

  it('several results at once, collected for again and again', () =>
    prints(
      `const W = createWebAssembly({ limits: { memoryBytes: 65536 } });
       let n = 0, wrong = 0, full = 0;
       const e = make(W, '(import "m" "h" (func $h (result externref externref externref)))' +
         '(table (export "t") 3 externref) (func (export "g") (local externref externref externref)' +
         '(call $h) (local.set 2) (local.set 1) (local.set 0) (table.set (i32.const 0) (local.get 0))' +
         '(table.set (i32.const 1) (local.get 1)) (table.set (i32.const 2) (local.get 2)))',
         { m: { h: () => [{ n: ++n }, { n }, { n }] } });
       for (let i = 0; i < 20000; i++) {
         try { e.g(); } catch { full++; continue; }
         for (let k = 0; k < 3; k++) if (e.t.get(k)?.n !== n) wrong++;
       }
       console.log(wrong, full < 20000);`,
      '0 true\n',
    ));

  it('shared memory outlives its namespace, its thread and growth', () =>
    prints(
      `(async () => {
         let W = createWebAssembly(), m = new W.Memory({ initial: 1, maximum: 50, shared: true });
         const before = m.buffer;
         const e = make(W, '(import "m" "m" (memory 1 50 shared)) (func (export "g") (drop (memory.grow (i32.const 1))))' +
           '(func (export "s") (i32.store (i32.const 12) (i32.const 99)))', { m: { m } });
         for (let i = 0; i < 20; i++) e.g();
         e.s();
         const after = m.buffer;
         W.close();
         W = m = undefined;
         for (let i = 0; i < 5; i++) { gc(); await new Promise(setImmediate); }
         const w = new Worker('const { createWebAssembly } = require(' + JSON.stringify(${JSON.stringify(root)}) + ');' +
           'const b = new (createWebAssembly().Memory)({ initial: 1, maximum: 1, shared: true }).buffer;' +
           'new Uint8Array(b)[1] = 5; require("worker_threads").parentPort.postMessage(b);', { eval: true });
         const gone = new Promise((done) => w.once('exit', done));
         const other = await new Promise((done) => w.once('message', done));
         await gone;
         gc();
         new Uint8Array(other).fill(2, 2);
         console.log(before.byteLength, after.byteLength, new Int32Array(before)[3], new Uint8Array(other)[1]);
       })();`,
      '65536 1376256 99 5\n',
      GC,
    ));

  it('memory that a stream has taken over outlives its namespace', () =>
    prints(
      `(async () => {
         let kept;
         const stream = new ReadableStream({ type: 'bytes', pull(c) { c.byobRequest.respond(c.byobRequest.view.byteLength); } });
         let W = createWebAssembly(), m = new W.Memory({ initial: 1 });
         new Uint8Array(m.buffer)[5] = 9;
         const { value } = await stream.getReader({ mode: 'byob' }).read(new Uint8Array(m.buffer));
         const seen = new Uint8Array(m.buffer)[5];
         W.close();
         W = m = undefined;
         for (let i = 0; i < 5; i++) { gc(); await new Promise(setImmediate); }
         value.fill(3, 6);
         console.log(seen, value[5], value[6]);
       })();`,
      '9 9 3\n',
      GC,
    ));

  for (const [what, body] of [
    ['in a loop', `const e = make(W, '(func (export "f") (loop (br 0)))'); tell(); e.f();`],
    ['in a function of JavaScript', `const e = make(W, ECHO, { m: { h() { tell(); for (;;); } } }); e.f();`],
    [
      'in a start function',
      `make(W, '(import "m" "h" (func $h)) (func $s (call $h) (loop (br 0))) (start $s)', { m: { h: tell } });`,
    ],
    [
      'with buffers',
      `global.b = [new W.Memory({ initial: 1 }).buffer, new W.Table({ element: 'externref', initial: 9 }, {})]; tell(); setTimeout(() => {}, 1e6);`,
    ],
  ]) {
    it(`a worker is ended ${what}`, () =>
      prints(
        `(async () => {
           for (let i = 0; i < 5; i++) {
             const w = new Worker(${JSON.stringify(SETUP)} + 'const tell = () => require("worker_threads").parentPort.postMessage(1);' +
               'const W = createWebAssembly();' + ${JSON.stringify(body)}, { eval: true });
             const gone = new Promise((done) => w.once('exit', done));
             await new Promise((done, failed) => { w.once('message', done); w.once('error', failed); });
             setTimeout(() => w.terminate(), i);
             await gone;
           }
           console.log('ended');
         })();`,
        'ended\n',
      ));
  }

  it('the process exits in the middle of calls in calls', async () => {
    const script = `const W = createWebAssembly(); global.b = new W.Memory({ initial: 1 }).buffer;
      let k = 0; const e = make(W, ECHO, { m: { h(x) { if (++k === 5) process.exit(7); return e.f(x); } } }); e.f({});`;
    const { code, signal } = await child(SETUP + script);
    assert.deepEqual({ code, signal }, { code: 7, signal: null });
  });
});
