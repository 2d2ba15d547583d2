'use strict';

// Calls of WASI with numbers that nobody means: each fails or is stopped, soon, and takes no memory with it.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { AT, FUNCTIONS } = require('../fixtures/wasi-calls');
const { caller, directory, failsWith, TIMEOUT_MS } = require('./wasi-helpers');

const MAX = -1; // 2^32 - 1 as an i32
const HALF = 2 ** 31 - 1;
const BOUND_MS = 5000;

/** Makes a call under a limit; gives its errno as a number, or the code of the error that it threw. */
function attempt(calls, name, args, timeoutMs = TIMEOUT_MS) {
  const start = performance.now();
  let result;
  try {
    result = calls.limited({ timeoutMs }).exports[name](...args);
  } catch (error) {
    if (error.code === undefined) throw error;
    result = error.code;
  }
  const ms = performance.now() - start;
  assert.ok(ms < timeoutMs + BOUND_MS, `${name}(${args}): ${result} after ${ms} ms`);
  return result;
}

/** Checks an attempt: an errno other than success, or one of the codes of what was stopped. */
function fails(calls, name, args) {
  const result = attempt(calls, name, args);
  const codes = ['ERR_TIMEOUT', 'ERR_TRAP', 'ERR_LIMIT', 'ERR_OUT_OF_MEMORY'];
  assert.ok(typeof result === 'number' ? result !== 0 : codes.includes(result), `${name}(${args}) gave ${result}`);
}

describe('WASI: huge numbers', () => {
  const open = caller();
  let dir;
  before(() => {
    dir = directory('huge');
    fs.writeFileSync(path.join(dir, 'file'), 'x'.repeat(100000));
  });
  const granted = () => open({ fs: [{ guest: '/', host: dir, write: true }], stdin: 'x'.repeat(100) });

  it('random_get of 4 GiB, of memory that is not there, and of all memory', () => {
    for (const args of [
      [0, MAX],
      [0, HALF],
      [4 << 20, 1],
      [MAX, MAX],
      [0, (4 << 20) + 1],
    ]) {
      fails(granted(), 'random_get', args);
    }
    assert.equal(granted().exports.random_get(0, 4 << 20), 0);
  });

  it('random_get of 1 GiB that is there: done or stopped', () => {
    const calls = granted();
    assert.notEqual(calls.exports.grow(16384), -1);
    const result = attempt(calls, 'random_get', [0, 1 << 30]);
    assert.ok(result === 0 || result === 'ERR_TIMEOUT', String(result));
  });

  for (const name of ['fd_read', 'fd_write', 'fd_pread', 'fd_pwrite']) {
    const offset = name.startsWith('fd_p') ? [0n] : [];
    it(`${name} with 2^32 - 1, 2^29, 2^28 vectors`, () => {
      for (const count of [MAX, HALF, 1 << 29, 1 << 28, 600000]) {
        const calls = granted();
        const fd = calls.open('file');
        fails(calls, name, [fd, AT.vectors, count, ...offset, AT.result]);
        fails(calls, name, [fd, MAX, count, ...offset, AT.result]);
      }
    });

    it(`${name} with as many vectors as memory holds, all empty or all the same`, () => {
      const calls = granted();
      const fd = calls.open('file');
      const most = (3 << 20) / 8;
      const empty = attempt(calls, name, [fd, 1 << 20, most, ...offset, AT.result], 1000);
      assert.ok(typeof empty === 'number' || empty === 'ERR_TIMEOUT', String(empty));
      const vectors = Buffer.alloc(3 << 20);
      for (let at = 0; at < vectors.length; at += 8) vectors.writeUInt32LE(16, at + 4);
      calls.memory.write(1 << 20, vectors);
      const same = attempt(calls, name, [fd, 1 << 20, most, ...offset, AT.result], 1000);
      assert.ok(typeof same === 'number' || same === 'ERR_TIMEOUT', String(same));
    });

    it(`${name} of 4 GiB, and of memory that is not there`, () => {
      for (const [at, length] of [
        [0, MAX],
        [4 << 20, 1],
        [MAX, 1],
        [HALF, HALF],
      ]) {
        const calls = granted();
        const fd = calls.open('file');
        const vector = Buffer.alloc(8);
        vector.writeInt32LE(at);
        vector.writeInt32LE(length, 4);
        calls.memory.write(AT.vectors, vector);
        fails(calls, name, [fd, AT.vectors, 1, ...offset, AT.result]);
        // The standard streams are not files: other code serves them.
        const [stream, plain] = name.endsWith('write') ? [1, 'fd_write'] : [0, 'fd_read'];
        fails(calls, plain, [stream, AT.vectors, 1, AT.result]);
      }
    });
  }

  it('fd_pread, fd_seek, fd_allocate, sizes and offsets at the ends of 64 bits', () => {
    const calls = granted();
    const fd = calls.open('file');
    for (const at of [-1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 62n]) {
      const read = attempt(calls, 'fd_pread', [fd, ...calls.vector(10), at, AT.result]);
      assert.equal(typeof read, 'number', String(read));
      for (const whence of [0, 1, 2]) {
        assert.equal(typeof attempt(calls, 'fd_seek', [fd, at, whence, AT.result]), 'number');
      }
      fails(calls, 'fd_seek', [fd, 0n, 3, AT.result]);
      fails(calls, 'fd_seek', [fd, 0n, MAX, AT.result]);
      fails(calls, 'fd_allocate', [fd, at, -1n]);
      fails(calls, 'fd_filestat_set_size', [fd, at < 0n ? at : -at]);
      fails(calls, 'fd_advise', [fd, at, -1n, 99]);
    }
    assert.equal(fs.statSync(path.join(dir, 'file')).size < 2 ** 53, true);
    fs.truncateSync(path.join(dir, 'file'), 100000);
  });

  it('poll_oneoff with 2^27 subscriptions and more', () => {
    for (const count of [MAX, HALF, 1 << 27, 1 << 26, 100000]) {
      fails(granted(), 'poll_oneoff', [AT.other, AT.data, count, AT.result]);
    }
    const result = attempt(granted(), 'poll_oneoff', [0, 2 << 20, 40000, AT.result], 1000);
    assert.ok(typeof result === 'number' || result === 'ERR_TIMEOUT', String(result));
  });

  for (const [name, args] of [
    ['path_open', (p, n) => [3, 0, p, n, 0, 0n, 0n, 0, AT.result]],
    ['path_create_directory', (p, n) => [3, p, n]],
    ['path_filestat_get', (p, n) => [3, 0, p, n, AT.result]],
    ['path_filestat_set_times', (p, n) => [3, 0, p, n, 0n, 0n, 5]],
    ['path_link', (p, n) => [3, 0, p, n, 3, p, n]],
    ['path_readlink', (p, n) => [3, p, n, AT.data, 10, AT.result]],
    ['path_remove_directory', (p, n) => [3, p, n]],
    ['path_rename', (p, n) => [3, p, n, 3, p, n]],
    ['path_symlink', (p, n) => [p, n, 3, p, n]],
    ['path_unlink_file', (p, n) => [3, p, n]],
  ]) {
    it(`${name} with names of 2^31 bytes, of 1 GiB and of all memory`, () => {
      for (const [at, length] of [
        [0, HALF],
        [0, MAX],
        [MAX, MAX],
        [4 << 20, 1],
        [0, 4 << 20],
        [0, 100000],
      ]) {
        const calls = granted();
        calls.memory.write(0, Buffer.alloc(4 << 20, 'a'));
        fails(calls, name, args(at, length));
        calls.memory.write(0, Buffer.alloc(4 << 20, 'a/'));
        fails(calls, name, args(at, length));
      }
    });
  }

  it('a name of 1 GiB that is there', () => {
    const calls = granted();
    assert.notEqual(calls.exports.grow(16384), -1);
    fails(calls, 'path_create_directory', [3, 0, 1 << 30]);
    fails(calls, 'path_open', [3, 0, 0, 1 << 30, 0, 0n, 0n, 0, AT.result]);
  });

  it('args_get, environ_get, fd_prestat_dir_name, fd_readdir into memory that is not there', () => {
    const calls = open({ args: ['a', 'b'], env: { A: 'b' }, fs: [{ guest: '/', host: dir }] });
    for (const at of [4 << 20, MAX, HALF]) {
      fails(calls, 'args_get', [at, 0]);
      fails(calls, 'args_get', [0, at]);
      fails(calls, 'args_sizes_get', [at, 0]);
      fails(calls, 'environ_get', [at, at]);
      fails(calls, 'environ_sizes_get', [0, at]);
      fails(calls, 'fd_prestat_get', [3, at]);
      fails(calls, 'fd_prestat_dir_name', [3, at, 1]);
      fails(calls, 'fd_readdir', [3, at, 1000, 0n, AT.result]);
      fails(calls, 'fd_fdstat_get', [3, at]);
      fails(calls, 'fd_filestat_get', [3, at]);
      fails(calls, 'clock_time_get', [0, 0n, at]);
    }
    for (const cookie of [-1n, 2n ** 63n - 1n, 1000n]) {
      const result = attempt(calls, 'fd_readdir', [3, AT.data, 1000, cookie, AT.result]);
      assert.equal(typeof result, 'number', String(result));
    }
  });

  it('descriptors that do not exist, for every call', () => {
    const calls = granted();
    for (const [name, params] of Object.entries(FUNCTIONS).filter(([name]) => /^(fd|path|sock)_/.test(name))) {
      for (const fd of [4, 1000, HALF, MAX, -(2 ** 31)]) {
        const rest = [...params.slice(1)].map((letter) => (letter === 'l' ? 0n : 0));
        const first = name === 'path_symlink' ? [0, 0, fd, 0, 0] : [fd, ...rest];
        fails(calls, name, first);
      }
    }
  });
});

describe('WASI: a directory with many entries', () => {
  const COUNT = 20000;
  const open = caller();
  let dir;
  before(function () {
    this.timeout(120000);
    dir = directory('many');
    for (let i = 0; i < COUNT; i++) fs.closeSync(fs.openSync(path.join(dir, `f${i}`), 'w'));
  });
  after(function () {
    this.timeout(120000);
    fs.rmSync(dir, { recursive: true });
  });

  it('is listed whole, once each', function () {
    this.timeout(120000);
    const names = open({ fs: [{ guest: '/', host: dir }] }).readdir(3, 1 << 20);
    assert.ok(Array.isArray(names), String(names));
    assert.equal(new Set(names).size, COUNT);
    assert.equal(names.length, COUNT);
  });

  it('is listed, or stopped, under a limit', () => {
    const calls = open({ fs: [{ guest: '/', host: dir }] });
    const result = attempt(calls, 'fd_readdir', [3, AT.data, 1 << 20, 0n, AT.result]);
    assert.ok(result === 0 || result === 'ERR_TIMEOUT', String(result));
  });

  it('listed with a small buffer, 10 names far', () => {
    const calls = open({ fs: [{ guest: '/', host: dir }] }, { timeoutMs: 30000 });
    let cookie = 0n;
    const names = new Set();
    for (let i = 0; i < 10; i++) {
      const number = calls.exports.fd_readdir(3, AT.data, 40, cookie, AT.result);
      assert.equal(number, 0);
      cookie = calls.u64(AT.data);
      names.add(cookie);
    }
    assert.equal(names.size, 10);
    failsWith(calls.rmdir('f1'), 'NOTDIR', 'ROFS', 'PERM', 'NOTCAPABLE', 'ACCES');
  });
});
