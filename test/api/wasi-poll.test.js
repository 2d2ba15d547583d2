'use strict';

// poll_oneoff: which events come, and for which subscriptions. What ends a wait from outside is in limits-waits.test.js.

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const { AT, subscription } = require('../fixtures/wasi-calls');
const { caller, directory, failsWith } = require('./wasi-helpers');

const REALTIME = 0;
const MONOTONIC = 1;
const HOUR = 3600n * 10n ** 9n;
const MEMORY_BYTES = 64 * 65536;

/** [position, type, error] of events; a subscription's user data is its position. */
const facts = (events) => {
  if (typeof events === 'string') assert.fail(`poll_oneoff gave ${events}`);
  return events.map(({ which, type, error }) => [which, type, error]);
};

describe('poll_oneoff: standard streams', () => {
  const open = caller();

  it('input that is given: ready, with the number of bytes that are left', () => {
    const calls = open({ stdin: 'hello' });
    for (const left of [5n, 3n, 1n, 0n]) {
      assert.deepEqual(calls.poll([{ read: 0 }, { clock: MONOTONIC, ns: HOUR }]), [
        { which: 0, error: 'SUCCESS', type: 'read', bytes: left },
      ]);
      assert.equal(calls.memory.read(AT.data + 24, 1)[0], left === 0n ? 1 : 0, 'hangup at the end');
      calls.read(0, 2);
    }
  });

  it('ignored input is at its end: ready', () => {
    const events = open().poll([{ clock: MONOTONIC, ns: 200000000n }, { read: 0 }]);
    assert.deepEqual(facts(events), [[1, 'read', 'SUCCESS']]);
  });

  it('outputs are always ready, and no clock rings beside them', () => {
    for (const kind of ['ignore', 'buffer']) {
      const calls = open({ stdout: kind, stderr: kind });
      const events = calls.poll([{ clock: MONOTONIC, ns: HOUR }, { write: 2 }, { write: 1 }]);
      assert.deepEqual(facts(events), [
        [1, 'write', 'SUCCESS'],
        [2, 'write', 'SUCCESS'],
      ]);
      assert.ok(events.every(({ bytes }) => bytes > 0n));
    }
  });

  it('a clock whose time has come rings beside them', () => {
    const events = open().poll([
      { write: 1 },
      { clock: MONOTONIC, ns: 0n },
      { clock: REALTIME, ns: 1n, absolute: true },
    ]);
    assert.deepEqual(facts(events), [
      [0, 'write', 'SUCCESS'],
      [1, 'clock', 'SUCCESS'],
      [2, 'clock', 'SUCCESS'],
    ]);
  });

  it('the wrong direction: BADF, in the event', () => {
    const events = open({ stdin: 'x' }).poll([{ write: 0 }, { read: 1 }, { read: 2 }, { clock: MONOTONIC, ns: HOUR }]);
    assert.deepEqual(events, [
      { which: 0, error: 'BADF', type: 'write', bytes: 0n },
      { which: 1, error: 'BADF', type: 'read', bytes: 0n },
      { which: 2, error: 'BADF', type: 'read', bytes: 0n },
    ]);
  });

  it('all that wait for input hear of it', () => {
    const events = open({ stdin: 'abc' }).poll([{ read: 0 }, { read: 0 }, { clock: MONOTONIC, ns: HOUR }, { read: 0 }]);
    assert.deepEqual(
      events.map(({ which, bytes }) => [which, bytes]),
      [
        [0, 3n],
        [1, 3n],
        [3, 3n],
      ],
    );
  });

  it('follows fd_renumber and fd_close', () => {
    const host = directory('poll');
    fs.writeFileSync(`${host}/file`, 'content');
    const calls = open({ stdin: 'hello', stdout: 'buffer', fs: [{ guest: '/', host }] });
    const file = calls.open('file', { rights: 2n });
    assert.equal(calls.make('fd_renumber', [0, file]), true);
    assert.deepEqual(facts(calls.poll([{ read: 0 }, { read: file }])), [
      [0, 'read', 'BADF'],
      [1, 'read', 'SUCCESS'],
    ]);
    assert.equal(calls.read(file, 100).toString(), 'hello');
    assert.equal(calls.close(1), true);
    assert.deepEqual(facts(calls.poll([{ write: 1 }, { write: 2 }])), [
      [0, 'write', 'BADF'],
      [1, 'write', 'SUCCESS'],
    ]);
    failsWith(calls.write(1, 'x'), 'BADF');
    const again = calls.open('file', { rights: 2n });
    assert.ok(again === 0 || again === 1, 'numbers are used again');
    assert.equal(calls.read(again, 100).toString(), 'content', 'and are files then');
  });
});

describe('poll_oneoff: a pipe as input', () => {
  const open = caller();
  let pipe;
  beforeEach(() => {
    const name = `${directory('poll')}/pipe`;
    execFileSync('mkfifo', [name]);
    pipe = fs.openSync(name, 'r+'); // both ends: opening does not wait
  });
  afterEach(() => fs.closeSync(pipe));

  it('empty: the clock rings, when its time has come', () => {
    const calls = open({ stdin: pipe });
    const start = performance.now();
    const events = calls.poll([{ read: 0 }, { clock: MONOTONIC, ns: 20000000n }]);
    assert.deepEqual(facts(events), [[1, 'clock', 'SUCCESS']]);
    assert.ok(performance.now() - start >= 19);
  });

  it('empty: what is ready at once is told at once', () => {
    const events = open({ stdin: pipe }).poll([{ read: 0 }, { clock: MONOTONIC, ns: HOUR }, { write: 1 }]);
    assert.deepEqual(facts(events), [[2, 'write', 'SUCCESS']]);
  });

  it('with something in it: ready, and it can be read', () => {
    const calls = open({ stdin: pipe });
    fs.writeSync(pipe, 'some text');
    const events = calls.poll([{ clock: MONOTONIC, ns: HOUR }, { read: 0 }]);
    assert.deepEqual(facts(events), [[1, 'read', 'SUCCESS']]);
    assert.ok(events[0].bytes > 0n);
    assert.equal(calls.read(0, 100).toString(), 'some text');
  });
});

describe('poll_oneoff: files and descriptors that are not there', () => {
  const open = caller();

  it('a file is ready, a directory and a closed descriptor are BADF', () => {
    const host = directory('poll');
    fs.writeFileSync(`${host}/file`, 'content');
    const calls = open({ fs: [{ guest: '/', host, write: true }] });
    const file = calls.open('file');
    const events = calls.poll([{ read: file }, { write: file }, { read: 3 }, { write: 99 }, { read: -1 >>> 0 }]);
    assert.deepEqual(facts(events), [
      [0, 'read', 'SUCCESS'],
      [1, 'write', 'SUCCESS'],
      [2, 'read', 'BADF'],
      [3, 'write', 'BADF'],
      [4, 'read', 'BADF'],
    ]);
    calls.close(file);
    assert.deepEqual(facts(calls.poll([{ read: file }, { clock: MONOTONIC, ns: HOUR }])), [[0, 'read', 'BADF']]);
  });

  it('without any directory too', () => {
    assert.deepEqual(facts(open().poll([{ read: 3 }, { write: 1 }])), [
      [0, 'read', 'BADF'],
      [1, 'write', 'SUCCESS'],
    ]);
  });
});

describe('poll_oneoff: clocks', () => {
  const open = caller();

  it('every clock whose time has come rings, in order; the others do not', () => {
    const events = open().poll([
      { clock: MONOTONIC, ns: HOUR },
      { clock: REALTIME, ns: 1000000n },
      { clock: MONOTONIC, ns: 0n },
      { clock: MONOTONIC, ns: 0n, absolute: true },
      { clock: REALTIME, ns: 0n, absolute: true },
    ]);
    assert.deepEqual(
      facts(events).filter(([which]) => which !== 1),
      [2, 3, 4].map((which) => [which, 'clock', 'SUCCESS']),
    );
  });

  it('times that are absolute, of both clocks', () => {
    const calls = open();
    for (const clock of [REALTIME, MONOTONIC]) {
      const until = calls.time(clock) + 5000000n;
      assert.deepEqual(facts(calls.poll([{ clock, ns: until, absolute: true }])), [[0, 'clock', 'SUCCESS']]);
      assert.ok(calls.time(clock) >= until);
    }
  });

  it('the longest time there is is no overflow', () => {
    for (const absolute of [false, true]) {
      const endless = { clock: MONOTONIC, ns: (1n << 64n) - 1n, absolute };
      assert.deepEqual(facts(open().poll([endless, { clock: MONOTONIC, ns: 1000000n }])), [[1, 'clock', 'SUCCESS']]);
    }
  });

  it('a clock that does not exist: INVAL, in the event', () => {
    for (const clock of [2, 3, 4, 2 ** 32 - 1]) {
      assert.deepEqual(
        facts(
          open().poll([
            { clock, ns: HOUR },
            { clock: MONOTONIC, ns: HOUR },
          ]),
        ),
        [[0, 'clock', 'INVAL']],
      );
    }
  });
});

describe('poll_oneoff: lists', () => {
  const open = caller();
  const raw = (calls, ...args) => calls.make('poll_oneoff', args, () => calls.u32());

  it('user data comes back as it is', () => {
    const calls = open();
    const one = subscription({ write: 1 }, 0);
    one.writeBigUInt64LE(0xfedcba9876543210n, 0);
    calls.memory.write(AT.other, one);
    assert.equal(raw(calls, AT.other, AT.data, 1, AT.result), 1);
    assert.equal(calls.u64(AT.data), 0xfedcba9876543210n);
  });

  it('no subscriptions, and one of no known kind: INVAL', () => {
    const calls = open();
    failsWith(raw(calls, AT.other, AT.data, 0, AT.result), 'INVAL');
    const unknown = subscription({ write: 1 }, 0);
    unknown[8] = 3;
    calls.memory.write(AT.other, unknown);
    failsWith(raw(calls, AT.other, AT.data, 1, AT.result), 'INVAL');
  });

  it('lists that are not in memory: FAULT', () => {
    const calls = open();
    calls.memory.write(AT.other, subscription({ write: 1 }, 0));
    for (const [subscriptions, events, count, counter] of [
      [MEMORY_BYTES - 47, AT.data, 1, AT.result],
      [AT.other, MEMORY_BYTES - 31, 1, AT.result],
      [AT.other, AT.data, 1, MEMORY_BYTES - 3],
      [AT.other, AT.data, -1, AT.result],
      [-1, -1, 1, -1],
    ]) {
      failsWith(raw(calls, subscriptions, events, count, counter), 'FAULT');
    }
  });

  it('1,000 of them', () => {
    const list = Array.from({ length: 1000 }, (_, i) =>
      i % 2 ? { write: 1 + (i % 4 === 1) } : { clock: MONOTONIC, ns: HOUR },
    );
    const events = open().poll(list);
    assert.deepEqual(
      events.map(({ which }) => which),
      Array.from({ length: 500 }, (_, i) => 2 * i + 1),
    );
  });

  it('events over the subscriptions: nonsense, but no more events than subscriptions', () => {
    const calls = open({}, { timeoutMs: 2000 });
    const list = Array.from({ length: 64 }, (_, i) => subscription({ write: 1 + (i % 2) }, i));
    for (const offset of [-32, 0, 16, 48]) {
      calls.memory.write(AT.other, Buffer.concat(list));
      const result = raw(calls, AT.other, AT.other + offset, list.length, AT.result);
      if (typeof result === 'string') failsWith(result, 'INVAL');
      else assert.ok(result <= list.length, `${result} events`);
    }
  });
});
