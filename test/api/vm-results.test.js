'use strict';

const assert = require('node:assert/strict');
const { VM } = require('../..');
const { fixture } = require('../fixtures');
const { MESSAGE, fails, watVM, allocator, echoes } = require('./vm-helpers');

// Stores the address it was given, to see which it was.
const addresses = `${allocator()} ${echoes}
  (func (export "integer") (param i32) (i64.store (i32.const 0) (i64.extend_i32_u (i32.add (local.get 0) (i32.const 7)))))
  (func (export "text") (param i32)
    (i32.store8 (i32.const 64) (i32.add (local.get 0) (i32.const 0x30)))
    (call $slice (i32.const 8) (i32.const 64) (i32.const 1)))
  (func (export "first") (param i32 i32 i32 i32 i32)
    (i64.store (local.get 0) (i64.extend_i32_u (local.get 2))))`;

const place = (ptr, length) => `${allocator()} ${echoes}
  (data (i32.const 512) "abc\\ff\\fe\\ef\\bb\\bfd")
  (func (export "place") (param i32) (call $slice (local.get 0) (i32.const ${ptr}) (i32.const ${length})))`;

const stored = (value) => `(memory (export "memory") 1)
  (func (export "stored") (param i32) (i64.store (local.get 0) (i64.const ${value})))`;

describe('VM: numeric results', () => {
  it('RunInt is signed, RunUInt is not', () => {
    const vm = watVM(`(func (export "minus") (result i32) (i32.const -1))
      (func (export "least") (result i32) (i32.const 0x80000000))`);
    assert.equal(vm.RunInt('minus'), -1);
    assert.equal(vm.RunUInt('minus'), 4294967295);
    assert.equal(vm.RunInt('least'), -2147483648);
    assert.equal(vm.RunUInt('least'), 2147483648);
  });

  for (const value of [0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n, -(2n ** 53n) - 1n]) {
    it(`RunInt64 is signed, RunUInt64 is not: ${value}`, () => {
      const numbers = watVM(stored(value));
      assert.equal(numbers.RunInt64('stored'), Number(value));
      assert.equal(numbers.RunUInt64('stored'), Number(BigInt.asUintN(64, value)));
      const bigints = watVM(stored(value), { bigint: true });
      assert.equal(bigints.RunInt64('stored'), value);
      assert.equal(bigints.RunUInt64('stored'), BigInt.asUintN(64, value));
    });
  }

  it('the option bigint leaves 32-bit results alone', () => {
    const vm = new VM(fixture('ssvm'), { bigint: true });
    assert.equal(vm.RunInt('lcm_s32', 4, 6), 12);
    assert.equal(vm.RunUInt('lcm_u32', 4, 6), 12);
  });

  it('a 64-bit result goes to address 0, whatever the arguments', () => {
    const vm = watVM(addresses);
    assert.equal(vm.RunInt64('integer'), 7);
    assert.equal(vm.RunUInt64('integer'), 7);
    assert.equal(vm.RunInt64('first', 'abc', 5), 3);
    assert.equal(vm.RunUInt64('first', 'abc', 5), 3);
  });

  it('Run gives undefined, also for a function with a result', () => {
    const vm = watVM('(func (export "none")) (func (export "five") (result i32) (i32.const 5))');
    assert.equal(vm.Run('none'), undefined);
    assert.equal(vm.Run('five'), undefined);
  });

  it('the first of several results counts', () => {
    const vm = watVM('(func (export "two") (result i32 i32) (i32.const 5) (i32.const 6))');
    assert.equal(vm.RunInt('two'), 5);
    assert.equal(vm.Run('two'), undefined);
  });

  it('a number from a function without one is an error', () => {
    const vm = watVM('(func (export "none")) (func (export "v") (result v128) (v128.const i64x2 0 0))');
    for (const method of ['RunInt', 'RunUInt']) {
      fails(() => vm[method]('none'), MESSAGE.run, 'ERR_EXPORT_UNSUPPORTED');
      fails(() => vm[method]('v'), MESSAGE.run, 'ERR_EXPORT_UNSUPPORTED');
    }
  });

  it('a 64-bit result needs memory', () => {
    for (const memory of ['', '(memory (export "memory") 0)']) {
      const vm = watVM(`${memory} (func (export "f") (param i32))`);
      for (const method of ['RunInt64', 'RunUInt64']) {
        fails(() => vm[method]('f'), MESSAGE.integer, 'ERR_MEMORY_BOUNDS');
      }
    }
  });
});

describe('VM: text and byte results', () => {
  it('their place goes to address 8', () => {
    assert.equal(watVM(addresses).RunString('text'), '8');
    assert.deepEqual(watVM(addresses).RunUint8Array('text'), Uint8Array.of(0x38));
  });

  it('text is decoded leniently, with its byte order mark', () => {
    assert.equal(watVM(place(512, 9)).RunString('place'), 'abc\ufffd\ufffd\ufeffd');
    assert.equal(watVM(place(515, 6)).RunString('place'), '\ufffd\ufffd\ufeffd');
  });

  it('bytes are a copy of their own', () => {
    const vm = watVM(place(512, 3));
    const [first, second] = [vm.RunUint8Array('place'), vm.RunUint8Array('place')];
    assert.equal(Object.getPrototypeOf(first), Uint8Array.prototype);
    assert.deepEqual([first.byteOffset, first.buffer.byteLength], [0, 3]);
    first.fill(0);
    assert.deepEqual(second, Uint8Array.of(0x61, 0x62, 0x63));
  });

  it('nothing may stand anywhere, and is not freed', () => {
    for (const ptr of [0, 1, -1, 70000]) {
      const vm = watVM(`(memory (export "memory") 1) ${echoes}
        (func (export "place") (param i32) (call $slice (local.get 0) (i32.const ${ptr}) (i32.const 0)))
        (func (export "__wbindgen_free") (param i32 i32) unreachable)`);
      assert.equal(vm.RunString('place'), '');
      assert.deepEqual(vm.RunUint8Array('place'), new Uint8Array());
    }
  });

  it('may end with memory', () => {
    assert.deepEqual(watVM(place(65535, 1)).RunUint8Array('place'), Uint8Array.of(0));
    assert.equal(watVM(place(0, 65536)).RunUint8Array('place').length, 65536);
  });

  for (const [ptr, length] of [
    [65535, 2],
    [65536, 1],
    [0, 65537],
    [-1, 1],
    [-1, -1],
    [8, -8], // 2^32 in 32 bits: 0
    [1, -1],
  ]) {
    it(`may not reach outside of memory: ${length} bytes at ${ptr}`, () => {
      const vm = watVM(place(ptr, length));
      fails(() => vm.RunString('place'), MESSAGE.area, 'ERR_MEMORY_BOUNDS');
      fails(() => vm.RunUint8Array('place'), MESSAGE.area, 'ERR_MEMORY_BOUNDS');
    });
  }

  it('need memory', () => {
    const without = watVM('(func (export "f") (param i32))');
    fails(() => without.RunString('f'), MESSAGE.run, 'ERR_MEMORY_BOUNDS');
    fails(() => without.RunUint8Array('f'), MESSAGE.run, 'ERR_MEMORY_BOUNDS');
    const empty = watVM('(memory (export "memory") 0) (func (export "f") (param i32))');
    fails(() => empty.RunString('f'), MESSAGE.area, 'ERR_MEMORY_BOUNDS');
    fails(() => empty.RunUint8Array('f'), MESSAGE.area, 'ERR_MEMORY_BOUNDS');
  });

  it('are looked for where memory is after the call', () => {
    const vm = watVM(`(memory (export "memory") 0) ${echoes} (func (export "__wbindgen_free") (param i32 i32))
      (func (export "grow") (param i32)
        (drop (memory.grow (i32.const 2)))
        (i32.store8 (i32.const 131071) (i32.const 0x7a))
        (call $slice (local.get 0) (i32.const 131071) (i32.const 1)))`);
    assert.equal(vm.RunString('grow'), 'z');
  });

  it('are freed by their address and length', () => {
    const vm = watVM(`(memory (export "memory") 1) ${echoes}
      (func (export "place") (param i32) (call $slice (local.get 0) (i32.const 512) (i32.const 3)))
      (func (export "wrong") (param i32) (call $slice (local.get 0) (i32.const 512) (i32.const 4)))
      (func (export "__wbindgen_free") (param i32 i32)
        (if (i32.ne (local.get 0) (i32.const 512)) (then unreachable))
        (if (i32.ne (local.get 1) (i32.const 3)) (then unreachable)))`);
    assert.equal(vm.RunString('place'), '\0\0\0');
    fails(() => vm.RunString('wrong'), MESSAGE.free, 'ERR_TRAP');
    fails(() => vm.RunUint8Array('wrong'), MESSAGE.free, 'ERR_TRAP');
  });
});

describe('VM: a guest of SSVM', () => {
  it('answers as it always did', () => {
    const vm = new VM(fixture('ssvm'));
    assert.equal(vm.RunString('say', 'wörld 😀'), 'hello wörld 😀');
    assert.equal(vm.RunString('obfusticate', 'Hello, World'), 'Uryyb, Jbeyq');
    assert.equal(vm.RunInt('lcm_s32', 123, 7), 861);
    assert.equal(vm.RunUInt('lcm_u32', 2147483647, 2), 4294967294);
    assert.equal(vm.RunInt64('lcm_s64', 2147483647, 2), 4294967294);
    assert.equal(vm.RunInt64('lcm_s64', -4, 6), 12);
    // eslint-disable-next-line no-loss-of-precision -- as the original tests have it
    assert.equal(vm.RunUInt64('lcm_u64', 9223372036854775807, 2), 18446744073709551614);
    assert.deepEqual(vm.RunUint8Array('reverse', Uint8Array.of(1, 2, 3)), Uint8Array.of(3, 2, 1));
    assert.equal(vm.Run('noop'), undefined);
  });

  it('takes and gives much', () => {
    const vm = new VM(fixture('ssvm'));
    const text = 'wörld 😀'.repeat(100000);
    assert.equal(vm.RunString('say', text), `hello ${text}`);
    const bytes = Uint8Array.from({ length: 3 << 20 }, (_, i) => i);
    assert.deepEqual(vm.RunUint8Array('reverse', bytes), bytes.slice().reverse());
  });

  it('takes and gives nothing', () => {
    const vm = new VM(fixture('ssvm'));
    assert.equal(vm.RunString('obfusticate', ''), '');
    assert.deepEqual(vm.RunUint8Array('reverse', new Uint8Array()), new Uint8Array());
  });
});
