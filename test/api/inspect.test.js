'use strict';

const assert = require('node:assert/strict');
const { Module, inspect } = require('../..');
const { live } = require('../../js/load');
const { compiled, fixture } = require('../fixtures');
const { bytesOf, track } = require('../helpers');

const EVERYTHING = bytesOf(`
  (import "env" "f" (func (param i32 i64) (result f32 f64)))
  (import "env" "m" (memory 1 5))
  (import "env" "t" (table 2 funcref))
  (import "env" "g" (global (mut i64)))
  (func (export "f") (param v128 externref funcref) (result externref) local.get 1)
  (memory (export "m") 2)
  (memory (export "m64") i64 1 3)
  (table (export "t") 3 7 externref)
  (global (export "c") f64 (f64.const 1))
  (global (export "v") (mut i32) (i32.const 1))`);

function everythingFrozen(value, path = 'description') {
  if (typeof value !== 'object' || value === null) return;
  assert.ok(Object.isFrozen(value), path);
  for (const [key, inner] of Object.entries(value)) everythingFrozen(inner, `${path}.${key}`);
}

describe('inspect', () => {
  it('tells every import and export with its type', () => {
    const description = inspect(EVERYTHING);
    assert.deepEqual(description.imports, [
      { module: 'env', name: 'f', kind: 'function', type: { parameters: ['i32', 'i64'], results: ['f32', 'f64'] } },
      { module: 'env', name: 'm', kind: 'memory', type: { minimum: 1, maximum: 5 } },
      { module: 'env', name: 't', kind: 'table', type: { element: 'funcref', minimum: 2 } },
      { module: 'env', name: 'g', kind: 'global', type: { value: 'i64', mutable: true } },
    ]);
    const [f, ...others] = description.exports;
    assert.deepEqual(f, {
      name: 'f',
      kind: 'function',
      type: { parameters: ['v128', 'externref', 'funcref'], results: ['externref'] },
    });
    assert.deepEqual(others, [
      { name: 'm', kind: 'memory', type: { minimum: 2 } },
      { name: 'm64', kind: 'memory', type: { minimum: 1, maximum: 3, address: 'i64' } },
      { name: 't', kind: 'table', type: { element: 'externref', minimum: 3, maximum: 7 } },
      { name: 'c', kind: 'global', type: { value: 'f64', mutable: false } },
      { name: 'v', kind: 'global', type: { value: 'i32', mutable: true } },
    ]);
    assert.deepEqual(description.needs, { wasi: false, grants: [], missing: ['env.f', 'env.m', 'env.t', 'env.g'] });
    assert.deepEqual(description.producers, {});
    assert.equal(description.kind, 'wasm');
  });

  it('keeps limits of 0 and the largest ones', () => {
    const { exports } = inspect(
      bytesOf('(memory (export "a") 0 0) (memory (export "b") 65536) (table (export "c") 0 4294967295 funcref)'),
    );
    assert.deepEqual(
      exports.map((e) => e.type),
      [{ minimum: 0, maximum: 0 }, { minimum: 65536 }, { element: 'funcref', minimum: 0, maximum: 4294967295 }],
    );
  });

  it('names of any text come through', () => {
    const names = ['', '\0', 'ü', '🦀', '"\\', '__proto__', '<&>\u2028', 'a'.repeat(10000)];
    const quoted = (n) => `"${[...Buffer.from(n)].map((b) => `\\${b.toString(16).padStart(2, '0')}`).join('')}"`;
    const text = names.map((n) => `(global (export ${quoted(n)}) i32 (i32.const 0))`).join(' ');
    const { exports } = inspect(bytesOf(text));
    assert.deepEqual(
      exports.map((e) => e.name),
      names,
    );
    const imports = names.map((n) => `(import ${quoted(n)} ${quoted(n)} (func))`).join(' ');
    assert.deepEqual(
      inspect(bytesOf(imports)).imports.map((i) => [i.module, i.name]),
      names.map((n) => [n, n]),
    );
  });

  it('wasm-bindgen: its kind, producers, plumbing marked as internal', () => {
    const description = inspect(fixture('strings'));
    assert.equal(description.kind, 'wasm-bindgen');
    assert.match(description.producers['wasm-bindgen'], /^0\.2\.127/);
    assert.match(description.producers.rustc, /^1\.96/);
    assert.deepEqual(description.needs, { wasi: false, grants: [], missing: [] });
    const internal = description.exports.filter((e) => e.internal).map((e) => e.name);
    assert.ok(internal.includes('__wbindgen_malloc') && internal.includes('__wbindgen_externrefs'));
    assert.ok(internal.every((name) => name.startsWith('__')));
    assert.deepEqual(
      description.exports.find((e) => e.name === 'echo'),
      {
        name: 'echo',
        kind: 'function',
        type: { parameters: ['i32', 'i32'], results: ['i32', 'i32'] },
        signature: '(text: string) -> string',
      },
    );
  });

  it('WASI: needed, though it need not be missing', () => {
    const grants = {
      wasi_command: ['args', 'env', 'fs', 'stdin', 'stdout'],
      wasi_lib: ['args', 'env', 'stdout', 'clock'],
    };
    for (const name of ['wasi_command', 'wasi_lib']) {
      const { needs, imports, kind } = inspect(fixture(name));
      assert.deepEqual(needs, { wasi: true, grants: grants[name], missing: [] });
      assert.equal(kind, 'wasm');
      assert.ok(imports.every((i) => i.module === 'wasi_snapshot_preview1' && i.kind === 'function'));
    }
  });

  it('wasm-bindgen imports that nobody provides are not missing: they fail when called', () => {
    assert.deepEqual(inspect(fixture('exports_js')).needs, { wasi: false, grants: [], missing: [] });
  });

  it('is the same for bytes, a Module, and what the Module shows', () => {
    const module = track(Module.load(EVERYTHING));
    assert.deepEqual(inspect(module), inspect(EVERYTHING));
    assert.equal(inspect(module), inspect(module));
    assert.equal(module.exports, inspect(module).exports);
    assert.equal(module.imports, inspect(module).imports);
  });

  it('is frozen to the bottom', () => {
    everythingFrozen(inspect(EVERYTHING));
    everythingFrozen(inspect(compiled('strings')));
    everythingFrozen(compiled('strings').exports, 'exports');
  });

  it('compiles and keeps nothing', () => {
    const before = live();
    inspect(fixture('hello'));
    assert.deepEqual(live(), before);
  });

  it('gives every export of every fixture a type that Node.js agrees with', () => {
    const fs = require('node:fs');
    for (const name of [
      'hello',
      'strings',
      'bytes',
      'numbers',
      'results',
      'panics_hook',
      'exports_js',
      'wasi_lib',
      'ssvm',
    ]) {
      const theirs = new WebAssembly.Module(fs.readFileSync(fixture(name)));
      const ours = inspect(fixture(name));
      const kinds = ({ name: exported, kind }) => [exported, kind];
      assert.deepEqual(ours.exports.map(kinds), WebAssembly.Module.exports(theirs).map(kinds));
      assert.deepEqual(
        ours.imports.map((i) => [i.module, i.name, i.kind]),
        WebAssembly.Module.imports(theirs).map((i) => [i.module, i.name, i.kind]),
      );
    }
  });
});
