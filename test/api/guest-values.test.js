'use strict';

const assert = require('node:assert/strict');
const { refuses } = require('../helpers');
const { builds, guest, withBuild, ORDER } = require('./guest-helpers');

const TEXTS = ['', 'a', '\0', 'ünïcode', '€ 😀', '\u{10ffff}\ufeff', 'x'.repeat(1000), '😀'.repeat(300)];

const EVERYTHING = {
  small: -128,
  big: -(2n ** 63n),
  huge: 2n ** 64n - 1n,
  single: 0.5,
  double: Number.MIN_VALUE,
  letter: '😀',
  flag: true,
  nothing: undefined,
  bytes: [0, 1, 255],
  pair: [-5, 'pair'],
  fixed: [0, 1, 65535],
  inner: [1, undefined, 4294967295],
  map: { a: 1, ß: -2 },
  by_number: new Map([
    [-1, 'minus'],
    [7, 'seven'],
  ]),
  newtype: 1.25,
};

const RECORD = {
  id: 1,
  name: 'n',
  email: 'e@x',
  age: 255,
  score: 1.5,
  ratio: -0.5,
  active: false,
  balance: -(2 ** 53 - 1),
  tags: ['', 'tag'],
  note: 'note',
};

for (const build of builds) {
  describe(`guest crate, errors and values, ${build}`, () => {
    withBuild(build);
    let exports;
    let instance;
    beforeEach(() => {
      instance = guest(build);
      ({ exports } = instance);
    });

    const fits = (name, value, shown) => {
      assert.deepEqual(exports[`same_${name}`](value), value, name);
      if (shown !== undefined) assert.equal(exports[`show_${name}`](value), shown, name);
    };

    it('errors of kind 0: a message', () => {
      const says = (message, call) => {
        const error = refuses(call, 'ERR_GUEST_ERROR');
        assert.equal(error.message, `${message} (ERR_GUEST_ERROR)`);
        assert.ok(error.value instanceof Error);
        assert.equal(error.value.message, message);
      };
      says('check failed', () => exports.check(false));
      says('zero', () => exports.mixed(0));
      says('invalid digit found in string', () => exports.parse('x'));
      says('no item 9', () => exports.find('a,b', 9));
      says('bad configuration: invalid float literal', () => exports.configure('x'));
      assert.equal(exports.check(true), undefined);
      assert.equal(exports.parse('-17'), -17);
      assert.equal(exports.find('a,,b', 1), undefined);
      assert.equal(exports.find('a,,b', 2), 'b');
      assert.equal(exports.configure('1e3'), 1000);
    });

    it('errors of kind 1: a value', () => {
      refuses(() => exports.fail_with_value(), 'ERR_GUEST_ERROR', {
        value: { status: 404, reasons: ['missing', 'moved'] },
      });
      for (const id of [0, 2 ** 53 - 1, 2n ** 53n, 2n ** 64n - 1n]) {
        refuses(() => exports.stats_of({ ...ORDER, items: [], id }), 'ERR_GUEST_ERROR', { value: id });
      }
    });

    it('errors of kind 2: an argument that does not have the form; the guest stays usable', () => {
      const wrong = [
        [{}, /missing field `id`/],
        [5, /expected struct Order/],
        [null, /expected struct Order/],
        [{ ...ORDER, id: -1 }, /id: /],
        [{ ...ORDER, id: 1.5 }, /id: /],
        [{ ...ORDER, status: 'Nope' }, /status: unknown variant `Nope`/],
        [{ ...ORDER, status: { Paid: 'x' } }, /status/],
        [{ ...ORDER, status: { Moved: [1] } }, /status/],
        [{ ...ORDER, items: [{ name: 'x' }] }, /items.*missing field `price`/],
        [{ ...ORDER, customer: Uint8Array.of(255) }, /customer/],
      ];
      for (const [value, message] of wrong) {
        const error = refuses(() => exports.same_order(value), 'ERR_ARG_TYPE', { argument: 0 });
        assert.match(error.message, message);
        assert.ok(error.message.startsWith('same_order: argument 1: '), error.message);
        assert.deepEqual(exports.same_order(ORDER), ORDER);
      }
      refuses(() => exports.call_total_of({}, new Float64Array(1), 'x'), 'ERR_ARG_TYPE', { argument: 0 });
      assert.equal(instance.state, 'open');
    });

    it('what cannot be a value tells the argument', () => {
      const loop = {};
      loop.loop = loop;
      const wrong = [() => 1, Symbol('x'), new Date(0), /x/, Object(1), Promise.resolve(), [new SharedArrayBuffer(1)]];
      for (const value of [...wrong, { ...ORDER, note: Symbol('x') }]) {
        const error = refuses(() => exports.same_order(value), 'ERR_ARG_TYPE', { argument: 0 });
        assert.ok(error.message.startsWith('same_order: argument 1: '), error.message);
      }
      for (const value of [loop, 2n ** 64n, [-(2n ** 63n) - 1n]]) {
        refuses(() => exports.same_order(value), 'ERR_ARG_RANGE', { argument: 0 });
      }
      refuses(() => exports.call_total_of(() => 1, new Float64Array(1), 'x'), 'ERR_ARG_TYPE', { argument: 0 });
      const thrown = new Error('a getter');
      const throwing = {
        get id() {
          throw thrown;
        },
      };
      assert.throws(
        () => exports.same_order(throwing),
        (error) => error === thrown,
      );
      const nested = {
        ...ORDER,
        get customer() {
          refuses(() => exports.same_status(() => 1), 'ERR_ARG_TYPE', { argument: 0, message: /^same_status/ });
          return exports.say('inner');
        },
        get note() {
          return () => 1;
        },
      };
      refuses(() => exports.same_order(nested), 'ERR_ARG_TYPE', { argument: 0, message: /^same_order: argument 1/ });
      assert.deepEqual(exports.same_order(ORDER), ORDER);
    });

    it('values: structs, enums, options', () => {
      const statuses = ['Open', { Paid: -0.5 }, { Moved: [-2147483648, ''] }];
      for (const days of [undefined, 0, 255]) statuses.push({ Sent: { carrier: 'ß', days } });
      for (const status of statuses) {
        assert.deepEqual(exports.same_status(status), status);
        assert.deepEqual(exports.same_order({ ...ORDER, status }), { ...ORDER, status });
        assert.deepEqual(exports.same_opt_order({ ...ORDER, status }), { ...ORDER, status });
      }
      assert.equal(exports.show_status({ Moved: [1, 'x'] }), 'Moved(1, "x")');
      assert.equal(exports.same_opt_order(undefined), undefined);
      assert.equal(exports.show_opt_order(null), 'None');
      for (const value of [undefined, [], [undefined], ['', undefined, 'x']]) fits('nested', value);
      assert.deepEqual(exports.same_nested([null, 'x']), [undefined, 'x']);
      assert.deepEqual(exports.record(RECORD), RECORD);
      assert.deepEqual(exports.stats(ORDER), { total: 4, pieces: 6, names: ['a', 'b'] });
      assert.deepEqual(exports.stats_of(ORDER), { total: 4, pieces: 6, names: ['a', 'b'] });
      assert.deepEqual(exports.named(ORDER), [ORDER.customer, ORDER]);
    });

    it('values: everything at once, and unknown fields', () => {
      assert.deepEqual(exports.same_everything(EVERYTHING), EVERYTHING);
      const extremes = { ...EVERYTHING, big: 2n ** 63n - 1n, huge: 0, inner: undefined, map: {}, by_number: new Map() };
      // No entry, no key that is no string: an object.
      assert.deepEqual(exports.same_everything(extremes), { ...extremes, by_number: {} });
      assert.deepEqual(exports.same_everything({ ...EVERYTHING, bytes: Uint8Array.of(0, 1, 255) }), EVERYTHING);
      refuses(() => exports.same_everything({ ...EVERYTHING, more: 1 }), 'ERR_ARG_TYPE', { message: /unknown field/ });
      refuses(() => exports.same_everything({ ...EVERYTHING, letter: 'ab' }), 'ERR_ARG_TYPE', { message: /letter/ });
      refuses(() => exports.same_everything({ ...EVERYTHING, fixed: [1] }), 'ERR_ARG_TYPE', { message: /fixed/ });
      refuses(() => exports.same_everything({ ...EVERYTHING, small: 128 }), 'ERR_ARG_TYPE', { message: /small/ });
    });

    it('values: arrays and maps', () => {
      for (const list of [[], [''], TEXTS, new Array(5000).fill('ß')]) fits('strings', list);
      fits('bools', [true, false], '[true, false]');
      assert.deepEqual(exports.same_strings(new Set(['a', 'b'])), ['a', 'b']);
      assert.deepEqual(exports.same_strings(['\ud800']), ['\ufffd']);
      const map = { '': 0, a: 2 ** 53 - 1, b: 2n ** 53n, c: -(2n ** 63n), d: -(2 ** 53 - 1) };
      assert.deepEqual(exports.same_map(map), map);
      assert.deepEqual(exports.same_map(new Map(Object.entries(map))), map);
      const numbered = new Map([
        [0, 'a'],
        [4294967295, 'b'],
      ]);
      assert.deepEqual(exports.same_numbered(numbered), numbered);
      assert.deepEqual(exports.same_numbered({ 0: 'a', 4294967295: 'b' }), numbered);
      assert.deepEqual(exports.count_words('a b a'), { a: 2, b: 1 });
      assert.equal(exports.longest(['a', 'ccc', 'bb']), 'ccc');
      assert.equal(exports.longest([]), undefined);
      const odd = exports.prototype();
      assert.deepEqual(Object.entries(odd), [
        ['__proto__', 1],
        ['constructor', 2],
        ['toString', 3],
      ]);
      assert.equal(Object.getPrototypeOf(odd), Object.prototype);
    });

    it('values: deep ones', () => {
      const tree = (levels) => {
        let value = { name: 'leaf', children: [] };
        for (let i = 1; i < levels; i++) value = { name: String(i), children: [value] };
        return value;
      };
      assert.deepEqual(exports.same_tree(tree(100)), tree(100));
      assert.deepEqual(exports.same_tree({ name: 'x' }), { name: 'x', children: [] });
      refuses(() => exports.same_tree(tree(300)), 'ERR_ARG_RANGE', { argument: 0 });
      assert.equal(instance.state, 'open');
    });

    it('a panic tells its message and poisons the instance', () => {
      const error = refuses(() => exports.panic('bööm'), 'ERR_PANIC', { trap: 'unreachable' });
      assert.match(error.message, /^panicked at .*errors\.rs:\d+:\d+:\nbööm \(/);
      assert.equal(instance.state, 'poisoned');
      for (const call of [() => exports.say('x'), () => exports.same_order(ORDER), () => exports.panic('y')]) {
        refuses(call, 'ERR_POISONED');
      }
      assert.equal(guest(build).exports.say('x'), 'hello x');
    });

    it('closed: every kind of function says so', () => {
      instance.close();
      for (const call of [() => exports.say('x'), () => exports.same_order(ORDER), () => exports.add(1, 2)]) {
        refuses(call, 'ERR_CLOSED');
      }
    });

    it('nothing is left in the guest, whatever the call came to', () => {
      const thrown = new Error('thrown');
      const { exports: all } = guest(build, {
        env: {
          lookup(key) {
            if (key === 'throw') throw thrown;
            if (key === 'value') throw 42;
            return key === 'none' ? undefined : `${key}!`;
          },
        },
        host: {
          check(ok) {
            if (!ok) throw thrown;
          },
          improve: (summary) => (summary.pieces === 0 ? 5 : summary),
        },
      });
      const long = 'ü'.repeat(3000);
      const calls = [
        () => all.same_string(long),
        () => all.same_string(''),
        () => all.same_opt_string(undefined),
        () => all.show_opt_bytes(new Uint8Array(3000)),
        () => all.same_f64s(new Float64Array(500)),
        () => all.same_boxed(new Uint16Array(7)),
        () => all.many(1, 2n, 3, 4, long, 6, new Uint16Array(9), true, 'x', 9n),
        () => all.pair(long, 1n),
        () => all.mixed(200),
        () => all.mixed(0),
        () => all.six(1n),
        () => all.spare(),
        () => all.check(false),
        () => all.parse('x'),
        () => all.find('a', 9),
        () => all.fail_with_value(),
        () => all.configure('x'),
        () => all.same_order(ORDER),
        () => all.same_order({ ...ORDER, status: 'Nope' }),
        () => all.same_order(() => 1),
        () => all.same_everything(EVERYTHING),
        () => all.same_everything({ ...EVERYTHING, newtype: 'x' }),
        () => all.stats_of({ ...ORDER, items: [] }),
        () => all.longest(['a', long]),
        () => all.count_words('a b c'),
        () => all.named(ORDER),
        () => all.same_tuple([1, long, true]),
        () => all.many(1, 2n, 3, 4, long, 6, new Uint16Array(9), true, 'x', 9),
        () => all.after('a=b', 5),
        () => all.call_lookup('throw'),
        () => all.call_lookup('value'),
        () => all.call_lookup(long),
        () => all.call_lookup('none'),
        () => all.failure_of_lookup('throw'),
        () => all.failure_of_lookup('value'),
        () => all.call_log(long),
        () => all.call_check(false),
        () => all.call_check(true),
        () => all.call_improve(ORDER),
        () => all.call_improve({ ...ORDER, items: [] }),
        () => all.call_total_of(ORDER, new Float64Array(3), long),
        () => all.call_twice(long),
        () => all.via_string(long),
        () => all.via_opt_bytes(new Uint8Array(3000)),
        () => all.via_u16s(new Uint16Array(5)),
        () => all.via_order(ORDER),
        () => all.via_strings(['a', long]),
        () => all.via_tuple([1, long]),
      ];
      const round = (call) => {
        try {
          call();
        } catch (error) {
          assert.match(error.code, /^ERR_(GUEST_ERROR|ARG_TYPE)$/, error.stack);
        }
      };
      for (const call of calls) {
        for (let i = 0; i < 3; i++) round(call);
        const before = all.live_bytes();
        for (let i = 0; i < 100; i++) round(call);
        assert.equal(all.live_bytes(), before, String(call));
      }
      const before = all.live_bytes();
      for (let i = 0; i < 100; i++) calls.forEach(round);
      assert.equal(all.live_bytes(), before);
    });
  });
}
