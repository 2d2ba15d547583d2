'use strict';

// Small modules that ask for large things, each of which once cost a process or
// minutes of it.

const assert = require('node:assert/strict');
const { Module } = require('../..');
const { refuses, wat } = require('../helpers');

describe('hostile guests', () => {
  const area = (at) => `(memory (export "memory") 1)
    (func (export "__wbindgen_malloc") (param i32 i32) (result i32) (i32.const ${at}))`;

  for (const at of [65536 - 575, 65536 - 576, 1024]) {
    it(`a return area at ${at}, filled to its last byte`, () => {
      const { exports } = wat(
        `${area(at)} (func (export "f") (param i32) (f64.store (local.get 0) (f64.const 1.5))
           (i32.store offset=40 (local.get 0) (i32.const 6)) (i32.store offset=44 (local.get 0) (i32.const 7)))`,
        { signatures: { f: '() -> (f64, f64, f64, f64, f64, i32, i32)' } },
      );
      assert.deepEqual(exports.f(), [1.5, 0, 0, 0, 0, 6, 7]);
    });
  }

  it('a vector in a return area is whole', () => {
    const { exports } = wat(
      `${area(1024)} (func (export "f") (param i32) (v128.store (local.get 0) (v128.const i64x2 1 2)))`,
      { signatures: { f: '() -> (v128, i32)' } },
    );
    assert.deepEqual(exports.f(), [Uint8Array.from([1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]), 0]);
  });

  it('a thrown text of 32 MiB arrives cut', () => {
    const { raw } = wat(
      `(import "wbg" "__wbindgen_throw" (func $throw (param i32 i32))) (memory (export "memory") 512)
       (func (export "f") (memory.fill (i32.const 0) (i32.const 120) (i32.const 33554432))
         (call $throw (i32.const 0) (i32.const 33554432)))`,
    );
    const { value } = refuses(() => raw.f(), 'ERR_GUEST_ERROR');
    assert.equal(value.message.length, 1 << 20);
  });

  it('a function name that stands for gigabytes', () => {
    const part = (n) => (n === 0 ? 'S_' : `S${(n - 1).toString(36).toUpperCase()}_`);
    let name = `_Z1f1AI${'i'.repeat(64)}E`;
    for (let level = 1; level < 5; level++) name += `S_I${part(level).repeat(64)}E`;
    const { raw } = wat(`(func (@name "${name}") (export "f") unreachable)`);
    const { wasmStack } = refuses(() => raw.f(), 'ERR_TRAP', { trap: 'unreachable' });
    assert.ok(wasmStack.length < 400 && wasmStack.includes(name.slice(0, 200)), wasmStack);
  });

  it('texts outside its memory, without end', () => {
    const { raw } = wat(
      `(import "wbg" "__wbindgen_string_new" (func $new (param i32 i32) (result i32))) (memory (export "memory") 16)
       (func (export "f") (loop (drop (call $new (i32.const 0) (i32.const 1048576))) (br 0)))`,
    );
    refuses(() => raw.f(), 'ERR_OUT_OF_MEMORY');
  });

  it('a table of 2^29 and of 2^32 elements', () => {
    const { raw } = wat(
      `(table 0 externref) (func (export "grow") (param i32) (result i32)
         (table.grow 0 (ref.null extern) (local.get 0)))`,
    );
    assert.equal(raw.grow(1000), 0);
    assert.equal(raw.grow(1 << 29), -1);
    assert.equal(raw.grow(-1), -1);
  });

  it('exports whose types add up to more than the engine takes', () => {
    const leb = (n) => (n < 128 ? [n] : [(n & 127) | 128, ...leb(n >>> 7)]);
    const section = (id, ...body) => [id, ...leb(body.length), ...body];
    const entries = [];
    for (let i = 0; i < 20000; i++) {
      const name = Buffer.from(i.toString(36));
      entries.push(name.length, ...name, 0, 0);
    }
    const bytes = Uint8Array.from([
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(1, 1, 0x60, ...leb(1000), ...Array(1000).fill(0x7f), 0),
      ...section(3, 1, 0),
      ...section(7, ...leb(20000), ...entries),
      ...section(10, 1, 3, 0, 1, 0x0b),
    ]);
    refuses(() => Module.load(bytes), 'ERR_MODULE_INVALID');
  });
});
