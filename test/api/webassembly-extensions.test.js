'use strict';

const assert = require('node:assert/strict');
const { binary, exportsOf, namespace, rejects, throws } = require('./webassembly-helpers');

describe('WebAssembly.Function', () => {
  let W;
  beforeEach(() => (W = namespace()));
  const type = { parameters: ['i32', 'i64'], results: ['f64'] };

  it('is what wasm exports, with its type', () => {
    const { f } = exportsOf(W, '(func (export "f") (param i32 i64) (result f64) f64.const 1)');
    assert.ok(f instanceof W.Function);
    assert.deepEqual(f.type(), type);
    assert.equal(Object.getPrototypeOf(W.Function), Function);
    assert.equal(Object.getPrototypeOf(W.Function.prototype), Function.prototype);
    for (const receiver of [() => {}, {}, undefined, W.Function.prototype]) {
      throws(() => W.Function.prototype.type.call(receiver), TypeError);
    }
  });

  it('gives a function of JavaScript a type of wasm', () => {
    const calls = [];
    const f = new W.Function(type, (...args) => {
      calls.push(args);
      return '2.5';
    });
    assert.equal(f(2 ** 32 + 1, '7', 'more'), 2.5);
    assert.deepEqual(calls, [[1, 7n]]);
    assert.deepEqual(f.type(), type);
    throws(() => f(1, 2), TypeError);
    throws(() => new f(), TypeError);
    const table = new W.Table({ element: 'anyfunc', initial: 1 }, f);
    assert.equal(table.get(0), f);
    const text = `(import "" "t" (table 1 funcref)) (type $t (func (param i32 i64) (result f64)))
      (func (export "call") (result f64) (call_indirect (type $t) (i32.const 3) (i64.const 4) (i32.const 0)))`;
    assert.equal(exportsOf(W, text, { '': { t: table } }).call(), 2.5);
    assert.deepEqual(calls[1], [3, 4n]);
  });

  it('checks its arguments', () => {
    const f = () => {};
    for (const wrong of [
      undefined,
      {},
      { parameters: [] },
      { results: [] },
      { parameters: ['x'], results: [] },
      { parameters: 5, results: [] },
    ]) {
      throws(() => new W.Function(wrong, f), TypeError);
    }
    for (const wrong of [undefined, 1, {}]) throws(() => new W.Function(type, wrong), TypeError);
    throws(() => new W.Function({ parameters: ['v128'], results: [] }, f), TypeError);
    throws(() => W.Function(type, f), TypeError);
    assert.equal(W.Function.length, 2);
  });

  it('a function of wasm has its type already', () => {
    const { f } = exportsOf(W, '(func (export "f") (param i32))');
    assert.equal(new W.Function({ parameters: ['i32'], results: [] }, f), f);
    throws(() => new W.Function({ parameters: ['i64'], results: [] }, f), TypeError);
  });

  it('what it throws comes out', () => {
    const error = new Error('mine');
    const f = new W.Function({ parameters: [], results: [] }, () => {
      throw error;
    });
    assert.throws(f, (thrown) => thrown === error);
  });
});

describe('WebAssembly: built-in functions and constants of strings', () => {
  let W;
  beforeEach(() => (W = namespace()));
  const E = 'externref';
  const S = '(ref extern)';
  const TYPES = {
    cast: [[E], S],
    test: [[E], 'i32'],
    fromCharCode: [['i32'], S],
    fromCodePoint: [['i32'], S],
    charCodeAt: [[E, 'i32'], 'i32'],
    codePointAt: [[E, 'i32'], 'i32'],
    length: [[E], 'i32'],
    concat: [[E, E], S],
    substring: [[E, 'i32', 'i32'], S],
    equals: [[E, E], 'i32'],
    compare: [[E, E], 'i32'],
    fromCharCodeArray: [['(ref null $a)', 'i32', 'i32'], S],
    intoCharCodeArray: [[E, '(ref null $a)', 'i32'], 'i32'],
  };
  const importOf = (name, [parameters, result]) =>
    `(import "wasm:js-string" "${name}" (func ${parameters.map((p) => `(param ${p})`).join('')} (result ${result})))`;
  const all = () => {
    const names = Object.keys(TYPES);
    const text = `(type $a (array (mut i16))) ${names.map((name) => importOf(name, TYPES[name])).join('')}
      ${names.map((name, i) => `(export "${name}" (func ${i}))`).join('')}
      (func (export "array") (param i32) (result (ref null $a)) (array.new_default $a (local.get 0)))`;
    return new W.Instance(new W.Module(binary(text), { builtins: ['js-string'] }), {}).exports;
  };

  it('do what those of JavaScript do', () => {
    const x = all();
    assert.equal(x.cast('a'), 'a');
    assert.deepEqual([x.test(''), x.test(5), x.test(null), x.test(new String('a'))], [1, 0, 0, 0]);
    assert.equal(x.fromCharCode(0x10041), 'A');
    assert.equal(x.fromCodePoint(0x1f600), '\u{1f600}');
    assert.equal(x.charCodeAt('\u{1f600}', 1), 0xde00);
    assert.equal(x.codePointAt('\u{1f600}', 0), 0x1f600);
    assert.equal(x.length('abc'), 3);
    assert.equal(x.concat('a', 'b'), 'ab');
    assert.deepEqual(
      [x.substring('hello', 1, 3), x.substring('hello', 3, 1), x.substring('hello', 6, 9), x.substring('hello', 1, -1)],
      ['el', '', '', 'ello'],
    );
    assert.deepEqual([x.equals('a', 'a'), x.equals('a', 'b'), x.equals(null, null), x.equals('a', null)], [1, 0, 1, 0]);
    assert.deepEqual([x.compare('a', 'b'), x.compare('b', 'a'), x.compare('a', 'a')], [-1, 1, 0]);
  });

  it('trap where they cannot', () => {
    const x = all();
    const cases = [
      () => x.cast(5),
      () => x.length(null),
      () => x.charCodeAt('abc', 3),
      () => x.charCodeAt('abc', -1),
      () => x.charCodeAt(undefined, 0),
      () => x.codePointAt('', 0),
      () => x.fromCodePoint(0x110000),
      () => x.fromCodePoint(-1),
      () => x.concat('a', 1),
      () => x.substring(1, 0, 0),
      () => x.equals('a', 1),
      () => x.compare('a', null),
    ];
    for (const run of cases) throws(run, W.RuntimeError);
  });

  it('copy between strings and arrays', () => {
    const x = all();
    const array = x.array(200_000);
    for (const text of ['', 'hello', 'h\ud800\u0000\uffff', 'x'.repeat(150_000)]) {
      assert.equal(x.intoCharCodeArray(text, array, 7), text.length);
      assert.equal(x.fromCharCodeArray(array, 7, 7 + text.length), text);
    }
    const short = x.array(4);
    assert.equal(x.intoCharCodeArray('abcd', short, 0), 4);
    const cases = [
      () => x.intoCharCodeArray('abcde', short, 0),
      () => x.intoCharCodeArray('a', short, 4),
      () => x.intoCharCodeArray('', short, 5),
      () => x.intoCharCodeArray('abc', short, -1),
      () => x.intoCharCodeArray('a', null, 0),
      () => x.intoCharCodeArray(5, short, 0),
      () => x.fromCharCodeArray(short, 3, 2),
      () => x.fromCharCodeArray(short, 0, 5),
      () => x.fromCharCodeArray(short, -1, -1),
      () => x.fromCharCodeArray(null, 0, 0),
    ];
    for (const run of cases) throws(run, W.RuntimeError);
    assert.equal(x.fromCharCodeArray(short, 0, 4), 'abcd');
  });

  it('are imports like any other where nobody asks for them', () => {
    const bytes = binary(importOf('length', TYPES.length));
    const module = new W.Module(bytes);
    assert.equal(W.Module.imports(module).length, 1);
    throws(() => new W.Instance(module, {}), TypeError);
    const given = { 'wasm:js-string': { length: () => 77 } };
    assert.ok(new W.Instance(module, given));
    const builtin = new W.Module(bytes, { builtins: ['js-string', 'something-else'] });
    assert.deepEqual(W.Module.imports(builtin), []);
    assert.ok(new W.Instance(builtin, {}));
  });

  it('have one type', async () => {
    const bytes = binary('(import "wasm:js-string" "length" (func (param externref) (result i64)))');
    const options = { builtins: ['js-string'] };
    assert.equal(W.validate(bytes), true);
    assert.equal(W.validate(bytes, options), false);
    throws(() => new W.Module(bytes, options), W.CompileError, /length/);
    await rejects(W.compile(bytes, options), W.CompileError);
    await rejects(W.instantiate(bytes, {}, options), W.CompileError);
    assert.equal(W.validate(binary(''), { builtins: ['js-string', 'js-string'] }), false);
    for (const wrong of [{ builtins: 1 }, { builtins: [Symbol()] }, 5])
      throws(() => W.validate(bytes, wrong), TypeError);
  });

  it('constants are strings of their name', async () => {
    const text = `(import "'" "hello" (global $a externref)) (import "'" "\u{1f600}" (global $b (ref extern)))
      (import "env" "n" (global $n i32)) (func (export "f") (result externref externref i32) global.get $a global.get $b global.get $n)`;
    const options = { importedStringConstants: "'" };
    const module = new W.Module(binary(text), options);
    assert.deepEqual(W.Module.imports(module), [
      { module: 'env', name: 'n', kind: 'global', type: { mutable: false, value: 'i32' } },
    ]);
    const imports = { env: { n: 5 } };
    assert.deepEqual(new W.Instance(module, imports).exports.f(), ['hello', '\u{1f600}', 5]);
    const { instance } = await W.instantiate(binary(text), imports, options);
    assert.deepEqual(instance.exports.f(), ['hello', '\u{1f600}', 5]);
    for (const type of ['i32', '(mut externref)', 'funcref']) {
      throws(() => new W.Module(binary(`(import "'" "x" (global ${type}))`), options), W.CompileError);
    }
  });
});
