'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const { Instance, Module } = require('../..');
const { compiled, fixture } = require('../fixtures');
const { bytesOf, refuses, scratch, track } = require('../helpers');

const WASI = 'wasi_snapshot_preview1';

/** A module that imports functions of WASI and calls none. */
const importing = (...functions) =>
  bytesOf(functions.map((name) => `(import "${WASI}" "${name}" (func ${TYPES[name]}))`).join(' '));

const TYPES = {
  args_get: '(param i32 i32) (result i32)',
  clock_time_get: '(param i32 i64 i32) (result i32)',
  fd_write: '(param i32 i32 i32 i32) (result i32)',
  poll_oneoff: '(param i32 i32 i32 i32) (result i32)',
  proc_exit: '(param i32)',
  random_get: '(param i32 i32) (result i32)',
};

/** An instance of the module that it loads, closed after the test. */
function make(source, options) {
  const instance = new Instance(source, options);
  track(instance.module);
  return track(instance);
}

describe('grants of an instance', () => {
  const source = importing('args_get', 'clock_time_get', 'poll_oneoff', 'fd_write', 'proc_exit');

  it('without them ERR_CAPABILITY names each import and the grant that would allow it', () => {
    for (const grants of [undefined, {}, { wasi: false }]) {
      const error = refuses(() => make(source, { grants }), 'ERR_CAPABILITY', {
        imports: ['args_get', 'clock_time_get', 'poll_oneoff', 'fd_write', 'proc_exit'].map(
          (name) => `${WASI}.${name}`,
        ),
        grants: [
          { import: `${WASI}.args_get`, grant: 'args' },
          { import: `${WASI}.clock_time_get`, grant: 'clock' },
          { import: `${WASI}.poll_oneoff`, grant: 'clock' },
          { import: `${WASI}.fd_write`, grant: 'stdout' },
          { import: `${WASI}.proc_exit`, grant: 'args' },
        ],
      });
      assert.equal(
        error.message,
        `the module imports from ${WASI} what is not granted; it needs args (for args_get, proc_exit), ` +
          'clock (for clock_time_get, poll_oneoff), stdout (for fd_write), or wasi for all of it (ERR_CAPABILITY)',
      );
    }
  });

  it('part of them: what is left is named', () => {
    refuses(() => make(source, { grants: { args: [], stderr: 'ignore' } }), 'ERR_CAPABILITY', {
      imports: [`${WASI}.clock_time_get`, `${WASI}.poll_oneoff`],
      message: /it needs clock \(for clock_time_get, poll_oneoff\) \(ERR_CAPABILITY\)$/,
    });
  });

  it('the grants that the error names suffice, and so does the usual set', () => {
    assert.equal(make(source, { grants: { args: [], clock: 'real', stdout: 'ignore' } }).state, 'open');
    assert.equal(make(source, { grants: 'wasi' }).state, 'open');
    assert.equal(make(source, { grants: { wasi: true } }).state, 'open');
  });

  it('clock and random can be taken out of the usual set', () => {
    refuses(() => make(source, { grants: { wasi: true, clock: false } }), 'ERR_CAPABILITY', {
      message: /it needs clock, which is refused by name \(for clock_time_get, poll_oneoff\)/,
    });
    refuses(() => make(importing('random_get'), { grants: { wasi: true, random: false } }), 'ERR_CAPABILITY');
    assert.equal(make(importing('random_get'), { grants: { wasi: true, clock: false } }).state, 'open');
  });

  it('a module that imports nothing of WASI takes them too', () => {
    assert.equal(make(bytesOf(''), { grants: { wasi: true, args: ['a'] } }).state, 'open');
  });

  it('the ends of every range are taken', () => {
    const module = track(Module.load(bytesOf(''), { metering: true, stackBytes: 64 << 20 }));
    for (const grants of [
      { args: [], env: {}, fs: [], preopens: {} },
      { args: ['', '\ud800'], env: { 'a b': '', ö: '=' } },
      { clock: { start: 2n ** 64n - 1n, stepNs: 2n ** 64n - 1n }, random: { seed: 'a'.repeat(33) } },
      { clock: { start: 18446744073709, stepNs: 0 }, random: { seed: '' } },
      { clock: { start: 0.0000001 }, random: { seed: -(2n ** 255n) } },
      { stdin: '', stdout: 'ignore', stderr: 2 },
    ]) {
      const instance = new Instance(module, { grants });
      assert.equal(instance.state, 'open');
      instance.close();
    }
    for (const limits of [
      { memoryBytes: 2 ** 53 - 1, tableElements: 2 ** 32 - 1, instances: 2 ** 32 - 1 },
      { memoryBytes: 0, tableElements: 0, instances: 1, stdoutBytes: 0, stderrBytes: -0 },
      { timeoutMs: 99 * 86400000, fuel: 2n ** 64n - 1n, stackBytes: 64 << 20 },
      { timeoutMs: 1e9 / 3, stdoutBytes: 2 ** 53 - 1, stderrBytes: 2 ** 53 - 1 },
    ]) {
      const instance = new Instance(module, { limits });
      assert.equal(instance.state, 'open');
      instance.close();
    }
  });

  it('are refused by the constructor, before the module is loaded', () => {
    refuses(() => new Instance('/does/not/exist', { grants: { stdn: 1 } }), 'ERR_OPTION_UNKNOWN', {
      option: 'grants.stdn',
    });
    refuses(() => new Instance(compiled('hello'), { grants: { args: 'a' } }), 'ERR_OPTION_TYPE', {
      option: 'grants.args',
    });
  });
});

describe('directories that cannot be granted', () => {
  const missing = () => scratch('grants-no-such-directory');

  it('name the option: ERR_GRANT_INVALID', () => {
    const module = compiled('wasi_command');
    const open = (grants) => new Instance(module, { grants: { wasi: true, ...grants } });
    const good = { guest: '/', host: __dirname };
    for (const [grants, option, message] of [
      [{ fs: [good, { guest: '/a', host: missing() }] }, 'grants.fs[1].host', /no such file/],
      [{ fs: [good, { guest: '/a', host: __filename }] }, 'grants.fs[1].host', /is not a directory/],
      [{ preopens: { '/data': missing() } }, 'grants.preopens["/data"]', /no such file/],
      [{ fs: [good], preopens: { data: __filename } }, 'grants.preopens.data', /is not a directory/],
    ]) {
      const error = refuses(() => open(grants), 'ERR_GRANT_INVALID', { option, message });
      assert.ok(error.message.startsWith(`${option}: `), error.message);
    }
  });

  it('a link to nowhere, and one to itself', () => {
    const dir = scratch('grants-links');
    fs.mkdirSync(dir, { recursive: true });
    fs.symlinkSync(`${dir}/none`, `${dir}/dangling`);
    fs.symlinkSync(`${dir}/loop`, `${dir}/loop`);
    for (const name of ['dangling', 'loop']) {
      const grants = { fs: [{ guest: '/', host: `${dir}/${name}` }] };
      refuses(() => new Instance(compiled('wasi_command'), { grants }), 'ERR_GRANT_INVALID', {
        option: 'grants.fs[0].host',
      });
    }
  });
});

describe('limits that the module was not loaded for', () => {
  const cases = [
    [{}, { fuel: 5 }, 'fuel', /without metering: true/],
    [{ interruptible: false }, { timeoutMs: 5 }, 'timeoutMs', /interruptible: false/],
    [{}, { stackBytes: 65536 }, 'stackBytes', /stackBytes: 524288, not 65536/],
    [{ trapOnGrowFailure: true }, { trapOnGrowFailure: false }, 'trapOnGrowFailure', /trapOnGrowFailure: true/],
  ];

  for (const [options, limits, name, message] of cases) {
    it(`${name}: ERR_PROFILE`, () => {
      const module = track(Module.load(bytesOf(''), options));
      refuses(() => new Instance(module, { limits }), 'ERR_PROFILE', { option: `limits.${name}`, message });
    });
  }

  it('those that it was loaded for are fine', () => {
    const module = track(Module.load(bytesOf(''), { metering: true, stackBytes: 65536 }));
    const limits = { fuel: 5, stackBytes: 65536, trapOnGrowFailure: false, timeoutMs: 60000 };
    assert.equal(track(new Instance(module, { limits })).state, 'open');
  });

  it('an instance that loads its module loads it for them', () => {
    const limits = { stackBytes: 65536, trapOnGrowFailure: true };
    assert.equal(make(fixture('hello'), { limits }).exports.say('Ada'), 'hello Ada');
  });
});
