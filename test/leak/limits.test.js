'use strict';

// What stopped guests took is given back.

const { childPrints } = require('../helpers');

const options = { flags: ['--expose-gc', '--max-semi-space-size=2'], timeoutMs: 150000 };
const PRELUDE = `
const endless = require(process.cwd() + '/test/fixtures/endless');
const later = (ms) => new Promise((r) => setTimeout(r, ms));
const rss = () => { global.gc(); global.gc(); return process.memoryUsage().rss / 2 ** 20; };
const open = () => require('node:fs').readdirSync('/proc/self/fd').length;
const threads = () => require('node:fs').readdirSync('/proc/self/task').length;
const code = (f) => { try { f(); return 'none'; } catch (e) { if (!e.code) throw e; return e.code; } };
const grown = async (round, times, most) => {
  await round(times); await later(50);
  const before = rss();
  await round(times); await later(50);
  await round(times); await later(50);
  const more = rss() - before;
  console.log(more < most || more);
};
const tool = wg.Module.load(fixtures.fixture('wasi_tool'));
const bomb = wg.Module.load(endless.wat(\`(memory (export "memory") 1) (func (export "bomb") (result i32) (local i32)
  (loop (i32.store8 (local.get 0) (i32.const 1)) (local.set 0 (i32.add (local.get 0) (i32.const 4096)))
    (br_if 0 (i32.lt_u (local.get 0) (i32.shl (memory.size) (i32.const 16))))
    (br_if 0 (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) (memory.size))\`));
`;
const flat = (round, { times = 100, most = 24, after = '', stdout = '' } = {}) =>
  childPrints(
    `${PRELUDE}(async () => { await grown(async (n) => { for (let i = 0; i < n; i++) { ${round} } }, ${times}, ${most}); ${after} })();`,
    `true\n${stdout}`,
    options,
  );

describe('stopped guests leave nothing behind', function () {
  this.timeout(160000);

  it('100 loops in a row', () =>
    flat(`const it = new wg.Instance(endless.exported[0][1], { limits: { timeoutMs: 2 } });
          assert.equal(code(() => it.exports.f()), 'ERR_TIMEOUT'); it.close(); it.module.close();`));

  it('100 start functions in a row', () =>
    flat(`assert.equal(code(() => new wg.Instance(endless.starting[0][1], { limits: { timeoutMs: 2 } })), 'ERR_TIMEOUT');
          if (i % 10 === 0) { global.gc(); await later(0); }`));

  it('100 memory bombs of 64 MiB, each page touched', () =>
    flat(
      `const it = new wg.Instance(bomb, { limits: { memoryBytes: 1 << 26 } });
       assert.equal(it.exports.bomb(), 1024); it.close();`,
      { most: 80 },
    ));

  it('100 programs, stopped in a loop, in a sleep, by fuel, in a flood of output', () =>
    flat(
      `const limits = { timeoutMs: 3 };
       assert.equal(code(() => wg.runSync(tool, { args: ['spin'], limits })), 'ERR_TIMEOUT');
       assert.equal(code(() => wg.runSync(tool, { args: ['sleep', '3600000'], limits })), 'ERR_TIMEOUT');
       assert.equal(code(() => wg.runSync(tool, { args: ['flood'], limits: { stdoutBytes: 1 << 20 } })), 'ERR_OUTPUT_LIMIT');
       if (i % 10 === 0) { global.gc(); await later(0); }`,
      { most: 40, after: 'global.gc(); await later(50); console.log(load.live()[0]);', stdout: '0\n' },
    ));

  it('100 programs elsewhere, stopped by time and by signal: no thread, no descriptor stays', () =>
    childPrints(
      `${PRELUDE}(async () => {
        const fs = [{ guest: '/', host: process.cwd(), write: false }];
        const one = async (i) => {
          const controller = new AbortController();
          const args = i % 2 ? ['spin'] : ['sleep', '3600000'];
          if (i % 3 === 0) setTimeout(() => controller.abort(), 3);
          const limits = { timeoutMs: i % 3 === 0 ? 60000 : 5 };
          await wg.run(tool, { args, fs, signal: controller.signal, limits }).then(() => assert.fail(), (e) => assert.ok(e.code === 'ERR_TIMEOUT' || e.name === 'AbortError', String(e.stack)));
        };
        const round = async (n) => { for (let i = 0; i < n; i += 10) await Promise.all(Array.from({ length: 10 }, (_, k) => one(i + k))); };
        await round(100); await later(100);
        const [fds, tasks] = [open(), threads()];
        await grown(round, 100, 40);
        await later(200);
        console.log(open() - fds <= 0 || open() - fds, threads() - tasks <= 2 || threads() - tasks);
        global.gc(); await later(50);
        console.log(load.live()[0]);
      })();`,
      'true\ntrue true\n0\n',
      options,
    ));

  it('reset, 3000 times, after traps and without', () =>
    childPrints(
      `${PRELUDE}(async () => {
        const it = new wg.Instance(fixtures.compiled('panics'));
        await grown(async (n) => { for (let i = 0; i < n; i++) { if (i % 2) code(() => it.exports.unwrap_none()); it.reset(); if (i % 50 === 0) await later(0); } }, 1000, 24);
        console.log(it.state, load.live()[0]);
      })();`,
      'true\nopen 1\n',
      options,
    ));

  it('100 MiB through a program into a Writable: flat, whole', () =>
    childPrints(
      `${PRELUDE}(async () => {
        const { Readable, Writable } = require('node:stream');
        const hash = () => require('node:crypto').createHash('sha256');
        const [a, b] = [hash(), hash()];
        let left = 100, most = 0, got = 0;
        const block = require('node:crypto').randomBytes(1 << 20);
        const stdin = new Readable({ read() { if (left-- > 0) { a.update(block); this.push(Buffer.from(block)); } else this.push(null); } });
        const stdout = new Writable({ write(chunk, e, done) { got += chunk.length; b.update(chunk); most = Math.max(most, process.memoryUsage().rss); setImmediate(done); } });
        const before = rss();
        const { exitCode } = await wg.run(tool, { args: ['cat'], stdin, stdout });
        const more = most / 2 ** 20 - before;
        console.log(exitCode, got === 100 << 20, a.digest('hex') === b.digest('hex'), more < 80 || more);
      })();`,
      '0 true true true\n',
      options,
    ));

  it('handles of directories are closed with their instance', () =>
    childPrints(
      `${PRELUDE}(async () => {
        const { Calls, callsModule } = require(process.cwd() + '/test/fixtures/wasi-calls');
        const module = wg.Module.load(callsModule());
        const round = () => {
          for (let i = 0; i < 50; i++) {
            const it = new wg.Instance(module, { grants: { wasi: true, fs: [{ guest: '/', host: process.cwd() }] } });
            const calls = new Calls(it);
            for (let k = 0; k < 20; k++) assert.equal(typeof calls.open('js', { rights: 2n }), 'number');
            if (i % 2) it.reset();
            it.close();
          }
        };
        round(); await later(50);
        const before = open();
        round(); await later(50);
        console.log(open() - before);
      })();`,
      '0\n',
      options,
    ));
});
