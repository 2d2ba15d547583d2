'use strict';

const assert = require('node:assert/strict');
const { binary, namespace, rejects, throws } = require('./webassembly-helpers');

const EMPTY = binary('');
const KINDS = `
  (import "env" "f" (func (param i32 externref) (result f64)))
  (import "env" "m" (memory 1 2))
  (import "" "t" (table 3 funcref))
  (import "x" "g" (global (mut i64)))
  (import "x" "e" (tag (param i32)))
  (export "again" (func 0))
  (memory (export "memory 2") i64 1)
  (func (export "") (result i32 i32) i32.const 1 i32.const 2)
  (global (export "__proto__") f32 (f32.const 1))`;

/** Bytes that are no module, and what each is. */
const BAD = [
  new Uint8Array(),
  EMPTY.subarray(0, 7),
  new Uint8Array([0, 0x61, 0x73, 0x6d, 2, 0, 0, 0]),
  Buffer.from('(module)'),
  Uint8Array.of(...binary('(func (result i32) unreachable)'), 0),
];

describe('WebAssembly.Module', () => {
  let W;
  beforeEach(() => (W = namespace()));

  it('takes an ArrayBuffer, shared or not, and any view of one', () => {
    const shared = new SharedArrayBuffer(EMPTY.length);
    new Uint8Array(shared).set(EMPTY);
    const offset = new Uint8Array([9, 9, 9, 9, ...EMPTY, 9]);
    const sources = [
      EMPTY,
      EMPTY.buffer,
      Buffer.from(EMPTY),
      shared,
      new Uint8Array(shared),
      offset.subarray(4, -1),
      new DataView(offset.buffer, 4, 8),
      new Uint16Array(offset.buffer, 4, 4),
    ];
    for (const source of sources) {
      assert.ok(new W.Module(source) instanceof W.Module);
      assert.equal(W.validate(source), true);
    }
  });

  it('takes nothing else', async () => {
    for (const source of [undefined, null, 1, '', 'module', {}, [], Symbol(), W.Module, { buffer: EMPTY.buffer }]) {
      throws(() => new W.Module(source), TypeError);
      throws(() => W.validate(source), TypeError);
      await rejects(W.compile(source), TypeError);
      await rejects(W.instantiate(source), TypeError);
    }
    throws(() => W.Module(EMPTY), TypeError);
    throws(() => new W.Module(), TypeError);
  });

  it('bytes that are no module are a CompileError', async () => {
    for (const bytes of BAD) {
      const error = throws(() => new W.Module(bytes), W.CompileError, /^WebAssembly\.Module\(\): /);
      assert.match(error.code, /^ERR_/);
      assert.equal(W.validate(bytes), false);
      await rejects(W.compile(bytes), W.CompileError, /^WebAssembly\.compile\(\): /);
      await rejects(W.instantiate(bytes), W.CompileError, /^WebAssembly\.instantiate\(\): /);
    }
  });

  it('a detached buffer has no bytes', () => {
    const { buffer } = EMPTY.slice();
    const view = new Uint8Array(buffer);
    structuredClone(buffer, { transfer: [buffer] });
    for (const source of [buffer, view]) throws(() => new W.Module(source), W.CompileError);
  });

  it('text is no module', () => {
    const error = throws(() => new W.Module(Buffer.from('(module)')), W.CompileError);
    assert.doesNotMatch(error.message, /ERR_/);
  });

  it('compile takes the bytes as they are when it is called', async () => {
    const bytes = EMPTY.slice();
    const promise = W.compile(bytes);
    bytes.fill(0);
    assert.ok((await promise) instanceof W.Module);
  });

  it('exports and imports tell names, kinds and types, in order', () => {
    const module = new W.Module(binary(KINDS));
    const f = { parameters: ['i32', 'externref'], results: ['f64'] };
    assert.deepEqual(W.Module.imports(module), [
      { module: 'env', name: 'f', kind: 'function', type: f },
      { module: 'env', name: 'm', kind: 'memory', type: { minimum: 1, maximum: 2, shared: false } },
      { module: '', name: 't', kind: 'table', type: { minimum: 3, element: 'funcref' } },
      { module: 'x', name: 'g', kind: 'global', type: { mutable: true, value: 'i64' } },
      { module: 'x', name: 'e', kind: 'tag', type: { parameters: ['i32'] } },
    ]);
    assert.deepEqual(W.Module.exports(module), [
      { name: 'again', kind: 'function', type: f },
      { name: 'memory 2', kind: 'memory', type: { minimum: 1n, shared: false, address: 'i64' } },
      { name: '', kind: 'function', type: { parameters: [], results: ['i32', 'i32'] } },
      { name: '__proto__', kind: 'global', type: { mutable: false, value: 'f32' } },
    ]);
    assert.notEqual(W.Module.exports(module), W.Module.exports(module));
    W.Module.exports(module)[0].kind = 'changed';
    W.Module.exports(module)[0].type.parameters.push('changed');
    assert.equal(W.Module.exports(module)[0].kind, 'function');
    assert.deepEqual(W.Module.exports(module)[0].type, f);
  });

  it('exports, imports and customSections ask for a module', () => {
    for (const value of [undefined, null, {}, EMPTY, W.Module, W.Module.prototype, Object.create(W.Module.prototype)]) {
      for (const name of ['exports', 'imports', 'customSections']) throws(() => W.Module[name](value, ''), TypeError);
    }
    throws(() => W.Module.customSections(new W.Module(EMPTY)), TypeError);
  });

  it('customSections gives copies of the content of each section of a name', () => {
    const section = (name, ...content) => {
      const bytes = Buffer.from(name);
      return [0, bytes.length + 1 + content.length, bytes.length, ...bytes, ...content];
    };
    const sections = [section('a', 1, 2), section('b'), section('a'), section('\u{1f600}\ufffd', 5)].flat();
    const module = new W.Module(Uint8Array.of(...EMPTY, ...sections));
    const read = (name) => W.Module.customSections(module, name).map((buffer) => [...new Uint8Array(buffer)]);
    assert.deepEqual(read('a'), [[1, 2], []]);
    assert.deepEqual(read('b'), [[]]);
    assert.deepEqual(read('c'), []);
    assert.deepEqual(read('\u{1f600}\ufffd'), [[5]]);
    assert.deepEqual(read('\u{1f600}\ud800'), [], 'a lone surrogate is not U+FFFD');
    assert.deepEqual(read(undefined), []);
    assert.equal(Object.getPrototypeOf(W.Module.customSections(module, 'a')[0]), ArrayBuffer.prototype);
    throws(() => W.Module.customSections(module, Symbol()), TypeError);
  });

  it('all of WebAssembly 3.0 is on', () => {
    const features = {
      'bulk memory': '(memory 1) (func (memory.fill (i32.const 0) (i32.const 1) (i32.const 2)))',
      'multiple values': '(func (result i32 i64) i32.const 1 i64.const 2)',
      references: '(table 1 externref) (func (param externref) (table.set (i32.const 0) (local.get 0)))',
      vectors: '(func (result v128) (i8x16.splat (i32.const 1)))',
      'relaxed vectors': '(func (param v128 v128) (result v128) (i8x16.relaxed_swizzle (local.get 0) (local.get 1)))',
      'tail calls': '(func (return_call 0))',
      'several memories': '(memory 1) (memory 1) (func (memory.grow 1 (i32.const 1)) drop)',
      'memories of 64 bits': '(memory i64 1) (func (result i32) (i32.load (i64.const 0)))',
      'tables of 64 bits': '(table i64 1 funcref)',
      'garbage collection': '(type (struct (field (mut i32)))) (func (result (ref 0)) (struct.new_default 0))',
      'typed functions': '(type $t (func)) (func (param (ref $t)) (call_ref $t (local.get 0)))',
      exceptions: '(tag (param i32)) (func (throw 0 (i32.const 1)))',
      'constant expressions': '(global i32 (i32.add (i32.const 1) (i32.const 2)))',
      threads: '(memory 1 1 shared) (func (result i32) (i32.atomic.load (i32.const 0)))',
    };
    for (const [name, text] of Object.entries(features)) {
      assert.equal(W.validate(binary(text)), true, name);
      assert.ok(new W.Module(binary(text)), name);
    }
  });

  it('has the limits of the JavaScript API where they can be tried', () => {
    const memories = (count) => binary('(memory 0)'.repeat(count));
    assert.equal(W.validate(memories(100)), true);
    assert.equal(W.validate(memories(101)), false);
    throws(() => new W.Module(memories(101)), W.CompileError);
    const parameters = (count) => binary(`(func (param ${'i32 '.repeat(count)}))`);
    assert.equal(W.validate(parameters(1000)), true);
    throws(() => new W.Module(parameters(1001)), W.CompileError);
  });

  it('one module serves any number of namespaces', () => {
    const module = new W.Module(binary('(func (export "f") (result i32) i32.const 5)'));
    const other = namespace();
    assert.equal(other.Module, W.Module);
    for (const { Instance } of [W, other]) assert.equal(new Instance(module).exports.f(), 5);
  });

  it('a class of its own can stand on it', () => {
    class Mine extends W.Module {}
    const mine = new Mine(EMPTY);
    assert.ok(mine instanceof Mine && mine instanceof W.Module);
    assert.deepEqual(W.Module.exports(mine), []);
    assert.equal(Object.prototype.toString.call(mine), '[object WebAssembly.Module]');
  });
});
