'use strict';

// Guests that want the same thing at the same time, and guests that want too much of the host.

const { childPrints } = require('../helpers');

const PRELUDE = `
const fs = require('node:fs'); const os = require('node:os'); const path = require('node:path');
const { Writable } = require('node:stream');
const { execFileSync } = require('node:child_process');
const endless = require(process.cwd() + '/test/fixtures/endless');
const { wasiImports } = require(process.cwd() + '/test/fixtures/wasi-calls');
const later = (ms) => new Promise((r) => setTimeout(r, ms));
const tool = wg.Module.load(fixtures.fixture('wasi_tool'));
const rss = () => process.memoryUsage().rss / 2 ** 20;
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'wasmgate-test-'));
process.on('exit', () => fs.rmSync(dir, { recursive: true, force: true }));
const fifo = () => { const at = path.join(dir, 'fifo'); if (!fs.existsSync(at)) execFileSync('mkfifo', [at]); return fs.openSync(at, 'r+'); };
const outcome = (promise) => promise.then(({ exitCode }) => exitCode, (e) => e.code === 20 ? e.name : e.code ?? e.message);
const tally = (list) => Object.entries(list.reduce((all, one) => ({ ...all, [one]: (all[one] ?? 0) + 1 }), {})).sort().map((pair) => pair.join(' ')).join(' ');
/** Writes one vector of the bytes given, of memory that nobody touched, over and over; a second one if the first is empty. */
const vast = (fd, bytes, empty = false) => wg.Module.load(Buffer.from(\`(module \${wasiImports(['fd_write'])}
  (memory (export "memory") \${bytes / 65536 + 1})
  (func (export "_start") (local i32)
    (i32.store (i32.const \${empty ? 12 : 4}) (i32.const \${bytes}))
    (loop (br_if 0 (i32.eqz (call $fd_write (i32.const \${fd}) (i32.const 0) (i32.const \${empty ? 2 : 1}) (i32.const 64)))))))\`));
`;
const runs = (script, stdout) =>
  childPrints(`${PRELUDE}(async () => { ${script} process.exit(); })();`, stdout, {
    flags: ['--expose-gc'],
    timeoutMs: 110000,
  });

describe('guests that share a descriptor', function () {
  this.timeout(120000);

  it('16 readers of one pipe: nobody is left behind in the kernel', () =>
    runs(
      `const fd = fifo();
       const ends = Array.from({ length: 16 }, () => outcome(wg.run(tool, { args: ['cat'], stdin: fd, limits: { timeoutMs: 2500 } })));
       const start = Date.now();
       while (Date.now() - start < 1000) { for (let i = 0; i < 50; i++) fs.writeSync(fd, 'x'); await later(1); }
       console.log(tally(await Promise.all(ends)));`,
      'ERR_TIMEOUT 16\n',
    ));

  it('16 writers of one pipe that is nearly full', () =>
    runs(
      `const fd = fifo();
       const ends = Array.from({ length: 16 }, () => outcome(wg.run(tool, { args: ['flood'], stdout: fd, limits: { timeoutMs: 2500 } })));
       const start = Date.now(); const some = Buffer.alloc(5000);
       while (Date.now() - start < 1000) { try { fs.readSync(fd, some); } catch {} await later(1); }
       console.log(tally(await Promise.all(ends)));`,
      'ERR_TIMEOUT 16\n',
    ));

  it('a descriptor is what it was afterwards: it blocks as before, and is open', () =>
    runs(
      `const fd = fifo();
       const flags = () => fs.readFileSync('/proc/self/fdinfo/' + fd, 'utf8').match(/flags:\\s*(\\d+)/)[1];
       const before = flags();
       fs.writeSync(fd, 'one\\nend\\n');
       const { stdout } = await wg.run(tool, { args: ['talk'], stdin: fd, encoding: 'utf8' });
       await outcome(wg.run(tool, { args: ['cat'], stdin: fd, limits: { timeoutMs: 30 } }));
       wg.runSync(tool, { args: ['print', 'x', ''], stdout: fd });
       console.log(stdout.split('\\n').join('|'), flags() === before, fs.readSync(fd, Buffer.alloc(10)));`,
      'you said one|bye| true 1\n',
    ));
});

describe('many programs at once', function () {
  this.timeout(120000);

  it('400 that sleep; a signal ends also one that waits for its turn', () =>
    runs(
      `const all = new AbortController(), last = new AbortController(); require('node:events').setMaxListeners(0, all.signal);
       const sleep = (signal) => outcome(wg.run(tool, { args: ['sleep', '3600000'], signal }));
       const many = Array.from({ length: 400 }, () => sleep(all.signal));
       const one = sleep(last.signal);
       await later(300);
       last.abort();
       console.log(await one);
       all.abort();
       console.log(tally(await Promise.all(many)));
       console.log(await outcome(wg.run(tool, { args: ['clock'] })));`,
      'AbortError\nAbortError 400\n0\n',
    ));

  it('100 that compute: each gets its turn', () =>
    runs(
      `console.log(tally(await Promise.all(Array.from({ length: 100 }, (_, i) => outcome(wg.run(tool, { args: ['exit', String(i % 3)] }))))));`,
      '0 34 1 33 2 33\n',
    ));
});

describe('a guest that hands over memory that costs it nothing', function () {
  this.timeout(120000);
  const GIB = 2 ** 30;

  for (const [name, options] of [
    ['a Writable that is slow', `{ stdout: new Writable({ write(chunk, e, done) { setTimeout(done, 1); } }) }`],
    ['a Writable that takes nothing', `{ stdout: new Writable({ write() {} }) }`],
    ['a function', `{ stdout: () => {} }`],
    ['a buffer', `{ stdout: 'buffer' }`],
    ['nothing', `{ stdout: 'ignore' }`],
    ['a file', `{ stdout: fs.openSync('/dev/null', 'w') }`],
  ]) {
    it(`1 GiB at once to ${name}: stopped in time, in little memory`, () =>
      runs(
        `const module = vast(1, ${GIB});
         const before = rss(); let most = 0; const timer = setInterval(() => (most = Math.max(most, rss())), 5);
         const start = performance.now();
         const code = await outcome(wg.run(module, { ...${options}, limits: { timeoutMs: 300 } }));
         clearInterval(timer);
         const ms = performance.now() - start;
         // What is read is the zero page: it counts for the process all the same.
         const grown = most - before;
         console.log(/ERR_TIMEOUT|ERR_OUTPUT_LIMIT/.test(code) || code, ms < 5000 || ms, grown < 1400 || grown);`,
        'true true true\n',
      ));
  }

  for (const empty of [false, true]) {
    it(`1 GiB at once to a file in a directory${empty ? ', after an empty vector' : ''}: stopped in time`, () =>
      runs(
        `const { Calls, callsModule } = require(process.cwd() + '/test/fixtures/wasi-calls');
         const calls = new Calls(new wg.Instance(callsModule(), { grants: { wasi: true, fs: [{ guest: '/', host: dir, write: true }] } }));
         calls.exports.grow(16384);
         const fd = calls.open('big', { oflags: ['creat'] });
         const words = Buffer.alloc(16);
         words.writeUInt32LE(${GIB}, ${empty ? 12 : 4});
         calls.memory.write(0, words);
         const write = () => calls.limited({ timeoutMs: 50 }).exports.fd_write(fd, 0, ${empty ? 2 : 1}, 64);
         let worst = 0;
         for (let i = 0; i < 3; i++) {
           const start = performance.now();
           try { write(); } catch (e) { assert.equal(e.code, 'ERR_TIMEOUT'); }
           worst = Math.max(worst, performance.now() - start);
           calls.make('fd_filestat_set_size', [fd, 0n]);
         }
         console.log(worst < 500 || worst);`,
        'true\n',
      ));
  }
});

describe('memories and tables in numbers', function () {
  this.timeout(120000);

  it('limits are on the sum: 50 memories, 50 tables', () =>
    runs(
      `const many = (n, one) => Array.from({ length: n }, (_, i) => one(i)).join('\\n');
       const memories = wg.Module.load(Buffer.from('(module ' + many(50, (i) => \`(memory $m\${i} 0)
         (func (export "g\${i}") (result i32) (local i32) (loop (br_if 0 (i32.ne (memory.grow $m\${i} (i32.const 1)) (i32.const -1)))) (memory.size $m\${i}))\`) + ')'));
       const { exports } = new wg.Instance(memories, { limits: { memoryBytes: 100 * 65536 } });
       let pages = 0; for (let i = 0; i < 50; i++) pages += exports['g' + i]();
       const tables = wg.Module.load(Buffer.from('(module ' + many(50, (i) => \`(table $t\${i} 0 funcref)
         (func (export "g\${i}") (result i32) (loop (br_if 0 (i32.ne (table.grow $t\${i} (ref.null func) (i32.const 1)) (i32.const -1)))) (table.size $t\${i}))\`) + ')'));
       const other = new wg.Instance(tables, { limits: { tableElements: 1000 } }).exports;
       let elements = 0; for (let i = 0; i < 50; i++) elements += other['g' + i]();
       console.log(pages > 0 && pages <= 100 || pages, elements > 0 && elements <= 1000 || elements);`,
      'true true\n',
    ));

  it('a bomb of 100 tables without a limit takes no gigabytes', () =>
    runs(
      `const many = (n, one) => Array.from({ length: n }, (_, i) => one(i)).join('\\n');
       const tables = wg.Module.load(Buffer.from('(module ' + many(100, (i) => \`(table $t\${i} 0 funcref)
         (func (export "g\${i}") (result i32) (table.grow $t\${i} (ref.null func) (i32.const 10000000)))
         (func (export "h\${i}") (result i32) (loop (br_if 0 (i32.ne (table.grow $t\${i} (ref.null func) (i32.const 10000)) (i32.const -1)))) (table.size $t\${i}))\`) + ')'));
       const before = rss();
       const { exports } = new wg.Instance(tables);
       for (let i = 0; i < 100; i++) { exports['g' + i](); exports['h' + i](); }
       const grown = rss() - before;
       console.log(grown < 400 || grown);`,
      'true\n',
    ));
});
