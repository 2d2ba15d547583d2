'use strict';

// The crate `sequences`: what a raw module of wasm-bindgen 0.2.130 can pass that older ones cannot, or
// pass in other words. What is expected is what the JavaScript of the tool does.

const assert = require('node:assert/strict');
const { inspect } = require('node:util');
const { Instance, Module } = require('../..');
const { raw } = require('../fixtures');

const kindOf = (value) =>
  Array.isArray(value) ? 'Array' : typeof value === 'object' ? value.constructor.name : typeof value;

describe('sequences 0.2.130, raw', () => {
  const seen = [];
  let module;
  let instance;
  let guest;

  before(() => {
    module = Module.load(raw('sequences', '0.2.130'));
    const see = (...args) => seen.push(...args) && 'seen';
    const names = ['bools', 'texts', 'colors', 'values', 'numbers', 'copy', 'owned', 'option', 'view', 'small'];
    const host = Object.fromEntries(names.map((name) => [`see_${name}`, see]));
    instance = new Instance(module, { imports: { host } });
    guest = instance.exports;
  });
  after(() => {
    instance.close();
    module.close();
  });

  it('takes and gives lists of what is no number', () => {
    assert.deepEqual(guest.bools([true, false, false]), [false, false, true]);
    assert.deepEqual(guest.bools([]), []);
    assert.deepEqual(guest.chars(['a', 'ö', '\u{1F980}']), ['\u{1F980}', 'ö', 'a']);
    assert.deepEqual(guest.modes(['read', 'schön']), ['schön', 'read']);
    assert.deepEqual(guest.texts(['a', '', 'ö']), ['ö', '', 'a']);
    const sizes = guest.items([new guest.Item(1), new guest.Item(2)]).map(({ size }) => size);
    assert.deepEqual(sizes, [2, 1]);
  });

  it('passes enums as numbers that the guest checks', () => {
    const { Red, Green, Deep } = guest.Color;
    assert.deepEqual(guest.colors([Red, Green, Deep]), [Deep, Green, Red]);
    assert.equal(guest.color(Deep), Deep);
    assert.equal(guest.maybe_color(Deep), Deep);
    assert.equal(guest.maybe_color(Red), Red);
    assert.equal(guest.maybe_color(undefined), undefined);
    assert.equal(guest.maybe_colors(undefined), undefined);
    assert.deepEqual(guest.maybe_colors([Green]), [Green]);
    for (const call of [() => guest.color(1), () => guest.color(0.5), () => guest.colors([3])]) {
      assert.throws(call, { code: 'ERR_GUEST_ERROR', message: /invalid enum value passed/ });
    }
  });

  it('refuses elements of another type', () => {
    assert.throws(() => guest.bools([1]), { code: 'ERR_ARG_TYPE', message: /^bools: argument 1: expected a boolean/ });
    assert.throws(() => guest.chars(['ab']), { code: 'ERR_ARG_RANGE' });
    assert.throws(() => guest.colors(['0']), { code: 'ERR_ARG_TYPE' });
    assert.throws(() => guest.modes(['x']), { code: 'ERR_ARG_RANGE' });
    assert.throws(() => guest.bools('x'), { code: 'ERR_ARG_TYPE' });
  });

  it('tells null from undefined', () => {
    assert.deepEqual(
      [null, undefined, 1].map((value) => guest.nullable(value)),
      [0, 1, 2],
    );
    assert.equal(guest.null_or(0), null);
    assert.equal(guest.null_or('x'), 'x');
    assert.throws(() => guest.nullable_number(1), {
      code: 'ERR_EXPORT_UNSUPPORTED',
      message: /Nullable<f64> cannot be marshalled/,
    });
  });

  for (const [what, ...expected] of [
    ['bools', 'Array', [true, false, true]],
    ['texts', 'Array', ['a', '', 'schön']],
    ['colors', 'Array', [-7, 5]],
    ['values', 'Array', [null, 'x']],
    ['numbers', 'Array', [0.5, -1]],
    ['copy', 'Float32Array', Float32Array.of(0.5)],
    ['owned', 'Array', [1, 2]],
    ['option', 'Array', [1], 'undefined', undefined],
    ['view', 'Uint32Array', Uint32Array.of(7)],
  ]) {
    it(`gives JavaScript ${inspect(expected[1])} as ${expected[0]}`, () => {
      seen.length = 0;
      guest.show(what);
      assert.deepEqual(
        seen.flatMap((value) => [kindOf(value), value]),
        expected,
      );
    });
  }

  it('gives JavaScript what references refer to', () => {
    seen.length = 0;
    guest.show('small');
    assert.deepEqual(seen, [8, 1n << 40n, 1.5, 1, 2n, undefined]);
  });

  it('refuses by name what is generic', () => {
    assert.throws(() => guest.show('any'), { code: 'ERR_IMPORT_CALLED', message: /see_any, which is generic/ });
  });

  it('keeps nothing of the lists', () => {
    const use = () => {
      for (let i = 0; i < 2000; i++) {
        guest.colors([0, 5]);
        guest.modes(['read']);
        for (const what of ['texts', 'bools', 'values', 'option']) guest.show(what);
      }
      seen.length = 0;
    };
    use();
    const before = instance.memory.byteLength;
    use();
    assert.equal(instance.memory.byteLength, before);
  });
});
