'use strict';

const assert = require('node:assert/strict');
const { VM } = require('../..');
const { fixture } = require('../fixtures');
const { MESSAGE, fails, watVM, allocator, echoes } = require('./vm-helpers');

const MAX_U64 = 2n ** 64n - 1n;
const MAX_I64 = 2n ** 63n - 1n;
const MIN_I64 = -(2n ** 63n);

// Each returns what it got: one number, a number in halves, bytes.
const probe = `${allocator()} ${echoes}
  (func (export "i32") (param i32) (result i32) (local.get 0))
  (func (export "run") (param i32) (if (i32.ne (local.get 0) (i32.const -7)) (then unreachable)))
  (func (export "digit") (param i32 i32)
    (i32.store8 (i32.const 64) (local.get 1))
    (call $slice (local.get 0) (i32.const 64) (i32.const 1)))
  (func (export "halves") (param i32 i32 i32)
    (i32.store (local.get 0) (local.get 1))
    (i32.store offset=4 (local.get 0) (local.get 2)))
  (func (export "length") (param i32 i32) (result i32) (local.get 1))`;

describe('VM: arguments', () => {
  const table = [
    [0, 0],
    [-0, 0],
    [1.9, 1],
    [-1.9, -1],
    [2147483647, 2147483647],
    [-2147483648, -2147483648],
    [2147483648, -2147483648],
    [4294967295, -1],
    [4294967297, 1],
    [-4294967297, -1],
    [2 ** 53, 0],
    [1e21, -559939584],
    [NaN, 0],
    [Infinity, 0],
    [-Infinity, 0],
  ];
  for (const [given, signed] of table) {
    it(`a Number becomes one i32: ${Object.is(given, -0) ? '-0' : given}`, () => {
      const vm = watVM(probe);
      assert.equal(vm.RunInt('i32', given), signed);
      assert.equal(vm.RunUInt('i32', given), signed >>> 0);
    });
  }

  it('a Number becomes one i32 in Run, RunString and RunUint8Array', () => {
    const vm = watVM(probe);
    assert.equal(vm.Run('run', 2 ** 32 - 7), undefined);
    fails(() => vm.Run('run', -8), MESSAGE.run, 'ERR_TRAP');
    assert.equal(vm.RunString('digit', 2 ** 32 + 0x41), 'A');
    assert.deepEqual(vm.RunUint8Array('digit', 7), Uint8Array.of(7));
  });

  for (const [given, signed] of [
    [0, 0n],
    [-0, 0n],
    [1.9, 1n],
    [-1.9, -1n],
    [-1, -1n],
    [4294967296, 4294967296n],
    [-4294967297, -4294967297n],
    [2 ** 53, 2n ** 53n],
    [Number('9223372036854775807'), MAX_I64], // 2^63 as a double: clamped
    [2 ** 64, MAX_I64],
    [1e300, MAX_I64],
    [-(2 ** 63), MIN_I64],
    [-1e300, MIN_I64],
    [NaN, 0n],
    [Infinity, 0n],
    [-Infinity, 0n],
  ]) {
    it(`a Number becomes two halves in RunInt64 and RunUInt64: ${Object.is(given, -0) ? '-0' : given}`, () => {
      const vm = watVM(probe, { bigint: true });
      assert.equal(vm.RunInt64('halves', given), signed);
      assert.equal(vm.RunUInt64('halves', given), BigInt.asUintN(64, signed));
    });
  }

  for (const given of [0n, -1n, MIN_I64, MAX_I64, 2n ** 63n, MAX_U64]) {
    it(`a BigInt becomes two halves in RunInt64 and RunUInt64: ${given}`, () => {
      const vm = watVM(probe, { bigint: true });
      assert.equal(vm.RunInt64('halves', given), BigInt.asIntN(64, given));
      assert.equal(vm.RunUInt64('halves', given), BigInt.asUintN(64, given));
    });
  }

  for (const given of [MAX_U64 + 1n, MIN_I64 - 1n]) {
    it(`a BigInt outside of 64 bits is refused: ${given}`, () => {
      fails(() => watVM(probe).RunInt64('halves', given), MESSAGE.argument, 'ERR_ARG_RANGE');
    });
  }

  for (const [what, given, bytes] of [
    ['empty', '', []],
    ['ASCII', 'abc', [0x61, 0x62, 0x63]],
    ['several bytes a character', 'ä€😀', [0xc3, 0xa4, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80]],
    ['a lone surrogate', 'a\ud800b', [0x61, 0xef, 0xbf, 0xbd, 0x62]],
    ['a NUL inside', 'a\0b', [0x61, 0, 0x62]],
  ]) {
    it(`a String becomes (ptr, bytes of UTF-8): ${what}`, () => {
      const vm = watVM(probe);
      assert.deepEqual(vm.RunUint8Array('slice', given), Uint8Array.from(bytes));
      assert.equal(vm.RunInt('length', given), bytes.length);
    });
  }

  it('a Uint8Array becomes (ptr, bytes)', () => {
    const vm = watVM(probe);
    const pool = Buffer.from('.abc.');
    const shared = new Uint8Array(new SharedArrayBuffer(3));
    shared.set([0x61, 0x62, 0x63]);
    const lying = Uint8Array.of(0x61, 0x62, 0x63);
    Object.defineProperties(lying, { length: { value: 1 }, byteLength: { value: 1 }, buffer: { value: null } });
    for (const bytes of [Uint8Array.of(0x61, 0x62, 0x63), pool.subarray(1, 4), shared, lying]) {
      assert.deepEqual(vm.RunUint8Array('slice', bytes), Uint8Array.of(0x61, 0x62, 0x63));
    }
    assert.deepEqual(vm.RunUint8Array('slice', new Uint8Array()), new Uint8Array());
  });

  it('places its arguments from left to right', () => {
    const vm = watVM(`${allocator(2000)}
      (func (export "order") (param i32 i32 i32 i32 i32) (result i32)
        (i32.and (i32.and (i32.eq (local.get 0) (i32.const 2000)) (i32.eq (local.get 1) (i32.const 3)))
          (i32.and (i32.eq (local.get 2) (i32.const 9))
            (i32.and (i32.eq (local.get 3) (i32.const 2003)) (i32.eq (local.get 4) (i32.const 2))))))`);
    assert.equal(vm.RunInt('order', 'abc', 9, Uint8Array.of(1, 2)), 1);
  });

  it('calls the allocator for no bytes too, and takes any address for them', () => {
    const guest = (address) => `(memory (export "memory") 1) (global $called (mut i32) (i32.const 0))
      (func (export "__wbindgen_malloc") (param i32) (result i32) (global.set $called (i32.const 1)) (i32.const ${address}))
      (func (export "called") (param i32 i32) (result i32) (i32.add (global.get $called) (local.get 0)))`;
    assert.equal(watVM(guest(1)).RunInt('called', ''), 2);
    assert.equal(watVM(guest(-2)).RunInt('called', new Uint8Array()), -1);
  });

  it('passes an alignment of 1 to allocators that take one', () => {
    const vm = watVM(`(memory (export "memory") 1)
      (func (export "__wbindgen_malloc") (param i32 i32) (result i32)
        (if (i32.ne (local.get 1) (i32.const 1)) (then unreachable)) (i32.const 512))
      (func (export "__wbindgen_free") (param i32 i32 i32)
        (if (i32.ne (local.get 0) (i32.const 512)) (then unreachable))
        (if (i32.ne (local.get 1) (i32.const 4)) (then unreachable))
        (if (i32.ne (local.get 2) (i32.const 1)) (then unreachable)))
      ${echoes}`);
    assert.equal(vm.RunString('slice', 'abcd'), 'abcd');
  });

  it('writes where memory is after the allocator has grown it', () => {
    const vm = watVM(`(memory (export "memory") 1)
      (func (export "__wbindgen_malloc") (param i32) (result i32)
        (i32.mul (memory.grow (i32.const 300)) (i32.const 65536)))
      (func (export "__wbindgen_free") (param i32 i32)) ${echoes}`);
    assert.equal(vm.RunString('slice', 'grown'), 'grown');
  });

  it('never frees an argument', () => {
    const vm = watVM(`${allocator().replace('(param i32 i32))', '(param i32 i32) unreachable)')}
      (func (export "length") (param i32 i32) (result i32) (local.get 1))
      (func (export "trap") (param i32 i32) unreachable)`);
    assert.equal(vm.RunInt('length', 'abc'), 3);
    fails(() => vm.Run('trap', 'abc'), MESSAGE.run, 'ERR_TRAP');
  });

  it('takes an address of 0 from the allocator', () => {
    assert.equal(
      watVM(`${allocator(0)} (func (export "load") (param i32 i32) (result i32) (i32.load8_u (i32.const 0)))`).RunInt(
        'load',
        'A',
      ),
      65,
    );
  });

  const detached = () => {
    const array = new Uint8Array(8);
    structuredClone(array.buffer, { transfer: [array.buffer] });
    return array;
  };
  const revoked = () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  };
  for (const [what, value] of [
    ['undefined', undefined],
    ['null', null],
    ['a boolean', true],
    ['a symbol', Symbol('s')],
    ['an object', { toString: () => assert.fail('called') }],
    ['an array', [1]],
    ['a Number object', new Number(1)],
    ['a String object', new String('x')],
    ['a function', () => 1],
    ['an ArrayBuffer', new ArrayBuffer(1)],
    ['a DataView', new DataView(new ArrayBuffer(1))],
    ['a Uint8ClampedArray', new Uint8ClampedArray(1)],
    ['an Int8Array', new Int8Array(1)],
    ['a Uint16Array', new Uint16Array(1)],
    ['a Proxy of a Uint8Array', new Proxy(new Uint8Array(1), {})],
    ['a revoked Proxy', revoked()],
  ]) {
    it(`refuses ${what}`, () => {
      const vm = watVM(probe);
      for (const method of ['Run', 'RunInt', 'RunUInt', 'RunInt64', 'RunUInt64', 'RunString', 'RunUint8Array']) {
        const cause = fails(() => vm[method]('length', 1, value), MESSAGE.argument, 'ERR_ARG_TYPE');
        assert.equal(cause.argument, 1);
      }
      assert.equal(vm.RunInt('i32', 5), 5);
    });
  }

  it('refuses a detached array', () => {
    fails(() => watVM(probe).RunInt('length', detached()), MESSAGE.argument, undefined);
  });

  it('refuses a BigInt where 32 bits are passed', () => {
    const vm = watVM(probe);
    for (const method of ['Run', 'RunInt', 'RunUInt', 'RunString', 'RunUint8Array']) {
      fails(() => vm[method]('i32', 1n), MESSAGE.argument, 'ERR_ARG_TYPE');
    }
  });
});

describe('VM: exports with i64, f64 or f32 in their type', () => {
  const native = `${allocator()} ${echoes}
    (func (export "i64") (param i64) (result i64) (local.get 0))
    (func (export "mixed") (param i32 i64 i32) (result i64)
      (i64.add (i64.extend_i32_s (i32.sub (local.get 0) (local.get 2))) (local.get 1)))
    (func (export "f64") (param f64) (result f64) (local.get 0))
    (func (export "f32") (param f32) (result f32) (local.get 0))
    (func (export "stored") (param i32 i64) (i64.store (local.get 0) (local.get 1)))
    (func (export "text") (param i32 f64 i32 i32)
      (i32.store8 (local.get 2) (i32.trunc_f64_s (f64.mul (local.get 1) (f64.const 10))))
      (call $slice (local.get 0) (local.get 2) (local.get 3)))`;

  it('takes and gives i64', () => {
    const vm = watVM(native, { bigint: true });
    for (const value of [0n, -1n, MIN_I64, MAX_I64]) {
      assert.equal(vm.RunInt64('i64', value), value);
      assert.equal(vm.RunUInt64('i64', value), BigInt.asUintN(64, value));
    }
    assert.equal(vm.RunUInt64('i64', MAX_U64), MAX_U64);
    assert.equal(vm.RunInt64('i64', 1e300), MAX_I64);
    assert.equal(vm.RunInt64('i64', -2.5), -2n);
    assert.equal(vm.RunInt64('i64', NaN), 0n);
    assert.equal(vm.RunInt('i64', -1), -1);
    assert.equal(vm.RunUInt('i64', -1), 2 ** 64);
  });

  it('gives Numbers for i64 without the option bigint', () => {
    const vm = watVM(native);
    assert.equal(vm.RunInt64('i64', -1n), -1);
    assert.equal(vm.RunUInt64('i64', -1n), 2 ** 64);
    assert.equal(vm.RunInt('i64', -1), -1);
  });

  it('takes i32 and i64 side by side', () => {
    assert.equal(watVM(native).RunInt64('mixed', 10, 2n ** 40n, 4), 2 ** 40 + 6);
  });

  it('puts a 64-bit result behind the pointer of a function without a result', () => {
    assert.equal(watVM(native, { bigint: true }).RunUInt64('stored', MAX_U64), MAX_U64);
  });

  it('takes and gives floats', () => {
    const vm = watVM(native);
    for (const method of ['RunInt', 'RunUInt', 'RunInt64', 'RunUInt64']) {
      assert.equal(vm[method]('f64', 0.1), 0.1);
      assert.equal(vm[method]('f32', 0.1), Math.fround(0.1));
      assert.equal(vm[method]('f64', NaN), NaN);
    }
    assert.equal(vm.RunString('text', 6.5, 'abc'), 'Abc');
  });

  it('refuses a BigInt for a float or an i32, and one outside of 64 bits', () => {
    const vm = watVM(native);
    fails(() => vm.RunInt64('f64', 1n), MESSAGE.argument, 'ERR_ARG_TYPE');
    fails(() => vm.RunInt64('mixed', 1n, 1n, 1), MESSAGE.argument, 'ERR_ARG_TYPE');
    fails(() => vm.RunInt64('i64', MAX_U64 + 1n), MESSAGE.argument, 'ERR_ARG_RANGE');
  });

  it('serves a guest made without wasm-bindgen', () => {
    const vm = new VM(fixture('wasi_lib'));
    assert.equal(vm.RunInt('add', 2147483647, 1), -2147483648);
    assert.equal(vm.RunUInt64('lcm', 4, 6), 12);
    assert.equal(vm.RunInt('half_f64', 5), 2.5);
    assert.equal(vm.RunInt('half_f32', 5), 2.5);
    assert.ok(vm.RunUInt64('now') > 1.7e12);
  });
});
