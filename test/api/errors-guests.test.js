'use strict';

// Guests that break the rules of the ABI: none of it may do more than throw.

const assert = require('node:assert/strict');
const { Instance } = require('../..');
const { bytesOf, open, refuses, wat } = require('../helpers');

/** A guest of C's ABI whose malloc answers what `malloc` says. */
const guest = (malloc, rest = '', signatures = { f: '(string) -> u32' }) =>
  wat(
    `(memory (export "memory") 1 4)
     (global $n (mut i32) (i32.const 0))
     (func $malloc (export "malloc") (param i32) (result i32) ${malloc})
     (func (export "free") (param i32) (global.set $n (i32.add (global.get $n) (i32.const 1))))
     (func (export "freed") (result i32) (global.get $n))
     (func (export "f") (param i32 i32) (result i32) local.get 1) ${rest}`,
    { signatures },
  );

describe('allocators that fail', () => {
  for (const [name, malloc] of Object.entries({
    0: 'i32.const 0',
    'a place outside memory': 'i32.const 65536',
    'the last byte': 'i32.const 65535',
    'a negative number': 'i32.const -1',
    'the most negative number': 'i32.const -2147483648',
    'an end that overflows 32 bits': 'i32.const -4',
  })) {
    it(`answering ${name}: ERR_ALLOCATOR, short and long, text and bytes`, () => {
      const instance = guest(malloc, '(func (export "g") (param i32 i32))', {
        f: '(string) -> u32',
        g: '(bytes) -> ()',
      });
      const { exports } = instance;
      for (const text of ['ab', 'é'.repeat(3000), 'a'.repeat(70000)]) {
        refuses(() => exports.f(text), 'ERR_ALLOCATOR', { message: new RegExp(`${Buffer.byteLength(text)} bytes`) });
        refuses(() => exports.g(Buffer.from(text)), 'ERR_ALLOCATOR');
      }
      assert.equal(instance.state, 'open');
      assert.equal(exports.f(''), 0, 'nothing is written for an empty text');
    });
  }

  it('trapping', () => {
    const instance = guest('unreachable');
    refuses(() => instance.exports.f('a'), 'ERR_TRAP', { trap: 'unreachable', wasmStack: /malloc/ });
    assert.equal(instance.state, 'open');
  });

  it('trapping for the second argument only', () => {
    const { exports } = wat(
      `(memory (export "memory") 1) (global $n (mut i32) (i32.const 0))
       (func (export "malloc") (param i32) (result i32)
         (if (global.get $n) (then unreachable)) (global.set $n (i32.const 1)) i32.const 64)
       (func (export "free") (param i32)) (func (export "f") (param i32 i32 i32 i32) (result i32) unreachable)`,
      { signatures: { f: '(string, string) -> u32' } },
    );
    refuses(() => exports.f('a', 'b'), 'ERR_TRAP', { wasmStack: /malloc|<wasm function 0>|0x/ });
  });

  it('recursing without end', () => {
    refuses(() => guest('(call $malloc (local.get 0))').exports.f('a'), 'ERR_TRAP', { trap: 'stack_overflow' });
  });

  it('a block that ends exactly where memory ends is fine', () => {
    assert.equal(guest('(i32.sub (i32.const 65536) (local.get 0))').exports.f('abc'), 3);
  });

  it('growing the memory while they run', () => {
    const { exports, memory } = guest('(i32.mul (memory.grow (i32.const 1)) (i32.const 65536))');
    assert.equal(exports.f('é'.repeat(2000)), 4000);
    assert.equal(exports.f('ab'), 2);
    assert.equal(Buffer.from(memory.read(2 * 65536, 2)).toString(), 'ab');
  });

  it('an argument that is larger than the whole memory', () => {
    const { exports } = guest('i32.const 8');
    refuses(() => exports.f('x'.repeat(65529)), 'ERR_ALLOCATOR');
    assert.equal(exports.f('x'.repeat(65528)), 65528);
  });
});

describe('modules without helpers', () => {
  it('no memory, no allocator, no deallocator: said at load, by name', () => {
    const load = (text, f) =>
      refuses(() => wat(text, { signatures: { f } }), 'ERR_SIGNATURE_MISMATCH', { export: 'f' });
    const memory = '(memory (export "memory") 1)';
    const malloc = '(func (export "malloc") (param i32) (result i32) i32.const 8)';
    const takes = '(func (export "f") (param i32 i32))';
    assert.match(load(takes, '(string) -> ()').message, /need a memory/);
    assert.match(load(memory + takes, '(string) -> ()').message, /need an allocator/);
    const gives = '(func (export "f") (result i32 i32) i32.const 0 i32.const 0)';
    assert.match(load(memory + malloc + gives, '() -> bytes').message, /need a deallocator/);
  });

  it('helpers of another type do not count', () => {
    const text = `(memory (export "memory") 1) (func (export "malloc") (param i64) (result i32) i32.const 8)
      (func (export "f") (param i32 i32))`;
    refuses(() => wat(text, { signatures: { f: '(string) -> ()' } }), 'ERR_SIGNATURE_MISMATCH');
    refuses(
      () =>
        wat(`(global (export "malloc") i32 i32.const 0) ${text.replace('"malloc"', '"x"')}`, {
          signatures: { f: '(string) -> ()' },
        }),
      'ERR_SIGNATURE_MISMATCH',
    );
  });
});

describe('results outside memory', () => {
  const returns = (signature, results = 'i32 i32') =>
    guest(
      'i32.const 64',
      `(func (export "g") (param ${results}) (result ${results}) ${results
        .split(' ')
        .map((_, i) => `local.get ${i}`)
        .join(' ')})`,
      { g: signature },
    );

  it('text and bytes: ERR_RESULT_BOUNDS, and the instance goes on', () => {
    for (const [type, size] of [
      ['string', 1],
      ['bytes', 1],
      ['u16[]', 2],
      ['f64[]', 8],
    ]) {
      const { exports } = returns(`(u32, u32) -> ${type}`);
      for (const [ptr, length] of [
        [65536, 1],
        [65535, 2],
        [0, 65537],
        [4294967295, 1],
        [1, 4294967295],
        [4294967295, 4294967295],
        [2147483648, 2147483648],
        [65536 - size + 1, 1],
      ]) {
        refuses(() => exports.g(ptr, length), 'ERR_RESULT_BOUNDS', {
          message: /^g: the guest returned \d+ bytes at \d+/,
        });
      }
      assert.equal(exports.g(65536 - size, 1).length, 1);
      assert.equal(exports.g(65536, 0).length, 0);
      assert.equal(exports.g(0, 65536 / size).length, 65536 / size);
    }
  });

  it('an empty result anywhere, even outside', () => {
    const { exports } = returns('(u32, u32) -> string');
    const empty = () => exports.g(4294967295, 0);
    try {
      assert.equal(empty(), '');
    } catch (error) {
      assert.equal(error.code, 'ERR_RESULT_BOUNDS');
    }
  });

  it('an optional one with a pointer of 0 is undefined, whatever the length', () => {
    const { exports } = returns('(u32, u32) -> string?');
    for (const length of [0, 1, 4294967295]) assert.equal(exports.g(0, length), undefined);
  });

  it('one of several', () => {
    const { exports } = returns('(u32, u32, u32, u32) -> (string, string)', 'i32 i32 i32 i32');
    assert.deepEqual(exports.g(0, 0, 8, 2), ['', '\0\0']);
    refuses(() => exports.g(0, 1, 65536, 1), 'ERR_RESULT_BOUNDS');
  });

  it('a deallocator that traps is reported', () => {
    const { exports } = wat(
      `(memory (export "memory") 1) (func (export "malloc") (param i32) (result i32) i32.const 8)
       (func $free (export "free") (param i32) unreachable)
       (func (export "f") (param i32) (result i32 i32) i32.const 8 local.get 0)`,
      { signatures: { f: '(u32) -> string' } },
    );
    refuses(() => exports.f(1), 'ERR_TRAP', { wasmStack: /free/ });
    assert.equal(exports.f(0), '', 'nothing is freed for an empty text');
  });
});

describe('return areas', () => {
  const area = (malloc, body) =>
    wat(
      `(memory (export "memory") 1)
       (func (export "__wbindgen_malloc") (param i32 i32) (result i32) ${malloc})
       (func (export "__wbindgen_free") (param i32 i32 i32))
       (func (export "f") (param i32) ${body})
       (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))`,
      { signatures: { f: '() -> string' } },
    );
  const store = (ptr, length) =>
    `(i32.store (local.get 0) (i32.const ${ptr})) (i32.store offset=4 (local.get 0) (i32.const ${length}))`;

  it('are aligned, and filled by the guest', () => {
    const instance = area('i32.const 1001', store(2048, 3));
    instance.memory.write(2048, Buffer.from('abc'));
    assert.equal(instance.exports.f(), 'abc');
    assert.equal(instance.exports.f(), 'abc');
  });

  it('at places that an allocator should not answer: ERR_ALLOCATOR', () => {
    for (const at of [0, 65536, 65530, -1, -64]) {
      refuses(() => area(`i32.const ${at}`, store(0, 0)).exports.f(), 'ERR_ALLOCATOR');
    }
  });

  it('with pairs outside memory: ERR_RESULT_BOUNDS', () => {
    for (const [ptr, length] of [
      [65536, 1],
      [-1, 2],
      [0, -1],
    ]) {
      refuses(() => area('i32.const 1024', store(ptr, length)).exports.f(), 'ERR_RESULT_BOUNDS');
    }
  });

  it('that the guest does not fill give what was there, inside bounds', () => {
    assert.equal(area('i32.const 1024', '').exports.f(), '');
  });

  it('a Result whose error is no value of the guest', () => {
    for (const index of [0, 5, 1000, -1]) {
      const { exports } = wat(
        `(memory (export "memory") 1)
         (func (export "__wbindgen_malloc") (param i32 i32) (result i32) i32.const 1024)
         (func (export "f") (result i32 i32 i32) i32.const 7 i32.const ${index} i32.const 1)`,
        { signatures: { f: '() -> result<i32>' } },
      );
      refuses(() => exports.f(), 'ERR_GUEST_ERROR', { value: undefined });
    }
  });

  it('a Result whose error lies past the end of the table of references', () => {
    const { exports } = wat(
      `(memory (export "memory") 1) (table (export "__wbindgen_externrefs") 4 externref)
       (func (export "__wbindgen_malloc") (param i32 i32) (result i32) i32.const 1024)
       (func (export "f") (param i32) (result i32 i32) local.get 0 i32.const 1)`,
      { signatures: { f: '(i32) -> result<()>' } },
    );
    refuses(() => exports.f(0), 'ERR_GUEST_ERROR', { value: undefined });
    for (const index of [4, -1]) refuses(() => exports.f(index), 'ERR_RESULT_INVALID');
  });
});

describe('imports', () => {
  it('all that are missing are named, with the code of the first refusal', () => {
    const source = `(import "env" "f" (func)) (import "env" "g" (func (param i32))) (import "x" "m" (memory 1))
      (import "x" "t" (table 1 funcref)) (import "y" "" (global i32)) (func (export "ok"))`;
    const names = ['env.f', 'env.g', 'x.m', 'x.t', 'y.'];
    const error = refuses(() => new Instance(bytesOf(source)), 'ERR_IMPORT_MISSING', { imports: names });
    for (const name of names) assert.ok(error.message.includes(name));
  });

  it('of WASI that WASI does not have are named as missing', () => {
    const error = refuses(
      () => wat('(import "wasi_snapshot_preview1" "no_such_function" (func))'),
      'ERR_IMPORT_MISSING',
    );
    assert.match(error.message, /no_such_function/);
  });

  it('of wasm-bindgen that are no functions', () => {
    refuses(() => wat('(import "wbg" "memory" (memory 1))'), 'ERR_IMPORT_MISSING', { imports: ['wbg.memory'] });
  });

  it('of wasm-bindgen that nobody knows fail when they are called', () => {
    const { exports } = wat(`(import "wbg" "__wbg_alert_0123456789abcdef" (func $f (param i32 i32)))
      (func (export "f") (call $f (i32.const 0) (i32.const 0))) (func (export "ok") (result i32) i32.const 7)`);
    assert.equal(exports.ok(), 7);
    refuses(() => exports.f(), 'ERR_IMPORT_CALLED', { message: /wbg\.__wbg_alert_0123456789abcdef/ });
  });

  it('that throw text from outside memory', () => {
    const text = (ptr, length) =>
      open(
        bytesOf(`(import "wbg" "__wbindgen_throw" (func $t (param i32 i32))) (memory (export "memory") 1)
          (data (i32.const 8) "thrown") (func (export "f") (call $t (i32.const ${ptr}) (i32.const ${length})))`),
      ).exports.f;
    const error = refuses(() => text(8, 6)(), 'ERR_GUEST_ERROR', { message: 'thrown (ERR_GUEST_ERROR)' });
    assert.equal(error.value.message, 'thrown');
    for (const [ptr, length] of [
      [65536, 1],
      [-1, 1],
      [0, -1],
    ]) {
      assert.throws(text(ptr, length), (e) => ['ERR_GUEST_ERROR', 'ERR_RESULT_BOUNDS'].includes(e.code));
    }
    refuses(() => text(0, 1 << 15)(), 'ERR_GUEST_ERROR');
  });
});
