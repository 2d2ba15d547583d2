'use strict';

const assert = require('node:assert/strict');
const { Instance } = require('../..');
const { compiled } = require('../fixtures');
const { bytesOf, open, refuses, track, wat } = require('../helpers');

/** error.trap → [body of a function without parameters, what else its module needs]. */
const TRAPS = {
  unreachable: ['unreachable'],
  integer_division_by_zero: ['(drop (i32.div_s (i32.const 1) (i32.const 0)))'],
  integer_overflow: ['(drop (i32.div_s (i32.const -2147483648) (i32.const -1)))'],
  bad_conversion_to_integer: ['(drop (i32.trunc_f64_s (f64.const nan)))'],
  memory_out_of_bounds: ['(drop (i32.load (i32.const 65533)))', '(memory 1)'],
  table_out_of_bounds: ['(call_indirect (i32.const 5))', '(table 5 funcref)'],
  indirect_call_to_null: ['(call_indirect (i32.const 0))', '(table 5 funcref)'],
  bad_signature: [
    '(call_indirect (i32.const 0))',
    '(table 1 funcref) (elem (i32.const 0) $other) (func $other (param i32))',
  ],
  stack_overflow: ['(call $inner)'],
};

/** More ways to the same traps. */
const VARIANTS = {
  'i64 division by zero': ['integer_division_by_zero', '(drop (i64.rem_u (i64.const 1) (i64.const 0)))'],
  'i64 overflow': ['integer_overflow', '(drop (i64.div_s (i64.const -9223372036854775808) (i64.const -1)))'],
  'conversion of an infinity': ['integer_overflow', '(drop (i64.trunc_f32_u (f32.const inf)))'],
  'conversion out of range': ['integer_overflow', '(drop (i32.trunc_f64_u (f64.const 4294967296)))'],
  'store at the end': ['memory_out_of_bounds', '(i64.store (i32.const 65529) (i64.const 0))', '(memory 1)'],
  'load far outside': ['memory_out_of_bounds', '(drop (i32.load offset=4294967295 (i32.const -1)))', '(memory 1)'],
  'memory.fill': ['memory_out_of_bounds', '(memory.fill (i32.const 65530) (i32.const 0) (i32.const 7))', '(memory 1)'],
  'memory.copy': ['memory_out_of_bounds', '(memory.copy (i32.const 0) (i32.const 1) (i32.const 65536))', '(memory 1)'],
  'memory.init': [
    'memory_out_of_bounds',
    '(memory.init $d (i32.const 0) (i32.const 0) (i32.const 2))',
    '(memory 1) (data $d "a")',
  ],
  'table.get': ['table_out_of_bounds', '(drop (table.get (i32.const 1)))', '(table 1 funcref)'],
  'table.init': [
    'table_out_of_bounds',
    '(table.init $e (i32.const 0) (i32.const 0) (i32.const 9))',
    '(table 1 funcref) (elem $e func)',
  ],
};

function trapper(body, rest = '') {
  return wat(
    `${rest} (global $n (mut i32) (i32.const 0))
     (func $inner (export "inner") ${body})
     (func $middle (call $inner) (call $inner))
     (func $outer (export "outer") (call $middle) (call $middle))
     (func (export "ok") (result i32) (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n))`,
  );
}

describe('traps', () => {
  for (const [trap, [body, rest]] of Object.entries(TRAPS)) {
    it(`${trap}: its name, and the stack with function names`, () => {
      const { exports } = trapper(body, rest);
      const error = refuses(() => exports.outer(), 'ERR_TRAP', { trap });
      const lines = error.wasmStack.split('\n');
      assert.match(lines[0], /inner/);
      if (trap !== 'stack_overflow') {
        assert.equal(lines.length, 3);
        assert.match(lines[1], /middle/);
        assert.match(lines[2], /outer/);
      }
      assert.equal(error.value, undefined);
      assert.match(error.stack, /errors-traps\.test\.js/);
    });

    it(`${trap}: a plain module goes on afterwards`, () => {
      const instance = trapper(body, rest);
      for (let i = 1; i <= 3; i++) {
        refuses(() => instance.exports.inner(), 'ERR_TRAP', { trap });
        assert.equal(instance.state, 'open');
        assert.equal(instance.exports.ok(), i);
      }
    });
  }

  for (const [name, [trap, body, rest]] of Object.entries(VARIANTS)) {
    it(`${name}: ${trap}`, () => {
      refuses(() => trapper(body, rest).exports.outer(), 'ERR_TRAP', { trap, wasmStack: /inner/ });
    });
  }

  it('what was written before a trap stays written', () => {
    const { exports, memory } = wat(
      '(memory (export "memory") 1) (func (export "f") (i32.store (i32.const 0) (i32.const 7)) unreachable)',
    );
    refuses(() => exports.f(), 'ERR_TRAP');
    assert.equal(memory.read(0, 1)[0], 7);
  });

  it('a module without names has offsets on its stack', () => {
    const { f } = wat('(func (export "f") unreachable)').exports;
    refuses(() => f(), 'ERR_TRAP', { wasmStack: /0x[0-9a-f]+/ });
  });

  it('every frame of a stack that is not too deep', () => {
    const { f } = wat(
      '(func $f (export "f") (param i32) (if (local.get 0) (then (call $f (i32.sub (local.get 0) (i32.const 1))))) unreachable)',
    ).exports;
    const error = refuses(() => f(9), 'ERR_TRAP');
    assert.equal(error.wasmStack.split('\n').length, 10);
  });

  it('a stack overflow leaves room for JavaScript, at any depth of it', () => {
    const { inner } = trapper('(call $inner)').exports;
    const dive = (n) => (n === 0 ? refuses(() => inner(), 'ERR_TRAP', { trap: 'stack_overflow' }) : dive(n - 1));
    for (const depth of [0, 10, 1000, 5000]) dive(depth);
  });

  it('names and texts that look like parts of a backtrace do not confuse it', () => {
    const name = 'wasm backtrace:\\0a    note: x';
    const { f } = wat(`(module $"${name}" (func $"${name}" (export "f") unreachable))`).exports;
    refuses(() => f(), 'ERR_TRAP', { trap: 'unreachable' });
  });
});

describe('start functions', () => {
  it('one that traps: no instance, the trap and its stack', () => {
    const error = refuses(() => wat('(func $boom unreachable) (start $boom)'), 'ERR_START', { trap: 'unreachable' });
    assert.match(error.wasmStack, /boom/);
  });

  it('segments that do not fit', () => {
    refuses(() => wat('(memory 1) (data (i32.const 65536) "a")'), 'ERR_START', { trap: 'memory_out_of_bounds' });
    refuses(() => wat('(table 1 funcref) (func $f) (elem (i32.const 1) $f)'), 'ERR_START', {
      trap: 'table_out_of_bounds',
    });
  });

  it('_initialize that traps', () => {
    const error = refuses(() => wat('(func $boom (export "_initialize") unreachable)'), 'ERR_START');
    assert.equal(error.trap, 'unreachable');
  });

  it('a start function runs once per instance', () => {
    const text = `(global $n (mut i32) (i32.const 0)) (func $s (global.set $n (i32.add (global.get $n) (i32.const 1))))
      (start $s) (func (export "n") (result i32) global.get $n)`;
    const first = wat(text);
    assert.equal(first.exports.n(), 1);
    assert.equal(track(new Instance(first.module)).exports.n(), 1);
    assert.equal(first.exports.n(), 1);
  });

  it('new Instance of bytes that fails leaves nothing open', () => {
    refuses(() => new Instance(bytesOf('(func $boom unreachable) (start $boom)')), 'ERR_START');
  });
});

describe('memory of the guest', () => {
  it('an initial memory that is too large for its limit is refused at load', () => {
    refuses(() => wat('(memory 65537)'), 'ERR_MODULE_INVALID');
    refuses(() => wat('(memory 2 1)'), 'ERR_MODULE_INVALID');
  });

  it('4 GiB at once', () => {
    const { memory, exports } = wat(
      '(memory (export "memory") 65536) (func (export "f") (param i32) (result i32) (i32.load8_u (local.get 0)))',
    );
    assert.equal(memory.byteLength, 2 ** 32);
    assert.equal(exports.f(-1), 0);
    memory.write(2 ** 32 - 2, Uint8Array.of(1, 2));
    assert.deepEqual(memory.read(2 ** 32 - 2, 2), Uint8Array.of(1, 2));
    assert.equal(exports.f(-1), 2);
  });

  it('memory.grow works, and beyond the limit answers -1', () => {
    const { memory, exports } = wat(
      '(memory (export "memory") 1 3) (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))',
    );
    assert.deepEqual([exports.grow(1), exports.grow(1), exports.grow(1)], [1, 2, -1]);
    assert.equal(memory.byteLength, 3 * 65536);
  });

  it('it may grow while text is on its way in and out', () => {
    const { grow_and_say, fill } = open(compiled('growth')).exports;
    for (const mib of [0, 1, 16, 64]) assert.equal(grow_and_say('Ä'.repeat(2000), mib), `hello ${'Ä'.repeat(2000)}`);
    const out = fill(1 << 24, 3);
    assert.equal(out.length, 1 << 24);
    assert.equal(out[(1 << 24) - 1], 3);
  });

  it('a 64-bit one that grows past its reservation moves or answers -1: nobody keeps an old place', () => {
    const { exports, memory } = wat(
      `(memory (export "memory") i64 65537)
       (func (export "malloc") (param i32) (result i32) (drop (memory.grow (global.get $step))) i32.const 64)
       (func (export "free") (param i32)) (global $step (mut i64) (i64.const 0))
       (func (export "step") (param i64) (global.set $step (local.get 0)))
       (func (export "grow") (param i64) (result i64) (memory.grow (local.get 0)))
       (func (export "f") (param i32 i32) (result i32 i32)
         (drop (memory.grow (global.get $step))) local.get 0 local.get 1)`,
      { signatures: { f: '(string) -> string' } },
    );
    const texts = ['a', 'é'.repeat(2000), 'x'.repeat(30000)];
    for (const pages of [0n, 1n, 1000n, 66000n, 1n, 70000n, 140000n]) {
      exports.grow(pages);
      for (const text of texts) assert.equal(exports.f(text), text);
      memory.write(1000, Uint8Array.of(1, 2, 3));
      assert.deepEqual(memory.read(1000, 3), Uint8Array.of(1, 2, 3));
      exports.step(3000n);
      for (const text of texts) assert.equal(exports.f(text), text, 'it moves during the call');
      exports.step(0n);
      memory.write(memory.byteLength - 1, Uint8Array.of(9));
      assert.equal(memory.read(memory.byteLength - 1, 1)[0], 9);
    }
  });
});
