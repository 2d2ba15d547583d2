'use strict';

// What several exports of the crate `types` tell together: closures, imports, panics, and the classes of classes.js. The
// fields are those of cases.js. Each story returns plain values, so that hosts can be compared.

const { inputs } = require('./inputs');
const { classes } = require('./classes');
const { both, ending, fails, objects, story } = require('./story');

const closures = [
  both('functions of JavaScript', ['call_function', 'call_function_with'], (guest) => {
    const context = {};
    const error = new RangeError('from JavaScript');
    const seen = [
      guest.call_function(function () {
        return this;
      }, context) === context,
      guest.call_function(() => undefined, 1),
      ending(() =>
        guest.call_function(() => {
          throw error;
        }, 1),
      )[1] === error,
    ];
    const back = guest.call_function_with((...args) => args, context, 'b\ud800');
    seen.push(back.length, back[0] === context, back[1]);
    return seen;
  }),
  both('closures that are lent', ['lend_fn', 'lend_fn_mut', 'lend_fn_of_many'], (guest) => [
    ...[guest.lend_fn(0, 1), guest.lend_fn(5, 3), guest.lend_fn(1000, 2 ** 20)],
    ...[guest.lend_fn_mut(''), guest.lend_fn_mut('first '), guest.lend_fn_of_many()],
  ]),
  both('a closure that is called too late', ['lend_too_long'], (guest, host) => [
    ...[guest.lend_too_long(5), fails(() => host.kept(1)), guest.lend_too_long(6), fails(() => host.kept(1))],
  ]),
  both('a closure that is called from within itself', ['lend_recursive'], (guest, host) => {
    const seen = [];
    const text = guest.lend_recursive(() => {
      try {
        host.recurse(2);
      } catch (error) {
        host.thrown = error;
      }
    });
    seen.push(text, guest.lend_fn(3, 1));
    return seen;
  }),
  objects('closures that are given away', ['make_adder', 'make_ticker', 'make_joiner', 'make_seven'], (guest) => {
    const add = guest.make_adder(0.5);
    const tick = guest.make_ticker(7);
    const join = guest.make_joiner('ä');
    const seven = guest.make_seven();
    const seen = [typeof add, add(1), add(-0), add(NaN), tick(), tick(), guest.make_ticker(0)(), tick()];
    seen.push(join('x', 'y'), join('\ud800', undefined), join('', null));
    seen.push(seven(255, -32768, 4294967295, -(2n ** 63n), 0.1, true, '\u{1f600}'), add === guest.make_adder(0.5));
    return seen;
  }),
  objects('a closure that works once', ['make_once'], (guest) => {
    const once = guest.make_once('text ');
    return [once('and ä'), fails(() => once('again')), guest.make_once('')('')];
  }),
  both('a closure that lives as long as an object', ['Subscription', 'subscription_new'], (guest, host) => {
    const subscription = new guest.Subscription();
    const { subscriber } = host;
    const seen = [typeof subscriber, subscriber === subscription.callback, subscription.alive];
    subscriber(2);
    subscriber(4294967295);
    seen.push(subscription.seen);
    subscription.cancel();
    seen.push(
      fails(() => subscriber(3)),
      subscription.seen,
      subscription.alive,
      subscription.callback,
    );
    subscription.free();
    return seen;
  }),
];

const imports = [
  both('nested namespaces', ['call_nested'], (guest) => guest.call_nested('x'), { since: 64 }),
  both('functions', ['call_add', 'call_named', 'call_variadic', 'call_variadic_values'], (guest) => [
    ...[guest.call_add(1, 2), guest.call_add(2 ** 31 - 1, 1), guest.call_named('ä'), guest.call_named('')],
    ...[guest.call_variadic(1, Int32Array.of(2, 3)), guest.call_variadic(1, new Int32Array())],
    ...[guest.call_variadic_values([]), guest.call_variadic_values([1, undefined, {}])],
  ]),
  both('values', ['read_statics'], (guest, host) => {
    const again = guest.read_statics();
    const [version, level, answer, absent] = guest.read_statics();
    return [version, level, answer === host.answer, absent, again.length];
  }),
  both('modules', ['call_modules'], (guest) => [guest.call_modules(1.5, 'ä'), guest.call_modules(-0, '')], {
    expect: () => ['4616752568008179712 4614782243171205120 ää <ä>', '9223372036854775808 9223372036854775808  <>'],
    wrongGlue: [83, 83], // does not import `default`
  }),
  both('back and forth', ['add_again'], (guest) => [guest.add_again(0), guest.add_again(1), guest.add_again(50)]),
  both('things', ['use_thing', 'use_special', 'make_thing', 'try_thing', 'greet_thing'], (guest, host) => {
    const thing = guest.make_thing('näme');
    const seen = [guest.use_thing('one', 'hi'), guest.use_thing('', ''.padEnd(9, 'ä')), guest.use_special('s')];
    seen.push(thing instanceof host.Thing, thing.name, guest.try_thing('t', false).name);
    seen.push(ending(() => guest.try_thing('t', true))[1].message, guest.greet_thing(thing, 'hello'));
    seen.push(ending(() => guest.greet_thing(thing, ''))[1].message, ending(() => guest.greet_thing({}, 'x'))[0]);
    seen.push(guest.greet_thing({ greet: () => 'like a thing' }, 'x'));
    return seen;
  }),
  both('classes of values', ['name_of_thing', 'classes_of_value'], (guest, host) => {
    const list = [new host.Thing('t'), new host.SpecialThing('s'), {}, { name: 'x' }, 7, null, undefined, () => 1];
    return [...list, Object.create(null)].map((v) => [guest.name_of_thing(v), guest.classes_of_value(v)]);
  }),
  both('properties that may be missing', ['set_nick'], (guest, host) => {
    const thing = new host.Thing('t');
    return [
      ...[guest.set_nick(thing, 'nick'), thing.nickName, guest.set_nick(thing, undefined), thing.nickName],
      ...[guest.set_nick(thing, ''), guest.set_nick(thing, null)],
    ];
  }),
  both('tables', ['use_table'], (guest) => {
    const table = { a: 1, ä: { deep: true } };
    const seen = [guest.use_table(table, 'a', 'b'), guest.use_table(table, 'ä', 'c') === table.c];
    seen.push(guest.use_table(table, 'missing', 'd'), table);
    return seen;
  }),
  ...['bool', 'i32', 'i64', 'f64', 'string', 'vec', 'opt_u32', 'opt_f64', 'value', 'unit'].map((kind) => {
    const list = { vec: 'u8s', string: 'shortText', opt_u32: 'u32', opt_f64: 'f64', value: 'values' }[kind] ?? kind;
    const run = (guest, host, value, error) => {
      const args = kind === 'unit' ? [error] : [value, error];
      const [how, what] = ending(() => guest[`catch_${kind}`](...args));
      return [how, what instanceof host.KeptError ? ['kept', what.error] : what];
    };
    const pairs = [...(inputs[list] ?? []).map((value) => [value, undefined]), ...inputs.thrown.map((e) => [true, e])];
    const value = (inputs[list] ?? [undefined])[0];
    const expected = (v) => (kind === 'string' ? v.toWellFormed() : v);
    return both(`catch of ${kind}`, [`catch_${kind}`], run, {
      expect: (v, error) => (error === undefined ? ['returned', expected(v)] : ['threw', ['kept', error]]),
      wrongGlue: kind === 'i64' ? [83, 126] : undefined, // gives undefined where it needs a bigint
      inputs: () => pairs.map(([v, error]) => [error === undefined ? v : value, error]),
    });
  }),
  story('a missing function', ['call_missing'], (guest) => guest.call_missing(1), { failure: 'missing', fresh: true }),
  both('what JavaScript throws past Rust', ['call_throw'], (guest, host, value) => guest.call_throw(value), {
    throws: true,
    inputs: () => inputs.thrown.map((value) => [value]),
    fresh: true,
  }),
];

/** [message, place] of a panic, which the versions of Rust write in different ways. */
function readPanic(text) {
  const [, oldMessage, oldPlace] = /^panicked at '([^]*)', (\S+)$/.exec(text) ?? [];
  const [, newPlace, newMessage] = /^panicked at (\S+):\n([^]*)$/.exec(text) ?? [];
  return [oldMessage ?? newMessage, oldPlace ?? newPlace];
}

const panic = (name, args = []) =>
  story(`${name}(${args.map(String).join(', ')})`, [name], (guest) => guest[name](...args), {
    failure: 'trap',
    fresh: true,
  });

const panics = [
  panic('panic_literal'),
  panic('panic_formatted', [-7, 'ä "quoted"']),
  panic('unwrap_none'),
  panic('expect_number', ['x']),
  panic('number_at', [3]),
  panic('number_at', [4294967295]),
  panic('add_checked', [2147483647, 1]),
  panic('divide', [1, 0]),
  panic('divide', [-2147483648, -1]),
  panic('recurse', [1n]),
  panic('abort'),
  story('the same functions without a panic', ['number_at', 'add_checked', 'divide', 'expect_number'], (guest) => [
    ...[
      guest.number_at(0),
      guest.number_at(2),
      guest.add_checked(-1, 1),
      guest.divide(-7, 2),
      guest.expect_number('12'),
    ],
  ]),
  objects(
    'a panic in a method',
    ['Counter', 'counter_incrementAndPanic'],
    (guest) => new guest.Counter(1).incrementAndPanic(),
    {
      failure: 'trap',
      fresh: true,
    },
  ),
  objects('a panic in a closure', ['make_panicking'], (guest) => guest.make_panicking()(), {
    failure: 'trap',
    fresh: true,
  }),
  both(
    'panics that are reported',
    ['report_panics'],
    (guest, host, name, ...args) => {
      guest.report_panics();
      return [fails(() => guest[name](...args)), host.panics.map(readPanic)];
    },
    {
      inputs: () => [
        ['panic_literal'],
        ['panic_formatted', 5, 'ä\n'],
        ['unwrap_none'],
        ['number_at', 9],
        ['divide', 1, 0],
      ],
      fresh: true,
    },
  ),
  story('a text thrown by Rust', ['throw_text'], (guest, host, text) => guest.throw_text(text), {
    throws: true,
    inputs: () => [['an error'], ['ä \u{1f600}'], ['']],
    fresh: true,
  }),
  objects('a value thrown by Rust', ['throw_value'], (guest, host, value) => guest.throw_value(value), {
    throws: true,
    inputs: () => inputs.thrown.map((value) => [value]),
    fresh: true,
  }),
];

const others = [
  story(
    'the start function ran once',
    ['starts', 'begin'],
    (guest) => {
      const seen = [guest.starts()];
      guest.begin();
      return [...seen, guest.starts()];
    },
    { fresh: true, expect: () => [1, 2] },
  ),
  objects(
    'values that Rust keeps',
    ['keep_value', 'kept_values'],
    (guest, host, list) => {
      const counts = list.map((value) => guest.keep_value(value));
      return [counts, guest.kept_values(), guest.kept_values()];
    },
    {
      inputs: () => inputs.values_lists.map((list) => [list]),
      expect: (list) => [list.map((_, i) => i + 1), list, []],
    },
  ),
];

module.exports = { classes, closures, imports, panics, others };
