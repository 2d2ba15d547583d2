'use strict';

const assert = require('node:assert/strict');
const { Instance, inspect } = require('../..');
const { refuses, track } = require('../helpers');
const { builds, guest, imports, loaded, ORDER, THROUGH, wasiPath, withBuild } = require('./guest-helpers');

const VALUES = {
  i8: [-128, 127],
  u8: [0, 255],
  i16: [-32768, 32767],
  u16: [0, 65535],
  i32: [-2147483648, 2147483647],
  u32: [0, 4294967295],
  i64: [-(2n ** 63n), 2n ** 63n - 1n],
  u64: [0n, 2n ** 64n - 1n],
  i128: [-(2n ** 127n), -1n, 2n ** 127n - 1n],
  u128: [0n, 2n ** 64n, 2n ** 128n - 1n],
  f32: [-0, 1.5, NaN, Infinity],
  f64: [-0, 1e300, NaN, -Infinity],
  bool: [true, false],
  char: ['a', '😀'],
  opt_u16: [undefined, 0, 65535],
  opt_i32: [undefined, -2147483648, 2147483647],
  opt_f32: [undefined, -0, NaN, 1.5],
  opt_f64: [undefined, -0, NaN, 9007199254740991],
  opt_u64: [undefined, 0n, 2n ** 64n - 1n],
  opt_i128: [undefined, -(2n ** 127n), 2n ** 127n - 1n],
  string: ['', 'ü😀', 'x'.repeat(1 << 20)],
  bytes: [new Uint8Array(0), new Uint8Array(100000).fill(7)],
  f64s: [new Float64Array(0), Float64Array.of(-0, NaN)],
  u16s: [new Uint16Array(0), Uint16Array.of(0, 65535)],
  opt_string: [undefined, '', 'ü'],
  opt_bytes: [undefined, new Uint8Array(0), Uint8Array.of(1)],
  order: [ORDER],
  strings: [[], ['', 'ü']],
  tuple: [[-1, 'x']],
};

for (const build of builds) {
  describe(`guest crate: imports, ${build}`, () => {
    withBuild(build);

    it('every type goes to the host and back', () => {
      const got = [];
      const host = Object.fromEntries(THROUGH.map((type) => [`host_${type}`, (value) => (got.push(value), value)]));
      const { exports } = guest(build, { host });
      for (const type of THROUGH) {
        for (const value of VALUES[type]) {
          assert.deepEqual(exports[`via_${type}`](value), value, type);
          assert.deepEqual(got.pop(), value, type);
        }
      }
      assert.equal(exports.call_now(), 5n);
    });

    it('what a function of result<…> throws is the Err of the guest', () => {
      const throwing = (thrown) => {
        const lookup = () => {
          throw thrown;
        };
        return guest(build, { env: { lookup } }).exports;
      };
      const error = refuses(() => throwing(new TypeError('böom')).call_lookup('x'), 'ERR_GUEST_ERROR');
      assert.equal(error.message, 'böom (ERR_GUEST_ERROR)');
      assert.equal(throwing(new Error('böom')).failure_of_lookup('x'), 'böom');
      assert.equal(throwing(42).failure_of_lookup('x'), 'the number 42');
      refuses(() => throwing({ a: [1] }).call_lookup('x'), 'ERR_GUEST_ERROR', { value: { a: [1] } });
      refuses(() => throwing(Symbol('x')).call_lookup('x'), 'ERR_GUEST_ERROR', { message: /a symbol/ });
    });

    it('what another function throws comes out as it is', () => {
      for (const thrown of [new Error('x'), {}, 'x', undefined, Symbol('x')]) {
        const log = () => {
          throw thrown;
        };
        const instance = guest(build, { env: { log } });
        let caught;
        try {
          instance.exports.call_log('x');
          assert.fail('it returned');
        } catch (error) {
          caught = error;
        }
        assert.ok(caught === thrown);
        assert.equal(instance.state, 'open');
      }
    });

    it('results of the wrong type: an error that names the import', () => {
      const wrong = {
        i8: 'x',
        f64: '1',
        bool: 1,
        string: 5,
        bytes: [1],
        opt_string: 5,
        u16s: new Uint8Array(1),
        order: () => 1,
      };
      for (const [type, value] of Object.entries(wrong)) {
        const instance = guest(build, { host: { [`host_${type}`]: () => value } });
        const { message } = refuses(() => instance.exports[`via_${type}`](VALUES[type].at(-1)), 'ERR_ARG_TYPE', {
          imports: [`host.host_${type}`],
        });
        assert.ok(message.includes(`host.host_${type}`), message);
        assert.equal(instance.state, 'open');
      }
      const { exports } = guest(build, { host: { host_u8: () => 256, improve: () => 5 } });
      refuses(() => exports.via_u8(1), 'ERR_ARG_RANGE', { imports: ['host.host_u8'] });
      refuses(() => exports.call_improve(ORDER), 'ERR_GUEST_ERROR', { message: /expected struct Summary/ });
    });

    it('a value that the guest cannot read is a panic where there is no result<…>', () => {
      const instance = guest(build, { host: { host_order: () => ({}) } });
      refuses(() => instance.exports.via_order(ORDER), 'ERR_PANIC', {
        message: /host\.host_order: .*missing field `id`/,
      });
      assert.equal(instance.state, 'poisoned');
    });

    it('parameters of several kinds, and calls back into the guest', () => {
      let got;
      const instance = guest(build, {
        host: {
          totalOf: (...args) => ((got = args), 7),
          twice: (text) => instance.exports.say(text) + instance.exports.same_string('y'.repeat(100000)).length,
        },
      });
      assert.equal(instance.exports.call_total_of(ORDER, Float64Array.of(1), undefined), 7);
      assert.deepEqual(got, [ORDER, Float64Array.of(1), undefined]);
      assert.equal(instance.exports.call_twice('ab'), 'ABhello ab100000');
    });
  });
}

describe('guest crate: description', () => {
  withBuild(builds[1]);

  it('missing imports are named', () => {
    const module = loaded.get(builds[1]);
    const all = refuses(() => track(new Instance(module)), 'ERR_IMPORT_MISSING').imports;
    assert.equal(all.length, THROUGH.length + 7);
    const given = imports({ env: { log: 5 }, host: { totalOf: undefined } });
    const { imports: missing } = refuses(() => track(new Instance(module, { imports: given })), 'ERR_IMPORT_MISSING');
    assert.deepEqual(missing.sort(), ['env.log', 'host.totalOf']);
  });

  it('tells types, signatures and comments', () => {
    const { kind, api, exports } = inspect(loaded.get(builds[1]));
    assert.equal(kind, 'wasmgate');
    const of = (name) => api.functions.find((entry) => entry.name === name);
    assert.deepEqual(of('say').docs, ['Greets by name.', '', 'A second paragraph, with a \\ and "quotes".']);
    assert.equal(of('pair').result, '[string, bigint | undefined]');
    assert.deepEqual(of('find').parameters, [
      { name: 'list', type: 'string' },
      { name: 'index', type: 'number' },
    ]);
    assert.equal(of('same_order').result, 'any');
    const { signature } = exports.find(({ name }) => name === 'find');
    assert.equal(signature, '(list: string, index: u32) -> result<string?>');
  });

  it('names that begin with "wasmgate." are shown without it', () => {
    const { api } = inspect(wasiPath);
    const names = api.functions
      .filter((entry) => entry.export !== entry.name)
      .map((entry) => [entry.name, entry.export]);
    assert.deepEqual(names, [
      ['random', 'wasmgate.random'],
      ['exit', 'wasmgate.exit'],
    ]);
  });
});
