'use strict';

const assert = require('node:assert/strict');
const { Instance, Module } = require('../..');
const { bytesOf, refuses, track, wat } = require('../helpers');

describe('proposals that the engine does not run', () => {
  it('custom page sizes: ERR_MODULE_UNSUPPORTED', () => {
    refuses(() => Module.load(bytesOf('(memory 1 (pagesize 1))')), 'ERR_MODULE_UNSUPPORTED');
  });

  it('shared memory: ERR_MODULE_UNSUPPORTED, at the latest when an instance is made', () => {
    refuses(() => wat('(memory (export "memory") 1 2 shared)'), 'ERR_MODULE_UNSUPPORTED');
  });
});

describe('proposals that it runs', () => {
  for (const [name, text] of Object.entries({
    'tail calls':
      '(func $f (param i32) (result i32) (return_call $g (local.get 0))) (func $g (param i32) (result i32) local.get 0) (export "f" (func $f))',
    'several memories':
      '(memory $a 1) (memory $b 1) (func (export "f") (param i32) (result i32) (i32.store $b (i32.const 0) (local.get 0)) (i32.load $b (i32.const 0)))',
    '64-bit memory':
      '(memory i64 1) (func (export "f") (param i32) (result i32) (i32.store (i64.const 0) (local.get 0)) (i32.load (i64.const 0)))',
    'sign extension': '(func (export "f") (param i32) (result i32) (i32.extend8_s (local.get 0)))',
    'saturating conversion':
      '(func (export "f") (param i32) (result i32) (i32.trunc_sat_f64_s (f64.convert_i32_s (local.get 0))))',
    'bulk memory':
      '(memory 1) (func (export "f") (param i32) (result i32) (memory.fill (i32.const 0) (local.get 0) (i32.const 4)) (i32.load8_u (i32.const 3)))',
    'function references':
      '(type $t (func (param i32) (result i32))) (func $g (type $t) (local.get 0)) (elem declare func $g) (func (export "f") (type $t) (call_ref $t (local.get 0) (ref.func $g)))',
    exceptions:
      '(tag $e (param i32)) (func (export "f") (param i32) (result i32) (block (result i32) (try_table (catch $e 0) (throw $e (local.get 0))) (unreachable)))',
    'garbage collection':
      '(type $s (struct (field i32))) (func (export "f") (param i32) (result i32) (struct.get $s 0 (struct.new $s (local.get 0))))',
  })) {
    it(name, () => {
      assert.equal(wat(text).exports.f(42), 42);
      assert.equal(wat(text, { metering: true, trapOnGrowFailure: true }).exports.f(42), 42);
    });
  }
});

describe('more than the host has', () => {
  for (const [name, text] of Object.entries({
    'a 64-bit memory of 2^48 pages': '(memory i64 0x1000000000000)',
    'a 64-bit memory of 2^47 bytes': '(memory i64 0x80000000)',
    'a table of 2^32-1 functions': '(table 4294967295 funcref)',
  })) {
    it(`${name}: ERR_OUT_OF_MEMORY`, () => {
      const module = track(Module.load(bytesOf(text)));
      for (let i = 0; i < 3; i++) refuses(() => track(new Instance(module)), 'ERR_OUT_OF_MEMORY');
    });
  }

  it('memory beyond 4 GiB can be looked at', () => {
    const { memory } = wat('(memory (export "memory") i64 100000)');
    assert.equal(memory.byteLength, 100000 * 65536);
    memory.write(5e9, Uint8Array.of(7));
    assert.deepEqual(memory.read(5e9, 2), Uint8Array.of(7, 0));
    refuses(() => memory.read(100000 * 65536, 1), 'ERR_MEMORY_BOUNDS');
  });
});
