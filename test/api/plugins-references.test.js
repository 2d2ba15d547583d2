'use strict';

// Plugins and references: native objects, values, functions of the guest, calls of these.

const assert = require('node:assert/strict');
const { Instance, NativeRef, Plugin } = require('../..');
const { compile, kit, kitModule, kitOptions, pluginSource } = require('../fixtures/plugins');
const { refuses, settle, track } = require('../helpers');

const MEMORY = '(memory (export "memory") 1)';
const TABLE = `(table $t 8 externref) (func (export "set") (param i32 externref) (table.set $t (local.get 0) (local.get 1)))
  (func (export "get") (param i32) (result externref) (table.get $t (local.get 0)))`;
const NAMES = ['get_objects_alive', 'get_objects_destroyed'];
const counts = () => {
  const { exports } = kit(NAMES);
  return [exports.get_objects_alive(), exports.get_objects_destroyed()];
};

describe('plugins: native objects', () => {
  it('go through the guest and back into the library', () => {
    const { exports } = kit(
      ['box_new', 'box_get'],
      `${TABLE} (func (export "keep") (param i32) (table.set $t (i32.const 3) (call $box_new (local.get 0))))
       (func (export "look") (result i32) (call $box_get (table.get $t (i32.const 3))))`,
    );
    exports.keep(41);
    assert.equal(exports.look(), 41);
    exports.keep(42);
    assert.equal(exports.look(), 42);
  });

  it('go through JavaScript: one object for each, and nothing to see in it', () => {
    const { box_new: make, box_get: look, kind, twins } = kit(['box_new', 'box_get', 'kind', 'twins']).exports;
    const box = make(5);
    assert.ok(box instanceof NativeRef);
    assert.equal(box.type, 'kit.box');
    assert.deepEqual(Reflect.ownKeys(box), []);
    assert.equal(look(box), 5);
    assert.equal(kind(box), 7);
    const [a, b] = twins(box, null);
    assert.ok(a === box && b === box);
    assert.notEqual(make(5), box);
    assert.throws(() => new NativeRef(), TypeError);
    assert.equal(NativeRef.make, undefined);
  });

  it('what is no object of the type is an error that says what it is', () => {
    const { exports } = kit(['box_new', 'box_get', 'box_as_other', 'number_new'], '(func (export "f"))');
    const { box_get: look, box_as_other: other, box_new: make } = exports;
    const says = (value, text) => {
      const error = refuses(() => look(value), 'ERR_PLUGIN', { status: 3, import: 'kit.box_get' });
      assert.equal(error.message, `kit.box_get: expected kit.box, got ${text} (ERR_PLUGIN)`);
    };
    says(null, 'null');
    says(undefined, 'undefined');
    says(true, 'a boolean');
    says(1.5, 'a number');
    says({}, 'a JavaScript value');
    says(Object.create(NativeRef.prototype), 'a JavaScript value');
    says(new Proxy(make(1), {}), 'a JavaScript value');
    refuses(() => other(make(1)), 'ERR_PLUGIN', {
      message: /expected an object of type kit\.other, got one of type kit\.box/,
    });
  });

  it('another plugin has no way to them, whatever it calls its types', () => {
    const source = pluginSource(['.module = "thief", .name = "open", .signature = "(externref)", .callback = take'], {
      name: 'thief',
      before: `static const wasmgate_type BOX = {"kit.box", 0};
        static int take(wasmgate_ctx *ctx, const wasmgate_value *a, wasmgate_value *r) {
          (void)r; void *p; return ctx->host->object_get(ctx, a[0].ref, &BOX, &p); }`,
    });
    const thief = Plugin.load(compile('thief', source));
    const { box_new: make } = kit(['box_new']).exports;
    const module = Buffer.from(
      '(module (import "thief" "open" (func $f (param externref))) (export "open" (func $f)))',
    );
    const { exports } = track(new Instance(module, { plugins: [thief], grants: { plugins: { thief: true } } }));
    refuses(() => exports.open(make(1)), 'ERR_PLUGIN', { message: /of type kit\.box of another plugin/ });
  });

  it('without a name, or with a payload that is NULL', () => {
    const { exports } = kit(['nameless', 'empty_object']);
    refuses(exports.nameless, 'ERR_PLUGIN', { message: /needs a type with a name/ });
    assert.ok(exports.empty_object() instanceof NativeRef);
  });

  it('end once: with the instance, whoever still has them', () => {
    const [, before] = counts();
    const instance = kit(['box_new', 'box_get'], TABLE);
    const { box_new: make, set, box_get: look } = instance.exports;
    const box = make(1);
    set(0, box);
    set(1, make(2));
    instance.close();
    assert.equal(counts()[1], before + 2);
    refuses(() => look(box), 'ERR_CLOSED');
    refuses(() => kit(['box_get']).exports.box_get(box), 'ERR_PLUGIN', {
      message: /the kit\.box has ended with its instance/,
    });
    assert.equal(box.type, 'kit.box');
  });

  it('of one instance can be used in another, as long as the first is open', () => {
    const a = kit(['box_new']);
    const b = kit(['box_get', 'kind'], TABLE);
    const box = a.exports.box_new(77);
    assert.equal(b.exports.box_get(box), 77);
    b.exports.set(0, box);
    a.close();
    assert.equal(b.exports.kind(b.exports.get(0)), 7);
    assert.equal(b.exports.get(0), box);
    refuses(() => b.exports.box_get(box), 'ERR_PLUGIN');
  });

  it('end when nobody refers to them: not the guest, not JavaScript', async () => {
    const instance = kit(['box_new', 'many', ...NAMES], TABLE);
    const { many, box_new: make, get_objects_alive: alive } = instance.exports;
    const others = alive();
    assert.equal(many(200000), 200000);
    assert.ok(alive() - others < 10000, `${alive()} are alive`);
    (() => {
      for (let i = 0; i < 5000; i++) make(i);
    })();
    await settle(() => {
      many(3000); // enough for the guest's side to be collected
      return alive() - others <= 5000;
    });
    assert.ok(alive() - others <= 5000, `${alive()} are alive`);
    instance.close();
    assert.equal(counts()[0], others);
  });
});

describe('plugins: values behind references', () => {
  it('numbers and strings are made and read', () => {
    const instance = kit(['number_new', 'number_get', 'string_new', 'string_bytes'], MEMORY);
    const { number_new: number, number_get: get, string_new: string, string_bytes: bytes } = instance.exports;
    for (const n of [0, -0, 1.5, NaN, 2 ** 53]) {
      assert.ok(Object.is(number(n), n));
      assert.ok(Object.is(get(n), n));
    }
    assert.deepEqual([get(true), get(false)], [1, 0]);
    instance.memory.write(0, Buffer.from('käse'));
    assert.equal(string(0, 5), 'käse');
    assert.equal(string(0, 0), '');
    refuses(() => string(65535, 2), 'ERR_PLUGIN');
    refuses(() => get('1'), 'ERR_PLUGIN');
    refuses(() => bytes(null), 'ERR_PLUGIN', { message: /expected a string, got null/ });
    instance.memory.write(0, Buffer.of(0xff));
    refuses(() => string(0, 1), 'ERR_RESULT_UTF8');
  });

  it('a string that a plugin made is read by one', () => {
    const { exports } = kit(
      ['string_new', 'string_bytes'],
      `${MEMORY} (data (i32.const 0) "hello") (func (export "f") (result i32) (call $string_bytes (call $string_new (i32.const 0) (i32.const 5))))`,
    );
    assert.equal(exports.f(), 5);
  });

  it('strings that nobody refers to are collected; those that one call has are bounded', () => {
    const { strings } = kit(['strings']).exports;
    assert.equal(strings(1000), 256);
    assert.equal(strings(1000), 256);
  });

  it('kinds, and identity on the way through', () => {
    const { kind, twins } = kit(['kind', 'twins']).exports;
    const values = [null, undefined, false, 3, {}, Symbol('s'), () => 1];
    assert.deepEqual(
      values.map((value) => kind(value)),
      [0, 1, 2, 3, 6, 6, 6],
    );
    for (const value of values) assert.deepEqual(twins(value, null), [value, value, null]);
  });

  it('references are of no use after their call, and made up ones of none at all', () => {
    const { exports } = kit(['keep', 'kept_kind', 'kept_back', 'forged', 'confused', 'box_new']);
    exports.keep({});
    assert.equal(exports.kept_kind(), -1);
    refuses(exports.kept_back, 'ERR_PLUGIN', { message: /a reference is used that is not of this call/ });
    refuses(exports.forged, 'ERR_PLUGIN');
    refuses(() => exports.confused({}), 'ERR_PLUGIN', { message: /an externref is given for a funcref/ });
    assert.equal(exports.confused(null), null);
  });
});

describe('plugins: calling the guest', () => {
  const INC = '(func $inc (export "inc") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))';

  it('an export by its name', () => {
    const { call_export: call } = kit(['call_export'], INC).exports;
    assert.equal(call(40), 42);
  });

  it('exports that are not there, are no functions, or of another type', () => {
    const { find_export: find } = kit(['find_export'], INC + MEMORY).exports;
    refuses(() => find(0), 'ERR_PLUGIN', { message: /exports no "nowhere"/, status: 5 });
    refuses(() => find(1), 'ERR_PLUGIN', { message: /"memory" is no function/, status: 5 });
    refuses(() => find(2), 'ERR_PLUGIN', { message: /is not of type \(i64\) -> i32/, status: 3 });
    refuses(() => find(3), 'ERR_PLUGIN', { message: /is not of type/ });
    for (const which of [4, 5, 6, 8, 9, 10]) refuses(() => find(which), 'ERR_PLUGIN', { message: /is no signature/ });
    refuses(() => find(7), 'ERR_PLUGIN', { status: 5 });
    refuses(() => find(11), 'ERR_PLUGIN', { message: /is not of type/ });
  });

  it('a funcref', () => {
    const { apply, inc, none, wide } = kit(
      ['apply'],
      `${INC} (func (export "none")) (func (export "wide") (param i64) (result i32) (i32.const 0))`,
    ).exports;
    assert.equal(apply(inc, 1), 2);
    refuses(() => apply(null, 1), 'ERR_PLUGIN', { message: /expected a function, got null/ });
    refuses(() => apply(none, 1), 'ERR_PLUGIN', { message: /not of type/ });
    refuses(() => apply(wide, 1), 'ERR_PLUGIN');
  });

  it('with references', () => {
    const { exports } = kit(['apply_ref'], '(func (export "id") (param externref) (result externref) (local.get 0))');
    const object = {};
    assert.equal(exports.apply_ref(exports.id, object), object);
    assert.equal(exports.apply_ref(exports.id, null), null);
  });

  it('unchecked, or without room for what it takes: errors', () => {
    const {
      apply_unchecked: unchecked,
      apply_short: short,
      inc,
    } = kit(['apply_unchecked', 'apply_short'], INC).exports;
    refuses(() => unchecked(inc, 1), 'ERR_PLUGIN', { message: /has not been checked/ });
    refuses(() => short(inc, 1), 'ERR_PLUGIN', { message: /room for 1 values/ });
  });

  it('what the guest does wrong comes out as it is', () => {
    const { run, oob, spin } = kit(
      ['run'],
      `${MEMORY} (func (export "oob") (drop (i32.load (i32.const -1)))) (func (export "spin") (loop (br 0)))`,
      { limits: { timeoutMs: 30 } },
    ).exports;
    const error = refuses(() => run(oob), 'ERR_TRAP', { trap: 'memory_out_of_bounds' });
    assert.match(error.wasmStack, /oob|wasm function/);
    refuses(() => run(spin), 'ERR_TIMEOUT');
    refuses(() => run(oob), 'ERR_TRAP');
  });

  it('what the plugin swallows is forgotten, unless the guest is to stop', () => {
    const { swallow, oob, spin, ok } = kit(
      ['swallow'],
      `${MEMORY} (func (export "oob") (drop (i32.load (i32.const -1)))) (func (export "ok"))
       (func (export "spin") (loop (br 0)))`,
      { limits: { timeoutMs: 30 } },
    ).exports;
    assert.equal(swallow(oob), 7);
    assert.equal(swallow(ok), 0);
    assert.equal(swallow(null), 3);
    assert.equal(swallow(spin), 7); // it returns to JavaScript right away: nothing is left to be stopped
  });

  it('what JavaScript throws in an import is the same object, through guest, plugin and guest', () => {
    const thrown = new Error('mine');
    const text = '(func (export "outer") (call $run (ref.func $js))) (elem declare func $js)';
    const module = Buffer.from(
      kitModule(['run', 'seven'], `(export "js" (func $js)) ${text}`)
        .toString()
        .replace('(module', '(module (import "env" "js" (func $js))'),
    );
    let calls = 0;
    const imports = {
      env: {
        js() {
          if (calls++ % 2 === 0) throw thrown;
        },
      },
    };
    const { exports } = track(new Instance(module, kitOptions({ imports })));
    for (let i = 0; i < 3; i++) {
      assert.throws(
        () => exports.outer(),
        (error) => error === thrown,
      );
      exports.outer();
    }
  });

  it('JavaScript that a call reaches may call the guest again', () => {
    const module = Buffer.from(
      kitModule(['run', 'seven'], '(export "js" (func $js))')
        .toString()
        .replace('(module', '(module (import "env" "js" (func $js))'),
    );
    let inner;
    const { exports } = track(
      new Instance(module, kitOptions({ imports: { env: { js: () => (inner = exports.seven()) } } })),
    );
    exports.run(exports.js);
    assert.equal(inner, 7);
  });

  it('back and forth without end: the stack is', () => {
    const text = `(elem declare func $again) (func $again (export "again") (call $run (ref.func $again)))`;
    const { again } = kit(['run'], text).exports;
    for (let i = 0; i < 3; i++) {
      const error = refuses(again, 'ERR_TRAP', { trap: 'stack_overflow' });
      assert.match(error.message, /stack/);
    }
  });

  it('user data of the outer function is its own again after a call', () => {
    const { exports } = kit(['user_after', 'eight'], '(func $e (export "e") (drop (call $eight)))');
    assert.equal(exports.user_after(exports.e), 7);
  });

  it('fuel and time of what is called inside count', () => {
    const options = kitOptions({ metering: true, limits: { fuel: 100000 } });
    const module = kitModule(['run'], '(func (export "spin") (loop (br 0)))');
    const { run, spin } = track(new Instance(module, options)).exports;
    refuses(() => run(spin), 'ERR_FUEL');
  });
});
