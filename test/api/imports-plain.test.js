'use strict';

// Functions of JavaScript with the wasm-level types of the imports that they stand behind.

const assert = require('node:assert/strict');
const { Instance, Module, run, runSync } = require('../..');
const { bytesOf, refuses, rejects, track } = require('../helpers');

const TYPES = { i32: 5, i64: 5n, f32: 0.5, f64: 0.1 };

/** A module that imports env.f of that type and exports f, which passes its arguments on. */
function passing(parameters, results) {
  const type = `(param ${parameters.join(' ')}) (result ${results.join(' ')})`;
  const args = parameters.map((_, i) => `(local.get ${i})`).join(' ');
  return bytesOf(`(import "env" "f" (func $f ${type})) (func (export "f") ${type} (call $f ${args}))`);
}

const open = (source, imports, more) =>
  track(new Instance(source instanceof Module ? source : bytesOf(source), { imports, ...more }));

/** The export f of such a module, over `f`. */
const over = (parameters, results, f) =>
  track(new Instance(passing(parameters, results), { imports: { env: { f } } })).exports.f;

describe('imports of plain modules', () => {
  for (const [type, value] of Object.entries(TYPES)) {
    it(`${type}: any number of them in, one out`, () => {
      for (let count = 0; count <= 12; count++) {
        const types = Array(count).fill(type);
        const args = types.map((_, i) => (type === 'i64' ? BigInt(i) - 3n : i / (type[0] === 'f' ? 4 : 1) - 3));
        let got;
        const f = over(types, [type], (...given) => {
          got = given;
          return value;
        });
        assert.equal(f(...args), value);
        assert.deepEqual(got, args);
        const none = over(types, [], (...given) => void (got = given));
        assert.equal(none(...args), undefined);
        assert.deepEqual(got, args);
      }
    });
  }

  it('all types at once, more than are common', () => {
    const types = ['f64', 'i32', 'i64', 'f32', 'i64', 'i32', 'f64', 'f32'];
    const args = [0.1, -1, -(2n ** 63n), 0.5, 2n ** 63n - 1n, 2147483647, -0, Infinity];
    for (let count = 1; count <= types.length; count++) {
      let got;
      const f = over(types.slice(0, count), [types[count - 1]], (...given) => (got = given).at(-1));
      assert.ok(Object.is(f(...args.slice(0, count)), args[count - 1]));
      assert.deepEqual(got, args.slice(0, count));
    }
  });

  it('the ends of the ranges', () => {
    const same = (type, values) => {
      const f = over([type], [type], (value) => value);
      for (const value of values) assert.ok(Object.is(f(value), value), `${type} ${value}`);
    };
    same('i32', [0, -1, 2147483647, -2147483648]);
    same('i64', [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n)]);
    same('f32', [0, -0, NaN, Infinity, -Infinity, 1.5]);
    same('f64', [0, -0, NaN, Infinity, 5e-324, Number.MAX_VALUE]);
    assert.equal(over([], ['f32'], () => 0.1)(), Math.fround(0.1));
  });

  it('the result is checked as strictly as an argument', () => {
    const wrong = {
      i32: [
        [undefined, null, '5', 5n, true, {}, [5], Symbol('s')],
        [1.5, NaN, Infinity, 2147483648, -2147483649],
      ],
      i64: [
        [undefined, null, 5, '5', true, {}],
        [2n ** 63n, -(2n ** 63n) - 1n],
      ],
      f32: [[undefined, null, '5', 5n, true, {}], []],
      f64: [[undefined, null, '5', 5n, true, {}], []],
    };
    for (const [type, [types, ranges]] of Object.entries(wrong)) {
      for (const parameters of [[], ['i32'], Array(7).fill('i32')]) {
        let value;
        const f = over(parameters, [type], () => value);
        const refused = (code) => {
          const error = refuses(() => f(...parameters.map(() => 0)), code, { imports: ['env.f'] });
          assert.match(error.message, /^env\.f: result: expected /);
        };
        for (value of types) refused('ERR_ARG_TYPE');
        for (value of ranges) refused('ERR_ARG_RANGE');
      }
    }
  });

  it('what a function without a result returns does not matter', () => {
    for (const value of [5, 'x', {}, null, 5n]) assert.equal(over([], [], () => value)(), undefined);
  });

  it('several results are an array of them', () => {
    const types = ['i32', 'i64', 'f64', 'externref'];
    const some = [5, 6n, 0.5, {}];
    assert.deepEqual(over([], types, () => some)(), some);
    assert.equal(over([], types, () => some)()[3], some[3]);
    for (const value of [undefined, 5, {}, [], [5, 6n, 0.5], [...some, 1], new Set(some)]) {
      refuses(() => over([], types, () => value)(), 'ERR_ARG_TYPE', { message: /an array of 4 values/ });
    }
    refuses(() => over([], types, () => [5, 6, 0.5, {}])(), 'ERR_ARG_TYPE', { message: /a bigint/ });
    refuses(() => over([], types, () => [0.5, 6n, 0.5, {}])(), 'ERR_ARG_RANGE');
    const many = Array.from({ length: 40 }, (_, i) => i);
    assert.deepEqual(over([], Array(40).fill('i32'), () => many)(), many);
  });

  it('is called without a receiver, with just its arguments', () => {
    let seen;
    const f = over(['i32'], ['i32'], function (...args) {
      seen = [this, args.length, new.target];
      return 1;
    });
    f(5);
    assert.deepEqual(seen, [undefined, 1, undefined]);
  });

  it('v128 is refused when the instance is made', () => {
    const source = bytesOf('(import "env" "f" (func (param v128)))');
    refuses(() => new Instance(source, { imports: { env: { f() {} } } }), 'ERR_IMPORT_MISSING', { imports: ['env.f'] });
  });

  it('runs for a start function and for exports alike', () => {
    const calls = [];
    open('(import "env" "f" (func $f (param i32))) (func $s (call $f (i32.const 7))) (start $s)', {
      env: { f: (n) => calls.push(n) },
    });
    assert.deepEqual(calls, [7]);
  });

  it('one import listed twice, one function behind two imports', () => {
    const f = (a) => a + 1;
    const { exports } = open(
      `(import "env" "f" (func $a (param i32) (result i32))) (import "env" "f" (func $b (param i32) (result i32)))
       (import "env" "g" (func $c (param i32) (result i32)))
       (func (export "f") (result i32) (call $a (call $b (call $c (i32.const 0)))))`,
      { env: { f, g: f } },
    );
    assert.equal(exports.f(), 3);
  });

  it('is still there when nothing but a function of the instance is', async () => {
    let f = new Instance(passing(['i32'], ['i32']), { imports: { env: { f: (n) => n + 1 } } }).exports.f;
    for (let i = 0; i < 5; i++) {
      global.gc();
      await new Promise(setImmediate);
      assert.equal(f(i), i + 1);
    }
    f = undefined;
  });

  it('reset() keeps them', () => {
    const instance = track(new Instance(passing(['i32'], ['i32']), { imports: { env: { f: (n) => n + 1 } } }));
    assert.equal(instance.reset().exports.f(1), 2);
  });
});

describe('the option imports of plain modules', () => {
  const TWO = '(import "env" "f" (func)) (import "env" "g" (func)) (import "other" "h" (func (param i32)))';

  it('all that are missing are named at once', () => {
    const all = ['env.f', 'env.g', 'other.h'];
    for (const imports of [undefined, {}, { env: {} }, { env: { f: undefined } }, { env: undefined }, []]) {
      refuses(() => open(TWO, imports), 'ERR_IMPORT_MISSING', { imports: all });
    }
    refuses(() => open(TWO, { env: { g() {} } }), 'ERR_IMPORT_MISSING', { imports: ['env.f', 'other.h'] });
    refuses(() => open(TWO, 'js-sys'), 'ERR_IMPORT_MISSING', { imports: all });
    refuses(() => open(TWO, 'web-sys'), 'ERR_IMPORT_MISSING', { imports: all });
  });

  it('what is not a function is named with what it is', () => {
    for (const value of [5, 'x', null, {}, [], true, new Map()]) {
      const error = refuses(() => open(TWO, { env: { f: value, g() {} }, other: { h() {} } }), 'ERR_OPTION_TYPE', {
        option: 'imports.env.f',
      });
      assert.match(error.message, /^imports\.env\.f: expected a function, got /);
    }
    for (const value of [5, 'x', null, true]) {
      refuses(() => open(TWO, { env: value }), 'ERR_OPTION_TYPE', { option: 'imports.env' });
    }
  });

  it('what all objects have is nothing that was given', () => {
    const source =
      '(import "toString" "valueOf" (func)) (import "env" "constructor" (func)) (import "env" "hasOwnProperty" (func))';
    const names = ['toString.valueOf', 'env.constructor', 'env.hasOwnProperty'];
    refuses(() => open(source, { env: {} }), 'ERR_IMPORT_MISSING', { imports: names });
    const env = Object.assign(Object.create(null), { constructor() {}, hasOwnProperty() {} });
    open(source, { env, toString: { valueOf() {} } });
  });

  it('others are ignored; classes and prototypes may have them', () => {
    class Env {
      static g() {}
      f() {}
      get g() {
        return () => {};
      }
    }
    open(TWO, { env: new Env(), other: Object.create({ h() {} }), more: 5, env2: { x: 1 } });
  });

  it('of several layers the first that has it wins', () => {
    const source = passing([], ['i32']);
    const f = (n) => ({ env: { f: () => n } });
    assert.equal(open(Module.load(source), ['js-sys', { env: {} }, f(1), f(2)]).exports.f(), 1);
  });

  it('a getter runs once for each instance; what it throws comes out', () => {
    let reads = 0;
    const env = {
      get f() {
        reads++;
        return () => 1;
      },
    };
    const module = track(Module.load(passing([], ['i32'])));
    open(module, { env });
    open(module, { env });
    assert.equal(reads, 2);
    const thrown = new Error('mine');
    const throwing = { get env() { throw thrown; } }; // prettier-ignore
    assert.throws(
      () => open(module, throwing),
      (error) => error === thrown,
    );
  });

  it('WASI is not given that way', () => {
    const source = '(import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))';
    const proc_exit = () => assert.fail('called');
    refuses(() => open(source, { wasi_snapshot_preview1: { proc_exit } }), 'ERR_CAPABILITY');
  });

  it('memories, tables and globals cannot be given', () => {
    refuses(
      () => open('(import "env" "m" (memory 1)) (import "env" "f" (func))', { env: { f() {}, m: {} } }),
      'ERR_IMPORT_MISSING',
      { imports: ['env.m'] },
    );
  });

  it('programs: runSync takes them, run says that it cannot', async () => {
    const source = bytesOf(
      '(import "env" "f" (func $f (param i32))) (memory (export "memory") 1) (func (export "_start") (call $f (i32.const 5)))',
    );
    const got = [];
    const imports = { env: { f: (n) => got.push(n) } };
    assert.equal(runSync(source, { imports }).exitCode, 0);
    assert.deepEqual(got, [5]);
    await rejects((async () => run(source, { imports }))(), 'ERR_OPTION_UNKNOWN', { option: 'imports' });
    await rejects((async () => run(source))(), 'ERR_IMPORT_MISSING', { imports: ['env.f'] });
  });
});
