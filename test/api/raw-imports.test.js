'use strict';

// The option `imports`, what its scopes hold, what an import may do in the middle of a call.

const assert = require('node:assert/strict');
const { Instance, Module } = require('../..');
const { T, fn, handmade } = require('../fixtures/handmade');
const fixtures = require('../fixtures');
const { closeTracked, refuses, track } = require('../helpers');

/** f() gives what the import of that name gives. */
const asking = (record = {}, more = {}) =>
  handmade({
    names: { exports: [{ name: 'f' }], imports: [{ shim: 'ask', name: 'ask', ...record }] },
    describe: { f: fn([], [T.EXTERNREF]), ask: fn([], [T.EXTERNREF]) },
    core: { ask: '(result i32)' },
    text: '(func (export "f") (result i32) (call $ask)) (func (export "__wbindgen_exn_store") (param i32))',
    ...more,
  });
const open = (source, imports) => track(new Instance(source, { imports }));

describe('raw modules: the option imports', () => {
  afterEach(closeTracked);

  it('is checked', () => {
    const source = asking();
    for (const imports of [5, true, () => 1, null, Symbol('s'), [5], [{}, null]]) {
      refuses(() => open(source, imports), 'ERR_OPTION_TYPE');
    }
    for (const imports of ['js', 'eval', '__proto__', ['js-sys', 'constructor'], '']) {
      refuses(() => open(source, imports), 'ERR_OPTION_RANGE');
    }
  });

  it('the first layer that has a name wins', () => {
    const imports = [{ other: 1 }, { ask: () => 'second' }, { ask: () => 'third' }, 'js-sys'];
    assert.equal(open(asking(), imports).exports.f(), 'second');
    assert.deepEqual(open(asking({ name: 'Array', class: 'Array', method: 'constructor' }), imports).exports.f(), []);
    refuses(() => open(asking({ name: 'nope' }), imports).exports.f(), 'ERR_IMPORT_CALLED', { imports: ['nope'] });
  });

  for (const name of ['eval', 'Function', 'process', 'require', 'globalThis2', 'console', 'setTimeout', '__proto__']) {
    it(`js-sys has no ${name}`, () => {
      refuses(() => open(asking({ name }), 'js-sys').exports.f(), 'ERR_IMPORT_CALLED');
      refuses(() => open(asking({ class: name, method: 'constructor' }), 'js-sys').exports.f(), 'ERR_IMPORT_CALLED');
    });
  }

  it('what an import throws comes out as it is, through two instances', () => {
    for (const thrown of [new Error('mine'), {}, undefined, null, 5, 'text', Symbol('s')]) {
      const inner = open(asking(), {
        ask() {
          throw thrown;
        },
      });
      const outer = open(asking(), { ask: () => inner.exports.f() });
      assert.throws(outer.exports.f, (error) => error === thrown || Object.is(error, thrown));
      assert.equal(inner.state, 'open');
    }
  });

  it('an import without parameters and result that fails again and again', () => {
    const source = handmade({
      names: { exports: [{ name: 'f', args: ['n'] }], imports: [{ shim: 'ask', name: 'ask', catch: true }] },
      describe: { f: fn([[T.U32]], [T.U32]), ask: fn([]) },
      core: { ask: '' },
      text: `(func (export "f") (param i32) (result i32)
        (loop $l (call $ask) (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (i32.const 7))
        (func (export "__wbindgen_exn_store") (param i32))`,
    });
    const ask = () => {
      throw undefined;
    };
    assert.equal(open(source, { ask }).exports.f(10000), 7);
  });

  it('an instance is opened within the start function of another', () => {
    const start = { names: { exports: [{ name: 'f', start: true }], imports: [{ shim: 'ask', name: 'ask' }] } };
    const source = Module.load(
      asking(
        {},
        { ...start, describe: { f: fn([]), ask: fn([]) }, core: { ask: '' }, text: '(func (export "f") (call $ask))' },
      ),
    );
    track(source);
    let left = 10;
    const imports = { ask: () => void (left-- > 0 && track(new Instance(source, { imports }))) };
    track(new Instance(source, { imports }));
    assert.equal(left, -1);
  });

  it('elements of an array that do what they should not', () => {
    const source = handmade({
      names: { exports: [{ name: 'f', args: ['list', 'bytes'] }] },
      describe: {
        f: fn(
          [
            [T.VECTOR, T.EXTERNREF],
            [T.VECTOR, T.U8],
          ],
          [T.U32],
        ),
      },
      text: '(func (export "f") (param i32 i32 i32 i32) (result i32) local.get 3)',
    });
    const list = (get) => Object.defineProperty([1], 0, { get });
    const guest = open(source, {});
    const bytes = new Uint8Array(100);
    assert.equal(
      guest.exports.f(
        list(() => guest.exports.f([], bytes)),
        bytes,
      ),
      100,
    );
    refuses(
      () =>
        guest.exports.f(
          list(() => structuredClone(bytes.buffer, { transfer: [bytes.buffer] })),
          bytes,
        ),
      'ERR_ARG_TYPE',
    );
    assert.throws(
      () =>
        guest.exports.f(
          list(() => assert.fail('mine')),
          new Uint8Array(1),
        ),
      /mine/,
    );
    refuses(
      () =>
        guest.exports.f(
          list(() => guest.close()),
          new Uint8Array(1),
        ),
      'ERR_CLOSED',
    );
  });
});

for (const version of fixtures.rawVersions('async_js')) {
  describe(`raw modules: async functions, ${version}`, () => {
    afterEach(closeTracked);

    it('resolve, reject and wait', async () => {
      const { exports } = open(fixtures.raw('async_js', version), 'js-sys');
      assert.equal(await exports.resolve_number(5), 5);
      assert.equal(await exports.resolve_nothing(), undefined);
      const reason = {};
      await assert.rejects(exports.reject_with(reason), (error) => error === reason);
      await assert.rejects(exports.reject_with_error('why'), { message: 'why' });
      assert.equal(await exports.add_one_later(Promise.resolve(41)), 42);
      await assert.rejects(exports.add_one_later(Promise.reject(reason)), (error) => error === reason);
    });

    it('thousands at the same time', async () => {
      const { exports } = open(fixtures.raw('async_js', version), 'js-sys');
      const later = (value) => new Promise((resolve) => setImmediate(resolve, value));
      const all = await Promise.all(Array.from({ length: 3000 }, (_, i) => exports.add_one_later(later(i))));
      assert.ok(all.every((value, i) => value === i + 1));
    });

    it('the global object has the language only', () => {
      const global = open(fixtures.raw('async_js', version), 'js-sys').exports.global();
      for (const name of ['eval', 'Function', 'process', 'require']) assert.ok(!(name in global), name);
      assert.notEqual(global, globalThis);
    });
  });
}
