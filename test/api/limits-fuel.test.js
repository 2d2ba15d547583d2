'use strict';

// Fuel: what a guest may compute, counted in instructions.

const assert = require('node:assert/strict');
const { Instance, Module, run, runSync } = require('../..');
const endless = require('../fixtures/endless');
const { refuses, rejects, track } = require('../helpers');
const { tool } = require('./wasi-helpers');

const FUEL = 1000000;
const load = (text, options) => track(Module.load(text, { metering: true, ...options }));

const WORK = endless.wat(`(func (export "work") (param i32) (result i32)
  (loop (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br_if 0 (local.get 0))) (i32.const 7))`);

/** Loops that burn no fuel to speak of per second: each turn is one instruction that takes long. */
const SLOW = /memory|table\.fill/;

describe('fuel', () => {
  for (const [name, text] of endless.exported.filter(([name]) => !SLOW.test(name))) {
    it(`ends ${name}`, () => {
      const guest = track(new Instance(load(text), { grants: 'wasi', limits: { fuel: FUEL, timeoutMs: 5000 } }));
      refuses(() => guest.exports.f(), 'ERR_FUEL');
      refuses(() => guest.with({ fuel: 1000 }).exports.f(), 'ERR_FUEL');
    });
  }

  for (const [name, text, options, args] of endless.plumbing) {
    it(`ends ${name}`, () => {
      const guest = track(new Instance(load(text, options), { limits: { fuel: FUEL } }));
      refuses(() => guest.exports.f(...args), 'ERR_FUEL');
      refuses(() => guest.exports.f(...args), 'ERR_POISONED');
    });
  }

  for (const [name, text] of endless.starting) {
    it(`ends ${name}`, async () => {
      const module = load(text);
      const limits = { fuel: FUEL };
      refuses(() => new Instance(module, { grants: 'wasi', limits }), 'ERR_FUEL');
      refuses(() => runSync(module, { limits }), 'ERR_FUEL');
      await rejects(run(module, { limits }), 'ERR_FUEL');
    });
  }

  it('ends _start', async () => {
    const module = load(endless.command);
    refuses(() => runSync(module, { limits: { fuel: FUEL } }), 'ERR_FUEL');
    await rejects(run(module, { limits: { fuel: FUEL } }), 'ERR_FUEL');
    refuses(() => runSync(endless.command, { metering: true, limits: { fuel: FUEL } }), 'ERR_FUEL');
  });

  it('is per call: what one left or used does not matter to the next', () => {
    const guest = track(new Instance(load(WORK), { limits: { fuel: 100000 } }));
    for (let i = 0; i < 10; i++) assert.equal(guest.exports.work(10000), 7);
    refuses(() => guest.exports.work(1000000), 'ERR_FUEL');
    assert.equal(guest.exports.work(10000), 7);
    assert.equal(guest.with({ fuel: 100000000 }).exports.work(1000000), 7);
    refuses(() => guest.with({ fuel: 100 }).exports.work(10000), 'ERR_FUEL');
    assert.equal(guest.exports.work(10000), 7);
  });

  it('as number and as bigint', () => {
    const module = load(WORK);
    for (const fuel of [100, 100n]) {
      refuses(() => track(new Instance(module, { limits: { fuel } })).exports.work(10000), 'ERR_FUEL');
      refuses(() => track(new Instance(module)).with({ fuel }).exports.work(10000), 'ERR_FUEL');
    }
    for (const fuel of [2n ** 63n - 1n, Number.MAX_SAFE_INTEGER]) {
      assert.equal(track(new Instance(module, { limits: { fuel } })).exports.work(10), 7);
    }
    for (const fuel of ['1', null, true, {}]) {
      refuses(() => new Instance(module, { limits: { fuel } }), 'ERR_OPTION_TYPE', { option: 'limits.fuel' });
    }
    for (const fuel of [-1, -1n, 1.5, NaN, Infinity, 2n ** 64n, 2n ** 200n]) {
      refuses(() => new Instance(module, { limits: { fuel } }), 'ERR_OPTION_RANGE', { option: 'limits.fuel' });
    }
  });

  it('needs metering: ERR_PROFILE', () => {
    const module = track(Module.load(WORK));
    refuses(() => new Instance(module, { limits: { fuel: 1 } }), 'ERR_PROFILE');
    refuses(() => track(new Instance(module)).with({ fuel: 1 }), 'ERR_PROFILE');
  });

  it('the exact number is enough, one less is not', () => {
    const module = load(WORK);
    const guest = track(new Instance(module));
    guest.exports.work(1000);
    const { instructions } = guest.receipt;
    const exact = BigInt(instructions);
    assert.equal(guest.with({ fuel: exact + 1n }).exports.work(1000), 7);
    refuses(() => guest.with({ fuel: exact - 1n }).exports.work(1000), 'ERR_FUEL');
  });
});

describe('fuel: the same program burns the same', () => {
  const program = tool({ metering: true });
  const options = {
    args: ['random'],
    clock: { start: 0, stepNs: 1000 },
    random: { seed: 'x' },
    env: { A: '1' },
  };
  const cost = ({ receipt }) => BigInt(receipt.instructions);

  it('each time, on each thread', async () => {
    const first = cost(runSync(program(), options));
    assert.ok(first > 1000n);
    for (let i = 0; i < 10; i++) assert.equal(cost(runSync(program(), options)), first);
    const others = await Promise.all(Array.from({ length: 10 }, () => run(program(), options)));
    for (const other of others) assert.equal(cost(other), first);
  });

  it('whether or not there are limits', async () => {
    const first = cost(runSync(program(), options));
    const limits = { fuel: 2n ** 40n, timeoutMs: 100000, memoryBytes: 1 << 28 };
    assert.equal(cost(runSync(program(), { ...options, limits })), first);
    assert.equal(cost(await run(program(), { ...options, limits })), first);
  });
});
