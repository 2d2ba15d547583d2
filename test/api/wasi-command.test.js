'use strict';

// run and runSync: programs with arguments, variables, files, and ends of all kinds.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { Instance, Module, run, runSync } = require('../..');
const { fixture } = require('../fixtures');
const { wat, MEMORY } = require('../fixtures/endless');
const { wasiPath } = require('./guest-helpers');
const { refuses, rejects, track } = require('../helpers');
const { directory, shared, tool } = require('./wasi-helpers');

const exiting = (status) =>
  wat(`(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))) ${MEMORY}
  (func (export "_start") (call $exit (i32.const ${status})) unreachable)`);

/** Both ways to run a program: the result, or the code of the error. */
async function both(source, options) {
  const sync = runSync(source, options);
  const later = await run(source, options);
  for (const key of ['exitCode', 'stdout', 'stderr']) assert.deepEqual(later[key], sync[key], key);
  return sync;
}

describe('run: exit codes', () => {
  for (const status of [0, 1, 2, 42, 125, 126, 127, 128, 255, 256, 1000, 2 ** 31 - 1]) {
    it(`${status} is a result`, async () => {
      assert.equal((await both(exiting(status))).exitCode, status);
    });
  }

  it('-1 and other numbers beyond 2^31 are results', async () => {
    const { exitCode } = await both(exiting(-1));
    assert.ok(exitCode === -1 || exitCode === 2 ** 32 - 1, String(exitCode));
    assert.ok(Number.isInteger((await both(exiting(-(2 ** 31)))).exitCode));
  });

  it('0 if _start returns', async () => {
    const { exitCode, stdout, stderr } = await both(wat('(func (export "_start"))'));
    assert.deepEqual([exitCode, stdout.length, stderr.length], [0, 0, 0]);
  });

  it('of a program in Rust: exit, Err of main, a panic', async () => {
    const source = fixture('wasi_tool');
    assert.equal((await both(source, { args: ['exit', '42'] })).exitCode, 42);
    const failed = await both(source, { args: ['read', '/nothing'], encoding: 'utf8' });
    assert.equal(failed.exitCode, 1);
    assert.match(failed.stderr, /^Error: /);
  });

  it('a panic is an error, with what the program wrote', async () => {
    const options = { args: ['panic', 'oh no'] };
    const error = refuses(() => runSync(fixture('wasi_tool'), options), 'ERR_PANIC');
    assert.match(error.stderr.toString(), /panicked at 'oh no'/);
    assert.equal(error.stdout.length, 0);
    const later = await rejects(run(fixture('wasi_tool'), options), 'ERR_PANIC');
    assert.deepEqual(later.stderr, error.stderr);
  });

  it('exit in the start function, in _initialize', () => {
    const text = wat(`(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))) ${MEMORY}
      (func $s (call $exit (i32.const 3))) (start $s) (func (export "_start"))`);
    let result;
    try {
      result = runSync(text).exitCode;
    } catch (error) {
      result = error.exitCode;
    }
    assert.equal(result, 3);
  });

  for (const [what, text, code] of [
    ['no _start', '', 'ERR_EXPORT_MISSING'],
    ['a _start with a parameter', '(func (export "_start") (param i32))', 'ERR_EXPORT_MISSING'],
    ['a _start with a result', '(func (export "_start") (result i32) (i32.const 0))', 'ERR_EXPORT_MISSING'],
    ['a _start that is no function', '(memory (export "_start") 1)', 'ERR_EXPORT_MISSING'],
    ['a trap', '(func (export "_start") unreachable)', 'ERR_TRAP'],
    ['an import that nobody has', '(import "x" "y" (func)) (func (export "_start"))', 'ERR_IMPORT_MISSING'],
  ]) {
    it(`${what}: ${code}`, async () => {
      refuses(() => runSync(wat(text)), code);
      await rejects(run(wat(text)), code);
    });
  }
});

describe('run: arguments and variables', () => {
  const program = tool();
  const lines = async (options) =>
    (await both(program(), { encoding: 'utf8', ...options })).stdout.split('\n').slice(0, -1);

  it('as they are, with Unicode, empty, with spaces and newlines, in their order', async () => {
    const args = ['show', '', ' ', 'ünï 🦀', '--x=1', '日本', 'quo\'te"s', '$HOME', '*'];
    assert.deepEqual(
      (await lines({ args })).slice(1),
      args.map((arg) => `arg ${arg}`),
    );
    const { stdout } = await both(program(), { args: ['show', 'two\nlines'], encoding: 'utf8' });
    assert.ok(stdout.endsWith('arg two\nlines\n'));
  });

  it('variables: those given and no others', async () => {
    process.env.WASMGATE_TEST_SECRET = 'x';
    assert.deepEqual(
      (await lines({ args: ['show'] })).filter((line) => line.startsWith('env ')),
      [],
    );
    const env = { B: '2', A: '', Ünï: '🦀', 'WITH SPACE': 'a=b=c', LEFT_OUT: undefined };
    const seen = (await lines({ args: ['show'], env })).filter((line) => line.startsWith('env '));
    assert.deepEqual(seen, ['env B=2', 'env A=', 'env Ünï=🦀', 'env WITH SPACE=a=b=c']);
    delete process.env.WASMGATE_TEST_SECRET;
  });

  it('the program’s name', async () => {
    assert.equal((await lines({ args: ['show'], name: 'my tool' }))[0], 'arg my tool');
    const { stdout } = runSync(fixture('wasi_tool'), { args: ['show'], encoding: 'utf8' });
    assert.equal(stdout.split('\n')[0], 'arg wasi_tool.wasm');
    const bytes = fs.readFileSync(fixture('wasi_tool'));
    assert.equal(runSync(bytes, { args: ['show'], encoding: 'utf8' }).stdout.split('\n')[0], 'arg main.wasm');
  });

  it('many and long ones', async () => {
    const args = ['show', ...Array.from({ length: 10000 }, (_, i) => `a${i}`), 'x'.repeat(1 << 20)];
    assert.deepEqual(
      (await lines({ args })).slice(1),
      args.map((arg) => `arg ${arg}`),
    );
    const env = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`V${i}`, 'y'.repeat(100)]));
    assert.equal((await lines({ args: ['show'], env })).length, 5002);
  });

  it('what is no text or cannot be one is refused, by its place', async () => {
    for (const [options, option] of [
      [{ args: 'x' }, 'args'],
      [{ args: [1] }, 'args[0]'],
      [{ args: ['a', null] }, 'args[1]'],
      [{ args: null }, 'args'],
      [{ env: [] }, 'env'],
      [{ env: null }, 'env'],
      [{ env: { A: 1 } }, 'env.A'],
      [{ env: { A: null } }, 'env.A'],
      [{ name: 1 }, 'name'],
    ]) {
      refuses(() => runSync(program(), options), 'ERR_OPTION_TYPE', { option });
      await rejects(run(program(), options), 'ERR_OPTION_TYPE', { option });
    }
    for (const [options, option] of [
      [{ args: ['a', 'b\0c'] }, 'args[1]'],
      [{ env: { 'A=B': 'x' } }, /^env/],
      [{ env: { '': 'x' } }, /^env/],
      [{ env: { A: '\0' } }, /^env/],
      [{ env: { 'A\0': 'x' } }, /^env/],
    ]) {
      refuses(() => runSync(program(), options), 'ERR_GRANT_INVALID', { option });
      await rejects(run(program(), options), 'ERR_GRANT_INVALID', { option });
    }
  });

  it('lone surrogates arrive as U+FFFD', async () => {
    assert.equal((await lines({ args: ['show', 'a\ud800b'] }))[2], 'arg a\ufffdb');
  });
});

describe('run: files', () => {
  const program = tool();
  let dir;
  beforeEach(() => {
    dir = directory('files');
    fs.mkdirSync(path.join(dir, 'sub'));
    fs.writeFileSync(path.join(dir, 'a.txt'), 'ünï');
  });
  const done = (args, fsGrant) => runSync(program(), { args, fs: fsGrant, encoding: 'utf8' });

  it('read, list, write, copy, rename, remove', () => {
    const granted = [{ guest: '/data', host: dir, write: true }];
    assert.equal(done(['read', '/data/a.txt'], granted).stdout, 'ünï');
    assert.equal(done(['list', '/data'], granted).stdout, 'a.txt\nsub/\n');
    assert.equal(done(['write', '/data/b', 'text'], granted).exitCode, 0);
    assert.equal(done(['copy', '/data/b', '/data/sub/c'], granted).stdout, '4\n');
    assert.equal(done(['rename', '/data/b', '/data/d'], granted).exitCode, 0);
    assert.equal(done(['mkdir', '/data/x/y/z'], granted).exitCode, 0);
    assert.equal(done(['remove', '/data/a.txt'], granted).exitCode, 0);
    assert.deepEqual(fs.readdirSync(dir).sort(), ['d', 'sub', 'x']);
    assert.equal(fs.readFileSync(path.join(dir, 'sub/c'), 'utf8'), 'text');
  });

  it('several directories, one under another name of the guest', () => {
    const granted = [
      { guest: '/', host: dir },
      { guest: '/out', host: path.join(dir, 'sub'), write: true },
    ];
    assert.equal(done(['copy', '/a.txt', '/out/copy'], granted).exitCode, 0);
    assert.equal(done(['copy', '/a.txt', '/copy'], granted).exitCode, 1);
    assert.equal(fs.readFileSync(path.join(dir, 'sub/copy'), 'utf8'), 'ünï');
  });

  it('without a grant: none', () => {
    assert.equal(done(['read', '/etc/passwd'], undefined).exitCode, 1);
    assert.equal(done(['list', '/'], []).exitCode, 1);
    assert.equal(done(['write', '/x', 'y'], undefined).exitCode, 1);
  });

  it('what cannot be granted: ERR_GRANT_INVALID, by its place', async () => {
    for (const entry of [
      { guest: '/', host: path.join(dir, 'none') },
      { guest: '/', host: path.join(dir, 'a.txt') },
      { guest: '/', host: '' },
      { guest: '/', host: `${dir}\0` },
    ]) {
      refuses(() => done(['clock'], [entry]), 'ERR_GRANT_INVALID', { option: 'fs[0].host' });
      await rejects(run(program(), { args: ['clock'], fs: [entry] }), 'ERR_GRANT_INVALID', { option: 'fs[0].host' });
      refuses(() => new Instance(program(), { grants: { wasi: true, fs: [entry] } }), 'ERR_GRANT_INVALID', {
        option: 'grants.fs[0].host',
      });
    }
    refuses(() => done(['clock'], [{ guest: '/a\0', host: dir }]), 'ERR_GRANT_INVALID', { option: 'fs[0].guest' });
  });

  it('wrong types, by their place', () => {
    for (const [value, option] of [
      ['/', 'fs'],
      [{}, 'fs'],
      [[null], 'fs[0]'],
      [['/'], 'fs[0]'],
      [[{ host: dir }], 'fs[0].guest'],
      [[{ guest: '/' }], 'fs[0].host'],
      [[{ guest: 1, host: dir }], 'fs[0].guest'],
      [[{ guest: '/', host: dir, write: 1 }], 'fs[0].write'],
    ]) {
      refuses(() => done(['clock'], value), 'ERR_OPTION_TYPE', { option });
    }
    assert.throws(() => done(['clock'], [{ guest: '/', host: dir, write: 'yes' }]), { option: 'fs[0].write' });
    refuses(() => done(['clock'], [{ guest: '/', host: dir, read: true }]), 'ERR_OPTION_UNKNOWN', {
      option: 'fs[0].read',
    });
  });
});

describe('a reactor with the standard library', () => {
  const module = shared(wasiPath);

  it('through new Instance with grants', () => {
    const dir = directory('reactor');
    fs.writeFileSync(path.join(dir, 'in'), 'text');
    const grants = { wasi: true, fs: [{ guest: '/d', host: dir, write: true }], args: ['one', 'zwö'], env: { A: 'ä' } };
    const { exports } = track(new Instance(module(), { grants }));
    assert.equal(exports.read_file('/d/in'), 'text');
    exports.write_file('/d/out', Uint8Array.of(1, 2));
    assert.deepEqual([...fs.readFileSync(path.join(dir, 'out'))], [1, 2]);
    assert.equal(exports.arguments(), 'one\nzwö');
    assert.equal(exports.variable('A'), 'ä');
    assert.equal(exports.variable('HOME'), undefined);
    refuses(() => exports.read_file('/d/../../etc/passwd'), 'ERR_GUEST_ERROR');
  });

  it('reset: fresh state, same grants', () => {
    const instance = track(new Instance(module(), { grants: { wasi: true, env: { A: '1' } } }));
    assert.deepEqual([instance.exports.next(), instance.exports.next()], [1, 2]);
    refuses(() => instance.exports.exit(7), 'ERR_EXIT', { exitCode: 7 });
    instance.reset();
    assert.equal(instance.exports.next(), 1);
    assert.equal(instance.exports.variable('A'), '1');
  });

  it('twenty instances with twenty directories', () => {
    const opened = Array.from({ length: 20 }, (_, i) => {
      const dir = directory(`many${i}`);
      fs.writeFileSync(path.join(dir, 'who'), String(i));
      const grants = { wasi: true, fs: [{ guest: '/d', host: dir }] };
      return track(new Instance(module(), { grants }));
    });
    opened.forEach(({ exports }, i) => assert.equal(exports.read_file('/d/who'), String(i)));
  });

  it('a Module that was closed', async () => {
    const closed = Module.load(fixture('wasi_tool'));
    closed.close();
    refuses(() => runSync(closed, { args: ['clock'] }), 'ERR_CLOSED');
    await rejects(run(closed, { args: ['clock'] }), 'ERR_CLOSED');
  });
});
