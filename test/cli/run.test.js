'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { UsageError } = require('../../js/cli/arguments');
const { argumentsOf } = require('../../js/cli/values');
const { fixture } = require('../fixtures');
const { cli, fails, file, prints, watFile } = require('./helpers');

const command = fixture('wasi_command');

const exit = (status) => `
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start") (call $exit (i32.const ${status})) unreachable)
  (func (export "quit") (param i32) (call $exit (local.get 0)))`;

describe('wasmgate run: programs', () => {
  it('gives arguments, variables and directories, and ends with the exit code', async () => {
    const dir = path.dirname(file('in.txt', 'drawer'));
    const ended = await cli(['run', command, '--env', 'NAME=a=b', '--dir', `/data=${dir}`, '--', '42', '--two', '-3']);
    assert.deepEqual(ended, {
      code: 42,
      signal: null,
      stdout: 'arg 1: 42\narg 2: --two\narg 3: -3\nNAME: a=b\n',
      stderr: '',
    });
    assert.equal(fs.readFileSync(path.join(dir, 'out.txt'), 'utf8'), 'reward');
  });

  it('options may come anywhere before "--"', async () => {
    const ended = await cli(['run', '--env=NAME=x', command, '7', '--env', 'OTHER=']);
    assert.equal(ended.code, 7);
    assert.match(ended.stdout, /^arg 1: 7\nNAME: x\n$/);
  });

  it('gives nothing that is not named: no variable, no directory', async () => {
    const ended = await cli(['run', command], { env: { NAME: 'outside' } });
    assert.equal(ended.code, 0);
    assert.equal(ended.stdout, 'NAME is not set\n');
    assert.match(ended.stderr, /^\/data\/in\.txt: .*pre-opened/);
  });

  it('gives the standard input', async () => {
    const cat = watFile(`
      (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1)
      (func (export "_start")
        (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const 100))
        (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
        (i32.store (i32.const 4) (i32.load (i32.const 8)))
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12))))`);
    assert.equal(await prints(['run', cat], { input: 'from outside\n' }), 'from outside\n');
  });

  for (const [status, code] of [
    [0, 0],
    [1, 1],
    [255, 255],
    [256, 1],
    [-1, 255],
  ]) {
    it(`exit status ${status} becomes ${code}`, async () => {
      assert.deepEqual(await cli(['run', watFile(exit(status))]), { code, signal: null, stdout: '', stderr: '' });
    });
  }

  it('a program without WASI', async () => {
    assert.equal(await prints(['run', watFile('(func (export "_start"))')]), '');
  });

  it('a trap: exit code 1, with the stack of the guest', async () => {
    const wasm = watFile('(func $boom unreachable) (func $main (export "_start") call $boom)');
    const stack = await fails(['run', wasm], 1, /^wasmgate: .*unreachable.*\(ERR_TRAP\)$/);
    assert.match(stack.join('\n'), /boom[^]*main/);
  });

  it('refuses what is no program', async () => {
    await fails(['run', fixture('hello')], 2, /hello_bg\.wasm is no program .* --invoke$/);
    await fails(['run', watFile('(func (export "_start") (param i32))')], 2, /is no program/);
    await fails(['run', command, '--json'], 2, /--json is for --invoke/);
  });

  it('refuses wrong grants', async () => {
    await fails(['run', command, '--dir', 'data'], 2, /--dir needs name=value, got "data"/);
    await fails(['run', command, '--dir', '/data='], 2, /--dir needs guest=host/);
    await fails(['run', command, '--env', '=x'], 2, /--env needs name=value, got "=x"/);
    await fails(['run', command, '--dir', '/data=missing'], 1, /no such file.*\(ERR_GRANT_INVALID\)$/);
    await fails(['run', fixture('hello'), '--invoke', 'say', '--dir', 'a=.', 'x'], 2, /--dir: .* does not import WASI/);
  });
});

describe('wasmgate run --invoke', () => {
  const hello = (...words) => ['run', fixture('hello'), '--invoke', ...words];
  const bytes = (...words) => ['run', fixture('bytes'), '--invoke', ...words];

  for (const [what, words, output] of [
    ['a text, raw', hello('say', 'Ada'), 'hello Ada\n'],
    ['an empty text', hello('say', ''), 'hello \n'],
    ['a text that begins with a dash', hello('say', '--', '--x'), 'hello --x\n'],
    ['a text as JSON', hello('say', '"\n', '--json'), '"hello \\"\\n"\n'],
    ['numbers, below zero and hexadecimal too', hello('add', '-1', '0x10'), '15\n'],
    ['a negative hexadecimal number', hello('add', '-0x10', '1e3'), '984\n'],
    ['bigints', hello('lcm', '4', '6n'), '12n\n'],
    ['bigints as JSON', hello('lcm', '4', '0x6', '--json'), '"12"\n'],
    ['bytes as hexadecimal digits', hello('reverse', '0102fF'), 'Uint8Array(3) [ 255, 2, 1 ]\n'],
    ['bytes as JSON', hello('reverse', '0102ff', '--json'), '[255,2,1]\n'],
    ['no bytes', hello('reverse', ''), 'Uint8Array(0) []\n'],
    ['an option that is left out', bytes('maybe'), ''],
    ['an option that is null', bytes('maybe', 'null', '--json'), 'null\n'],
    ['an option that is there', bytes('maybe', '00'), 'Uint8Array(1) [ 0 ]\n'],
    ['a list', bytes('echo_i16', '[-1, 32767]'), 'Int16Array(2) [ -1, 32767 ]\n'],
    ['an empty list', bytes('echo_f64', ' [ ] '), 'Float64Array(0) []\n'],
    ['a list of fractions', bytes('echo_f64', '[0.1, -1e300, NaN]', '--json'), '[0.1,-1e+300,null]\n'],
    [
      'a list of large integers',
      bytes('echo_u64', '[18446744073709551615, 9007199254740993]', '--json'),
      '["18446744073709551615","9007199254740993"]\n',
    ],
    ['no result', ['run', fixture('results'), '--invoke', 'check', 'true'], ''],
    ['an option as a text', ['run', fixture('strings'), '--invoke', 'maybe', 'null'], 'null!\n'],
    ['a function with its wasm type', ['run', fixture('wasi_lib'), '--invoke', 'lcm', '4', '-6'], '-12n\n'],
    ['a function of a WASI library that prints', ['run', fixture('wasi_lib'), '--invoke', 'print', '5'], '5\n'],
  ]) {
    it(`${what}: ${JSON.stringify(output)}`, async () => assert.equal(await prints(words), output));
  }

  it('bytes from a file, all of a long result', async () => {
    const content = Buffer.alloc(3000, 7);
    const text = await prints(hello('reverse', `@${file('bytes', content)}`, '--json'));
    assert.deepEqual(JSON.parse(text), [...content]);
    assert.match(
      await prints(hello('reverse', `@${file('bytes', content)}`)),
      /^Uint8Array\(3000\) \[(?:\s*7,?){3000}\s*\]\n$/,
    );
  });

  it('several results', async () => {
    const wasm = watFile('(func (export "two") (result i32 i64) i32.const 1 i64.const 2)');
    assert.equal(await prints(['run', wasm, '--invoke', 'two']), '[ 1, 2n ]\n');
    assert.equal(await prints(['run', wasm, '--invoke', 'two', '--json']), '[1,"2"]\n');
  });

  it('colours only if they are wanted', async () => {
    const words = hello('add', '1', '2');
    assert.equal(await prints(words, { env: { FORCE_COLOR: '1' } }), '\x1b[33m3\x1b[39m\n');
    assert.equal(await prints(words, { env: { NO_COLOR: '1' } }), '3\n');
  });

  for (const [what, words, pattern] of [
    ['no number', hello('add', '1', 'x'), /add: argument 2 \(b\): expected a number, got the string "x"/],
    ['an empty number', hello('add', '1', ''), /argument 2 \(b\): expected a number/],
    ['a fraction', hello('add', '1', '0.5'), /\(ERR_ARG_RANGE\)/],
    ['a number out of range', hello('add', '1', '99999999999'), /\(ERR_ARG_RANGE\)/],
    ['no bigint', hello('lcm', '1', '1.5'), /argument 2 \(b\): expected an integer/],
    ['a bigint with wrong digits', hello('lcm', '1', '0b2'), /expected an integer/],
    ['odd hexadecimal digits', hello('reverse', '012'), /expected bytes as hexadecimal digits, or @FILE/],
    ['a missing file', hello('reverse', '@missing'), /expected a file to read \(ENOENT/],
    ['no boolean', ['run', fixture('results'), '--invoke', 'check', 'yes'], /expected true or false/],
    ['no list', bytes('echo_i16', '1,2'), /expected a list of numbers, such as \[1, 2\]/],
    ['a list of other things', bytes('echo_i16', '["a"]'), /expected a number/],
    ['a list with too large a value', bytes('echo_i16', '[1, 70000]'), /Int16Array; 70000 does not fit/],
    ['too few arguments', hello('add', '1'), /expected 2 arguments, got 1 \(ERR_ARG_COUNT\)/],
    ['too many arguments', hello('add', '1', '2', '3'), /expected 2 arguments, got 3 \(ERR_ARG_COUNT\)/],
    ['a wrong name', hello('sya', 'x'), /has no function "sya" \(did you mean "say"\?\)/],
    ['plumbing', hello('__wbindgen_malloc', '1', '1'), /has no function "__wbindgen_malloc"/],
  ]) {
    it(`refuses ${what}, exit code 2`, () => fails(words, 2, pattern));
  }

  it('what the guest returns as an error: exit code 1', async () => {
    await fails(['run', fixture('results'), '--invoke', 'parse_i32', 'x'], 1, /\(ERR_GUEST_ERROR\)$/);
  });

  it('a panic: exit code 1, with its message and the stack of the guest', async () => {
    const wasm = fixture('panics_hook');
    const { code, stdout, stderr } = await cli(['run', wasm, '--invoke', 'panic_with', 'no \x1b[2J luck']);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^wasmgate: panicked at .*\nno \\u\{1b\}\[2J luck\n/);
    assert.match(stderr, /\(ERR_PANIC\)\n[^]*^ {4}.*panic_with/m);
    assert.doesNotMatch(stderr, /\.js:\d+/);
  });

  it('an exit of the guest', async () => {
    const wasm = watFile(exit(0));
    for (const [status, code] of [
      ['0', 0],
      ['9', 9],
    ]) {
      const ended = await cli(['run', wasm, '--invoke', 'quit', status]);
      assert.deepEqual(ended, { code, signal: null, stdout: '', stderr: '' });
    }
  });

  it('a start function that fails, an import that nobody gives', async () => {
    const failing = watFile('(func $s unreachable) (start $s) (func (export "f"))');
    await fails(['run', failing, '--invoke', 'f'], 1, /\(ERR_START\)$/);
    const importing = watFile('(import "env" "f" (func)) (func (export "f"))');
    await fails(['run', importing, '--invoke', 'f'], 1, /env\.f.*\(ERR_IMPORT_MISSING\)$/);
  });

  it('enumerations by name or number, everything else as JSON', () => {
    const entry = {
      name: 'f',
      kind: 'function',
      type: { parameters: [], results: [] },
      signature: '(color: Color, unit: Unit, wide: i128, list: string[], any: any, counter: Counter?) -> any',
    };
    const api = {
      enums: [{ name: 'Color', variants: [{ name: 'Red', value: 5 }] }],
      stringEnums: [{ name: 'Unit', values: ['mm'] }],
    };
    const words = ['Red', 'mm', '-170141183460469231731687303715884105728', '["a"]', '{"b":[1]}', 'null'];
    assert.deepEqual(argumentsOf(entry, words, api), [5, 'mm', -(2n ** 127n), ['a'], { b: [1] }, undefined]);
    assert.deepEqual(argumentsOf(entry, ['7'], api), [7]);
    for (const wrong of [['Blue'], ['5', 'mm', '1.5'], ['5', 'mm', '1', 'a']]) {
      assert.throws(() => argumentsOf(entry, wrong, api), UsageError);
    }
  });

  it('what cannot be passed at all', async () => {
    const words = ['run', fixture('exports_js'), '--invoke', 'take_any', '{}'];
    await fails(words, 1, /\(ERR_EXPORT_UNSUPPORTED\)$/);
  });
});
