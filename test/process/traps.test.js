'use strict';

// V8's WebAssembly, wasmtime and Go each handle signals of the processor. All
// three must go on working beside each other.

const { childPrints } = require('../helpers');

const THEIRS = `
const bytes = Buffer.from('${theirs().toString('base64')}', 'base64');
const theirs = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
const ours = new wg.Instance(Buffer.from(\`(module (memory 1)
  (func (export "oob") (result i32) (i32.load (i32.const 70000)))
  (func (export "div") (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0)))
  (func $r (export "deep") (param i32) (result i32) (i32.add (i32.const 1) (call $r (local.get 0)))))\`)).exports;
const checkTheirs = () => {
  assert.throws(() => theirs.oob(), { name: 'RuntimeError', message: /memory access out of bounds/ });
  assert.throws(() => theirs.div(0), { name: 'RuntimeError', message: /divide by zero/ });
  assert.throws(() => theirs.deep(0), { name: 'RangeError', message: /call stack/ });
};
const checkOurs = () => {
  assert.throws(() => ours.oob(), { trap: 'memory_out_of_bounds' });
  assert.throws(() => ours.div(0), { trap: 'integer_division_by_zero' });
  assert.throws(() => ours.deep(0), { trap: 'stack_overflow' });
};
`;

/** A module for V8: oob(), div(i32), deep(i32), as bytes. */
function theirs() {
  const section = (id, ...body) => [id, body.length, ...body];
  const text = (name) => [name.length, ...Buffer.from(name)];
  const code = (...body) => [body.length + 2, 0, ...body, 0x0b];
  return Buffer.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, 2, 0x60, 0, 1, 0x7f, 0x60, 1, 0x7f, 1, 0x7f),
    ...section(3, 3, 0, 1, 1),
    ...section(5, 1, 0, 1),
    ...section(7, 3, ...text('oob'), 0, 0, ...text('div'), 0, 1, ...text('deep'), 0, 2),
    ...section(
      10,
      3,
      ...code(0x41, 0xf0, 0xa2, 4, 0x28, 2, 0),
      ...code(0x41, 1, 0x20, 0, 0x6d),
      ...code(0x41, 1, 0x20, 0, 0x10, 2, 0x6a),
    ),
  ]);
}

const inWorker = (body) => `
const { Worker } = require('node:worker_threads');
const body = ${JSON.stringify(body)};
new Worker(body, { eval: true, argv: [] }).on('error', (e) => { throw e; }).on('exit', (code) => console.log('exit', code));
`;

describe('traps side by side', () => {
  it("V8's own before the package is loaded, and after", () =>
    childPrints(
      `const assert = require('node:assert/strict');
       const early = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from('${theirs().toString('base64')}', 'base64'))).exports;
       assert.throws(() => early.oob(), WebAssembly.RuntimeError);
       const wg = require(process.cwd());
       assert.throws(() => early.oob(), WebAssembly.RuntimeError);
       assert.throws(() => early.deep(0), RangeError);
       ${THEIRS} checkTheirs(); checkOurs(); checkTheirs();
       console.log('ok');`,
      'ok\n',
      { prelude: '' },
    ));

  it('ours and theirs in turn, 500 times', () =>
    childPrints(`${THEIRS} for (let i = 0; i < 500; i++) { checkOurs(); checkTheirs(); } console.log('ok');`, 'ok\n'));

  it('in a worker too', () =>
    childPrints(
      inWorker(
        `const wg = require(process.cwd()); const assert = require('node:assert/strict'); ${THEIRS} for (let i = 0; i < 50; i++) { checkOurs(); checkTheirs(); }`,
      ),
      'exit 0\n',
    ));

  it('in workers and on the main thread at once', () =>
    childPrints(
      `const { Worker } = require('node:worker_threads');
       const body = ${JSON.stringify(
         `const wg = require(process.cwd()); const assert = require('node:assert/strict'); ${THEIRS} for (let i = 0; i < 40; i++) { checkOurs(); checkTheirs(); }`,
       )};
       ${THEIRS}
       let left = 4;
       for (let i = 0; i < 4; i++) new Worker(body, { eval: true }).on('error', (e) => { throw e; })
         .on('exit', () => { if (--left === 0) { clearInterval(timer); console.log('ok'); } });
       const timer = setInterval(() => { checkOurs(); checkTheirs(); }, 1);`,
      'ok\n',
    ));

  it("a stack overflow of JavaScript is JavaScript's, before and after ours", () =>
    childPrints(
      `${THEIRS}
       const dive = () => dive() + 1;
       for (let i = 0; i < 20; i++) { assert.throws(dive, RangeError); checkOurs(); }
       console.log('ok');`,
      'ok\n',
    ));

  it('a guest called where JavaScript has no stack left', () =>
    childPrints(
      `${THEIRS}
       const { say } = new wg.Instance(fixtures.fixture('hello')).exports;
       const seen = new Set(); let unwound = 0;
       const dive = () => { try { dive(); } catch (e) { if (!(e instanceof RangeError)) throw e; }
         try { seen.add(say('x')); } catch (e) { seen.add(e.code ?? e.name); }
         if (++unwound < 300) try { ours.deep(0); } catch (e) { seen.add(e.trap ?? e.name); } };
       try { dive(); } catch (e) { assert.ok(e instanceof RangeError); }
       const known = ['hello x', 'RangeError', 'stack_overflow', 'ERR_INTERNAL'];
       assert.ok([...seen].every((s) => known.includes(s)), [...seen].join());
       assert.equal(say('after'), 'hello after');
       console.log('ok');`,
      'ok\n',
    ));

  it('with a small stack: --stack-size', () =>
    childPrints(`${THEIRS} checkOurs(); checkTheirs(); console.log('ok');`, 'ok\n', { flags: ['--stack-size=300'] }));

  it('with the trap handler of V8 switched off', () =>
    childPrints(`${THEIRS} checkOurs(); checkTheirs(); checkOurs(); console.log('ok');`, 'ok\n', {
      flags: ['--disable-wasm-trap-handler'],
    }));

  it('while the CPU profiler sends signals', () =>
    childPrints(
      `${THEIRS}
       const { Session } = require('node:inspector');
       const session = new Session(); session.connect();
       session.post('Profiler.enable'); session.post('Profiler.setSamplingInterval', { interval: 100 }); session.post('Profiler.start');
       const { say } = new wg.Instance(fixtures.fixture('hello')).exports;
       for (let i = 0; i < 200; i++) { for (let j = 0; j < 200; j++) say('x'.repeat(j)); checkOurs(); checkTheirs(); }
       session.post('Profiler.stop', (error, { profile }) => { assert.ok(profile.samples.length > 0); console.log('ok'); });`,
      'ok\n',
    ));
});
