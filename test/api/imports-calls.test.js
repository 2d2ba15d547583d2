'use strict';

// What a host function may do in the middle of a call: throw, call back, be asynchronous.

const assert = require('node:assert/strict');
const { Instance, Module } = require('../..');
const { bytesOf, child, childPrints, refuses, track } = require('../helpers');

const SOURCE = `(module $calls
  (import "env" "f" (func $f (param i32) (result i32)))
  (import "env" "g" (func $g))
  (memory (export "memory") 1)
  (func $inner (param i32) (result i32) (call $f (local.get 0)))
  (func (export "f") (param i32) (result i32) (call $inner (local.get 0)))
  (func (export "g") (call $g))
  (func (export "loop") (loop (call $g) (br 0)))
  (func (export "seven") (result i32) (i32.const 7))
  (func (export "trap") unreachable))`;

const none = () => 0;
const open = (env, options) =>
  track(new Instance(Buffer.from(SOURCE), { imports: { env: { f: none, g: none, ...env } }, ...options }));

const thrownBy = (fn) => {
  try {
    fn();
  } catch (error) {
    return { error };
  }
  return assert.fail('it returned');
};

describe('host functions that throw', () => {
  it('the same value comes out of the call, whatever it is', () => {
    for (const value of [
      new Error('mine'),
      {},
      'text',
      5,
      5n,
      null,
      undefined,
      Symbol('s'),
      () => 1,
      Object.freeze({}),
      new Proxy({}, {}),
    ]) {
      const f = () => {
        throw value;
      };
      const { exports } = open({ f, g: f });
      for (const call of [() => exports.f(1), () => exports.g()]) {
        assert.equal(thrownBy(call).error, value);
        assert.equal(exports.seven(), 7, 'the guest goes on');
      }
    }
  });

  it('an object gets the stack of the guest, where it shows only if it is asked for', () => {
    const error = new TypeError('mine');
    const { exports } = open({
      f() {
        throw error;
      },
    });
    assert.equal(thrownBy(() => exports.f(1)).error, error);
    assert.match(error.wasmStack, /inner[^]*f/);
    assert.deepEqual(Object.keys(error), []);
    const own = { wasmStack: 'mine' };
    const other = open({ f() { throw own; } }); // prettier-ignore
    assert.equal(thrownBy(() => other.exports.f(1)).error, own);
    assert.equal(own.wasmStack, 'mine');
    const frozen = Object.freeze({});
    const third = open({ f() { throw frozen; } }); // prettier-ignore
    assert.equal(thrownBy(() => third.exports.f(1)).error.wasmStack, undefined);
  });

  it('no code of a Proxy runs for that', () => {
    const trap = () => assert.fail('a trap ran');
    const proxy = new Proxy(
      {},
      { has: trap, get: trap, defineProperty: trap, isExtensible: trap, getPrototypeOf: trap },
    );
    const { exports } = open({ g() { throw proxy; } }); // prettier-ignore
    assert.ok(thrownBy(() => exports.g()).error === proxy);
  });

  it('through two instances and back', () => {
    const error = new Error('deep');
    const first = open({ f() { throw error; } }); // prettier-ignore
    const second = open({ f: (n) => first.exports.f(n) });
    const third = open({ f: (n) => second.exports.f(n) });
    assert.equal(thrownBy(() => third.exports.f(1)).error, error);
    assert.equal(first.exports.seven() + third.exports.seven(), 14);
  });

  it('of a start function, out of the constructor', () => {
    const error = new Error('mine');
    const source = bytesOf('(import "env" "f" (func $f)) (func $s (call $f)) (start $s)');
    assert.equal(thrownBy(() => new Instance(source, { imports: { env: { f() { throw error; } } } })).error, error); // prettier-ignore
    assert.match(error.wasmStack, / s$/);
  });

  it('a guest that trapped in a call from a host function: that call fails, the outer one goes on', () => {
    const env = {
      f() {
        refuses(() => instance.exports.trap(), 'ERR_TRAP', { trap: 'unreachable' });
        return 5;
      },
    };
    const instance = open(env);
    assert.equal(instance.exports.f(1), 5);
  });
});

describe('host functions that call the guest', () => {
  it('see what their caller has, to any depth up to the end of the stack', () => {
    const instance = open({ f: (n) => (n === 0 ? 0 : instance.exports.f(n - 1) + 1) });
    assert.equal(instance.exports.f(60), 60);
    const error = refuses(() => instance.exports.f(100000), 'ERR_TRAP', { trap: 'stack_overflow' });
    assert.match(error.message, /[0-9]+ calls inside of host functions on it; the option stackBytes/);
    assert.equal(instance.exports.f(60), 60, 'and again');
  });

  it('the end of the stack of JavaScript is an error too, whatever the guest may use', async () => {
    await childPrints(
      `const source = Buffer.from(${JSON.stringify(SOURCE)});
       for (const stackBytes of [65536, 1 << 20, 1 << 22]) {
         let instance;
         const f = (n) => instance.exports.f(n + 1);
         instance = new wg.Instance(source, { stackBytes, imports: { env: { f, g() {} } } });
         let name;
         try { instance.exports.f(0); } catch (error) { name = error.code ?? error.name; }
         console.log(name === 'ERR_TRAP' || name === 'RangeError', instance.exports.seven());
       }`,
      'true 7\n'.repeat(3),
    );
  });

  it('in a worker, whose stack is smaller', async () => {
    await childPrints(
      `const { Worker } = require('node:worker_threads');
       const text = ${JSON.stringify(SOURCE)};
       new Worker(\`const wg = require(\${JSON.stringify(${JSON.stringify(require.resolve('../..'))})});
         let instance; const f = (n) => (n < 20 ? instance.exports.f(n + 1) : n);
         instance = new wg.Instance(Buffer.from(\${JSON.stringify(text)}), { imports: { env: { f, g() {} } } });
         console.log(instance.exports.f(0));
         const endless = (n) => instance.exports.f(n);
         instance = new wg.Instance(Buffer.from(\${JSON.stringify(text)}), { imports: { env: { f: endless, g() {} } } });
         try { instance.exports.f(0); } catch (error) { console.log(error.code === 'ERR_TRAP' || error instanceof RangeError); }
       \`, { eval: true });`,
      '20\ntrue\n',
    );
  });

  it('cannot close the instance or reset it; others they can', () => {
    const other = open({});
    const env = {
      f() {
        refuses(() => instance.close(), 'ERR_BUSY');
        refuses(() => instance.reset(), 'ERR_BUSY');
        assert.equal(instance.state, 'calling');
        other.close();
        return 1;
      },
    };
    const instance = open(env);
    assert.equal(instance.exports.f(0), 1);
    assert.equal(instance.state, 'open');
    assert.equal(other.state, 'closed');
  });

  it('are under the limits of the call around them', () => {
    const instance = open({ g() {} }, { limits: { timeoutMs: 50 } });
    refuses(() => instance.exports.loop(), 'ERR_TIMEOUT');
    assert.equal(instance.exports.seven(), 7);
  });

  it('process.exit and the end of a worker in one of them', async () => {
    const text = JSON.stringify(SOURCE);
    const exit = await child(
      `new wg.Instance(Buffer.from(${text}), { imports: { env: { f: () => process.exit(7), g() {} } } }).exports.f(0);`,
    );
    assert.deepEqual([exit.code, exit.signal, exit.stderr], [7, null, '']);
    await childPrints(
      `const { Worker } = require('node:worker_threads');
       const worker = new Worker(\`const wg = require(\${JSON.stringify(${JSON.stringify(require.resolve('../..'))})});
         const { parentPort } = require('node:worker_threads');
         let told = false;
         const g = () => { if (!told) parentPort.postMessage('in'); told = true; };
         new wg.Instance(Buffer.from(\${JSON.stringify(${text})}), { imports: { env: { f: () => 0, g } } }).exports.loop();
       \`, { eval: true });
       worker.on('message', () => worker.terminate().then((code) => console.log('ended', code)));`,
      'ended 1\n',
    );
  });
});

describe('host functions that return a Promise', () => {
  const thenable = { then() {} };

  it('are refused in a synchronous call, with or without a result', () => {
    for (const value of [Promise.resolve(5), thenable, Object.assign(() => 1, thenable)]) {
      const { exports } = open({ f: () => value, g: () => value });
      for (const [name, call] of Object.entries({ f: () => exports.f(1), g: () => exports.g() })) {
        const error = refuses(call, 'ERR_ASYNC_IMPORT', { imports: [`env.${name}`] });
        assert.match(error.message, /returned a Promise; call the export asynchronously/);
        assert.equal(exports.seven(), 7);
      }
    }
  });

  it('but for an import whose result may be any value', () => {
    const module = track(
      Module.load(bytesOf('(import "env" "f" (func $f (result externref))) (export "f" (func $f))')),
    );
    const promise = Promise.resolve(5);
    assert.equal(track(new Instance(module, { imports: { env: { f: () => promise } } })).exports.f(), promise);
  });

  it('what then() of a thenable throws when it is looked at comes out', () => {
    const error = new Error('mine');
    const value = { get then() { throw error; } }; // prettier-ignore
    const { exports } = open({ f: () => value });
    assert.equal(thrownBy(() => exports.f(1)).error, error);
  });
});
