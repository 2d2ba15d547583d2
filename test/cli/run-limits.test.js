'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { fixture } = require('../fixtures');
const { cli, fails, file, prints, watFile } = require('./helpers');

const hello = (...options) => ['run', fixture('hello'), ...options, '--invoke', 'say', 'Ada'];

const MODULE = `
  (memory (export "memory") 1)
  (func $endless (export "endless") (loop (br 0)))
  (func (export "_start") (call $endless))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func $deep (export "deep") (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1)))))
      (else (i32.const 0))))`;

/** The line of --meter, which has to be the first on standard error. */
const metersOf = (stderr) => JSON.parse(stderr.slice(0, stderr.indexOf('\n')));

describe('wasmgate run: limits', () => {
  const guest = watFile(MODULE);
  const calling = (name, ...words) => ['run', guest, '--invoke', name, ...words];

  it('--timeout stops a function, a program, a start function', async () => {
    const starting = watFile('(func $s (loop (br 0))) (start $s) (func (export "f"))');
    for (const words of [calling('endless'), ['run', guest], ['run', starting, '--invoke', 'f']]) {
      await fails([...words, '--timeout', '20.5'], 1, /20\.5 ms.*\(ERR_TIMEOUT\)$/);
    }
  });

  it('--timeout stops a program that waits for its input', async () => {
    const reading = watFile(`
      (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1)
      (data (i32.const 0) "\\40\\00\\00\\00\\40\\00\\00\\00")
      (func (export "_start") (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8))))`);
    const fifo = path.join(path.dirname(reading), 'fifo');
    const shell = `mkfifo '${fifo}' && "$@" <>'${fifo}'`; // has a writer, itself, who never writes
    await fails(['run', reading, '--timeout', '50'], 1, /\(ERR_TIMEOUT\)$/, { shell });
  });

  it('--memory holds memory, in bytes or with a unit of 1024', async () => {
    for (const limit of ['131072', '128K', '128k']) {
      assert.equal(await prints([...calling('grow', '1'), '--memory', limit]), '1\n', limit);
      assert.equal(await prints([...calling('grow', '2'), '--memory', limit]), '-1\n', limit);
    }
    assert.equal(await prints([...calling('grow', '15'), '--memory', '1M']), '1\n');
    assert.equal(await prints([...calling('grow', '16'), '--memory', '1M']), '-1\n');
    assert.equal(await prints([...calling('grow', '16383'), '--memory', '1G']), '1\n');
    assert.equal(await prints([...calling('grow', '16384'), '--memory', '1G']), '-1\n');
    await fails([...calling('grow', '0'), '--memory', '65535'], 1, /\(ERR_LIMIT\)$/);
  });

  it('--fuel stops after so many instructions, and lets what needs no more come to its end', async () => {
    const { stderr } = await cli(hello('--meter'));
    const { instructions } = metersOf(stderr);
    assert.equal(await prints(hello('--fuel', String(instructions))), 'hello Ada\n');
    await fails(hello('--fuel', String(instructions - 1)), 1, /\(ERR_FUEL\)$/);
    await fails(hello('--fuel', '0'), 1, /\(ERR_FUEL\)$/);
    await fails([...calling('endless'), '--fuel', '100000'], 1, /fuel of 100000 .*\(ERR_FUEL\)$/);
  });

  it('--stack is how deep calls may go', async () => {
    await fails([...calling('deep', '20000'), '--stack', '64K'], 1, /stack.*\(ERR_TRAP\)$/);
    assert.equal(await prints([...calling('deep', '20000'), '--stack', '4M']), '20000\n');
  });

  for (const [option, value, pattern] of [
    ['--timeout', '0', /^wasmgate: --timeout: expected a number above 0, .*got the number 0 \(ERR_OPTION_RANGE\)$/],
    ['--timeout', '1s', /--timeout needs a number of milliseconds, got "1s"/],
    ['--memory', '64MB', /--memory needs a number of bytes, such as 65536, 64M or 1G, got "64MB"/],
    ['--memory', '', /--memory needs a number of bytes/],
    ['--memory', '1.5M', /--memory needs a number of bytes/],
    ['--memory', '9999999999G', /--memory: expected an integer.*\(ERR_OPTION_RANGE\)$/],
    ['--fuel', '1e3', /--fuel needs a number of instructions, got "1e3"/],
    ['--fuel', '18446744073709551616', /--fuel: expected an integer from 0 to 2\^64-1/],
    ['--stack', '1K', /--stack: expected an integer from 65536 to 67108864, got the number 1024/],
    ['--stack', '-1', /--stack needs a value: --stack BYTES/],
  ]) {
    it(`refuses ${option} ${JSON.stringify(value)}, exit code 2`, async () => {
      const [hint] = await fails([...calling('grow', '0'), option, value], 2, pattern);
      assert.equal(hint, '"wasmgate help run" tells more');
    });
  }
});

describe('wasmgate run --meter', () => {
  it('prints what was used, as one line of JSON on standard error', async () => {
    const { code, stdout, stderr } = await cli(hello('--meter'));
    assert.deepEqual([code, stdout], [0, 'hello Ada\n']);
    assert.match(stderr, /^[^\n]+\n$/);
    const stats = metersOf(stderr);
    assert.ok(stats.calls > 0 && stats.instructions > 100 && stats.wallNs > 0 && stats.memoryBytes >= 1114112, stderr);
    assert.equal(stats.fuelLeft, undefined);
    const again = metersOf((await cli(hello('--meter', '--fuel', '1000000'))).stderr);
    assert.equal(again.instructions, stats.instructions, 'the same on each run');
    assert.equal(again.fuelLeft, 1000000 - stats.instructions);
  });

  it('counts the output of a program, and those that exit or fail are told of too', async () => {
    const ended = await cli(['run', fixture('wasi_command'), '--meter', '--', '9']);
    assert.deepEqual([ended.code, ended.stdout], [9, 'arg 1: 9\nNAME is not set\n']);
    const line = ended.stderr.trimEnd().split('\n').at(-1);
    assert.equal(JSON.parse(line).stdoutBytes, ended.stdout.length);

    const failed = await cli(['run', watFile('(func (export "_start") unreachable)'), '--meter']);
    assert.deepEqual([failed.code, failed.stdout, metersOf(failed.stderr).calls], [1, '', 1]);
    assert.match(failed.stderr, /^\{.*\}\nwasmgate: .*unreachable.*\(ERR_TRAP\)\n/);
  });
});

describe('wasmgate run --read-dir', () => {
  const command = fixture('wasi_command');

  it('lets a program read, and nothing else', async () => {
    const dir = path.dirname(file('in.txt', 'drawer'));
    const { code, stderr } = await cli(['run', command, '--read-dir', `/data=${dir}`]);
    assert.deepEqual(fs.readdirSync(dir), ['in.txt']);
    assert.equal(code, 1); // it did read: else it says so, and exits with 0
    assert.match(stderr, /^Error: Os \{ code: \d+, kind: PermissionDenied/);
  });

  it('stands beside --dir, but not for the same directory', async () => {
    const dir = path.dirname(file('in.txt', 'drawer'));
    const ended = await cli(['run', command, '--read-dir', `/other=${dir}`, '--dir', `/data=${dir}`]);
    assert.deepEqual([ended.code, ended.stderr, fs.readFileSync(path.join(dir, 'out.txt'), 'utf8')], [0, '', 'reward']);
    const twice = ['run', command, '--read-dir', `/data=${dir}`, '--dir', `/data=${dir}`];
    await fails(twice, 1, /"\/data" is where .*\(ERR_GRANT_INVALID\)$/);
  });

  it('is refused where it means nothing', async () => {
    await fails(['run', command, '--read-dir', '/data'], 2, /--read-dir needs name=value, got "\/data"/);
    await fails(['run', command, '--read-dir', '/data='], 2, /--read-dir needs guest=host, got "\/data="/);
    await fails(hello('--read-dir', 'a=.'), 2, /--read-dir: .* does not import WASI/);
    await fails(['run', command, '--read-dir', '/data=missing'], 1, /no such file.*\(ERR_GRANT_INVALID\)$/);
  });
});
