'use strict';

// Short calls with text go through a function of ours beside the guest's
// (go/marshal/adapters.go). Nothing but the time it takes may show that.

const assert = require('node:assert/strict');
const { refuses, wat } = require('../helpers');

const SCRATCH = 575; // bytes of the block that an instance takes once

/** Guest code that writes a letter of its diary, from address 1024 on. */
const note = (letter) => `(i32.store8 (global.get $n) (i32.const ${letter.charCodeAt(0)}))
  (global.set $n (i32.add (global.get $n) (i32.const 1)))`;

const SIGNATURES = {
  echo: '(string) -> string',
  zeros: '(string, u32) -> string',
  opt: '(string?) -> bool',
  pair: '(string, f64[]) -> (f64[], string)',
  boom: '(string) -> ()',
};

/** A guest with wasm-bindgen's allocator, which keeps a diary of its calls. */
const guest = ({ malloc = '', free = '', rest = '', signatures = SIGNATURES } = {}) =>
  wat(
    `(memory (export "memory") 2) (global $n (mut i32) (i32.const 1024)) (global $top (mut i32) (i32.const 4096))
     (func $malloc (export "__wbindgen_malloc") (param i32 i32) (result i32)
       ${note('m')} ${malloc}
       (global.set $top (i32.add (global.get $top) (local.get 0)))
       (i32.sub (global.get $top) (local.get 0)))
     (func $free (export "__wbindgen_free") (param i32 i32 i32) ${note('f')} ${free})
     (func $echo (export "echo") (param i32 i32) (result i32 i32) ${note('e')} (local.get 0) (local.get 1))
     (func (export "zeros") (param i32 i32 i32) (result i32 i32) (i32.const 65536) (local.get 2))
     (func (export "opt") (param i32 i32) (result i32) ${note('o')} (i32.ne (local.get 0) (i32.const 0)))
     (func (export "pair") (param i32 i32 i32 i32) (result i32 i32 i32 i32)
       (local.get 2) (local.get 3) (local.get 0) (local.get 1))
     (func $inner (param i32 i32) unreachable)
     (func (export "boom") (param i32 i32) (call $inner (local.get 0) (local.get 1)))
     (func (export "plain") (result i32) ${note('p')} (i32.const 7)) ${rest}`,
    {
      signatures,
    },
  );

const diary = (instance) => Buffer.from(instance.memory.read(1024, 64)).toString('latin1').replace(/\0.*/s, '');

describe('adapters', () => {
  it('a guest sees its calls in the order in which they would be without', () => {
    const instance = guest();
    const { echo, plain } = instance.exports;
    for (const text of ['a', 'é', 'x'.repeat(600), 'b']) assert.equal(echo(text), text);
    assert.equal(plain(), 7);
    assert.equal(instance.raw.plain(), 7);
    assert.equal(diary(instance), 'm' + 'mef'.repeat(4) + 'pp');
  });

  it('a large result is given back at once, a small one by the next call', () => {
    const instance = guest();
    const { zeros } = instance.exports;
    assert.equal(zeros('a', 5000).length, 5000);
    assert.equal(diary(instance), 'mmf');
    assert.equal(zeros('a', 4096).length, 4096);
    assert.equal(diary(instance), 'mmfm');
    assert.equal(zeros('a', 0), '');
    assert.equal(diary(instance), 'mmfmfm');
  });

  it('text of every length around the limits', () => {
    const { echo } = guest().exports;
    for (const length of [0, 1, 63, 64, 65, 170, 171, 172, 173, 511, 512, 513, 514]) {
      for (const unit of ['a', 'é', '€']) assert.equal(echo(unit.repeat(length)), unit.repeat(length));
    }
  });

  it('several texts and arrays, one after the other', () => {
    const { pair } = guest().exports;
    for (const text of ['', 'abc', 'é'.repeat(252), 'é'.repeat(253)]) {
      assert.deepEqual(pair(text, new Float64Array([1, -2.5])), [new Float64Array([1, -2.5]), text]);
    }
  });

  it('an absent text is none, an empty one is some', () => {
    const instance = guest();
    assert.deepEqual(
      [undefined, '', 'a'].map((text) => instance.exports.opt(text)),
      [false, true, true],
    );
    assert.equal(diary(instance), 'ommomo');
  });

  for (const [name, answer] of [
    ['0', 0],
    ['a place outside memory', 131072],
    ['the last byte', 131071],
    ['a negative number', -1],
  ]) {
    it(`an allocator that answers ${name}: ERR_ALLOCATOR`, () => {
      const instance = guest({
        malloc: `(if (i32.ne (local.get 0) (i32.const ${SCRATCH})) (then (return (i32.const ${answer}))))`,
      });
      const { echo, pair } = instance.exports;
      const error = refuses(() => echo('ab'), 'ERR_ALLOCATOR');
      assert.equal(error.wasmStack, undefined);
      refuses(() => pair('ab', new Float64Array(1)), 'ERR_ALLOCATOR');
      assert.equal(instance.state, 'open');
      assert.equal(diary(instance), 'mmm', 'the function is not called');
    });
  }

  it('a trap has the stack, and the places, of the module as it was loaded', () => {
    const instance = guest();
    const { wasmStack } = refuses(() => instance.exports.boom('a'), 'ERR_TRAP', { trap: 'unreachable' });
    assert.equal(wasmStack.split('\n').length, 2);
    assert.equal(instance.state, 'poisoned');
    refuses(() => instance.exports.echo('a'), 'ERR_POISONED');
    // Without signatures there is nothing to adapt.
    const { exports } = guest({ signatures: {} });
    assert.equal(refuses(() => exports.boom(0, 0), 'ERR_TRAP').wasmStack, wasmStack);
  });

  it('an allocator or deallocator that traps is named', () => {
    refuses(() => guest({ malloc: 'unreachable' }).exports.echo('a'), 'ERR_TRAP', { wasmStack: /malloc/ });
    for (const next of ['echo', 'plain']) {
      const { exports } = guest({ free: 'unreachable' });
      assert.equal(exports.echo('a'), 'a', 'the result is not lost');
      refuses(() => (next === 'echo' ? exports.echo('b') : exports.plain()), 'ERR_TRAP', { wasmStack: /free/ });
      refuses(() => exports.plain(), 'ERR_POISONED');
    }
  });

  it('are not among the exports', () => {
    const { module, exports, raw } = guest();
    const names = ['echo', 'zeros', 'opt', 'pair', 'boom', 'plain'];
    assert.deepEqual(Object.keys(exports), names);
    assert.equal(Object.keys(raw).length, names.length + 2);
    assert.equal(module.exports.length, names.length + 3);
  });

  it('do not meet a guest that uses their names', () => {
    const instance = guest({ rest: '(func (export "wasmgate:2") (param i64) unreachable)' });
    assert.equal(instance.exports.echo('a'), 'a');
    assert.equal(diary(instance), 'mef');
  });
});
