'use strict';

// A guest that waits inside of the host is stopped as one that computes.

const assert = require('node:assert/strict');
const { spawn, execFileSync } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { PassThrough } = require('node:stream');
const { Instance, run, runSync } = require('../..');
const { wat, MEMORY, LOOP } = require('../fixtures/endless');
const { wasiImports } = require('../fixtures/wasi-calls');
const { refuses } = require('../helpers');
const { TIMEOUT_MS, caller, directory, failsWith, stopsInTime, stopsInTimeLater, tool } = require('./wasi-helpers');

const limits = { timeoutMs: TIMEOUT_MS };
const HOUR = 3600n * 10n ** 9n;
const REALTIME = 0;
const MONOTONIC = 1;

/** Descriptors with nothing to read, which take little; `end` closes them. */
const SILENT = {
  'a pipe': () => {
    const fifo = path.join(directory('fifo'), 'fifo');
    execFileSync('mkfifo', [fifo]);
    const fd = fs.openSync(fifo, 'r+'); // both ends at once: no end of file ever comes
    return { fd, end: () => fs.closeSync(fd) };
  },
  // Node.js makes socket pairs for its children, which do not block.
  'a socket': () => {
    const sleeper = spawn('sleep', ['600'], { stdio: ['pipe', 'ignore', 'ignore'] });
    return {
      fd: sleeper.stdin._handle.fd,
      end: () => {
        sleeper.kill('SIGKILL');
        sleeper.stdin.destroy();
      },
    };
  },
};

describe('timeoutMs: a sleep in poll_oneoff', () => {
  const open = caller();
  const program = tool();

  const sleeps = {
    'of the monotonic clock': () => [{ clock: MONOTONIC, ns: HOUR }],
    'of the real-time clock': () => [{ clock: REALTIME, ns: HOUR }],
    'of both clocks': () => [
      { clock: MONOTONIC, ns: HOUR },
      { clock: REALTIME, ns: 2n * HOUR },
    ],
    'until a time in an hour': () => [{ clock: REALTIME, ns: BigInt(Date.now()) * 1000000n + HOUR, absolute: true }],
    'until the end of time': () => [{ clock: MONOTONIC, ns: 2n ** 64n - 1n, absolute: true }],
    'for all time': () => [{ clock: MONOTONIC, ns: 2n ** 64n - 1n }],
    'of a thousand clocks': () => Array.from({ length: 1000 }, () => ({ clock: MONOTONIC, ns: HOUR })),
  };
  for (const [name, subscriptions] of Object.entries(sleeps)) {
    it(`${name}`, () => {
      const calls = open();
      stopsInTime(() => calls.limited(limits).poll(subscriptions()));
      assert.equal(typeof open().time(), 'bigint');
    });
  }

  it('until a monotonic time in an hour', () => {
    const calls = open();
    const now = calls.time(MONOTONIC);
    stopsInTime(() => calls.limited(limits).poll([{ clock: MONOTONIC, ns: now + HOUR, absolute: true }]));
  });

  it('of a program, on the main thread and elsewhere', async () => {
    const args = ['sleep', '3600000'];
    stopsInTime(() => runSync(program(), { args, limits }));
    await stopsInTimeLater(() => run(program(), { args, limits }));
  });

  it('in the start function', () => {
    const text = wat(`${wasiImports(['poll_oneoff'])} ${MEMORY} (func $s
      (i32.store (i32.const 16) (i32.const 1)) (i64.store (i32.const 24) (i64.const ${HOUR}))
      (drop (call $poll_oneoff (i32.const 0) (i32.const 1024) (i32.const 1) (i32.const 2048)))) (start $s)`);
    stopsInTime(() => new Instance(text, { grants: 'wasi', limits }));
  });

  it('that ends before the limit is not stopped, and is as long as asked for', () => {
    const calls = open({}, { timeoutMs: 20000 });
    const start = performance.now();
    assert.deepEqual(calls.poll([{ clock: MONOTONIC, ns: 30000000n }]), [
      { which: 0, error: 'SUCCESS', type: 'clock', bytes: 0n },
    ]);
    assert.ok(performance.now() - start >= 29);
  });

  it('the shortest of several ends it', () => {
    const events = open().poll([
      { clock: MONOTONIC, ns: HOUR },
      { clock: MONOTONIC, ns: 1000000n },
      { clock: REALTIME, ns: HOUR },
    ]);
    assert.deepEqual(
      events.map(({ which }) => which),
      [1],
    );
  });

  it('a time that is over ends at once', () => {
    for (const clock of [MONOTONIC, REALTIME]) {
      assert.equal(open().poll([{ clock, ns: 1n, absolute: true }])[0].type, 'clock');
      assert.equal(open().poll([{ clock, ns: 0n }])[0].type, 'clock');
    }
  });

  it('without subscriptions, and of a clock or file that does not exist', () => {
    failsWith(open().poll([]), 'INVAL', 'NOTSUP');
    const events = open().poll([{ clock: 99, ns: HOUR }]);
    if (typeof events === 'string') failsWith(events, 'INVAL', 'BADF', 'NOTSUP');
    else assert.notEqual(events[0].error, 'SUCCESS');
    const other = open()
      .limited({ timeoutMs: 10000 })
      .poll([{ read: 99 }, { clock: MONOTONIC, ns: 1000000n }]);
    if (typeof other === 'string') failsWith(other, 'BADF');
    else assert.ok(other.length > 0);
  });
});

for (const [kind, make] of Object.entries(SILENT)) {
  describe(`timeoutMs: ${kind} that nobody reads or writes`, () => {
    const open = caller();
    const program = tool();
    let pipe;
    beforeEach(() => (pipe = make()));
    afterEach(() => pipe.end());

    it('read by runSync, run, an instance', async () => {
      const options = { args: ['cat'], stdin: pipe.fd, limits };
      stopsInTime(() => runSync(program(), options));
      await stopsInTimeLater(() => run(program(), options));
      stopsInTime(() => open({ stdin: pipe.fd }, limits).read(0));
    });

    it('waited for in poll_oneoff, alone and with a clock', () => {
      stopsInTime(() => open({ stdin: pipe.fd }, limits).poll([{ read: 0 }]));
      stopsInTime(() => open({ stdin: pipe.fd }, limits).poll([{ read: 0 }, { clock: MONOTONIC, ns: HOUR }]));
    });

    it('waited for in poll_oneoff: the clock ends it', () => {
      const events = open({ stdin: pipe.fd }).poll([{ read: 0 }, { clock: MONOTONIC, ns: 20000000n }]);
      assert.deepEqual(
        events.map(({ which, type }) => [which, type]),
        [[1, 'clock']],
      );
    });

    it('written until it is full', async () => {
      const options = { args: ['flood'], stdout: pipe.fd, limits };
      stopsInTime(() => runSync(program(), options));
      await stopsInTimeLater(() => run(program(), options));
      stopsInTime(() => runSync(program(), { args: ['flood-error'], stderr: pipe.fd, limits }));
    });
  });
}

describe('timeoutMs: a stream that never ends', () => {
  const program = tool();

  it('a Readable', async () => {
    const stdin = new PassThrough();
    await stopsInTimeLater(() => run(program(), { args: ['cat'], stdin, limits }));
    stdin.destroy();
  });

  it('a Readable that gave something before', async () => {
    const stdin = new PassThrough();
    stdin.write('one\ntwo\n');
    await stopsInTimeLater(() => run(program(), { args: ['talk'], stdin, limits }));
    stdin.destroy();
  });

  it('a function that takes long is stopped at its return', () => {
    const stdin = () => {
      for (const start = performance.now(); performance.now() - start < 3 * TIMEOUT_MS;);
      return 'x';
    };
    stopsInTime(() => runSync(program(), { args: ['count'], stdin, limits }));
  });
});

describe('timeoutMs: files that block', () => {
  const open = caller();
  const program = tool();
  let dir;
  before(() => {
    dir = directory('blocking');
    execFileSync('mkfifo', [path.join(dir, 'fifo')]);
  });

  for (const [name, options] of [
    ['for reading', { rights: 2n }],
    ['for writing', { rights: 64n }],
    ['for both', {}],
    ['with O_TRUNC', { rights: 64n, oflags: ['trunc'] }],
    ['with O_CREAT', { rights: 64n, oflags: ['creat'] }],
    ['without waiting', { rights: 2n, fdflags: ['nonblock'] }],
  ]) {
    it(`a FIFO, opened ${name}: an error, or stopped`, () => {
      const calls = open({ fs: [{ guest: '/', host: dir, write: true }] }, limits);
      const opened = outcome(() => calls.open('fifo', options));
      if (opened !== 'ERR_TIMEOUT' && typeof opened === 'number') {
        const used = outcome(() => (name.includes('writing') ? calls.write(opened, 'x') : calls.read(opened, 10)));
        assert.ok(used === 'ERR_TIMEOUT' || typeof used === 'string' || Buffer.isBuffer(used), String(used));
      }
      assert.equal(typeof open().time(), 'bigint');
    });
  }

  it('a FIFO, opened by a program on the main thread and elsewhere', async () => {
    const options = { args: ['read', '/d/fifo'], fs: [{ guest: '/d', host: dir }], limits };
    const sync = outcome(() => runSync(program(), options).exitCode);
    assert.ok(sync === 'ERR_TIMEOUT' || typeof sync === 'number', String(sync));
    const later = await run(program(), options).then(
      ({ exitCode }) => exitCode,
      ({ code }) => code,
    );
    assert.ok(later === 'ERR_TIMEOUT' || typeof later === 'number', String(later));
  });

  it('a socket in the directory: an error, or stopped', async () => {
    const server = net.createServer();
    await new Promise((resolve) => server.listen(path.join(dir, 'socket'), resolve));
    const calls = open({ fs: [{ guest: '/', host: dir, write: true }] }, limits);
    assert.ok(['string', 'number'].includes(typeof outcome(() => calls.open('socket', { rights: 2n }))));
    await new Promise((resolve) => server.close(resolve));
  });

  it('a link to an endless device outside leads nowhere', () => {
    fs.symlinkSync('/dev/zero', path.join(dir, 'endless'));
    const { stdout, exitCode } = runSync(program(), {
      args: ['read', '/d/endless'],
      fs: [{ guest: '/d', host: dir }],
      limits: { timeoutMs: 10000 },
    });
    assert.deepEqual([exitCode, stdout.length], [1, 0]);
  });
});

/** What a call gives, or the code of its error. */
function outcome(call) {
  try {
    return call();
  } catch (error) {
    if (error.code === undefined) throw error;
    return error.code;
  }
}

describe('timeoutMs: output', () => {
  const program = tool();

  it('a Writable that takes nothing', async () => {
    const stdout = new PassThrough({ highWaterMark: 1 });
    await stopsInTimeLater(() => run(program(), { args: ['flood'], stdout, limits }));
    stdout.destroy();
  });

  it('nothing was written by who is stopped before', () => {
    const chunks = [];
    const text = wat(`${wasiImports(['fd_write'])} ${MEMORY} (func (export "_start") ${LOOP}
      (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16))))`);
    refuses(() => runSync(text, { stdout: (chunk) => chunks.push(chunk), limits }), 'ERR_TIMEOUT');
    assert.deepEqual(chunks, []);
  });
});
