'use strict';

// Clocks and random numbers: real, reproducible, or none.

const assert = require('node:assert/strict');
const { Instance, run, runSync } = require('../..');
const { refuses, track } = require('../helpers');
const { caller, shared, tool } = require('./wasi-helpers');
const { wat, MEMORY } = require('../fixtures/endless');
const { wasiImports } = require('../fixtures/wasi-calls');

const MS = 1000000n;

describe('clock', () => {
  const open = caller();
  const program = tool();

  it('real, by default: the time of day, and one that never goes back', () => {
    for (const clock of [undefined, 'real']) {
      const calls = open({ clock });
      assert.ok(Math.abs(Number(calls.time(0) / MS) - Date.now()) < 10000);
      let last = calls.time(1);
      for (let i = 0; i < 100; i++) {
        const now = calls.time(1);
        assert.ok(now >= last);
        last = now;
      }
    }
  });

  it('virtual: begins where it is told, and steps at each look', () => {
    for (const [clock, start, step] of [
      [{}, 0n, MS],
      [{ start: 5 }, 5n * MS, MS],
      [{ start: 5n }, 5n, MS],
      [{ start: new Date(86400000), stepNs: 10 }, 86400000n * MS, 10n],
      [{ start: 10n ** 18n, stepNs: 7n }, 10n ** 18n, 7n],
      [{ stepNs: 0 }, 0n, 0n],
    ]) {
      const calls = open({ clock });
      const looks = [calls.time(0), calls.time(0), calls.time(0)];
      assert.deepEqual([looks[1] - looks[0], looks[2] - looks[1]], [step, step], String(clock.start));
      assert.ok(looks[0] === start || looks[0] === start + step, `${looks[0]} for ${start}`);
    }
  });

  it('virtual: a sleep passes its time at once', () => {
    const calls = open({ clock: { start: 0, stepNs: 0 } }, { timeoutMs: 10000 });
    const before = calls.time(1);
    assert.equal(calls.poll([{ clock: 1, ns: 3600n * 10n ** 9n }]).length, 1);
    assert.ok(calls.time(1) - before >= 3600n * 10n ** 9n);
    assert.equal(calls.poll([{ clock: 0, ns: calls.time(0) + 5000n, absolute: true }]).length, 1);
  });

  it('virtual: a program sees the same each time', async () => {
    const options = { args: ['clock'], clock: { start: 1000, stepNs: 1000 }, encoding: 'utf8' };
    const { stdout } = runSync(program(), options);
    assert.match(stdout, /^1000\d{6} \d+\n/);
    for (let i = 0; i < 3; i++) assert.equal(runSync(program(), options).stdout, stdout);
    assert.equal((await run(program(), options)).stdout, stdout);
    const long = runSync(program(), { ...options, args: ['sleep', '3600000'], limits: { timeoutMs: 10000 } });
    assert.equal(long.stdout, 'slept true\n');
  });

  it('virtual: each instance has its own; reset begins anew', () => {
    const [a, b] = [open({ clock: {} }), open({ clock: {} })];
    const first = a.time();
    a.time();
    assert.equal(b.time(), first);
    a.instance.reset();
    assert.equal(a.instance.exports.clock_time_get(0, 1n, 0), 0);
    assert.equal(Buffer.from(a.instance.memory.read(0, 8)).readBigUInt64LE(), first);
  });

  it('virtual: the end of 64 bits is no crash', () => {
    const calls = open({ clock: { start: 2n ** 64n - 2n, stepNs: 1000 } });
    for (let i = 0; i < 5; i++) assert.ok(['bigint', 'string'].includes(typeof calls.time(0)));
    for (let i = 0; i < 5; i++) assert.ok(['bigint', 'string'].includes(typeof calls.time(1)));
  });

  it('a clock that does not exist', () => {
    for (const clock of [undefined, {}]) {
      for (const id of [4, 99, -1]) assert.match(String(open({ clock }).time(id)), /^(INVAL|BADF|NOTSUP)$/);
    }
  });

  it('what may be given', () => {
    for (const clock of [
      null,
      true,
      1,
      'virtual',
      [],
      { start: 'x' },
      { start: null },
      { stepNs: 'x' },
      { start: NaN },
      { stepNs: -1 },
      { stepNs: 1.5 },
      { start: 2n ** 65n },
      { start: new Date(NaN) },
    ]) {
      assert.throws(
        () => open({ clock }),
        { option: /^grants\.clock/, code: /^ERR_OPTION_/ },
        JSON.stringify(clock, (k, v) => String(v)),
      );
      assert.throws(() => runSync(program(), { args: ['clock'], clock }), { option: /^clock/ });
    }
    refuses(() => open({ clock: { begin: 1 } }), 'ERR_OPTION_UNKNOWN', { option: 'grants.clock.begin' });
  });
});

describe('random', () => {
  const open = caller();
  const program = tool();

  it('secure, by default: never the same', () => {
    for (const random of [undefined, 'secure']) {
      const seen = new Set(Array.from({ length: 50 }, () => open({ random }).random(16).toString('hex')));
      assert.equal(seen.size, 50);
    }
  });

  it('seeded: the same each time, another for another seed, whatever the pieces', () => {
    const seeds = [
      'a',
      'b',
      '',
      0,
      1,
      -1,
      1.5,
      5n,
      -5n,
      2n ** 200n,
      new Uint8Array([1]),
      new Uint8Array(32),
      new Uint8Array(0),
    ];
    const seen = new Map();
    for (const seed of seeds) {
      let bytes;
      try {
        bytes = open({ random: { seed } }).random(64).toString('hex');
      } catch (error) {
        assert.match(error.code, /^ERR_OPTION_/, String(seed));
        continue;
      }
      assert.equal(open({ random: { seed } }).random(64).toString('hex'), bytes);
      assert.notEqual(bytes, '0'.repeat(128));
      seen.set(bytes, seed);
    }
    assert.ok(seen.size >= 6, String(seen.size));
    const whole = open({ random: { seed: 'a' } }).random(64);
    const calls = open({ random: { seed: 'a' } });
    const parts = Buffer.concat([1, 2, 3, 26, 32].map((n) => calls.random(n)));
    assert.ok(parts.length === whole.length && new Set(parts).size > 30);
  });

  it('seeded: bytes are spread evenly', () => {
    const counts = new Array(256).fill(0);
    for (const byte of open({ random: { seed: 1 } }).random(1 << 20)) counts[byte]++;
    for (const count of counts) assert.ok(count > 3600 && count < 4600, String(count));
  });

  it('seeded: a program sees the same map order each time', async () => {
    const options = { args: ['random'], random: { seed: 'x' }, encoding: 'utf8' };
    const { stdout } = runSync(program(), options);
    for (let i = 0; i < 3; i++) assert.equal(runSync(program(), options).stdout, stdout);
    assert.equal((await run(program(), options)).stdout, stdout);
    const others = Array.from({ length: 5 }, (_, i) => runSync(program(), { ...options, random: { seed: i } }).stdout);
    assert.ok(new Set([stdout, ...others]).size > 3);
  });

  it('what may be given', () => {
    for (const random of [
      null,
      true,
      1,
      'seeded',
      [],
      {},
      { seed: null },
      { seed: {} },
      { seed: true },
      { seed: undefined },
    ]) {
      assert.throws(
        () => open({ random }),
        { option: /^grants\.random/, code: /^ERR_OPTION_/ },
        JSON.stringify(random),
      );
    }
  });
});

describe('clock: false and random: false', () => {
  const module = shared(
    wat(`${wasiImports(['clock_time_get', 'poll_oneoff', 'random_get', 'sched_yield'])} ${MEMORY}`),
  );

  it('deny, even with wasi: true', () => {
    const deny = (grants) => refuses(() => new Instance(module(), { grants }), 'ERR_CAPABILITY');
    assert.deepEqual(deny({ wasi: true, clock: false }).imports.sort(), [
      'wasi_snapshot_preview1.clock_time_get',
      'wasi_snapshot_preview1.poll_oneoff',
    ]);
    assert.deepEqual(deny({ wasi: true, random: false }).imports, ['wasi_snapshot_preview1.random_get']);
    assert.equal(deny({ wasi: true, random: false, clock: false }).imports.length, 3);
    assert.equal(deny({}).imports.length, 4);
    track(new Instance(module(), { grants: { clock: 'real', random: 'secure' } }));
    track(new Instance(module(), { grants: 'wasi' }));
  });
});
