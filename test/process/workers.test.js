'use strict';

const { childPrints } = require('../helpers');

const WORKER = `
const { Worker } = require('node:worker_threads');
const run = (body, options) => new Worker(${JSON.stringify(
  `const { parentPort, workerData } = require('node:worker_threads');
   const wg = require(workerData.root); const fixtures = require(workerData.root + '/test/fixtures');`,
)} + body, { eval: true, workerData: { root: process.cwd() }, ...options });
const ended = (worker) => new Promise((resolve, reject) => worker.on('error', reject).on('exit', resolve));
const message = (worker) => new Promise((resolve, reject) => worker.once('error', reject).once('message', resolve));
const settle = async (most) => {
  for (let i = 0; i < 200 && load.live()[0] > most; i++) { global.gc(); await new Promise((r) => setTimeout(r, 5)); }
  return load.live();
};
`;
const GC = { flags: ['--expose-gc'], timeoutMs: 120000 };

describe('worker threads', function () {
  this.timeout(120000);

  it('20 in turn load, call and end; nothing stays open', () =>
    childPrints(
      `${WORKER} (async () => {
        for (let i = 0; i < 20; i++) {
          const worker = run("parentPort.postMessage('w' + new wg.Instance(fixtures.compressed('add.wasm')).exports.add(workerData.i, 1));",
            { workerData: { root: process.cwd(), i } });
          const [text] = await Promise.all([message(worker), ended(worker)]);
          assert.equal(text, 'w' + (i + 1));
        }
        console.log(await settle(0));
      })();`,
      '[ 0, 0 ]\n',
      GC,
    ));

  it('20 in turn are terminated while they call', () =>
    childPrints(
      `${WORKER} (async () => {
        for (let i = 0; i < 20; i++) {
          const worker = run("const { say } = new wg.Instance(fixtures.fixture('hello')).exports; parentPort.postMessage(1); for (;;) say('x'.repeat(2000));");
          await message(worker);
          await new Promise((r) => setTimeout(r, i));
          assert.equal(await worker.terminate(), 1);
        }
        console.log(await settle(0));
      })();`,
      '[ 0, 0 ]\n',
      GC,
    ));

  it('20 in turn are terminated while they load asynchronously', () =>
    childPrints(
      `${WORKER} (async () => {
        for (let i = 0; i < 20; i++) {
          const worker = run("for (let i = 0; i < 4; i++) wg.Module.loadAsync(fixtures.fixture('panics_hook')); parentPort.postMessage(1); setInterval(() => {}, 9999);");
          await message(worker);
          await new Promise((r) => setTimeout(r, (i * 7) % 40));
          assert.equal(await worker.terminate(), 1);
        }
        for (let i = 0; i < 200 && load.live()[1] > 0; i++) await new Promise((r) => setTimeout(r, 20));
        console.log(await settle(0));
        console.log(new wg.Instance(fixtures.fixture('hello')).exports.say('main'));
      })();`,
      '[ 0, 0 ]\nhello main\n',
      GC,
    ));

  it('one calls process.exit while it loads asynchronously', () =>
    childPrints(
      `${WORKER} (async () => {
        for (let i = 0; i < 10; i++) {
          const worker = run("for (let i = 0; i < 4; i++) wg.Module.loadAsync(fixtures.fixture('strings')); setTimeout(() => process.exit(4), workerData.i);",
            { workerData: { root: process.cwd(), i } });
          assert.equal(await ended(worker), 4);
        }
        for (let i = 0; i < 200 && load.live()[1] > 0; i++) await new Promise((r) => setTimeout(r, 20));
        console.log(load.live());
      })();`,
      '[ 0, 0 ]\n',
      GC,
    ));

  it('8 at the same time, with traps, panics and text', () =>
    childPrints(
      `${WORKER} (async () => {
        const body = \`
          const hello = fixtures.compiled('hello'), panics = fixtures.compiled('panics');
          let sum = 0;
          for (let i = 0; i < 200; i++) {
            const a = new wg.Instance(hello), b = new wg.Instance(panics);
            if (a.exports.say('é' + i) !== 'hello é' + i) throw new Error('text');
            try { b.exports.unwrap_none(); } catch (e) { if (e.code === 'ERR_PANIC') sum++; }
            a.close(); b.close();
          }
          parentPort.postMessage(sum);\`;
        const workers = Array.from({ length: 8 }, () => run(body));
        const ends = Promise.all(workers.map(ended));
        console.log((await Promise.all(workers.map(message))).join());
        await ends;
        console.log(await settle(0));
      })();`,
      '200,200,200,200,200,200,200,200\n[ 0, 0 ]\n',
      GC,
    ));

  it('handles of one thread mean nothing to another', () =>
    childPrints(
      `${WORKER} (async () => {
        const instance = new wg.Instance(fixtures.fixture('hello'));
        assert.throws(() => run('', { workerData: { root: process.cwd(), f: instance.exports.say } }), { name: 'DataCloneError' });
        const worker = run("let code; try { new wg.Instance(workerData.module); } catch (e) { code = e.code; } parentPort.postMessage(code);",
          { workerData: { root: process.cwd(), module: instance.module } });
        console.log(await message(worker));
      })();`,
      'ERR_SOURCE_TYPE\n',
      GC,
    ));

  it('an uncaught trap in one ends that one only', () =>
    childPrints(
      `${WORKER} (async () => {
        const worker = run("new wg.Instance(fixtures.fixture('panics')).exports.recurse(0n);");
        const error = await new Promise((resolve) => worker.on('error', resolve));
        console.log(error.code, error.trap, new wg.Instance(fixtures.fixture('hello')).exports.say('main'));
      })();`,
      'ERR_TRAP stack_overflow hello main\n',
      GC,
    ));

  it('the package is first loaded in a worker, which ends; then on the main thread', () =>
    childPrints(
      `const { Worker } = require('node:worker_threads');
       const root = process.cwd();
       const body = "const wg = require(" + JSON.stringify(root) + "); new wg.Instance(" + JSON.stringify(root) + " + '/test/fixtures/wasm/hello/hello_bg.wasm').exports.say('w');";
       new Worker(body, { eval: true }).on('exit', (code) => {
         const wg = require(root);
         console.log(code, new wg.Instance(root + '/test/fixtures/wasm/hello/hello_bg.wasm').exports.say('main'));
       });`,
      '0 hello main\n',
      { prelude: '' },
    ));

  it('a worker with a small heap and stack', () =>
    childPrints(
      `${WORKER} (async () => {
        const worker = run("const p = new wg.Instance(fixtures.fixture('panics')); let e; try { p.exports.recurse(0n); } catch (x) { e = x.trap; } parentPort.postMessage(e + new wg.Instance(fixtures.fixture('hello')).exports.say('x'.repeat(3000)).length);",
          { resourceLimits: { stackSizeMb: 1, maxOldGenerationSizeMb: 32 } });
        console.log(await message(worker));
      })();`,
      'stack_overflow3006\n',
      GC,
    ));
});
