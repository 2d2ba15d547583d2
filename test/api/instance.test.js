'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const { pathToFileURL } = require('node:url');
const { Instance, Module } = require('../..');
const { live } = require('../../js/load');
const { compiled, fixture } = require('../fixtures');
const { bytesOf, open, refuses, settle, track, wat } = require('../helpers');

describe('Instance', () => {
  it('of a module, a path, a URL, bytes, text', () => {
    assert.equal(track(new Instance(compiled('hello'))).module, compiled('hello'));
    const sources = [fixture('hello'), pathToFileURL(fixture('hello')), fs.readFileSync(fixture('hello')), bytesOf('')];
    for (const source of sources) {
      const instance = track(new Instance(source));
      track(instance.module);
      assert.ok(instance.module instanceof Module);
      assert.equal(instance.state, 'open');
    }
  });

  it('needs new', () => {
    assert.throws(() => Instance(compiled('strings')), TypeError);
  });

  it('instances of one module have state of their own', () => {
    const [a, b] = [open(compiled('growth')), open(compiled('growth'))];
    assert.deepEqual([a.exports.next(), a.exports.next(), b.exports.next()], [1, 2, 1]);
    a.exports.leak(16);
    assert.ok(a.memory.byteLength > b.memory.byteLength);
  });

  it('state: open, poisoned, closed', () => {
    const instance = open(compiled('panics'));
    assert.equal(instance.state, 'open');
    refuses(() => instance.exports.unwrap_none(), 'ERR_PANIC');
    assert.equal(instance.state, 'poisoned');
    instance.close();
    assert.equal(instance.state, 'closed');
  });

  it('properties are read-only, methods belong to instances only', () => {
    const instance = open(compiled('strings'));
    for (const key of ['exports', 'raw', 'memory', 'module', 'state']) {
      assert.throws(() => {
        instance[key] = 1;
      }, TypeError);
      const { get } = Object.getOwnPropertyDescriptor(Instance.prototype, key);
      for (const other of [undefined, {}, Object.create(Instance.prototype), new Proxy(instance, {})]) {
        assert.throws(() => get.call(other), TypeError);
        assert.throws(() => Instance.prototype.close.call(other), TypeError);
      }
    }
    assert.deepEqual(Object.keys(instance), []);
  });
});

describe('instance.exports', () => {
  it('is a frozen object without a prototype, the same each time', () => {
    const instance = open(compiled('strings'));
    assert.equal(instance.exports, instance.exports);
    assert.ok(Object.isFrozen(instance.exports));
    assert.equal(Object.getPrototypeOf(instance.exports), null);
    assert.equal(instance.exports.toString, undefined);
  });

  it('holds the functions of the module, without the plumbing of wasm-bindgen', () => {
    const { exports } = open(compiled('strings'));
    const names = ['byte_length', 'char_count', 'concat', 'echo', 'empty', 'first_char'];
    names.push('invalid_utf8', 'maybe', 'next_char', 'repeat', 'say');
    assert.deepEqual(Object.keys(exports).sort(), names);
    for (const [name, f] of Object.entries(exports)) {
      assert.equal(typeof f, 'function');
      assert.equal(f.name, name);
    }
  });

  it('functions work unbound, with call, apply, bind and as callbacks', () => {
    const { echo } = open(compiled('strings')).exports;
    assert.equal(echo.call({ not: 'used' }, 'a'), 'a');
    assert.equal(echo.apply(undefined, ['b']), 'b');
    assert.equal(echo.bind(null, 'c')(), 'c');
    assert.deepEqual(
      [['x'], ['y']].map((args) => echo(...args)),
      ['x', 'y'],
    );
    assert.equal(Reflect.apply(echo, null, ['d']), 'd');
  });

  it('names stay with their functions when exports of other kinds lie between', () => {
    const { exports, raw } = wat(
      `(memory (export "m") 1) (func (export "a") (result i32) i32.const 1)
       (global (export "g") i32 (i32.const 9)) (func (export "b") (result i32) i32.const 2)
       (table (export "t") 1 funcref) (func (export "c") (result i32) i32.const 3)`,
    );
    assert.deepEqual(Object.keys(exports), ['a', 'b', 'c']);
    for (const functions of [exports, raw]) assert.deepEqual([functions.a(), functions.b(), functions.c()], [1, 2, 3]);
  });

  it('one function under two names', () => {
    const { exports } = wat(
      '(func $f (param i32) (result i32) local.get 0) (export "a" (func $f)) (export "b" (func $f))',
      {
        signatures: { a: '(u8) -> u8', b: '(char) -> u32' },
      },
    );
    assert.equal(exports.a(65), 65);
    assert.equal(exports.b('A'), 65);
  });

  it('an imported function that is exported again', () => {
    const { exports } = wat('(import "wbg" "x" (func $f)) (export "f" (func $f))');
    refuses(() => exports.f(), 'ERR_IMPORT_CALLED');
  });

  it('no exports at all', () => {
    const { exports, raw, memory } = wat('(module)');
    assert.deepEqual(Object.keys(exports), []);
    assert.deepEqual(Object.keys(raw), []);
    assert.equal(memory.byteLength, 0);
  });
});

describe('instance.raw', () => {
  it('has every function, with wasm-level types', () => {
    const { raw, memory, exports } = open(compiled('strings'));
    assert.ok('__wbindgen_malloc' in raw);
    const ptr = raw.__wbindgen_malloc(5, 1);
    memory.write(ptr, Buffer.from('hello'));
    const [out, length] = raw.echo(ptr, 5);
    assert.equal(Buffer.from(memory.read(out, length)).toString(), 'hello');
    raw.__wbindgen_free(out, length, 1);
    assert.equal(exports.echo('x'), 'x');
    refuses(() => raw.echo('x'), 'ERR_ARG_COUNT');
    refuses(() => raw.echo('x', 1), 'ERR_ARG_TYPE');
  });
});

describe('instance.call', () => {
  it('calls by name', () => {
    const instance = open(compiled('strings'));
    assert.equal(instance.call('concat', 'a', 'b'), 'ab');
    refuses(() => instance.call('concat', 'a'), 'ERR_ARG_COUNT');
  });

  it('a name that is not exported: the nearest', () => {
    const instance = open(compiled('strings'));
    refuses(() => instance.call('ecko'), 'ERR_EXPORT_MISSING', { export: 'ecko', message: /did you mean "echo"/ });
    for (const name of [
      'memory',
      '__wbindgen_malloc',
      'toString',
      '__proto__',
      'constructor',
      '',
      undefined,
      null,
      5,
    ]) {
      refuses(() => instance.call(name), 'ERR_EXPORT_MISSING', { export: name });
    }
    refuses(() => instance.call(Symbol('a')), 'ERR_EXPORT_MISSING', { message: /Symbol\(a\)/ });
    refuses(() => instance.call(), 'ERR_EXPORT_MISSING');
  });

  it('a name that cannot be converted: what the conversion threw', () => {
    const instance = open(compiled('strings'));
    const thrown = new Error('mine');
    const name = {
      toString() {
        throw thrown;
      },
    };
    assert.throws(
      () => instance.call(name),
      (error) => error === thrown,
    );
    assert.throws(() => instance.call(Object.create(null)), TypeError);
  });
});

describe('instance.close', () => {
  it('ends it once, a second time does nothing', () => {
    const before = live()[0];
    const instance = new Instance(compiled('strings'));
    assert.equal(live()[0], before + 1);
    instance.close();
    assert.equal(live()[0], before);
    assert.equal(instance.close(), undefined);
    assert.equal(live()[0], before);
  });

  it('Symbol.dispose closes', () => {
    const instance = new Instance(compiled('strings'));
    instance[Symbol.dispose ?? Symbol.for('nodejs.dispose')]();
    assert.equal(instance.state, 'closed');
  });

  it('does not free what a result holds', () => {
    const instance = new Instance(compiled('bytes'));
    const out = instance.exports.echo(new Uint8Array(1 << 20).fill(5));
    instance.close();
    assert.ok(out.every((byte) => byte === 5));
  });
});

describe('collection', () => {
  it('a function keeps its instance alive', async () => {
    let echo = new Instance(compiled('strings')).exports.echo;
    const before = live()[0];
    for (let i = 0; i < 5; i++) {
      global.gc();
      await new Promise(setImmediate);
    }
    assert.equal(live()[0], before);
    assert.equal(echo('x'), 'x');
    echo = undefined;
    await settle(() => live()[0] < before);
    assert.equal(live()[0], before - 1);
  });

  it('so does its memory', async () => {
    let { memory } = new Instance(compiled('strings'));
    const before = live()[0];
    global.gc();
    await new Promise(setImmediate);
    assert.ok(memory.byteLength > 0);
    memory = undefined;
    await settle(() => live()[0] < before);
    assert.equal(live()[0], before - 1);
  });

  it('an instance that could not be made leaves nothing', async () => {
    const before = live();
    for (let i = 0; i < 50; i++) refuses(() => new Instance(bytesOf('(import "a" "b" (func))')), 'ERR_IMPORT_MISSING');
    await settle(() => live()[1] === before[1]);
    assert.deepEqual(live(), before);
  });
});
