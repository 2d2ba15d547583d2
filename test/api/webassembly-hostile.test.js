'use strict';

const assert = require('node:assert/strict');
const { binary, exportsOf, namespace, throws } = require('./webassembly-helpers');

/** A function that reads through a struct in a struct, and objects with which that goes wrong. */
const NARROW = `
  (type $s (struct (field i64) (field i64)))
  (type $b (struct (field i64) (field (ref null $s))))
  (import "m" "h" (func $h))
  (import "m" "t" (table 2 funcref))
  (func $f (export "f") (param (ref $b)) (result i64) (struct.get $s 0 (struct.get $b 1 (local.get 0))))
  (func (export "wrong") (result (ref any)) (struct.new $s (i64.const 1) (i64.const 0x7000000070000000)))
  (func (export "right") (result (ref any))
    (struct.new $b (i64.const 2) (struct.new $s (i64.const 3) (i64.const 4))))`;

/** What a function returns, or the code of what it throws. */
function returned(fn) {
  try {
    return fn();
  } catch (error) {
    return error.code ?? error.name;
  }
}

describe('WebAssembly namespaces: hostile modules', () => {
  describe('functions that a start function gives away', () => {
    for (const [name, text] of [
      ['through a table', '(func $st (table.set 0 (i32.const 0) (ref.func $f)) (call $h)) (start $st)'],
      ['through a segment of elements', '(elem (i32.const 0) $f) (start $h)'],
    ]) {
      it(name, () => {
        const WebAssembly = namespace();
        const t = new WebAssembly.Table({ element: 'anyfunc', initial: 2 });
        let seen;
        const h = () => {
          seen = t.get(0);
        };
        const { f, wrong, right } = exportsOf(WebAssembly, NARROW + text, { m: { t, h } });
        assert.equal(seen, f);
        assert.equal(f(right()), 3n);
        throws(() => f(wrong()), TypeError);
        throws(() => seen(wrong()), TypeError);
      });
    }

    it('and that then fails', () => {
      const WebAssembly = namespace();
      const t = new WebAssembly.Table({ element: 'anyfunc', initial: 2 });
      const text = `(import "m" "t" (table 1 funcref)) (func $f (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3)))
        (elem (i32.const 0) $f) (func $st unreachable) (start $st)`;
      throws(() => exportsOf(WebAssembly, text, { m: { t } }), WebAssembly.RuntimeError);
      assert.equal(t.get(0)(5), 15);
      assert.equal(t.get(0), t.get(0));
    });
  });

  it('instances that their own start functions make in turn', () => {
    const WebAssembly = namespace();
    const module = new WebAssembly.Module(
      binary(`(import "m" "h" (func $h (param i32 externref f64) (result i32 externref f64)))
        (global $g (export "g") (mut i32) (i32.const 0)) (global $r (export "r") (mut externref) (ref.null extern))
        (global $d (export "d") (mut f64) (f64.const 0)) (table (export "t") 1 funcref) (elem (i32.const 0) $x)
        (func $x (export "x") (result i32) (global.get $g)) (start $s)
        (func $s (call $h (i32.const 7) (global.get $r) (f64.const 3.5)) (global.set $d) (global.set $r) (global.set $g))`),
    );
    const made = [];
    const make = (depth) => {
      const h = (...args) => {
        if (depth < 10) make(depth + 1);
        return [depth, args, depth + 0.5];
      };
      made[depth] = new WebAssembly.Instance(module, { m: { h } }).exports;
    };
    make(0);
    made.forEach(({ g, r, d, x, t }, depth) => {
      assert.deepEqual(
        [g.value, r.value, d.value, x(), t.get(0) === x],
        [depth, [7, null, 3.5], depth + 0.5, depth, true],
      );
    });
    assert.equal(new Set(made.map(({ x }) => x)).size, 11);
  });

  describe('results of functions of JavaScript', () => {
    const text = (type) => `
      (type $s (struct (field i32))) (type $a (array i8)) (type $n (func (result i32)))
      (import "m" "h" (func $h (result ${type})))
      (func (export "s") (param i32) (result (ref $s)) (struct.new $s (local.get 0)))
      (func (export "a") (result (ref $a)) (array.new $a (i32.const 1) (i32.const 2)))
      (func (export "n") (result i32) (i32.const 5)) (func (export "other") (param i32))
      (func (export "go") (result ${type}) (call $h))`;

    const rows = [
      ['(ref $s)', ['s'], ['a', 'null', 'i31', 'n']],
      ['(ref null $s)', ['s', 'null'], ['a', 'i31', 'n']],
      ['(ref null $a)', ['a', 'null'], ['s', 'i31']],
      ['(ref null $n)', ['n', 'null'], ['other', 's']],
      ['(ref $n)', ['n'], ['other', 'null']],
    ];
    for (const [type, right, wrong] of rows) {
      it(type, () => {
        const WebAssembly = namespace();
        let result;
        const e = exportsOf(WebAssembly, text(type), { m: { h: () => result } });
        const values = { s: e.s(1), a: e.a(), n: e.n, other: e.other, null: null, i31: 4 };
        for (let i = 0; i < 3; i++) {
          for (const key of wrong) {
            result = values[key];
            throws(e.go, TypeError);
          }
          for (const key of right) {
            result = values[key];
            assert.equal(e.go(), values[key]);
          }
        }
      });
    }
  });

  it('more parameters and results than functions have', () => {
    const WebAssembly = namespace();
    const types = (n) => Array.from({ length: n }, () => 'i32');
    const type = (parameters, results) => ({ parameters: types(parameters), results: types(results) });
    const most = new WebAssembly.Function(type(1000, 1000), (...args) => args.reverse());
    assert.deepEqual(most(...types(1000).map((_, i) => i)).slice(0, 2), [999, 998]);
    for (const count of [1001, 2049, 70000]) {
      throws(() => new WebAssembly.Function(type(count, 0), () => {}), RangeError);
      throws(() => new WebAssembly.Function(type(0, count), () => {}), RangeError);
      throws(() => new WebAssembly.Tag({ parameters: types(count) }), RangeError);
    }
  });

  it('thousands of imports of functions among thousands of types', function () {
    this.timeout(20000);
    const WebAssembly = namespace();
    const structs = Array.from({ length: 3000 }, () => '(type (struct (field i32) (field (ref null 0))))').join('');
    const imports = Array.from({ length: 3000 }, () => '(import "m" "h" (func (type $f)))').join('');
    const text = `(type (struct)) ${structs} (type $f (func (param (ref null 0)) (result (ref null 7)))) ${imports}
      (func (export "go") (result (ref null 7)) (call 2999 (ref.null 0)))`;
    assert.equal(exportsOf(WebAssembly, text, { m: { h: (x) => x } }).go(), null);
  });

  it('a memory that is too large for an ArrayBuffer of this Node.js', async () => {
    const WebAssembly = namespace();
    const memory = new WebAssembly.Memory({ address: 'i64', initial: 65537n });
    for (let i = 0; i < 5; i++) {
      const bytes = returned(() => memory.buffer.byteLength);
      assert.ok(bytes === 65537 * 65536 || bytes === 'ERR_OUT_OF_MEMORY', String(bytes));
      await new Promise(setImmediate);
    }
    assert.equal(new WebAssembly.Memory({ initial: 1 }).buffer.byteLength, 65536);
    assert.equal(exportsOf(WebAssembly, '(func (export "f") (result i32) (i32.const 4))').f(), 4);
  });

  it('objects keep their identity, in any number and order', () => {
    const WebAssembly = namespace();
    const { make, get, echo } = exportsOf(
      WebAssembly,
      `(type $s (struct (field i32))) (func (export "make") (param i32) (result (ref $s)) (struct.new $s (local.get 0)))
       (func (export "get") (param (ref $s)) (result i32) (struct.get $s 0 (local.get 0)))
       (func (export "echo") (param anyref externref) (result externref anyref)
         (extern.convert_any (local.get 0)) (any.convert_extern (local.get 1)))`,
    );
    const objects = Array.from({ length: 5000 }, (_, i) => make(i));
    assert.equal(new Set(objects).size, 5000);
    for (let i = 0; i < 5000; i += 7) {
      assert.equal(get(objects[i]), i);
      assert.deepEqual(echo(objects[i], objects[4999 - i]), [objects[i], objects[4999 - i]]);
      assert.ok(echo(objects[i], objects[4999 - i])[0] === objects[i]);
    }
  });

  it('exceptions through several layers of JavaScript and wasm', () => {
    const WebAssembly = namespace();
    let deep = 0;
    const { f, e } = exportsOf(
      WebAssembly,
      `(import "m" "h" (func $h (param externref) (result externref))) (tag $e (export "e") (param externref i32))
       (func (export "f") (param externref) (result externref)
         (block $b (try_table (catch_all $b) (return (call $h (local.get 0)))))
         (throw $e (local.get 0) (i32.const 4)))`,
      {
        m: {
          h(x) {
            if (++deep > 50) throw x;
            return f(x);
          },
        },
      },
    );
    const value = {};
    const error = throws(() => f(value), WebAssembly.Exception);
    assert.deepEqual([error.getArg(e, 0) === value, error.getArg(e, 1)], [true, 4]);
  });
});
