'use strict';

// Stops across threads, and at the end of threads and processes.

const { childPrints } = require('../helpers');

const PRELUDE = `
const { Worker, isMainThread } = require('node:worker_threads');
const endless = require(process.cwd() + '/test/fixtures/endless');
const inWorker = (body, workerData = {}) => new Worker(${JSON.stringify(
  `const { parentPort, workerData } = require('node:worker_threads');
   const wg = require(workerData.root); const fixtures = require(workerData.root + '/test/fixtures');
   const endless = require(workerData.root + '/test/fixtures/endless'); const assert = require('node:assert/strict');`,
)} + body, { eval: true, workerData: { root: process.cwd(), ...workerData } });
const ended = (worker) => new Promise((resolve, reject) => worker.on('error', reject).on('exit', resolve));
const message = (worker) => new Promise((resolve, reject) => worker.once('error', reject).once('message', resolve));
const later = (ms) => new Promise((r) => setTimeout(r, ms));
const loop = endless.exported[0][1];
const sleepHour = { args: ['sleep', '3600000'] };
const inTime = (start, what) => { const ms = performance.now() - start; if (ms > 8000) throw new Error(what + ' took ' + ms + ' ms'); };
const settle = async (most) => {
  for (let i = 0; i < 400 && load.live()[0] > most; i++) { global.gc(); await later(5); }
  return load.live()[0];
};
`;
const options = { flags: ['--expose-gc'], timeoutMs: 110000 };
const runs = (script, stdout) => childPrints(`${PRELUDE}(async () => { ${script} })();`, stdout, options);

describe('limits, across threads', function () {
  this.timeout(120000);

  it('a limit works in a worker, in every place, while the main thread goes on', () =>
    runs(
      `const worker = inWorker(\`
         const limits = { timeoutMs: 30 };
         const code = (f) => { try { f(); return 'none'; } catch (e) { return e.code ?? e.stack; } };
         const seen = new Set();
         for (const [, text] of endless.exported) {
           const guest = new wg.Instance(text, { grants: 'wasi', limits });
           seen.add(code(() => guest.exports.f()));
           guest.close();
         }
         for (const [, text] of endless.starting) seen.add(code(() => new wg.Instance(text, { grants: 'wasi', limits })));
         seen.add(code(() => wg.runSync(endless.command, { limits })));
         seen.add(code(() => wg.runSync(fixtures.fixture('wasi_tool'), { args: ['sleep', '3600000'], limits })));
         wg.run(endless.command, { limits }).catch((e) => { seen.add(e.code); parentPort.postMessage([...seen].join()); });
       \`);
       let turns = 0;
       const timer = setInterval(() => turns++, 5);
       const codes = await message(worker);
       clearInterval(timer);
       await ended(worker);
       console.log(codes, turns > 10);`,
      'ERR_TIMEOUT true\n',
    ));

  it('the same limits in four threads at once, 100 times in a row each', () =>
    runs(
      `const body = \`
         const module = wg.Module.load(endless.exported[0][1]);
         let stopped = 0;
         for (let i = 0; i < 100; i++) {
           const guest = new wg.Instance(module, { limits: { timeoutMs: 3 } });
           try { guest.exports.f(); } catch (e) { if (e.code === 'ERR_TIMEOUT') stopped++; }
           guest.close();
         }
         parentPort.postMessage(stopped);\`;
       const workers = Array.from({ length: 4 }, () => inWorker(body));
       const all = Promise.all(workers.map(ended));
       console.log((await Promise.all(workers.map(message))).join());
       await all;
       console.log(await settle(0));`,
      '100,100,100,100\n0\n',
    ));

  it('Instance.stop from the main thread stops a call in a worker', () =>
    runs(
      `for (let i = 0; i < 20; i++) {
         const worker = inWorker(\`
           const guest = new wg.Instance(endless.exported[0][1]);
           parentPort.postMessage(guest.id);
           try { guest.exports.f(); } catch (e) { parentPort.postMessage(e.code); }
         \`);
         const end = ended(worker);
         const id = await message(worker);
         await later(i);
         const answer = message(worker);
         // Too early a stop is none: once more until there is an answer.
         const timer = setInterval(() => wg.Instance.stop(id), 5);
         const code = await answer;
         clearInterval(timer);
         assert.equal(code, 'ERR_STOPPED');
         await end;
       }
       console.log('done');`,
      'done\n',
    ));

  it('Instance.stop from a worker stops a call of the main thread, also a sleep', () =>
    runs(
      `const stopper = "setInterval(() => wg.Instance.stop(workerData.id), 5);";
       const guest = new wg.Instance(loop);
       const worker = inWorker(stopper, { id: guest.id });
       let code; try { guest.exports.f(); } catch (e) { code = e.code; }
       await worker.terminate();
       const { Calls, callsModule } = require(process.cwd() + '/test/fixtures/wasi-calls');
       const sleeper = new wg.Instance(callsModule(), { grants: 'wasi' });
       const other = inWorker(stopper, { id: sleeper.id });
       let second; try { new Calls(sleeper).poll([{ clock: 1, ns: 3600n * 10n ** 9n }]); } catch (e) { second = e.code; }
       await other.terminate();
       console.log(code, second);`,
      'ERR_STOPPED ERR_STOPPED\n',
    ));

  it('Instance.stats can be read while the call runs elsewhere', () =>
    runs(
      `const worker = inWorker(\`
         const guest = new wg.Instance(endless.exported[1][1], { metering: true, limits: { timeoutMs: 1500 } });
         parentPort.postMessage(guest.id);
         try { guest.exports.f(); } catch (e) { parentPort.postMessage(e.code); }
       \`);
       const id = await message(worker);
       const answer = message(worker);
       const seen = [];
       for (let i = 0; i < 10; i++) { await later(50); seen.push(BigInt(wg.Instance.stats(id).instructions)); }
       const rising = seen.filter((n, i) => i > 0 && n > seen[i - 1]).length;
       console.log(rising >= 5 || seen.join(), await answer);
       await ended(worker);`,
      'true ERR_TIMEOUT\n',
    ));
});

describe('the end of a worker in the middle of a guest', function () {
  this.timeout(120000);

  const bodies = {
    'a loop': `new wg.Instance(endless.exported[0][1]).exports.f();`,
    'a loop in the start function': `new wg.Instance(endless.starting[0][1]);`,
    'a loop of calls out': `new wg.Instance(endless.exported.find(([name]) => name.includes('clock_time_get'))[1], { grants: 'wasi' }).exports.f();`,
    'a program, runSync': `wg.runSync(endless.command);`,
    'a sleeping program, runSync': `wg.runSync(fixtures.fixture('wasi_tool'), { args: ['sleep', '3600000'] });`,
  };
  for (const [name, body] of Object.entries(bodies)) {
    it(`worker.terminate() during ${name}: the worker ends`, () =>
      runs(
        `for (let i = 0; i < 5; i++) {
           const worker = inWorker(${JSON.stringify(`parentPort.postMessage(1); ${body}`)});
           await message(worker);
           await later(20 + 10 * i);
           const start = performance.now();
           await worker.terminate();
           inTime(start, 'terminate');
         }
         console.log(await settle(0), new wg.Instance(fixtures.fixture('hello')).exports.say('main'));`,
        '0 hello main\n',
      ));
  }

  for (const [name, call] of [
    ['a loop', `wg.run(endless.command)`],
    ['a sleep', `wg.run(fixtures.fixture('wasi_tool'), { args: ['sleep', '3600000'] })`],
    [
      'a wait for a Readable',
      `wg.run(fixtures.fixture('wasi_tool'), { args: ['cat'], stdin: new (require('node:stream').PassThrough)() })`,
    ],
  ]) {
    it(`worker.terminate() during run() of ${name}: the worker ends, the guest too`, () =>
      runs(
        `for (let i = 0; i < 5; i++) {
           const worker = inWorker(${JSON.stringify(`${call}.catch(() => {}); setInterval(() => {}, 1000); setTimeout(() => parentPort.postMessage(1), 20);`)});
           await message(worker);
           const start = performance.now();
           await worker.terminate();
           inTime(start, 'terminate');
         }
         console.log(await settle(0));
         await later(1500); // what was compiling ends
         const busy = process.cpuUsage(); await later(500); const { user } = process.cpuUsage(busy);
         console.log(user < 300000 || user);`,
        '0\ntrue\n',
      ));

    it(`process.exit() in a worker during run() of ${name}`, () =>
      runs(
        `const worker = inWorker(${JSON.stringify(`${call}.catch(() => {}); setTimeout(() => process.exit(7), 30);`)});
         console.log(await ended(worker), await settle(0));`,
        '7 0\n',
      ));
  }
});

describe('the end of the process in the middle of a guest', function () {
  this.timeout(120000);

  it('process.exit() of the main thread while a worker loops', () =>
    childPrints(
      `${PRELUDE} inWorker('parentPort.postMessage(1); new wg.Instance(endless.exported[0][1]).exports.f();')
         .once('message', () => setTimeout(() => { console.log('exit'); process.exit(0); }, 50));`,
      'exit\n',
      options,
    ));

  it('process.exit() of the main thread while run() loops, sleeps, waits', () =>
    childPrints(
      `${PRELUDE}
       wg.run(endless.command); wg.run(fixtures.fixture('wasi_tool'), sleepHour);
       wg.run(fixtures.fixture('wasi_tool'), { args: ['cat'], stdin: new (require('node:stream').PassThrough)() });
       setTimeout(() => { console.log('exit'); process.exit(0); }, 100);`,
      'exit\n',
      options,
    ));

  it('a pending run() keeps the process alive until it ends', () =>
    childPrints(
      `${PRELUDE} wg.run(fixtures.fixture('wasi_tool'), { args: ['sleep', '200'] }).then(({ stdout }) => process.stdout.write(stdout));`,
      'slept true\n',
      options,
    ));

  it('a limit is all that ends a lonely run()', () =>
    childPrints(
      `${PRELUDE} wg.run(endless.command, { limits: { timeoutMs: 100 } }).catch((e) => console.log(e.code));`,
      'ERR_TIMEOUT\n',
      options,
    ));

  it('an idle process does not tick', () =>
    runs(
      `for (let i = 0; i < 10; i++) { try { new wg.Instance(loop, { limits: { timeoutMs: 20 } }).exports.f(); } catch {} }
       await later(200);
       const before = process.cpuUsage(); await later(1000);
       const { user, system } = process.cpuUsage(before);
       console.log(user + system < 60000 || user + system);`,
      'true\n',
    ));
});

describe('signals and limits', function () {
  this.timeout(120000);

  it('a stop is no signal: handlers of SIGALRM, SIGPROF, SIGVTALRM, SIGUSR2 see nothing', () =>
    runs(
      `const seen = [];
       for (const name of ['SIGALRM', 'SIGVTALRM', 'SIGUSR2', 'SIGIO', 'SIGURG']) process.on(name, () => seen.push(name));
       for (let i = 0; i < 20; i++) { const guest = new wg.Instance(loop, { limits: { timeoutMs: 5 } }); try { guest.exports.f(); } catch {} guest.close(); }
       await later(50);
       console.log(seen.join() || 'none');
       process.exit(0);`,
      'none\n',
    ));

  it('timers that were due during a stopped call run after it', () =>
    runs(
      `let rang = 0;
       setTimeout(() => rang++, 1);
       try { new wg.Instance(loop, { limits: { timeoutMs: 50 } }).exports.f(); } catch (e) { assert.equal(e.code, 'ERR_TIMEOUT'); }
       await later(20);
       console.log(rang);`,
      '1\n',
    ));
});
