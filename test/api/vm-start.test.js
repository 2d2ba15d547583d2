'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { child, scratch } = require('../helpers');
const { MESSAGE, fails, watVM } = require('./vm-helpers');

const exit = (status) => `
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start") (call $exit (i32.const ${status})) unreachable)
  (func (export "other") (call $exit (i32.const ${status})))`;

function directory(name) {
  const dir = scratch(`vm-${process.pid}-${name}`);
  fs.mkdirSync(dir, { recursive: true });
  return dir;
}

describe('VM: Start', () => {
  it('returns 0 if _start returns', () => {
    assert.equal(watVM('(func (export "_start"))').Start(), 0);
  });

  for (const status of [0, 1, 125, 126, 127, 255, 256, 70000, 2147483647, -1]) {
    it(`returns the exit status: ${status}`, () => {
      const vm = watVM(exit(status));
      assert.equal(vm.Start(), status);
      assert.equal(vm.Start(), status);
    });
  }

  it('ignores its arguments', () => {
    assert.equal(watVM(exit(3)).Start('x', 1n), 3);
  });

  it('takes a program as bytes', async () => {
    const ended = await child(
      `const bytes = new Uint8Array(require('node:fs').readFileSync(fixtures.fixture('wasi_command')));
       process.exitCode = new wg.VM(bytes, { args: ['', '', '9'] }).Start();`,
    );
    assert.equal(ended.code, 9);
    assert.equal(ended.stdout, 'arg 1: 9\nNAME is not set\n');
  });

  it('throws if the program traps, and works again after', () => {
    const vm = watVM(`(memory (export "memory") 1) (func (export "_start") unreachable)
      (func (export "five") (result i32) (i32.const 5))`);
    const cause = fails(() => vm.Start(), MESSAGE.run, 'ERR_TRAP');
    assert.equal(cause.trap, 'unreachable');
    assert.equal(vm.RunInt('five'), 5);
    fails(() => vm.Start(), MESSAGE.run, 'ERR_TRAP');
  });

  for (const [what, text, code] of [
    ['no _start', '', 'ERR_EXPORT_MISSING'],
    ['a _start with a parameter', '(func (export "_start") (param i32))', 'ERR_EXPORT_UNSUPPORTED'],
    ['a _start with a result', '(func (export "_start") (result i32) (i32.const 0))', 'ERR_EXPORT_UNSUPPORTED'],
    ['a _start that is no function', '(memory (export "_start") 1)', 'ERR_EXPORT_MISSING'],
  ]) {
    it(`refuses ${what}`, () => {
      fails(() => watVM(text).Start(), MESSAGE.run, code);
    });
  }

  it('an exit from a Run* function is an error', () => {
    const vm = watVM(exit(0));
    const cause = fails(() => vm.Run('other'), MESSAGE.run, 'ERR_EXIT');
    assert.equal(cause.exitCode, 0);
    assert.equal(fails(() => watVM(exit(200)).Run('other'), MESSAGE.run, 'ERR_EXIT').exitCode, 200);
  });

  it('gives the program its arguments, variables, streams and directories', async () => {
    const dir = directory('program');
    fs.writeFileSync(path.join(dir, 'in.txt'), 'drawer');
    const options = { args: ['node', 'script', '42', 'two'], env: { NAME: 'ada' }, preopens: { '/data': dir } };
    const ended = await child(
      `const vm = new wg.VM(fixtures.fixture('wasi_command'), ${JSON.stringify(options)});
       process.exitCode = vm.Start();`,
    );
    assert.deepEqual(ended, { code: 42, signal: null, stdout: 'arg 1: 42\narg 2: two\nNAME: ada\n', stderr: '' });
    assert.equal(fs.readFileSync(path.join(dir, 'out.txt'), 'utf8'), 'reward');
  });

  it('gives the program no directory that is not listed', async () => {
    const dir = directory('unlisted');
    fs.writeFileSync(path.join(dir, 'in.txt'), 'x');
    const ended = await child(
      `const vm = new wg.VM(fixtures.fixture('wasi_command'), { preopens: { '/elsewhere': ${JSON.stringify(dir)} } });
       process.exitCode = vm.Start();`,
    );
    assert.equal(ended.code, 0);
    assert.equal(ended.stdout, 'NAME is not set\n');
    assert.match(ended.stderr, /^\/data\/in\.txt: .*pre-opened/);
    assert.deepEqual(fs.readdirSync(dir), ['in.txt']);
  });

  it('gives the program the standard input', async () => {
    const text = `
      (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1)
      (func (export "_start")
        (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const 100))
        (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
        (i32.store (i32.const 4) (i32.load (i32.const 8)))
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12))))`;
    const file = path.join(directory('stdin'), 'echo.wat');
    fs.writeFileSync(file, `(module ${text})`);
    const ended = await child(`new wg.VM(${JSON.stringify(file)}).Start();`, { shell: 'echo from outside |' });
    assert.deepEqual(ended, { code: 0, signal: null, stdout: 'from outside\n', stderr: '' });
  });

  it('takes guest and host paths with a colon', () => {
    const dir = directory('a:b');
    const text = `
      (import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_prestat_dir_name" (func $name (param i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "path_create_directory" (func $mkdir (param i32 i32 i32) (result i32)))
      (memory (export "memory") 1) (data (i32.const 256) "made")
      (func (export "name") (param i32)
        (drop (call $prestat (i32.const 3) (i32.const 64)))
        (drop (call $name (i32.const 3) (i32.const 128) (i32.load (i32.const 68))))
        (drop (call $mkdir (i32.const 3) (i32.const 256) (i32.const 4)))
        (i32.store (local.get 0) (i32.const 128))
        (i32.store offset=4 (local.get 0) (i32.load (i32.const 68))))
      (func (export "__wbindgen_free") (param i32 i32))`;
    assert.equal(watVM(text, { preopens: { '/x:y': dir } }).RunString('name'), '/x:y');
    assert.deepEqual(fs.readdirSync(dir), ['made']);
  });
});

describe('VM: _initialize', () => {
  it('runs once for each instance, before everything else', () => {
    const vm = watVM(`(memory (export "memory") 1) (global $runs (mut i32) (i32.const 0))
      (func (export "_initialize") (global.set $runs (i32.add (global.get $runs) (i32.const 1))))
      (func (export "_start") (if (i32.ne (global.get $runs) (i32.const 1)) (then unreachable)))
      (func (export "__wbindgen_malloc") (param i32) (result i32)
        (if (i32.ne (global.get $runs) (i32.const 1)) (then unreachable)) (i32.const 64))
      (func (export "runs") (result i32) (global.get $runs))
      (func (export "taken") (param i32 i32) (result i32) (global.get $runs))`);
    assert.equal(vm.RunInt('runs'), 1);
    assert.equal(vm.RunInt('runs'), 1);
    assert.equal(vm.RunInt('taken', 'x'), 1);
    assert.equal(vm.Start(), 0);
  });

  it('has an error of its own', () => {
    const trapping = watVM('(func (export "_initialize") unreachable) (func (export "f"))');
    assert.equal(fails(() => trapping.Run('f'), MESSAGE.initialize, 'ERR_START').export, '_initialize');
    const exiting = watVM(`(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1) (func (export "_initialize") (call $exit (i32.const 3))) (func (export "_start"))`);
    assert.equal(fails(() => exiting.Start(), MESSAGE.initialize, 'ERR_START').exitCode, 3);
  });

  it('is told apart from the start function', () => {
    const vm = watVM('(func $s unreachable) (start $s) (func (export "_initialize")) (func (export "f"))');
    fails(() => vm.Run('f'), MESSAGE.instantiate, 'ERR_START');
  });
});
