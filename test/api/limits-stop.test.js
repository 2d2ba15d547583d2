'use strict';

// Ends that come from outside: AbortSignal, Instance.stop, close; and what is left after a stop.

const assert = require('node:assert/strict');
const { setMaxListeners } = require('node:events');
const { Instance, Module, run, runSync } = require('../..');
const { compiled, fixture } = require('../fixtures');
const endless = require('../fixtures/endless');
const { handmade, fn, T } = require('../fixtures/handmade');
const { refuses, rejects, track } = require('../helpers');
const { TIMEOUT_MS, stopsInTime, tool } = require('./wasi-helpers');

const load = (text, options) => track(Module.load(text, options));
const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Checks that a promise is rejected with that very reason, or what the function gives then. */
async function rejectsWith(promise, reason) {
  const seen = await promise.then(
    (value) => assert.fail(`not rejected: ${JSON.stringify(value)}`),
    (error) => error,
  );
  const expected = typeof reason === 'function' ? reason() : reason;
  assert.ok(seen === expected, `rejected with ${String(seen?.stack ?? seen)}`);
}

describe('run: signal', () => {
  const program = tool();

  it('aborted before: nothing runs', async () => {
    const written = [];
    const options = { args: ['print', 'x', 'y'], stdout: (chunk) => void written.push(chunk) };
    const signal = AbortSignal.abort();
    await rejectsWith(run(program(), { ...options, signal }), signal.reason);
    assert.deepEqual(written, []);
  });

  for (const ms of [0, 1, 5, 20, 100]) {
    for (const args of [['spin'], ['sleep', '3600000']]) {
      it(`aborted after ${ms} ms of a ${args[0]}`, async () => {
        const controller = new AbortController();
        const ended = run(program(), { args, signal: controller.signal });
        setTimeout(() => controller.abort(), ms);
        await rejectsWith(ended, () => controller.signal.reason);
      });
    }
  }

  it('aborted at once, in the same turn', async () => {
    const controller = new AbortController();
    const ended = run(program(), { args: ['spin'], signal: controller.signal });
    controller.abort();
    await rejectsWith(ended, controller.signal.reason);
  });

  it('aborted while the module is compiled', async () => {
    const controller = new AbortController();
    const ended = run(fixture('wasi_tool'), { args: ['spin'], signal: controller.signal });
    setImmediate(() => controller.abort());
    await rejectsWith(ended, () => controller.signal.reason);
  });

  it('AbortSignal.timeout, and a reason of its own', async () => {
    const signal = AbortSignal.timeout(30);
    await rejectsWith(run(program(), { args: ['spin'], signal }), () => signal.reason);
    const controller = new AbortController();
    const reason = new Error('enough');
    const ended = run(program(), { args: ['spin'], signal: controller.signal });
    controller.abort(reason);
    await rejectsWith(ended, reason);
  });

  it('aborted afterwards: no matter', async () => {
    const controller = new AbortController();
    const { exitCode } = await run(program(), { args: ['clock'], signal: controller.signal });
    controller.abort();
    await later(1);
    assert.equal(exitCode, 0);
  });

  it('leaves no listener on the signal', async () => {
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args) => (listeners++, add(...args));
    signal.removeEventListener = (...args) => (listeners--, remove(...args));
    for (let i = 0; i < 5; i++) await run(program(), { args: ['clock'], signal });
    assert.equal(listeners, 0);
  });

  it('one signal for fifty programs', async () => {
    const controller = new AbortController();
    setMaxListeners(0, controller.signal);
    const many = Array.from({ length: 50 }, () =>
      rejectsWith(
        run(program(), { args: ['spin'], signal: controller.signal, limits: { timeoutMs: 60000 } }),
        () => controller.signal.reason,
      ),
    );
    await later(20);
    controller.abort();
    await Promise.all(many);
  });

  it('anything else is refused', async () => {
    for (const signal of [null, {}, 1, 'x', new AbortController(), true]) {
      await rejects(run(program(), { args: ['clock'], signal }), 'ERR_OPTION_TYPE', { option: 'signal' });
    }
    refuses(() => runSync(program(), { args: ['clock'], signal: new AbortController().signal }), 'ERR_OPTION_UNKNOWN');
  });
});

describe('an instance after a stop', () => {
  it('plain wasm can be called again, with what it left', () => {
    const text = endless.wat(`(global $n (mut i32) (i32.const 0))
      (func (export "f") (global.set $n (i32.const 5)) ${endless.LOOP}) (func (export "n") (result i32) (global.get $n))`);
    const guest = track(new Instance(load(text), { limits: { timeoutMs: TIMEOUT_MS } }));
    stopsInTime(() => guest.exports.f());
    assert.equal(guest.state, 'open');
    assert.equal(guest.exports.n(), 5);
  });

  it('a wasm-bindgen guest is poisoned; reset gives a fresh one', () => {
    const looping = handmade({
      names: { exports: [{ name: 'f' }, { name: 'next' }] },
      describe: { f: fn([]), next: fn([], [T.I32]) },
      text: `(func (export "f") ${endless.LOOP}) (global $n (mut i32) (i32.const 0))
        (func (export "next") (result i32) (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n))`,
    });
    const guest = track(new Instance(load(looping), { limits: { timeoutMs: TIMEOUT_MS } }));
    assert.equal(guest.exports.next(), 1);
    for (let i = 0; i < 3; i++) {
      stopsInTime(() => guest.exports.f());
      assert.equal(guest.state, 'poisoned');
      refuses(() => guest.exports.next(), 'ERR_POISONED');
      guest.reset();
      assert.equal(guest.state, 'open');
      assert.equal(guest.exports.next(), 1);
      assert.equal(guest.exports.next(), 2);
    }
  });

  it('a panic poisons; reset gives a fresh one, with its limits', () => {
    const guest = track(new Instance(compiled('panics')));
    for (let i = 0; i < 20; i++) {
      refuses(() => guest.exports.unwrap_none(), 'ERR_PANIC');
      refuses(() => guest.exports.unwrap_none(), 'ERR_POISONED');
      guest.reset();
      assert.equal(guest.state, 'open');
    }
  });

  it('reset of an open one, of a closed one', () => {
    const text = endless.wat(`(memory (export "memory") 1) (func (export "set") (i32.store (i32.const 0) (i32.const 7)))
      (func (export "get") (result i32) (i32.load (i32.const 0))) (func (export "grow") (drop (memory.grow (i32.const 3))))`);
    const guest = track(new Instance(load(text)));
    const { set, get } = guest.exports;
    set();
    guest.exports.grow();
    guest.reset();
    assert.deepEqual([guest.exports.get(), guest.memory.byteLength], [0, 65536]);
    // Functions that were taken before either reach the fresh guest or say that theirs is gone.
    try {
      assert.equal(get(), 0);
    } catch (error) {
      assert.equal(error.code, 'ERR_CLOSED');
    }
    guest.close();
    refuses(() => guest.reset(), 'ERR_CLOSED');
  });

  it('reset during a call: ERR_BUSY', () => {
    let seen;
    const work = () => {
      seen = refuses(() => guest.reset(), 'ERR_BUSY');
    };
    const guest = track(new Instance(load(endless.importingOnce), { imports: { work } }));
    guest.exports.again();
    assert.equal(seen.code, 'ERR_BUSY');
    guest.exports.again();
  });

  it('reset whose start function loops: stopped, and what is left is no crash', () => {
    const text = endless.wat(`(import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
      (memory (export "memory") 1) (func (export "f") (result i32) (i32.const 1))
      (func $s (drop (call $random (i32.const 0) (i32.const 1)))) (start $s)`);
    const guest = track(new Instance(load(text), { grants: 'wasi', limits: { timeoutMs: TIMEOUT_MS } }));
    for (let i = 0; i < 50; i++) guest.reset();
    assert.equal(guest.exports.f(), 1);
  });

  it('close in the middle of a call', () => {
    const work = () => guest.close();
    const guest = track(new Instance(load(endless.importingOnce), { imports: { work }, limits: { timeoutMs: 1000 } }));
    assert.throws(() => guest.exports.again(), { code: /^ERR_(CLOSED|BUSY|STOPPED)$/ });
  });

  it('Instance.stop from inside of its own call', () => {
    const work = () => Instance.stop(guest.id);
    const guest = track(new Instance(load(endless.importingOnce), { imports: { work } }));
    refuses(() => guest.exports.f(), 'ERR_STOPPED');
  });

  it('Instance.stop of one that does nothing, of a closed one, of none', () => {
    const guest = track(new Instance(load(endless.wat('(func (export "f") (result i32) (i32.const 1))'))));
    Instance.stop(guest.id);
    assert.equal(guest.exports.f(), 1, 'a stop that came too early is not kept for later');
    const { id } = guest;
    guest.close();
    Instance.stop(id);
    Instance.stop(2n ** 63n);
    for (const value of [undefined, null, 1, '1', {}]) {
      assert.throws(() => Instance.stop(value), { code: /^ERR_(ARG_TYPE|HANDLE)$/ });
    }
  });

  it('a bystander is unharmed by a hundred stops', () => {
    const module = load(endless.exported[0][1]);
    const other = track(new Instance(compiled('hello')));
    for (let i = 0; i < 100; i++) {
      const guest = new Instance(module, { limits: { timeoutMs: 2 } });
      refuses(() => guest.exports.f(), 'ERR_TIMEOUT');
      guest.close();
      assert.equal(other.exports.say(String(i)), `hello ${i}`);
    }
  });
});

describe('instance.with', () => {
  const text = endless.wat(
    `(func (export "f") ${endless.LOOP}) (func (export "g") (param i32) (result i32) (local.get 0))`,
  );

  it('limits the calls that go through it, and no others', () => {
    const guest = track(new Instance(load(text), { limits: { timeoutMs: 10000 } }));
    const limited = guest.with({ timeoutMs: TIMEOUT_MS });
    stopsInTime(() => limited.exports.f());
    stopsInTime(() => limited.call('f'));
    assert.equal(limited.exports.g(3), 3);
    assert.equal(guest.exports.g(4), 4);
    assert.equal(limited.call('g', 5), 5);
    refuses(() => limited.call('nope'), 'ERR_EXPORT_MISSING');
  });

  it('refuses what it does not know', () => {
    const guest = track(new Instance(load(text)));
    for (const value of [null, 1, 'x', [], true]) refuses(() => guest.with(value), 'ERR_OPTION_TYPE');
    refuses(() => guest.with({ timeout: 1 }), 'ERR_OPTION_UNKNOWN', { option: /timeout/ });
    refuses(() => guest.with({ memoryBytes: 1 }), 'ERR_OPTION_UNKNOWN');
    guest.close();
    assert.throws(() => guest.with({ timeoutMs: 5 }).exports.g(1), { code: 'ERR_CLOSED' });
  });

  it('of a call inside of a call: the inner limit ends the inner call, and poisons or not as usual', () => {
    const work = () => {
      assert.throws(() => guest.with({ timeoutMs: 20 }).exports.f(), { code: /^ERR_/ });
    };
    const guest = track(new Instance(load(endless.importingOnce), { imports: { work } }));
    assert.throws(() => guest.exports.again(), { code: /^ERR_(POISONED|TIMEOUT|STOPPED)$/ });
  });
});
