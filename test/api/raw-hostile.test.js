'use strict';

// Raw modules that no compiler makes: whatever they hold or do, an error says so.

const assert = require('node:assert/strict');
const { Instance, Module, inspect } = require('../..');
const { T, fn, handmade, ALLOCATOR } = require('../fixtures/handmade');
const { closeTracked, refuses, track } = require('../helpers');

const make = (what, options) => track(new Instance(handmade(what), options));
const told = (words) => words.map((word) => `(call $describe (i32.const ${word | 0}))`).join(' ');
const STRING_NEW = { __wbindgen_string_new: '(param i32 i32) (result i32)' };

/** A function f(text) whose import `eval_` is called with the text. */
const evaluating = (record, result = T.EXTERNREF) => ({
  names: { exports: [{ name: 'f', args: ['text'] }], imports: [{ shim: 'eval_', ...record }] },
  describe: { f: fn([[T.REF, T.STRING]], [result]), eval_: fn([[T.REF, T.STRING]], [result]) },
  core: { eval_: '(param i32 i32) (result i32)' },
  text: '(func (export "f") (param i32 i32) (result i32) (call $eval_ (local.get 0) (local.get 1)))',
});

describe('raw modules: a guest that was given no imports', () => {
  afterEach(closeTracked);

  for (const record of [
    { namespace: ['Error'], name: 'constructor' },
    { namespace: ['Reflect'], name: 'constructor' },
    { namespace: ['JSON', 'parse'], name: 'constructor' },
    { class: 'Error', method: 'static x', name: 'constructor' },
    { class: 'Error', method: 'get constructor', structural: false, name: 'constructor' },
    { class: 'Error', method: 'static x', name: 'captureStackTrace2' },
    { class: 'Function', method: 'constructor', name: 'new' },
    { name: 'Function' },
    { name: 'eval' },
    { name: '__proto__' },
  ]) {
    it(`reaches no code by ${JSON.stringify(record)}`, () => {
      refuses(() => make(evaluating(record)).exports.f('return process'), 'ERR_IMPORT_CALLED');
    });
  }

  it('does not look into values: a string leads to all of JavaScript', () => {
    const structural = { class: 'X', structural: true };
    const guest = make({
      names: {
        exports: [{ name: 'f', args: ['text'] }],
        imports: [{ shim: 'get', name: 'constructor', method: 'get constructor', ...structural }],
      },
      describe: { f: fn([[T.REF, T.STRING]], [T.EXTERNREF]), get: fn([[T.REF, T.EXTERNREF]], [T.EXTERNREF]) },
      core: { ...STRING_NEW, get: '(param i32) (result i32)' },
      text: `(func (export "f") (param i32 i32) (result i32)
        (call $get (call $get (call $__wbindgen_string_new (local.get 0) (local.get 1)))))`,
    });
    refuses(() => guest.exports.f('x'), 'ERR_IMPORT_CALLED');
  });

  it('has the functions of wasm-bindgen itself', () => {
    assert.deepEqual(make(evaluating({ namespace: ['JSON'], name: 'parse' })).exports.f('[1]'), [1]);
    assert.equal(make(evaluating({ name: 'BigInt' })).exports.f('7'), 7n);
  });
});

describe('raw modules: an allocator', () => {
  afterEach(closeTracked);

  const starts = (body) => ({
    names: { exports: [{ name: 'f' }], imports: [{ shim: 'give', name: 'give' }] },
    describe: { f: fn([]), give: fn([], [T.STRING]) },
    core: { give: '(param i32)', __wbindgen_describe_cast: '(param i32 i32) (result i32)' },
    text: `(func (export "f")) (func $s ${body}) (start $s)`,
  });

  it('that is asked for memory before the module has started', () => {
    refuses(() => make(starts('(call $give (i32.const 16))'), { imports: { give: () => 'text' } }), 'ERR_ALLOCATOR');
    const cast = `${told(fn([[T.STRING]], [T.EXTERNREF]))} (drop (call $__wbindgen_describe_cast (i32.const 1) (i32.const 16)))`;
    refuses(() => make(starts(cast), { imports: {} }), 'ERR_ALLOCATOR');
  });

  it('that calls JavaScript, which could take an argument away', () => {
    const bytes = new Uint8Array(5000);
    let ran = 0;
    const imports = { steal: () => structuredClone(bytes.buffer, { transfer: [bytes.buffer], ran: ran++ }) };
    const guest = make(
      {
        names: {
          exports: [
            { name: 'f', args: ['bytes'] },
            { name: 'say', args: ['text'] },
          ],
          imports: [{ shim: 'steal', name: 'steal' }],
        },
        describe: { f: fn([[T.VECTOR, T.U8]]), say: fn([[T.REF, T.STRING]], [T.STRING]), steal: fn([]) },
        core: { steal: '' },
        allocator: ALLOCATOR.replace('(local $at i32)', '(local $at i32) (if (global.get $evil) (then (call $steal)))'),
        text: `(global $evil (mut i32) (i32.const 0))
          (func (export "f") (param i32 i32))
          (func (export "say") (param i32 i32 i32)
            (i32.store (local.get 0) (local.get 1)) (i32.store offset=4 (local.get 0) (local.get 2))
            (global.set $evil (i32.const 1)))`,
      },
      { imports },
    );
    assert.equal(guest.exports.say('what is owed'), 'what is owed');
    refuses(() => guest.exports.f(bytes), 'ERR_ALLOCATOR');
    assert.equal(ran, 0);
  });

  it('that is missing or of another type', () => {
    for (const text of ['', '(func (export "__wbindgen_malloc") (param f64) (result f64) local.get 0)']) {
      const what = { ...starts('(nop)'), allocator: '', memory: '(memory (export "memory") 1)' };
      const guest = make({ ...what, text: text + what.text.replace('(start $s)', '') }, { imports: {} });
      assert.equal(guest.exports.f(), undefined);
    }
  });
});

describe('raw modules: what a guest gives', () => {
  afterEach(closeTracked);

  const listing = (length, pages) => ({
    names: { exports: [{ name: 'f' }] },
    describe: { f: fn([], [T.VECTOR, T.EXTERNREF]) },
    memory: `(memory (export "memory") ${pages})`,
    text: `(func (export "f") (param i32)
      (i32.store (local.get 0) (i32.const 8)) (i32.store offset=4 (local.get 0) (i32.const ${length})))`,
  });

  it('lists longer than V8 can hold', () => {
    refuses(() => make(listing(200000000, 12300)).exports.f(), 'ERR_RESULT_TOO_LARGE');
    refuses(() => make(listing(2 ** 22 + 1, 300)).exports.f(), 'ERR_RESULT_TOO_LARGE');
    refuses(() => make(listing(-1, 1)).exports.f(), 'ERR_RESULT_BOUNDS');
  });

  for (const index of [0, 1, 127, 132, 133, 99999, -1, 0x7fffffff]) {
    it(`the value at index ${index}, which it never had`, () => {
      const what = {
        names: { exports: [{ name: 'f' }] },
        describe: { f: fn([], [T.EXTERNREF]) },
        core: { __wbindgen_object_drop_ref: '(param i32)', __wbindgen_object_clone_ref: '(param i32) (result i32)' },
        text: `(func (export "f") (result i32)
          (call $__wbindgen_object_drop_ref (i32.const ${index})) (call $__wbindgen_object_drop_ref (i32.const ${index}))
          (drop (call $__wbindgen_object_clone_ref (i32.const ${index})))
          (i32.const ${index}))`,
      };
      const { f } = make(what).exports;
      if (index >= 0 && index < 132) assert.equal(f(), undefined);
      else refuses(f, 'ERR_RESULT_INVALID');
    });
  }

  it('kinds of casts without end', () => {
    const { f } = make({
      names: { exports: [{ name: 'f', args: ['n'] }] },
      describe: { f: fn([[T.U32]]) },
      core: { __wbindgen_describe_cast: '(param i32 i32) (result i32)' },
      text: `(func (export "f") (param i32) (loop $next ${told(fn([[T.VECTOR, T.U8]], [T.EXTERNREF]))}
        (drop (call $__wbindgen_describe_cast (local.get 0) (i32.const 512)))
        (br_if $next (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))`,
    }).exports;
    f(100);
    refuses(() => f(10000), 'ERR_OUT_OF_MEMORY');
  });

  for (const [what, words] of Object.entries({
    nothing: [],
    'half a closure': [T.CLOSURE, 1],
    'no closure': [T.STRING],
    'a function without a shim': [T.CLOSURE, 7, 2, T.REF, ...fn([])],
    'a shim of another type': [T.CLOSURE, 2, 2, T.REF, ...fn([[T.STRING]], [T.F64])],
    'an index past the table': [T.CLOSURE, -1, -1, T.REFMUT, ...fn([])],
    'a huge count': [T.CLOSURE, 1, 2, T.REF, T.FUNCTION, 0, 0x7fffffff],
    'an endless nest': [T.CLOSURE, 1, 2, T.REF, T.FUNCTION, 0, ...new Array(500).fill(T.OPTIONAL)],
  })) {
    it(`a closure described by ${what}`, () => {
      for (const index of [3, 4, 7, 99, -1]) {
        const { f } = make({
          names: { exports: [{ name: 'f' }] },
          describe: { f: fn([], [T.EXTERNREF]) },
          core: { __wbindgen_describe_closure: '(param i32 i32 i32) (result i32)' },
          text: `(table 8 funcref) (elem (i32.const 1) $shim $other $desc $bad)
            (func $shim (param i32 i32)) (func $other (param i32 i32)) (func $bad (param f64))
            (func $desc ${told(words)})
            (func (export "f") (result i32) (call $__wbindgen_describe_closure (i32.const -1) (i32.const -1) (i32.const ${index})))`,
        }).exports;
        assert.throws(f, (error) => typeof error.code === 'string');
      }
    });
  }
});

describe('raw modules: names', () => {
  afterEach(closeTracked);

  const NAMES = ['__proto__', 'constructor', 'prototype', '', 'free', 'name', 'length', 'toString', 'caller', 'İ'];

  for (const name of NAMES) {
    it(`a function, a class, an enum and members named ${JSON.stringify(name)}`, () => {
      const lower = name.toLowerCase();
      const guest = make({
        names: {
          exports: [
            { name },
            { name, class: 'C', method: 'static x' },
            { name: 'm', class: 'C', method: `get ${name}` },
          ],
          structs: [
            { name: 'C', inspectable: true },
            { name, fields: [name] },
          ],
          enums: [
            {
              name: `${name}2`,
              variants: [
                [name, 1],
                [name, 2],
                ['1', 3],
              ],
            },
          ],
        },
        describe: { [name]: fn([]), [`c_${name}`]: fn([]), c_m: fn([], [T.I32]) },
        text: `(func (export "${name}")) (func (export "c_${name}")) (func (export "__wbg_c_free") (param i32))
          (func (export "c_m") (param i32) (result i32) i32.const 1)
          ${lower === 'c' ? '' : `(func (export "__wbg_${lower}_free") (param i32))`}`,
      });
      assert.equal(typeof guest.exports.C, 'function');
      assert.equal(Object.getPrototypeOf(guest.exports), null);
      assert.ok(Object.hasOwn(guest.exports, name));
    });
  }

  it('thousands of classes and imports are read at once', () => {
    const many = Array.from({ length: 4000 }, (_, i) => i);
    const source = handmade({
      names: { structs: many.map((i) => ({ name: `C${i}` })), exports: [{ name: 'f' }] },
      describe: { f: fn([]) },
      core: Object.fromEntries(many.map((i) => [`import${i}`, ''])),
      text: '(func (export "f"))',
    });
    const start = Date.now();
    assert.equal(inspect(source).api.classes.length, 4000);
    assert.ok(Date.now() - start < 3000, `${Date.now() - start} ms`);
    track(Module.load(source));
  });

  it('the last parameter of a variadic function is the array that it is, whatever TypeScript is told', () => {
    for (const type of [undefined, 'number[]', 'Function', 'Promise']) {
      const { f } = make({
        names: { exports: [{ name: 'f', variadic: true, args: [{ name: 'rest', type }] }] },
        describe: { f: fn([[T.VECTOR, T.U8]], [T.U32]) },
        text: '(func (export "f") (param i32 i32) (result i32) local.get 1)',
      }).exports;
      assert.equal(f(1, 2, 3), 3);
    }
  });

  it('a variadic function without parameters', () => {
    const what = { names: { exports: [{ name: 'f', variadic: true }] }, describe: { f: fn([]) } };
    assert.equal(make({ ...what, text: '(func (export "f"))' }).exports.f(), undefined);
  });

  it('a class whose objects nobody can free', () => {
    const { C } = make({
      names: { structs: [{ name: 'C' }], exports: [{ name: 'new', class: 'C', method: 'constructor' }] },
      describe: { c_new: fn([], [T.STRUCT, 1, 67]) },
      text: '(func (export "c_new") (result i32) i32.const 64)',
    }).exports;
    new C().free();
  });

  it('a start function that gives an object away', () => {
    const seen = [];
    const { C } = make(
      {
        names: {
          structs: [{ name: 'C' }],
          exports: [{ name: 'go', start: true }],
          imports: [{ shim: 'take', name: 'take' }],
        },
        describe: { go: fn([]), take: fn([[T.STRUCT, 1, 67]]) },
        core: { take: '(param i32)' },
        text: '(func (export "__wbg_c_free") (param i32)) (func (export "go") (call $take (i32.const 64)))',
      },
      { imports: { take: (object) => seen.push(object) && refuses(() => object.free(), 'ERR_BUSY') } },
    ).exports;
    assert.ok(seen[0] instanceof C);
    seen[0].free();
  });
});
