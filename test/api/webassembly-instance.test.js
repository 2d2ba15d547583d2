'use strict';

const assert = require('node:assert/strict');
const { binary, converted, exportsOf, namespace, rejects, thrown, throws } = require('./webassembly-helpers');

const ADD = '(func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))';

describe('WebAssembly.Instance', () => {
  let W;
  beforeEach(() => (W = namespace()));
  const module = (text) => new W.Module(binary(text));

  it('has a frozen object of exports without a prototype, always the same', () => {
    const instance = new W.Instance(module(`${ADD} (memory (export "memory") 1)`));
    const { exports } = instance;
    assert.equal(instance.exports, exports);
    assert.equal(Object.getPrototypeOf(exports), null);
    assert.ok(Object.isFrozen(exports));
    assert.deepEqual(Object.getOwnPropertyNames(exports), ['add', 'memory']);
    assert.deepEqual(Object.getOwnPropertyDescriptor(exports, 'add'), {
      value: exports.add,
      writable: false,
      enumerable: true,
      configurable: false,
    });
    assert.throws(() => {
      instance.exports = {};
    }, TypeError);
  });

  it('exports may have any name', () => {
    const names = ['', 'a b', '0', '__proto__', 'constructor', '\u{1f600}', '\u0000'];
    const texts = names.map(
      (name) => `(func (export "${name.replace('\0', '\\00')}") (result i32) i32.const ${name.length})`,
    );
    const exports = exportsOf(W, texts.join(''));
    for (const name of names) assert.equal(exports[name](), name.length);
    assert.equal(Object.keys(exports).length, names.length);
  });

  it('asks for a module, and for an object of imports', async () => {
    const empty = module('');
    for (const value of [undefined, null, {}, binary(''), W.Module]) throws(() => new W.Instance(value), TypeError);
    for (const value of [null, 1, '', true, Symbol()]) {
      throws(() => new W.Instance(empty, value), TypeError);
      await rejects(W.instantiate(empty, value), TypeError);
      await rejects(W.instantiate(binary(''), value), TypeError);
    }
    throws(() => W.Instance(empty), TypeError);
    for (const value of [undefined, {}, () => {}, []]) assert.ok(new W.Instance(empty, value));
    throws(() => new W.Instance(module('(import "a" "b" (func))')), TypeError, /imports/);
  });

  it('reads each import once, in order, before anything else happens', () => {
    const order = [];
    const reader = (path) =>
      new Proxy(Object.create(null), {
        get(_, key) {
          order.push(path === '' ? key : `${path}.${key}`);
          if (path === '') return reader(key);
          return key === 'f' ? () => {} : key === 'g' ? 1 : new W.Memory({ initial: 1 });
        },
        has: () => assert.fail('nobody asks whether it is there'),
      });
    const text =
      '(import "a" "f" (func)) (import "b" "m" (memory 1)) (import "a" "g" (global i32)) (import "a" "f" (func))';
    new W.Instance(module(text), reader(''));
    assert.deepEqual(order, ['a', 'a.f', 'b', 'b.m', 'a', 'a.g', 'a', 'a.f']);
  });

  it('what a getter throws comes out', () => {
    const error = new Error('mine');
    const imports = {
      get a() {
        throw error;
      },
    };
    assert.equal(
      thrown(() => new W.Instance(module('(import "a" "b" (func))'), imports)),
      error,
    );
  });

  it('an import that is not in an object is a TypeError', () => {
    for (const a of [undefined, null, 1, 'text', Symbol()]) {
      throws(() => new W.Instance(module('(import "a" "b" (func))'), { a }), TypeError, /import "a" "b"/);
    }
  });

  it('an import of another kind is a LinkError that names it', () => {
    const objects = {
      func: () => {},
      memory: new W.Memory({ initial: 1 }),
      table: new W.Table({ element: 'anyfunc', initial: 1 }),
      global: new W.Global({ value: 'f32' }),
      tag: new W.Tag({ parameters: [] }),
    };
    const others = [undefined, null, {}, 'text', Symbol()];
    const types = { func: '', memory: '1', table: '1 funcref', global: 'f32', tag: '' };
    for (const [kind, type] of Object.entries(types)) {
      const importer = module(`(import "a" "b" (${kind} ${type}))`);
      assert.ok(new W.Instance(importer, { a: { b: objects[kind] } }), kind);
      const wrong = Object.entries(objects).filter(([name]) => name !== kind);
      for (const b of [...others, ...wrong.map(([, value]) => value)]) {
        throws(() => new W.Instance(importer, { a: { b } }), W.LinkError, /import "a" "b"/);
      }
    }
  });

  it('numbers stand for immutable globals of their type', () => {
    const give = (type, b) =>
      exportsOf(W, `(import "a" "b" (global ${type})) (func (export "f") (result ${type}) global.get 0)`, {
        a: { b },
      }).f();
    assert.equal(give('i32', -1.9), -1);
    assert.equal(give('i32', 2 ** 32 + 5), 5);
    assert.equal(give('i64', 2n ** 64n - 1n), -1n);
    assert.equal(give('f32', 0.1), Math.fround(0.1));
    assert.equal(give('f64', 0.1), 0.1);
    for (const type of ['i32', 'f32', 'f64']) throws(() => give(type, 1n), W.LinkError);
    for (const type of ['i32', 'f32', 'f64', 'i64']) throws(() => give(type, '1'), W.LinkError);
    throws(() => give('i64', 1), W.LinkError);
    throws(() => exportsOf(W, '(import "a" "b" (global v128))', { a: { b: 1 } }), W.LinkError);
    throws(() => exportsOf(W, '(import "a" "b" (global (mut i32)))', { a: { b: 1 } }), W.LinkError);
  });

  it('references stand for immutable globals of their type too', () => {
    const give = (type, top, b) =>
      exportsOf(W, `(import "a" "b" (global ${type})) (func (export "f") (result ${top}) global.get 0)`, {
        a: { b },
      }).f();
    const object = {};
    const { add } = exportsOf(W, ADD);
    assert.equal(give('externref', 'externref', object), object);
    assert.equal(give('externref', 'externref', undefined), undefined);
    assert.equal(give('(ref extern)', 'externref', 'text'), 'text');
    assert.equal(give('funcref', 'funcref', add), add);
    assert.equal(give('(ref func)', 'funcref', add), add);
    assert.equal(give('anyref', 'anyref', object), object);
    assert.equal(give('i31ref', 'anyref', -5), -5);
    for (const type of ['externref', 'funcref', 'anyref', 'i31ref', 'structref', 'nullref']) {
      assert.equal(give(type, type, null), null);
    }
    throws(() => give('(ref extern)', 'externref', null), W.LinkError);
    throws(() => give('(ref func)', 'funcref', null), W.LinkError);
    throws(() => give('funcref', 'funcref', () => {}), W.LinkError);
    throws(() => give('i31ref', 'anyref', 2 ** 30), W.LinkError);
    throws(() => give('structref', 'anyref', object), W.LinkError);
  });

  it('types that do not fit are a LinkError', () => {
    const memory = new W.Memory({ initial: 1, maximum: 5 });
    const table = new W.Table({ element: 'externref', initial: 1 });
    const { add } = exportsOf(W, ADD);
    const global = new W.Global({ value: 'i32', mutable: true });
    const cases = [
      ['(memory 2)', memory],
      ['(memory 1 4)', memory],
      ['(memory i64 1)', memory],
      ['(memory 1 5 shared)', memory],
      ['(table 1 funcref)', table],
      ['(table 2 externref)', table],
      ['(func (param i32))', add],
      ['(global i32)', global],
      ['(global (mut i64))', global],
      ['(tag (param i32))', new W.Tag({ parameters: ['i64'] })],
    ];
    for (const [type, b] of cases) {
      const error = throws(() => new W.Instance(module(`(import "a" "b" ${type})`), { a: { b } }), W.LinkError);
      assert.equal(error.code, 'ERR_LINK');
      assert.doesNotMatch(error.message, /\n/);
    }
    assert.ok(new W.Instance(module('(import "a" "b" (memory 1 6))'), { a: { b: memory } }));
  });

  it('what belongs to another namespace does not fit', () => {
    const other = namespace();
    const memory = new other.Memory({ initial: 1 });
    throws(
      () => new W.Instance(module('(import "a" "b" (memory 1))'), { a: { b: memory } }),
      W.LinkError,
      /this namespace/,
    );
    const { add } = exportsOf(other, ADD);
    const text = `(import "a" "b" (func (param i32 i32) (result i32)))
      (func (export "f") (result i32) (call 0 (i32.const 2) (i32.const 3)))`;
    assert.equal(exportsOf(W, text, { a: { b: add } }).f(), 5, 'but a function is a function');
  });

  it('instances share what one exports and the other imports', () => {
    const first = exportsOf(
      W,
      `(memory (export "m") 1) (global (export "g") (mut i32) (i32.const 1)) (table (export "t") 2 funcref) ${ADD}`,
    );
    const second = exportsOf(
      W,
      `(import "" "m" (memory 1)) (import "" "g" (global $g (mut i32))) (import "" "t" (table $t 2 funcref))
       (import "" "add" (func $add (param i32 i32) (result i32))) (elem declare func $add)
       (func (export "run") (result i32)
         (i32.store (i32.const 8) (i32.const 77))
         (global.set $g (i32.const 5))
         (table.set $t (i32.const 1) (ref.func $add))
         (call $add (i32.const 20) (i32.const 22)))
       (export "m2" (memory 0)) (export "add2" (func $add)) (export "g2" (global $g)) (export "t2" (table $t))`,
      { '': first },
    );
    assert.equal(second.run(), 42);
    assert.equal(new Int32Array(first.m.buffer)[2], 77);
    assert.equal(first.g.value, 5);
    assert.equal(first.t.get(1), first.add);
    assert.deepEqual([second.m2, second.add2, second.g2, second.t2], [first.m, first.add, first.g, first.t]);
  });

  it('a start function runs once, with the imports at hand', () => {
    const calls = [];
    const text = '(import "a" "f" (func (param i32))) (func (call 0 (i32.const 3))) (start 1)';
    new W.Instance(module(text), { a: { f: (...args) => calls.push(args) } });
    assert.deepEqual(calls, [[3]]);
  });

  it('what goes wrong while an instance is made', async () => {
    const error = new Error('mine');
    const imports = { a: { f: () => assert.fail(error) } };
    const cases = [
      ['(func unreachable) (start 0)', W.RuntimeError],
      ['(memory 1) (data (i32.const 65536) "a")', W.RuntimeError],
      ['(table 1 funcref) (func $f) (elem (i32.const 1) $f)', W.RuntimeError],
      ['(func call 0) (start 0)', RangeError],
    ];
    for (const [text, class_] of cases) {
      throws(() => new W.Instance(module(text)), class_);
      await rejects(W.instantiate(module(text)), class_);
      await rejects(W.instantiate(binary(text)), class_);
    }
    const start = module('(import "a" "f" (func)) (start 0)');
    imports.a.f = () => {
      throw error;
    };
    assert.equal(
      thrown(() => new W.Instance(start, imports)),
      error,
    );
    assert.equal(await W.instantiate(start, imports).catch((reason) => reason), error);
    imports.a.f = () => {
      throw undefined;
    };
    assert.equal(
      thrown(() => new W.Instance(start, imports)),
      undefined,
    );
  });

  it('what a failed instance wrote before stays', () => {
    const table = new W.Table({ element: 'anyfunc', initial: 2 });
    const memory = new W.Memory({ initial: 1 });
    const text = `(import "a" "t" (table 2 funcref)) (import "a" "m" (memory 1))
      (func $five (result i32) i32.const 5) (elem (i32.const 0) $five)
      (data (i32.const 0) "x") (data (i32.const 65536) "y")`;
    throws(() => new W.Instance(module(text), { a: { t: table, m: memory } }), W.RuntimeError);
    assert.equal(new Uint8Array(memory.buffer)[0], 120);
    const caller = `(import "a" "t" (table 2 funcref)) (type $t (func (result i32)))
      (func (export "call") (result i32) (call_indirect (type $t) (i32.const 0)))`;
    assert.equal(exportsOf(W, caller, { a: { t: table } }).call(), 5, 'its functions too');
    throws(() => table.get(0), TypeError, /could not be made/);
  });
});

describe('WebAssembly.instantiate', () => {
  let W;
  beforeEach(() => (W = namespace()));

  it('gives an instance of a module, both of bytes', async () => {
    const module = new W.Module(binary(ADD));
    const instance = await W.instantiate(module);
    assert.ok(instance instanceof W.Instance);
    assert.equal(instance.exports.add(1, 2), 3);
    const both = await W.instantiate(binary(ADD));
    assert.deepEqual(Object.keys(both), ['module', 'instance']);
    assert.ok(both.module instanceof W.Module && both.instance instanceof W.Instance);
    assert.equal(both.instance.exports.add(1, 2), 3);
  });

  it('reads the imports at once of a module, later of bytes, and runs later', async () => {
    const text = '(import "a" "f" (func)) (start 0)';
    const order = [];
    const imports = () => ({
      get a() {
        order.push('read');
        return { f: () => order.push('run') };
      },
    });
    const first = W.instantiate(new W.Module(binary(text)), imports());
    order.push('called');
    await first;
    assert.deepEqual(order.splice(0), ['read', 'called', 'run']);
    const second = W.instantiate(binary(text), imports());
    order.push('called');
    await second;
    assert.deepEqual(order, ['called', 'read', 'run']);
  });

  it('never throws, but rejects', async () => {
    const order = [];
    await rejects(W.instantiate(), TypeError);
    await rejects(W.compile(), TypeError);
    await rejects(W.instantiate(binary('(import "a" "b" (func))')), TypeError);
    await rejects(W.instantiate(binary('(import "a" "b" (func))'), { a: {} }), W.LinkError);
    await rejects(W.compile(converted(order, 'bytes', 1)), TypeError);
    assert.deepEqual(order, []);
  });
});

describe('WebAssembly streaming', () => {
  let W;
  beforeEach(() => (W = namespace()));
  const response = (body, headers = { 'Content-Type': 'application/wasm' }, status = 200) =>
    new Response(body, { headers, status });

  it('compiles and instantiates a response, or the promise of one', async () => {
    assert.ok((await W.compileStreaming(response(binary(ADD)))) instanceof W.Module);
    const { instance } = await W.instantiateStreaming(Promise.resolve(response(binary(ADD))), {});
    assert.equal(instance.exports.add(1, 2), 3);
    const upper = { 'Content-Type': ' Application/WASM ' };
    assert.ok((await W.compileStreaming(response(binary(ADD), upper))) instanceof W.Module);
  });

  it('refuses what is no response, has no success, another type or no body left', async () => {
    const used = response(binary(ADD));
    await used.arrayBuffer();
    const wrong = [
      binary(ADD),
      undefined,
      {},
      response(binary(ADD), {}),
      response(binary(ADD), { 'Content-Type': 'text/plain' }),
      response(binary(ADD), { 'Content-Type': 'application/wasm;' }),
      response(binary(ADD), { 'Content-Type': 'application/wasm; charset=utf-8' }),
      response(binary(ADD), undefined, 404),
      used,
    ];
    for (const source of wrong) {
      await rejects(W.compileStreaming(source), TypeError);
      await rejects(W.instantiateStreaming(source), TypeError);
    }
    const error = new Error('mine');
    assert.equal(await W.compileStreaming(Promise.reject(error)).catch((reason) => reason), error);
    await rejects(W.compileStreaming(response(new Uint8Array([1]))), W.CompileError);
    await rejects(W.instantiateStreaming(response(binary(ADD)), null), TypeError);
  });
});
