'use strict';

// A call that does not end is stopped, wherever the guest is.

const assert = require('node:assert/strict');
const { Instance, Module, run, runSync } = require('../..');
const endless = require('../fixtures/endless');
const { refuses, track } = require('../helpers');
const { TIMEOUT_MS, stopsInTime, stopsInTimeLater } = require('./wasi-helpers');

const limits = { timeoutMs: TIMEOUT_MS };
const load = (text, options) => track(Module.load(text, options));

/** A bystander: calls of it must work before, during and after. */
const counter = () =>
  track(
    new Instance(
      track(
        Module.load(
          endless.wat(`(global $n (mut i32) (i32.const 0)) (func (export "next") (result i32)
            (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n))`),
        ),
      ),
    ),
  );

describe('timeoutMs: calls of an export', () => {
  for (const [name, text] of endless.exported) {
    it(`stops ${name}`, () => {
      const other = counter();
      assert.equal(other.exports.next(), 1);
      const guest = track(new Instance(load(text), { grants: 'wasi', limits }));
      stopsInTime(() => guest.exports.f());
      stopsInTime(() => guest.raw.f());
      stopsInTime(() => guest.call('f'));
      assert.equal(other.exports.next(), 2);
    });
  }

  for (const [name, text, options, args] of endless.plumbing) {
    it(`stops ${name}`, () => {
      const guest = track(new Instance(load(text, options), { limits }));
      stopsInTime(() => guest.exports.f(...args));
      refuses(() => guest.exports.f(...args), 'ERR_POISONED');
    });
  }

  it('stops the allocator that an import needs', () => {
    const guest = track(new Instance(load(endless.importingText), { imports: { give: () => 'text' }, limits }));
    stopsInTime(() => guest.exports.f());
  });

  it('stops a loop of calls of JavaScript', () => {
    let calls = 0;
    const guest = track(new Instance(load(endless.importing), { imports: { work: () => calls++ }, limits }));
    stopsInTime(() => guest.exports.f());
    assert.ok(calls > 0);
    refuses(() => guest.exports.again(), 'ERR_POISONED');
  });

  it('counts the time that JavaScript takes, and stops at its return', () => {
    const work = () => {
      for (const start = performance.now(); performance.now() - start < 3 * TIMEOUT_MS;);
    };
    const guest = track(new Instance(load(endless.importingOnce), { imports: { work }, limits }));
    stopsInTime(() => guest.exports.f());
  });

  it('an error that JavaScript throws before is what comes out', () => {
    const error = new Error('mine');
    const work = () => {
      throw error;
    };
    const guest = track(new Instance(load(endless.importingOnce), { imports: { work }, limits }));
    assert.throws(
      () => guest.exports.f(),
      (thrown) => thrown === error,
    );
  });

  it('stops the outer call if the inner one loops, and the inner one by its own limit', () => {
    const guest = track(new Instance(load(endless.importingOnce), { imports: { work: () => inner() } }));
    const other = track(new Instance(load(endless.exported[0][1]), {}));
    let seen;
    const inner = () => {
      seen = stopsInTime(() => other.with(limits).exports.f());
    };
    stopsInTime(() => guest.with({ timeoutMs: 4 * TIMEOUT_MS }).exports.f());
    assert.equal(seen.code, 'ERR_TIMEOUT');
  });

  it('arms each call anew', () => {
    const text = endless.wat(`(func (export "f") ${endless.LOOP}) (func (export "g") (result i32) (i32.const 7))
      (func (export "work") (param i32) (loop (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br_if 0 (local.get 0))))`);
    const guest = track(new Instance(load(text), { limits }));
    for (let i = 0; i < 5; i++) {
      stopsInTime(() => guest.exports.f());
      assert.equal(guest.exports.g(), 7);
    }
    for (let i = 0; i < 100; i++) guest.exports.work(100000);
  });
});

describe('timeoutMs: instantiation', () => {
  for (const [name, text] of endless.starting) {
    it(`stops ${name}`, () => {
      const module = load(text);
      for (let i = 0; i < 3; i++) stopsInTime(() => new Instance(module, { grants: 'wasi', limits }));
    });

    it(`stops ${name} of a module that is loaded by the way`, () => {
      stopsInTime(() => new Instance(text, { grants: 'wasi', limits }));
    });
  }
});

describe('timeoutMs: commands', () => {
  for (const [name, text] of endless.starting) {
    it(`runSync stops ${name}`, () => {
      stopsInTime(() => runSync(load(text), { limits }));
    });

    it(`run stops ${name}`, async () => {
      await stopsInTimeLater(() => run(load(text), { limits }));
    });
  }

  it('runSync stops _start', () => {
    stopsInTime(() => runSync(endless.command, { limits }));
  });

  it('run stops _start, while the event loop lives', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await stopsInTimeLater(() => run(endless.command, { limits: { timeoutMs: 200 } }));
    clearInterval(timer);
    assert.ok(turns >= 10, `${turns} turns of the event loop`);
  });

  it('several at once, each by its own limit', async () => {
    const module = load(endless.command);
    const ends = [40, 80, 120, 160].map((timeoutMs) =>
      run(module, { limits: { timeoutMs } }).then(assert.fail, (error) => [error.code, timeoutMs]),
    );
    for (const [code] of await Promise.all(ends)) assert.equal(code, 'ERR_TIMEOUT');
  });

  it('an instance of the main thread works while one loops elsewhere', async () => {
    const other = counter();
    const ended = stopsInTimeLater(() => run(load(endless.command), { limits: { timeoutMs: 300 } }));
    for (let i = 1; i <= 50; i++) {
      assert.equal(other.exports.next(), i);
      await new Promise(setImmediate);
    }
    await ended;
  });
});

describe('timeoutMs: what may be given', () => {
  const text = endless.wat('(func (export "f") (result i32) (i32.const 1))');

  it('a number above 0', () => {
    const module = load(text);
    for (const timeoutMs of ['50', null, true, {}, [], 50n]) {
      refuses(() => new Instance(module, { limits: { timeoutMs } }), 'ERR_OPTION_TYPE', { option: 'limits.timeoutMs' });
      const guest = track(new Instance(module));
      refuses(() => guest.with({ timeoutMs }), 'ERR_OPTION_TYPE', { option: /timeoutMs$/ });
    }
    for (const timeoutMs of [0, -1, NaN, Infinity, -Infinity]) {
      refuses(() => new Instance(module, { limits: { timeoutMs } }), 'ERR_OPTION_RANGE', {
        option: 'limits.timeoutMs',
      });
    }
  });

  it('a fraction, and more than a life', () => {
    const module = load(text);
    for (const timeoutMs of [0.5, 1.5, 2 ** 31, 2 ** 32]) {
      const guest = track(new Instance(module, { limits: { timeoutMs } }));
      assert.equal(guest.exports.f(), 1);
      assert.equal(guest.with({ timeoutMs }).exports.f(), 1);
    }
  });

  it('not for a module that cannot be interrupted', () => {
    const module = load(text, { interruptible: false });
    refuses(() => new Instance(module, { limits }), 'ERR_PROFILE');
    const guest = track(new Instance(module));
    assert.equal(guest.exports.f(), 1);
    refuses(() => guest.with(limits), 'ERR_PROFILE');
  });
});
