'use strict';

// externref and funcref: values of JavaScript and functions of the instance, in and out.

const assert = require('node:assert/strict');
const { Instance, Module } = require('../..');
const { bytesOf, childPrints, refuses, track } = require('../helpers');

const SOURCE = bytesOf(`
  (import "env" "see" (func $see (param externref i32 externref) (result externref)))
  (import "env" "pass" (func $pass (param funcref) (result funcref)))
  (table $values 10 externref) (table $functions (export "functions") 6 funcref)
  (global $kept (mut externref) (ref.null extern))
  (elem (table $functions) (i32.const 0) func $hidden $id $pair $pass $text)
  (memory (export "memory") 1)
  (func $hidden (param i32) (result i32) (i32.add (local.get 0) (i32.const 100)))
  (func $text (param externref i64) (result i64 externref) (local.get 1) (local.get 0))
  (func $id (export "id") (param externref) (result externref) (local.get 0))
  (func $pair (export "pair") (export "again") (param externref externref) (result externref externref)
    (local.get 1) (local.get 0))
  (func (export "put") (param i32 externref) (table.set $values (local.get 0) (local.get 1)))
  (func (export "get") (param i32) (result externref) (table.get $values (local.get 0)))
  (func (export "keep") (param externref) (global.set $kept (local.get 0)))
  (func (export "kept") (result externref) (global.get $kept))
  (func (export "isNull") (param externref) (result i32) (ref.is_null (local.get 0)))
  (func (export "see") (param externref externref) (result externref)
    (call $see (local.get 0) (i32.const 5) (local.get 1)))
  (func (export "many") (param externref externref externref externref externref externref)
    (result externref externref externref externref externref externref)
    (local.get 5) (local.get 4) (local.get 3) (local.get 2) (local.get 1) (local.get 0))
  (func (export "function") (param i32) (result funcref) (table.get $functions (local.get 0)))
  (func (export "setFunction") (param i32 funcref) (table.set $functions (local.get 0) (local.get 1)))
  (func (export "through") (param funcref) (result funcref) (local.get 0))
  (func (export "pass") (param funcref) (result funcref) (call $pass (local.get 0)))
  (func (export "callHidden") (param i32 i32) (result i32)
    (call_indirect $functions (param i32) (result i32) (local.get 1) (local.get 0)))
  (func (export "repeat") (param i32 externref) (local $i i32)
    (loop (table.set $values (i32.const 0) (call $see (local.get 1) (local.get $i) (ref.null extern)))
      (br_if 0 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get 0)))))
  (func (export "plain") (result i32) (i32.const 7))`);

const env = { see: (a) => a, pass: (f) => f };

const VALUES = [
  ...[undefined, null, true, false, 0, -0, NaN, Infinity, 1.5, 2 ** 31, 2 ** 53, '', 'text', 'é😀', 5n, 2n ** 100n],
  ...[Symbol('s'), Symbol.iterator, {}, [], () => 1, class {}, new Map(), new Date(0), /x/, Promise.resolve(1)],
  ...[new Uint8Array(3), new Error('e'), new Proxy({}, {}), Object.create(null), globalThis, new WeakRef({})],
];

let loaded;
const open = (changes) => track(new Instance(loaded, { imports: { env: { ...env, ...changes } } }));

before(() => (loaded = Module.load(SOURCE)));
after(() => loaded.close());

describe('externref', () => {
  it('any value goes in and comes out as it is: arguments, results, tables, globals, imports', () => {
    let seen;
    const { exports } = open({ see: (...args) => ((seen = args), args[2]) });
    VALUES.forEach((value, i) => {
      const other = VALUES[(i + 1) % VALUES.length];
      const same = (got) => assert.ok(Object.is(got, value), `value ${i}`);
      same(exports.id(value));
      exports.put(i % 10, value);
      exports.keep(value);
      same(exports.get(i % 10));
      same(exports.kept());
      const pair = exports.pair(value, other);
      assert.ok(Object.is(pair[0], other) && Object.is(pair[1], value));
      same(exports.see(other, value));
      assert.ok(Object.is(seen[0], other) && seen[1] === 5 && Object.is(seen[2], value));
      assert.equal(exports.isNull(value), value === null ? 1 : 0);
    });
  });

  it('a table starts with null', () => assert.equal(open().exports.get(3), null));

  it('many at once, most of them objects', () => {
    const { exports } = open();
    const values = [{}, [], 'text', null, undefined, () => 1];
    for (let i = 0; i < 3000; i++) {
      const got = exports.many(...values);
      for (let j = 0; j < 6; j++) assert.ok(got[j] === values[5 - j]);
    }
  });

  it('a wrong argument beside one lets it go again', async () => {
    const instance = open();
    let gone = 0;
    const registry = new FinalizationRegistry(() => gone++);
    (() => {
      for (let i = 0; i < 50; i++) {
        const object = {};
        registry.register(object);
        refuses(() => instance.exports.put('x', object), 'ERR_ARG_TYPE');
        refuses(() => instance.exports.put(0.5, object), 'ERR_ARG_RANGE');
      }
    })();
    instance.exports.plain();
    for (let i = 0; i < 50 && gone < 50; i++) {
      global.gc();
      await new Promise(setImmediate);
      instance.exports.plain();
    }
    assert.equal(gone, 50);
  });

  it('is kept alive while the guest has it, and collected when both have let go', async () => {
    const instance = open();
    let gone = 0;
    const registry = new FinalizationRegistry(() => gone++);
    (() => {
      for (let i = 0; i < 10; i++) {
        const object = { i };
        registry.register(object);
        instance.exports.put(i, object);
      }
    })();
    const settle = async (done) => {
      for (let i = 0; i < 30 && !done(); i++) {
        global.gc();
        await new Promise(setImmediate);
      }
    };
    await settle(() => gone > 0);
    assert.equal(gone, 0, 'the table has them');
    assert.deepEqual(instance.exports.get(7), { i: 7 });
    for (let i = 0; i < 10; i++) instance.exports.put(i, null);
    for (let i = 0; i < 2000; i++) instance.exports.id({}); // until the guest is collected
    await settle(() => gone === 10);
    assert.equal(gone, 10);
  });

  it('closing an instance lets go of all', async () => {
    const instance = open();
    let gone = 0;
    const registry = new FinalizationRegistry(() => gone++);
    (() => {
      const object = {};
      registry.register(object);
      instance.exports.put(0, object);
    })();
    instance.close();
    refuses(() => instance.exports.id({}), 'ERR_CLOSED');
    for (let i = 0; i < 30 && gone === 0; i++) {
      global.gc();
      await new Promise(setImmediate);
    }
    assert.equal(gone, 1);
  });

  it('in one long call: what is dropped on the way is collected on the way', async () => {
    await childPrints(
      `const instance = new wg.Instance(Buffer.from(${JSON.stringify(SOURCE.toString())}), {
         imports: { env: { see: (a, i) => { if (i % 50000 === 49999) sizes.push(process.memoryUsage().rss >> 20); return { large: new Array(20).fill(i) }; }, pass: (f) => f } } });
       const sizes = [];
       instance.exports.repeat(400000, {});
       console.log(sizes.at(-1) - sizes[2] < 60, sizes.length);`,
      'true 8\n',
      { flags: ['--expose-gc'] },
    );
  });

  it('values of one instance are values like others for another', () => {
    const object = {};
    const [a, b] = [open().exports, open().exports];
    a.put(0, object);
    b.put(0, a.get(0));
    assert.equal(b.get(0), object);
  });

  it('what a Promise of a host function is', () => {
    const promise = Promise.resolve(1);
    assert.equal(open({ see: () => promise }).exports.see(1, 2), promise);
  });

  it('of a closed, busy, trapped instance', () => {
    const instance = open({ see: () => refuses(() => instance.close(), 'ERR_BUSY') });
    instance.exports.see(1, 2);
    instance.close();
    for (const name of ['id', 'pair', 'see', 'through'])
      refuses(
        () => instance.exports[name](null, null).x,
        name === 'id' || name === 'through' ? 'ERR_ARG_COUNT' : 'ERR_CLOSED',
      );
    refuses(() => instance.exports.id({}), 'ERR_CLOSED');
    refuses(() => instance.exports.through(null), 'ERR_CLOSED');
  });
});

describe('funcref', () => {
  it('an exported function is the one that `exports` has; null is null', () => {
    const { exports, raw } = open();
    assert.equal(exports.through(null), null);
    assert.equal(exports.through(exports.id), exports.id);
    assert.equal(exports.through(raw.id), exports.id);
    assert.equal(exports.function(1), exports.id);
    assert.equal(exports.function(5), null);
    exports.setFunction(5, exports.plain);
    assert.equal(exports.function(5)(), 7);
    assert.equal(exports.function(5), exports.plain);
    assert.equal(exports.function(2), exports.pair, 'the first of its names');
    assert.equal(exports.through(exports.again), exports.pair);
  });

  it('one that is not exported gets a function, the same one each time', () => {
    const { exports } = open();
    const hidden = exports.function(0);
    assert.equal(hidden(5), 105);
    assert.equal(exports.function(0), hidden);
    assert.equal(exports.through(hidden), hidden);
    refuses(() => hidden('x'), 'ERR_ARG_TYPE');
    refuses(() => hidden(), 'ERR_ARG_COUNT');
    const text = exports.function(4);
    const object = {};
    assert.deepEqual(text(object, 5n), [5n, object]);
    exports.setFunction(5, hidden);
    assert.equal(exports.callHidden(5, 1), 101);
  });

  it('an import that is in a table calls the host', () => {
    const seen = [];
    const { exports } = open({ pass: (f) => (seen.push(f), null) });
    const pass = exports.function(3);
    assert.equal(pass(exports.id), null);
    assert.deepEqual(seen, [exports.id]);
  });

  it('host functions get and give them', () => {
    let got;
    const { exports } = open({ pass: (f) => (got = f) });
    const hidden = exports.function(0);
    for (const f of [exports.id, hidden, null]) {
      assert.equal(exports.pass(f), f);
      assert.equal(got, f);
    }
    for (const value of [undefined, 5, () => 1, {}, open().exports.id]) {
      refuses(() => open({ pass: () => value }).exports.pass(null), 'ERR_ARG_TYPE', {
        message: /^env\.pass: result: expected null or a function of the instance/,
      });
    }
  });

  it('functions of others and of JavaScript are refused', () => {
    const { exports } = open();
    const other = open();
    const bound = exports.id.bind(null);
    for (const value of [
      undefined,
      5,
      'id',
      {},
      () => 1,
      Math.max,
      other.exports.id,
      other.raw.id,
      other.exports.function(0),
      bound,
      new Proxy(exports.id, {}),
    ]) {
      refuses(() => exports.through(value), 'ERR_ARG_TYPE', { argument: 0 });
    }
  });

  it('functions with limits of their own are those of the instance', () => {
    const instance = open();
    const limited = instance.with({ timeoutMs: 1000 }).exports;
    assert.equal(limited.through(limited.id), instance.exports.id);
  });

  it('a function keeps its instance alive', async () => {
    let hidden = new Instance(loaded, { imports: { env } }).exports.function(0);
    for (let i = 0; i < 10; i++) {
      global.gc();
      await new Promise(setImmediate);
      assert.equal(hidden(i), i + 100);
    }
    hidden = undefined;
  });

  it('after reset() it is another instance', () => {
    const instance = open();
    const before = instance.exports.id;
    instance.reset();
    refuses(() => instance.exports.through(before), 'ERR_ARG_TYPE');
    assert.equal(instance.exports.through(instance.exports.id), instance.exports.id);
  });

  it('with v128: 16 bytes', () => {
    const { exports } = track(
      new Instance(
        bytesOf(
          '(func $f (param v128) (result v128) (local.get 0)) (elem declare func $f) (func (export "f") (result funcref) (ref.func $f))',
        ),
      ),
    );
    const bytes = Uint8Array.from({ length: 16 }, (_, i) => i);
    assert.deepEqual(exports.f()(bytes), bytes);
  });
});
