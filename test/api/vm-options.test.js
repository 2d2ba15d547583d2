'use strict';

const assert = require('node:assert/strict');
const { VM } = require('../..');
const { childPrints, scratch } = require('../helpers');
const { fixture } = require('../fixtures');
const { MESSAGE, fails, watVM, allocator, echoes } = require('./vm-helpers');

// The arguments or variables of the guest as one text, each ended by a NUL.
const list = (what) => `
  (import "wasi_snapshot_preview1" "${what}_sizes_get" (func $${what}_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "${what}_get" (func $${what} (param i32 i32) (result i32)))`;
const listing = (what) => `(func (export "${what}") (param i32)
  (drop (call $${what}_sizes (i32.const 16) (i32.const 20)))
  (drop (call $${what} (i32.const 128) (i32.const 8192)))
  (call $slice (local.get 0) (i32.const 8192) (i32.load (i32.const 20))))`;
const exit = '(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))';
const guest = `${list('args')} ${list('environ')} ${exit} ${allocator()} ${echoes}
  ${listing('args')} ${listing('environ')}
  (func (export "_start")
    (drop (call $args_sizes (i32.const 16) (i32.const 20)))
    (call $exit (i32.add (i32.mul (i32.const 1000) (i32.load (i32.const 16))) (i32.load (i32.const 20)))))`;

const entries = (vm, name) => vm.RunString(name).split('\0').slice(0, -1);
const args = (options) => entries(watVM(guest, options), 'args');
const environ = (options) => entries(watVM(guest, options), 'environ');

describe('VM: options', () => {
  it('args: the name of the function, then all of them', () => {
    assert.deepEqual(args(), ['args']);
    assert.deepEqual(args({ args: ['node', 'script', 'a', '', 'ö'] }), ['args', 'node', 'script', 'a', '', 'ö']);
    const vm = watVM(guest, { args: ['a'] });
    assert.deepEqual(entries(vm, 'args'), entries(vm, 'args'));
  });

  it('args: a number becomes the decimal text of its unsigned 32-bit value', () => {
    const numbers = [0, -0, 7, -1, 1.9, 4294967295, 4294967296, NaN, Infinity];
    const texts = ['0', '0', '7', '4294967295', '1', '4294967295', '0', '0', '0'];
    assert.deepEqual(args({ args: numbers }), ['args', ...texts]);
  });

  it('args: bytes are taken as they are', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(1)).fill(0x7a);
    assert.deepEqual(args({ args: [Buffer.from('\ufeffä'), new Uint8Array(), shared] }), ['args', '\ufeffä', '', 'z']);
  });

  it('args: bytes have to be UTF-8', () => {
    fails(() => watVM(guest, { args: [Uint8Array.of(0xff)] }), MESSAGE.options, 'ERR_ENCODING_INVALID_ENCODED_DATA');
  });

  it('args: Start leaves out the first two, always of the original list', () => {
    const start = (...given) => {
      const vm = watVM(guest, { args: given });
      const status = vm.Start();
      assert.equal(vm.Start(), status);
      assert.equal(vm.Start(), status);
      return status;
    };
    const none = 1000 + '_start'.length + 1;
    assert.equal(start(), none);
    assert.equal(start('node'), none);
    assert.equal(start('node', 'script'), none);
    assert.equal(start('node', 'script', 'abc'), none + 1000 + 4);
    assert.equal(watVM(guest).Start(), none);
  });

  it('env: in property order', () => {
    assert.deepEqual(environ(), []);
    assert.deepEqual(environ({ env: { B: '1', A: '', C: 'x=y', Ä: 'ö' } }), ['B=1', 'A=', 'C=x=y', 'Ä=ö']);
  });

  it('env: enumerable string-keyed properties, inherited ones included', () => {
    const env = Object.create({ INHERITED: 'i' });
    env.OWN = 'o';
    env[Symbol('s')] = 1;
    Object.defineProperty(env, 'HIDDEN', { value: 'h', enumerable: false });
    assert.deepEqual(environ({ env }), ['OWN=o', 'INHERITED=i']);
  });

  it('env: the guest does not see the host', () => {
    process.env.WASMGATE_TEST_SECRET = 'x';
    try {
      assert.deepEqual(environ({ env: {} }), []);
    } finally {
      delete process.env.WASMGATE_TEST_SECRET;
    }
  });

  it('takes process.argv and process.env', () => {
    const options = { args: process.argv, env: process.env, preopens: { '/': __dirname } };
    assert.deepEqual(args(options), ['args', ...process.argv]);
    assert.deepEqual(
      environ(options),
      Object.entries(process.env).map(([key, value]) => `${key}=${value}`),
    );
  });

  it('are copied by the constructor', () => {
    const options = { args: ['a'], env: { A: '1' } };
    const vm = watVM(guest, options);
    options.args.push('b');
    options.env.A = '2';
    options.EnableWasiStartFunction = true;
    assert.deepEqual(entries(vm, 'args'), ['args', 'a']);
    assert.deepEqual(entries(vm, 'environ'), ['A=1']);
  });

  it('are looked at with more than two arguments too', () => {
    assert.equal(new VM(fixture('wasi_lib'), { args: ['a', 'b'] }, 'more').RunInt('arg_count'), 3);
  });

  for (const [what, options] of [
    ['args[0]', { args: [true] }],
    ['args[1]', { args: ['a', null] }],
    ['args[0]', { args: [1n] }],
    ['args[0]', { args: [Symbol('s')] }],
    ['args[0]', { args: [new Uint16Array(1)] }],
    ['args[0]', { args: [,] }],
    ['env.A', { env: { A: 1 } }],
    ['env.A', { env: { A: undefined } }],
    ['env.0', { env: [1] }],
    ['preopens./', { preopens: { '/': null } }],
    ['AllowCommands[0]', { AllowCommands: [1] }],
  ]) {
    it(`a wrong element is an error: ${what}`, () => {
      const cause = fails(() => watVM('', options), MESSAGE.options, 'ERR_OPTION_TYPE');
      assert.equal(cause.option, what);
    });
  }

  it('what a getter throws is the cause', () => {
    const thrown = Object.assign(new RangeError('mine'), { code: 'MINE' });
    const options = {
      get args() {
        throw thrown;
      },
    };
    assert.equal(
      fails(() => watVM('', options), MESSAGE.options, 'MINE'),
      thrown,
    );
  });

  for (const options of [null, true, 'args', 1, Symbol('s'), undefined]) {
    it(`options that are no object are ignored: ${String(options)}`, () => {
      assert.deepEqual(args(options), ['args']);
    });
  }

  it('keys of the wrong type and unknown keys are ignored', () => {
    const wrong = { args: 'x', env: 'x', preopens: 1, AllowCommands: 'x', EnableAOT: 1, bigint: 1, Unknown: {} };
    const vm = watVM(guest, {
      ...wrong,
      EnableWasiStartFunction: 'true',
      AllowAllCommands: 0,
      EnableMeasurement: null,
    });
    assert.deepEqual(entries(vm, 'args'), ['args']);
    assert.deepEqual(entries(vm, 'environ'), []);
    assert.equal(typeof new VM(fixture('wasi_lib'), { bigint: 'true' }).RunInt64('now'), 'number');
    assert.deepEqual(args({ args: null, env: null, preopens: null }), ['args']);
  });

  it('those of later work are accepted', () => {
    const options = { EnableAOT: true, EnableMeasurement: true, AllowCommands: ['ls'], AllowAllCommands: false };
    assert.deepEqual(args(options), ['args']);
  });

  it('EnableWasiStartFunction leaves Start only', () => {
    const vm = watVM(guest, { EnableWasiStartFunction: true });
    for (const method of ['Run', 'RunInt', 'RunUInt', 'RunInt64', 'RunUInt64', 'RunString', 'RunUint8Array']) {
      fails(() => vm[method]('args'), MESSAGE.run, 'ERR_EXPORT_UNSUPPORTED');
    }
    assert.equal(vm.Start(), 1007);
    assert.equal(watVM(guest, { EnableWasiStartFunction: false }).Start(), 1007);
  });

  for (const [what, options] of [
    ['an argument with a NUL', { args: ['', '', 'a\0b'] }],
    ['a variable without a name', { env: { '': 'x' } }],
    ['a variable with = in its name', { env: { 'A=B': 'x' } }],
    ['a directory that is not there', { preopens: { '/': scratch('vm-no-such-directory') } }],
    ['a file as a directory', { preopens: { '/': __filename } }],
  ]) {
    it(`${what} fails the call, not the constructor`, () => {
      const vm = watVM(guest, options);
      fails(() => vm.Run('args'), MESSAGE.instantiate, 'ERR_GRANT_INVALID');
      fails(() => vm.Start(), MESSAGE.instantiate, 'ERR_GRANT_INVALID');
    });
  }

  it('the output of Run* goes to the standard output of the process', async () => {
    await childPrints(
      `const vm = new wg.VM(fixtures.fixture('ssvm'), { args: ['node', 'script'], env: { A: '1', B: '2' } });
       vm.Run('print_env');`,
      'The env vars are as follows.\nA: 1\nB: 2\nThe args are as follows.\nprint_env\nnode\nscript\n',
    );
  });
});
