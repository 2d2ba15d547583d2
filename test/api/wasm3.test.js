'use strict';

// What came with WebAssembly 3.0, from an instance with numbers in and out: exceptions, references to functions,
// structs and arrays that the engine collects.

const assert = require('node:assert/strict');
const { Instance, Module, inspect, run } = require('../..');
const { bytesOf, refuses, rejects, track, wat } = require('../helpers');

const TYPES = `(type $unary (func (param i32) (result i32))) (type $pair (struct (field (mut i32)) (field i64)))
  (type $bytes (array (mut i8))) (tag $number (export "number") (param i32)) (tag $nothing)`;

const EXCEPTIONS = `
  (func $throw (export "throw") (param i32) (throw $number (local.get 0)))
  (func (export "catch") (param i32) (result i32)
    (block (result i32) (try_table (catch $number 0) (call $throw (local.get 0))) (i32.const -1)))
  (func (export "miss") (param i32) (block (try_table (catch $nothing 0) (call $throw (local.get 0)))))
  (func (export "again") (param i32) (throw_ref
    (block (result exnref) (try_table (catch_all_ref 0) (call $throw (local.get 0))) (unreachable))))
  (func (export "trap") (block (try_table (catch_all 0) (drop (i32.div_u (i32.const 1) (i32.const 0))))))
  (func (export "count") (param i32) (result i32) (local $caught i32)
    (loop $next
      (block $caught (try_table (catch_all $caught)
        (if (i32.and (local.get 0) (i32.const 1)) (then (throw $nothing)) (else (call $throw (local.get 0)))))
        (unreachable))
      (local.set $caught (i32.add (local.get $caught) (i32.const 1)))
      (br_if $next (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get $caught))`;

const REFERENCES = `
  (func $double (type $unary) (i32.mul (local.get 0) (i32.const 2)))
  (func $negate (type $unary) (i32.sub (i32.const 0) (local.get 0)))
  (table $all 2 (ref null $unary)) (elem (table $all) (i32.const 0) (ref null $unary) (ref.func $double) (ref.func $negate))
  (func (export "call") (param i32 i32) (result i32) (call_ref $unary (local.get 0) (table.get $all (local.get 1))))
  (func (export "tail") (param i32 i32) (result i32) (return_call_ref $unary (local.get 0) (table.get $all (local.get 1))))
  (func (export "forget") (table.set $all (i32.const 1) (ref.null $unary)))
  (func (export "present") (param i32) (result i32)
    (block (br_on_null 0 (table.get $all (local.get 0))) (drop) (return (i32.const 1))) (i32.const 0))`;

const MANAGED = `
  (data $data "${'x'.repeat(640)}")
  (func (export "data") (param i32) (drop (array.new_data $bytes $data (i32.const 0) (local.get 0))))
  (func (export "pair") (param i32 i64) (result i64) (local $p (ref $pair))
    (local.set $p (struct.new $pair (local.get 0) (local.get 1)))
    (struct.set $pair 0 (local.get $p) (i32.add (struct.get $pair 0 (local.get $p)) (i32.const 1)))
    (i64.add (i64.extend_i32_s (struct.get $pair 0 (local.get $p))) (struct.get $pair 1 (local.get $p))))
  (func (export "bytes") (param i32) (result i32) (array.len (array.new_default $bytes (local.get 0))))
  (func (export "garbage") (param i32 i32) (result i32) (local $n i32)
    (loop (local.set $n (i32.add (local.get $n) (array.len (array.new_default $bytes (local.get 1)))))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get $n))
  (func (export "at") (param i32 i32) (result i32)
    (array.get_u $bytes (array.new_default $bytes (local.get 0)) (local.get 1)))
  (func (export "copy") (param i32) (local $a (ref $bytes))
    (local.set $a (array.new_default $bytes (local.get 0)))
    (array.copy $bytes $bytes (local.get $a) (i32.const 0) (local.get $a) (i32.const 0) (local.get 0)))
  (func (export "small") (param i32) (result i32) (i31.get_s (ref.i31 (local.get 0))))
  (func (export "cast") (result i32) (struct.get $pair 0 (ref.cast (ref $pair) (ref.i31 (i32.const 1)))))`;

const TEXT = TYPES + EXCEPTIONS + REFERENCES + MANAGED;

/** Each test runs on the module as it is, and on its metered form. */
const FORMS = {
  'as it is': {},
  metered: { metering: true },
  'metered, trapping where nothing can grow': { metering: true, trapOnGrowFailure: true },
};

for (const [form, options] of Object.entries(FORMS)) {
  describe(`WebAssembly 3.0, ${form}`, () => {
    it('exceptions that the guest catches', () => {
      const { exports } = wat(TEXT, options);
      for (const number of [0, 7, -1]) assert.equal(exports.catch(number), number);
      assert.equal(exports.count(1000), 1000);
    });

    it('exceptions that nobody catches: ERR_EXCEPTION, and the instance goes on', () => {
      const guest = wat(TEXT, options);
      for (const name of ['throw', 'miss', 'again']) {
        for (let i = 0; i < 3; i++) refuses(() => guest.exports[name](i), 'ERR_EXCEPTION', { trap: undefined });
      }
      assert.equal(guest.state, 'open');
      assert.equal(guest.exports.catch(5), 5);
    });

    it('a trap is no exception', () => {
      refuses(() => wat(TEXT, options).exports.trap(), 'ERR_TRAP', { trap: 'integer_division_by_zero' });
    });

    it('references to functions', () => {
      const { exports } = wat(TEXT, options);
      for (const call of [exports.call, exports.tail]) assert.deepEqual([call(21, 0), call(21, 1)], [42, -21]);
      exports.forget();
      for (const call of [exports.call, exports.tail]) {
        refuses(() => call(21, 1), 'ERR_TRAP', { trap: 'null_reference' });
        refuses(() => call(21, 2), 'ERR_TRAP', { trap: 'table_out_of_bounds' });
      }
      assert.deepEqual([exports.present(0), exports.present(1)], [1, 0]);
    });

    it('structs and arrays', () => {
      const { exports } = wat(TEXT, options);
      assert.equal(exports.pair(41, 2n ** 40n), 2n ** 40n + 42n);
      assert.equal(exports.bytes(100000), 100000);
      assert.equal(exports.garbage(1000, 100000), 1e8);
      assert.equal(exports.small(2 ** 30), -(2 ** 30));
      refuses(() => exports.at(10, 10), 'ERR_TRAP', { trap: 'array_out_of_bounds' });
      refuses(() => exports.bytes(-1), 'ERR_TRAP', { trap: 'allocation_too_large' });
      refuses(() => exports.cast(), 'ERR_TRAP', { trap: 'cast_failure' });
      assert.equal(exports.at(10, 9), 0);
    });

    it('what the engine collects counts as memory', () => {
      const guest = track(new Instance(bytesOf(TEXT), { ...options, limits: { memoryBytes: 1 << 20 } }));
      assert.equal(guest.exports.garbage(100, 100000), 1e7);
      const { wasmStack } = refuses(() => guest.exports.bytes(1 << 24), 'ERR_LIMIT', { trap: undefined });
      assert.equal(wasmStack.split('\n').length, 1);
      refuses(() => guest.exports.bytes(-1), 'ERR_TRAP', { trap: 'allocation_too_large' });
      assert.equal(guest.exports.bytes(100000), 100000);
    });

    it('what the engine collects has no room left', () => {
      const { exports } = wat(TEXT, options);
      assert.equal(exports.bytes(1 << 24), 1 << 24);
      refuses(() => exports.bytes(-100), 'ERR_OUT_OF_MEMORY', { trap: undefined });
    });

    it('copies of arrays trap as the instruction does, at its place', () => {
      const text = `(type $a (array (mut i16))) (type $f (array (mut funcref))) (elem $e func $few $few)
        (func $few (export "few") (param i32) (local $a (ref null $a)) (local.set $a (array.new_default $a (i32.const 9)))
          (array.copy $a $a (local.get $a) (i32.const 1) (local.get $a) (local.get 0) (i32.const 8)))
        (func (export "outer") (param i32) (call $few (local.get 0)))
        (func (export "null") (param i32) (array.copy $a $a (ref.null $a) (i32.const 0) (ref.null $a) (i32.const 0) (i32.const 0)))
        (func (export "elements") (param i32)
          (array.init_elem $f $e (array.new_default $f (i32.const 20000)) (i32.const 0) (i32.const 0) (local.get 0)))`;
      const { exports } = wat(text, options);
      const plain = wat(text, { interruptible: false }).exports;
      exports.few(1);
      exports.elements(2);
      for (const [name, argument, trap, frames] of [
        ['few', 2, 'array_out_of_bounds', 1],
        ['outer', -1, 'array_out_of_bounds', 2],
        ['null', 0, 'null_reference', 1],
        ['elements', 3, 'table_out_of_bounds', 1],
        ['elements', 10000, 'table_out_of_bounds', 1],
        ['elements', 20001, 'array_out_of_bounds', 1],
      ]) {
        const { wasmStack } = refuses(() => exports[name](argument), 'ERR_TRAP', { trap });
        assert.equal(wasmStack.split('\n').length, frames);
        assert.equal(wasmStack, refuses(() => plain[name](argument), 'ERR_TRAP', { trap }).wasmStack);
      }
      exports.outer(0);
    });

    it('a start function or a program that throws', async () => {
      const text = '(memory (export "memory") 1) (tag $e) (func $throw (export "_start") (throw $e))';
      refuses(() => wat(`${text} (start $throw)`, options), 'ERR_EXCEPTION');
      await rejects(run(bytesOf(text), options), 'ERR_EXCEPTION');
    });

    it('a guest of Rust that throws is poisoned, as after a trap', () => {
      const guest = wat(
        `(memory (export "memory") 1) (tag $e) (func (export "f") (param i32 i32) (throw $e)) (func (export "five") (result i32) (i32.const 5))
         (func (export "__wbindgen_malloc") (param i32 i32) (result i32) (i32.const 64)) (func (export "__wbindgen_free") (param i32 i32 i32))`,
        { ...options, signatures: { f: '(string) -> ()' } },
      );
      assert.equal(guest.exports.five(), 5);
      refuses(() => guest.exports.f('text'), 'ERR_EXCEPTION');
      assert.equal(guest.state, 'poisoned');
      refuses(() => guest.exports.five(), 'ERR_POISONED');
    });

    it('text passes a guest that throws and catches within', () => {
      const guest = wat(
        `(memory (export "memory") 1) ${TYPES}
         (func (export "__wbindgen_malloc") (param i32 i32) (result i32)
           (block (result i32) (try_table (catch $number 0) (throw $number (i32.const 64))) (unreachable)))
         (func (export "__wbindgen_free") (param i32 i32 i32))
         (func (export "echo") (param i32 i32) (result i32 i32)
           (local.get 0) (array.len (array.new_default $bytes (local.get 1))))`,
        { ...options, signatures: { echo: '(string) -> string' } },
      );
      for (let i = 0; i < 3; i++) assert.equal(guest.exports.echo('Grüße'), 'Grüße');
    });
  });
}

describe('WebAssembly 3.0, metered exactly', () => {
  it('counts what is executed on the way to a clause, once', () => {
    const instance = wat(TEXT, { metering: true });
    const count = (name, ...args) => {
      instance.exports[name](...args);
      return instance.receipt.instructions;
    };
    // catch: entry, try_table, local.get, call; throw: entry, local.get, throw.
    assert.equal(count('catch', 1), 4 + 3);
    // call: entry, two of local.get, table.get, call_ref; double: entry and 3.
    assert.equal(count('call', 1, 0), 5 + 4);
    assert.equal(count('tail', 1, 0), 5 + 4);
    assert.equal(count('present', 0), 5);
    const [one, two, many] = [1, 3, 2001].map((n) => count('count', n));
    assert.equal(many - one, 1000 * (two - one), 'each turn costs the same');
    refuses(() => instance.exports.throw(1), 'ERR_EXCEPTION');
    assert.equal(instance.receipt.instructions, 3);
    assert.equal(instance.receipt.outcome, 'ERR_EXCEPTION');
    refuses(() => instance.exports.again(1), 'ERR_EXCEPTION');
    assert.equal(instance.receipt.instructions, 4 + 3 + 1);
  });

  it('charges arrays by their length', () => {
    const instance = wat(TEXT, { metering: true });
    const count = (name, length) => {
      instance.exports[name](length);
      return instance.receipt.instructions;
    };
    assert.equal(count('bytes', 100), count('bytes', 0) + 100);
    assert.equal(count('copy', 64), count('copy', 0) + 2 * 64);
    assert.equal(count('data', 63), count('data', 0));
    assert.equal(count('data', 640), count('data', 0) + 10);
  });

  it('fuel and time end a guest that catches everything', () => {
    const text = `(tag $e) (func $throw (throw $e))
      (func (export "f") (loop $next (block (try_table (catch_all $next) (call $throw)))))`;
    const load = (options) => track(new Instance(bytesOf(text), options));
    const spent = load({ metering: true, limits: { fuel: 10000 } });
    refuses(() => spent.exports.f(), 'ERR_FUEL');
    const first = spent.receipt.instructions;
    assert.ok(first >= 10000 && first < 10100, first);
    refuses(() => spent.exports.f(), 'ERR_FUEL');
    assert.equal(spent.receipt.instructions, first);
    for (const metering of [false, true]) {
      refuses(() => load({ metering, limits: { timeoutMs: 20 } }).exports.f(), 'ERR_TIMEOUT');
    }
  });
});

describe('WebAssembly 3.0, from outside', () => {
  it('inspect tells of tags and of types that cannot be passed', () => {
    const { exports } = inspect(bytesOf(`${TYPES} (func (export "any") (param anyref) (result i32) (i32.const 1))`));
    assert.deepEqual(exports[0], { name: 'number', kind: 'tag', type: { parameters: ['i32'], results: [] } });
    assert.match(exports[1].unsupported, /anyref/);
  });

  it('nobody provides tags: ERR_IMPORT_MISSING', () => {
    const module = track(Module.load(bytesOf('(import "env" "tag" (tag (param i32)))')));
    refuses(() => new Instance(module), 'ERR_IMPORT_MISSING', { imports: ['env.tag'] });
  });
});
