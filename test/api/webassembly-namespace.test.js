'use strict';

const assert = require('node:assert/strict');
const wasmgate = require('../..');
const { live } = require('../../js/load');
const { childPrints, root, refuses, settle } = require('../helpers');
const { binary, exportsOf, namespace, rejects, throws } = require('./webassembly-helpers');

const { WebAssembly: W, createWebAssembly } = wasmgate;

describe('the WebAssembly namespace', () => {
  // The one of this thread stays open.
  before(() => new W.Global({ value: 'i32' }));

  it('is the same each time, and in modules', async () => {
    assert.equal(wasmgate.WebAssembly, W);
    const module = await import('../../js/index.mjs');
    assert.equal(module.WebAssembly, W);
    assert.equal(module.createWebAssembly, createWebAssembly);
  });

  it('has the members of the specification, with their attributes', () => {
    assert.equal(Object.prototype.toString.call(W), '[object WebAssembly]');
    assert.equal(Object.getPrototypeOf(W), Object.prototype);
    const interfaces = ['Module', 'Instance', 'Memory', 'Table', 'Global', 'Tag', 'Exception', 'Function'];
    const errors = ['CompileError', 'LinkError', 'RuntimeError'];
    for (const name of [...interfaces, ...errors]) {
      const { value, writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(W, name);
      assert.deepEqual([writable, enumerable, configurable], [true, false, true], name);
      assert.equal(value.name, name);
      const prototype = Object.getOwnPropertyDescriptor(value, 'prototype');
      assert.deepEqual([prototype.writable, prototype.enumerable, prototype.configurable], [false, false, false], name);
      const constructor = Object.getOwnPropertyDescriptor(value.prototype, 'constructor');
      assert.deepEqual([constructor.value, constructor.enumerable], [value, false], name);
    }
    for (const name of interfaces) {
      const tag = Object.getOwnPropertyDescriptor(W[name].prototype, Symbol.toStringTag);
      assert.deepEqual(tag, { value: `WebAssembly.${name}`, writable: false, enumerable: false, configurable: true });
    }
    const lengths = { compile: 1, validate: 1, instantiate: 1, compileStreaming: 1, instantiateStreaming: 1 };
    for (const [name, length] of Object.entries(lengths)) {
      const { value, writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(W, name);
      assert.deepEqual(
        [writable, enumerable, configurable, value.name, value.length],
        [true, true, true, name, length],
      );
      throws(() => new value(), TypeError);
    }
  });

  it('has the methods and attributes of the specification', () => {
    const members = {
      Module: [
        ['exports', 1],
        ['imports', 1],
        ['customSections', 2],
      ],
      Instance: [['exports']],
      Memory: [['grow', 1], ['buffer'], ['toFixedLengthBuffer', 0], ['type', 0]],
      Table: [['grow', 1], ['get', 1], ['set', 1], ['length'], ['type', 0]],
      Global: [['valueOf', 0], ['value'], ['type', 0]],
      Tag: [['type', 0]],
      Exception: [['getArg', 2], ['is', 1], ['stack']],
      Function: [['type', 0]],
    };
    for (const [name, list] of Object.entries(members)) {
      const target = name === 'Module' ? W[name] : W[name].prototype;
      for (const [member, length] of list) {
        const descriptor = Object.getOwnPropertyDescriptor(target, member);
        assert.ok(descriptor.enumerable && descriptor.configurable, `${name}.${member}`);
        if (length === undefined) assert.equal(descriptor.get.name, `get ${member}`);
        else assert.deepEqual([descriptor.value.name, descriptor.value.length], [member, length]);
      }
      assert.deepEqual(Object.keys(target).sort(), list.map(([member]) => member).sort());
    }
  });

  it('its errors are like those of the language', () => {
    for (const name of ['CompileError', 'LinkError', 'RuntimeError']) {
      const class_ = W[name];
      assert.equal(Object.getPrototypeOf(class_), Error);
      assert.equal(class_.length, 1);
      const cause = {};
      for (const error of [new class_('text', { cause }), class_('text', { cause })]) {
        assert.ok(error instanceof class_ && error instanceof Error);
        assert.ok(require('node:util').types.isNativeError(error));
        assert.equal(String(error), `${name}: text`);
        assert.equal(error.cause, cause);
        assert.deepEqual(Object.keys(error), []);
        assert.match(error.stack, /^\w+: text\n.*webassembly-namespace\.test/);
      }
      assert.equal(new class_().message, '');
      assert.equal(Object.hasOwn(new class_(), 'message'), false);
      class Mine extends class_ {}
      assert.ok(new Mine('x') instanceof Mine);
      assert.equal(String(new Mine('x')), `${name}: x`);
    }
  });

  it('modules stand on the intrinsic that they have in common', () => {
    const source = Object.getPrototypeOf(W.Module);
    assert.equal(source.name, 'AbstractModuleSource');
    assert.equal(Object.getPrototypeOf(W.Module.prototype), source.prototype);
    throws(() => new source(), TypeError);
    const { get } = Object.getOwnPropertyDescriptor(source.prototype, Symbol.toStringTag);
    assert.equal(get.call(new W.Module(binary(''))), 'WebAssembly.Module');
    for (const other of [{}, undefined, W.Module.prototype]) assert.equal(get.call(other), undefined);
  });
});

describe('createWebAssembly', () => {
  const loop = binary(
    '(memory 1) (func (export "loop") (loop br 0)) (func (export "grow") (result i32) (memory.grow (i32.const 1)))',
  );

  it('has classes of its own, but modules and errors in common', () => {
    const [a, b] = [namespace(), namespace()];
    for (const name of ['Instance', 'Memory', 'Table', 'Global', 'Tag', 'Exception', 'Function'])
      assert.notEqual(a[name], b[name]);
    for (const name of ['Module', 'CompileError', 'LinkError', 'RuntimeError']) assert.equal(a[name], b[name]);
  });

  it('checks its options', () => {
    for (const wrong of [null, 1, 'x', []]) refuses(() => createWebAssembly(wrong), 'ERR_OPTION_TYPE');
    refuses(() => createWebAssembly({ limit: {} }), 'ERR_OPTION_UNKNOWN', { option: 'limit' });
    refuses(() => createWebAssembly({ limits: { fuel: 1 } }), 'ERR_OPTION_UNKNOWN', { option: 'limits.fuel' });
    refuses(() => createWebAssembly({ limits: 5 }), 'ERR_OPTION_TYPE', { option: 'limits' });
    for (const [key, wrong] of Object.entries({ memoryBytes: -1, tableElements: 1.5, instances: 0, timeoutMs: 0 })) {
      refuses(() => createWebAssembly({ limits: { [key]: wrong } }), 'ERR_OPTION_RANGE', { option: `limits.${key}` });
    }
    for (const nothing of [undefined, {}, { limits: undefined }, { limits: {} }]) createWebAssembly(nothing).close();
  });

  it('memory and tables are limited, of wasm and of JavaScript', () => {
    const { Memory, Table, Instance, Module, RuntimeError } = namespace({
      limits: { memoryBytes: 2 << 16, tableElements: 10 },
    });
    const memory = new Memory({ initial: 1 });
    assert.equal(memory.grow(1), 1);
    throws(() => memory.grow(1), RangeError);
    throws(() => new Memory({ initial: 3 }), RangeError);
    const { grow } = new Instance(new Module(loop)).exports;
    assert.deepEqual([grow(), grow()], [1, -1]);
    const error = throws(() => new Instance(new Module(binary('(memory 3)'))), RuntimeError);
    assert.equal(error.code, 'ERR_LIMIT');
    throws(() => new Table({ element: 'anyfunc', initial: 11 }), RangeError);
    const table = new Table({ element: 'externref', initial: 10 });
    throws(() => table.grow(1), RangeError);
  });

  it('calls are stopped when they take too long', () => {
    const { Instance, Module, RuntimeError } = namespace({ limits: { timeoutMs: 20 } });
    const exports = new Instance(new Module(loop)).exports;
    assert.equal(throws(exports.loop, RuntimeError).code, 'ERR_TIMEOUT');
    assert.equal(exports.grow(), 1, 'and the next one is not');
    const start = new Module(binary('(func (loop br 0)) (start 0)'));
    assert.equal(throws(() => new Instance(start), RuntimeError).code, 'ERR_TIMEOUT');
  });

  it('copies of arrays are stopped too, and trap at their place', () => {
    const { Instance, Module, RuntimeError } = namespace({ limits: { timeoutMs: 50, memoryBytes: 1 << 26 } });
    const text = `(type $a (array (mut i8)))
      (func $copy (export "copy") (param i32 i32) (local $a (ref null $a)) (local.set $a (array.new_default $a (local.get 0)))
        (loop (array.copy $a $a (local.get $a) (i32.const 0) (local.get $a) (local.get 1) (local.get 0)) (br 0)))
      (func (export "outer") (call $copy (i32.const 1) (i32.const 1)))`;
    const { copy, outer } = new Instance(new Module(binary(text))).exports;
    const start = performance.now();
    assert.equal(throws(() => copy(3e7, 0), RuntimeError).code, 'ERR_TIMEOUT');
    assert.ok(performance.now() - start < 5000);
    const error = throws(outer, RuntimeError);
    assert.equal(error.trap, 'array_out_of_bounds');
    assert.match(error.wasmStack, /^0: .* - copy\n1: .*function 1>$/);
    assert.equal(throws(() => copy(1e8, 0), RuntimeError).code, 'ERR_LIMIT');
  });

  it('instances are counted, those that failed too', async () => {
    const a = namespace({ limits: { instances: 2 } });
    throws(() => exportsOf(a, '(func unreachable) (start 0)'), a.RuntimeError);
    exportsOf(a, '');
    assert.equal(throws(() => exportsOf(a, ''), a.RuntimeError).code, 'ERR_LIMIT');
    await rejects(a.instantiate(binary('')), a.RuntimeError);
  });

  it('close frees everything, and what is left of it says so', async () => {
    const a = createWebAssembly();
    assert.equal(a.closed, false);
    const { f, t, g } = exportsOf(
      a,
      '(func (export "f")) (table (export "t") 1 funcref) (global (export "g") i32 (i32.const 1))',
    );
    const memory = new a.Memory({ initial: 1 });
    const { buffer } = memory;
    const [instances] = live();
    a.close();
    assert.equal(live()[0], instances - 1);
    assert.equal(a.closed, true);
    assert.equal(buffer.byteLength, 0);
    const uses = [
      f,
      () => t.get(0),
      () => t.set(0, null),
      () => t.grow(1),
      () => t.length,
      () => g.value,
      () => memory.buffer,
      () => memory.grow(1),
      () => exportsOf(a, ''),
      () => new a.Memory({ initial: 1 }),
      () => new a.Table({ element: 'anyfunc', initial: 1 }),
      () => new a.Global({ value: 'i32' }),
      () => new a.Tag({ parameters: [] }),
      () => a.JSTag,
    ];
    for (const use of uses) refuses(use, 'ERR_CLOSED');
    await assert.rejects(a.instantiate(binary('')), { code: 'ERR_CLOSED' });
    a.close();
    createWebAssembly().close();
  });

  it('cannot be closed in the middle of a call', () => {
    const a = namespace();
    const { f } = exportsOf(a, '(import "" "f" (func)) (func (export "f") call 0)', { '': { f: () => a.close() } });
    refuses(f, 'ERR_BUSY');
    assert.equal(a.closed, false);
  });

  it('is collected when nobody holds anything of it', async () => {
    const before = live()[0];
    const ends = [];
    const make = (what) => {
      const a = createWebAssembly();
      const { f, m } = exportsOf(a, '(memory (export "m") 16) (func (export "f") (result i32) i32.const 4)');
      const kept = { f, m, buffer: m.buffer, namespace: a, nothing: undefined }[what];
      ends.push(() => kept);
    };
    for (const what of ['f', 'm', 'namespace']) make(what);
    for (let i = 0; i < 20; i++) make('nothing');
    await settle(() => live()[0] === before + 3);
    assert.equal(live()[0], before + 3);
    assert.equal(ends[0]()(), 4);
    assert.equal(ends[1]().buffer.byteLength, 16 << 16);
    assert.equal(exportsOf(ends[2](), '(func (export "f") (result i32) i32.const 5)').f(), 5);
    ends.length = 0;
    await settle(() => live()[0] === before);
    assert.equal(live()[0], before);
  }).timeout(60000);

  it('a namespace works in each worker, and ends with it', async () => {
    const script = `
      const { Worker } = require('node:worker_threads');
      const source = \`
        const { parentPort, workerData } = require('node:worker_threads');
        const { WebAssembly } = require(workerData.root);
        const { exports } = new WebAssembly.Instance(new WebAssembly.Module(workerData.bytes));
        exports.memory.buffer;
        parentPort.postMessage(exports.f(20));
      \`;
      const bytes = new Uint8Array(load.assemble('(module (memory (export "memory") 1) (func (export "f") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2))))'));
      let left = 4;
      for (let i = 0; i < 4; i++) {
        new Worker(source, { eval: true, workerData: { root: ${JSON.stringify(root)}, bytes } })
          .on('message', (value) => console.log(value))
          .on('exit', () => { if (--left === 0) console.log(load.live()[0]); });
      }`;
    await childPrints(script, '40\n40\n40\n40\n0\n');
  }).timeout(60000);
});

describe('wasmgate/install', () => {
  it('puts the namespace in place of the global one', async () => {
    const script = `
      const own = globalThis.WebAssembly;
      const installed = require('wasmgate/install');
      assert.equal(globalThis.WebAssembly, installed);
      assert.equal(WebAssembly, wg.WebAssembly);
      assert.notEqual(own, installed);
      const { writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(globalThis, 'WebAssembly');
      console.log(writable, enumerable, configurable);`;
    await childPrints(script, 'true false true\n');
  });

  it('works for Node.js itself: modules and fetch', async () => {
    const script = `
      require('wasmgate/install');
      const http = require('node:http');
      const server = http.createServer((_, response) => {
        response.setHeader('Content-Type', 'application/wasm');
        response.end(new Uint8Array(load.assemble('(module (func (export "f") (result i32) i32.const 42))')));
      }).listen(0, async () => {
        const url = 'http://127.0.0.1:' + server.address().port;
        const { instance } = await WebAssembly.instantiateStreaming(fetch(url));
        console.log(instance.exports.f());
        const { join } = await import('node:path');
        const { parse } = await import(${JSON.stringify(require.resolve('../../js/audit.js'))});
        console.log(typeof join, parse);
        server.close();
      });`;
    await childPrints(script, '42\nfunction undefined\n');
  }).timeout(60000);
});
