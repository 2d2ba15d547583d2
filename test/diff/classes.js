'use strict';

// Stories about classes and enums of the crate `types`; see stories.js.

const { inputs } = require('./inputs');
const { both, ending, fails, objects } = require('./story');

/** All functions of a class of which the stories tell something. */
const counter = (...names) => ['Counter', ...names.map((name) => `counter_${name}`)];

const classes = [
  objects('a counter counts', counter('new', 'get', 'increment', 'value', 'set_value'), (guest) => {
    const c = new guest.Counter(41);
    const seen = [c instanceof guest.Counter, typeof c, c.get(), c.increment(), c.value, c.increment()];
    c.value = -2147483648;
    seen.push(c.value, c.get());
    c.step = -1;
    seen.push(c.increment(), c.step);
    c.free();
    return seen;
  }),
  objects(
    'fields of every kind',
    counter('name', 'rename'),
    (guest) => {
      const c = new guest.Counter(0);
      const d = new guest.Counter(0);
      const seen = [d.id - c.id, c.isOpen, c.open, c.hidden, c.limit, c.letter, c.total, c.fullName, c.name];
      c.isOpen = false;
      c.limit = -0;
      c.letter = '\u{1f600}';
      c.total = 2n ** 64n - 1n;
      c.fullName = 'ä \ud800 \0';
      seen.push(c.isOpen, c.limit, c.letter, c.total, c.fullName, d.isOpen, d.limit);
      c.limit = undefined;
      seen.push(
        c.limit,
        fails(() => {
          c.id = 5;
        }),
      );
      c.free();
      d.free();
      return seen;
    },
    { since: 70 },
  ), // fields have no js_name before
  objects('methods that take and give counters', counter('absorb', 'minus', 'swap', 'split', 'describe'), (guest) => {
    const a = new guest.Counter(10);
    const b = new guest.Counter(3);
    const seen = [a.minus(b), b.minus(a)];
    a.swap(b);
    seen.push(a.get(), b.get());
    a.absorb(b);
    seen.push(a.get());
    seen.push(fails(() => b.get()));
    a.fullName = 'a♥';
    seen.push(a.describe(''), a.describe('ä: '), a.describe('x'.repeat(100_000)).length);
    const half = a.split();
    seen.push(half instanceof guest.Counter, half.get(), a.get());
    const none = new guest.Counter(1);
    seen.push(none.split());
    for (const each of [a, half, none]) each.free();
    return seen;
  }),
  objects('static methods', counter('withName', 'live', 'checked'), (guest) => {
    const live = guest.Counter.live();
    const c = guest.Counter.withName('näme');
    const seen = [c instanceof guest.Counter, c.fullName, c.get(), guest.Counter.live() - live];
    const ok = guest.Counter.checked(5);
    seen.push(
      ok.get(),
      ending(() => guest.Counter.checked(-7)),
      guest.Counter.live() - live,
    );
    ok.free();
    c.free();
    seen.push(guest.Counter.live() - live, guest.live_counters() - live);
    return seen;
  }),
  objects('self by value ends the object', counter('finish', 'intoNamed'), (guest) => {
    const live = guest.live_counters();
    const c = new guest.Counter(9);
    const seen = [c.finish(), fails(() => c.get()), fails(() => c.finish()), guest.live_counters() - live];
    const d = new guest.Counter(8).intoNamed('new name');
    seen.push(d.describe('>'), guest.live_counters() - live);
    d.free();
    seen.push(
      guest.live_counters() - live,
      fails(() => d.get()),
    );
    return seen;
  }),
  objects(
    'functions that take and give counters',
    ['make_counter', 'take_counter', 'peek_counter', 'bump_counter', 'echo_counter', 'live_counters'],
    (guest) => {
      const live = guest.live_counters();
      const c = guest.make_counter(-5);
      guest.bump_counter(c, 7);
      const seen = [c instanceof guest.Counter, guest.peek_counter(c), guest.peek_counter(c)];
      const d = guest.echo_counter(c);
      seen.push(
        d instanceof guest.Counter,
        d.get(),
        fails(() => guest.peek_counter(c)),
      );
      seen.push(
        guest.take_counter(d),
        fails(() => guest.take_counter(d)),
        guest.live_counters() - live,
      );
      seen.push(
        fails(() => guest.peek_counter({})),
        fails(() => guest.peek_counter(undefined)),
      );
      return seen;
    },
  ),
  objects('counters that may be missing', ['make_opt_counter', 'opt_counter', 'take_opt_counter'], (guest) => {
    const c = guest.make_opt_counter(4);
    const seen = [guest.make_opt_counter(undefined), guest.make_opt_counter(null), c.get()];
    const d = guest.opt_counter(c);
    seen.push(d.get(), guest.opt_counter(undefined), guest.opt_counter(null));
    seen.push(
      guest.take_opt_counter(d),
      guest.take_opt_counter(),
      fails(() => d.get()),
    );
    return seen;
  }),
  objects('a counter as any value', ['value_of_counter'], (guest) => {
    const c = guest.value_of_counter(new guest.Counter(3));
    const seen = [c instanceof guest.Counter, c.get()];
    c.free();
    return seen;
  }),
  objects(
    'any value as a counter',
    ['counter_of_value'],
    (guest) => {
      const c = new guest.Counter(6);
      return [guest.counter_of_value(c), fails(() => c.get())];
    },
    { since: 88 },
  ),
  // Instances of their own, because that glue frees such a value twice, and what it throws is another one.
  objects(
    'what is no counter',
    ['counter_of_value'],
    (guest, host, value) => ending(() => guest.counter_of_value(value)),
    {
      inputs: () => [...inputs.thrown, undefined, true].map((value) => [value]),
      expect: (value) => ['threw', value],
      since: 88,
      fresh: true,
      wrongGlue: [88, 104],
    },
  ),
  objects(
    'another object is no counter',
    ['counter_of_value'],
    (guest) => {
      const point = new guest.Point(0, 0);
      return ending(() => guest.counter_of_value(point))[1] === point;
    },
    { expect: () => true, since: 88, fresh: true, wrongGlue: [88, 104] },
  ),
  objects('a list of what is no counter', ['take_counters'], (guest) => fails(() => guest.take_counters([{}])), {
    since: 88,
    fresh: true,
  }),
  objects(
    'lists of objects',
    ['make_counters', 'take_counters', 'vec_point'],
    (guest) => {
      const live = guest.live_counters();
      const list = guest.make_counters(Int32Array.of(5, -6, 7));
      const seen = [list.map((c) => c.get()), guest.live_counters() - live, guest.make_counters(new Int32Array())];
      seen.push(
        guest.take_counters(list),
        list.map((c) => fails(() => c.get())),
        guest.live_counters() - live,
      );
      const points = guest.vec_point([new guest.Point(1, 2), new guest.Point(-0, NaN)]);
      seen.push(points.map((point) => [point instanceof guest.Point, point.x, point.y, point.label]));
      return seen;
    },
    { since: 88 },
  ),
  objects('points', ['Point', 'point_new', 'point_length', 'point_doubled', 'middle'], (guest) => {
    const a = new guest.Point(3, -4);
    const b = new guest.Point(-0, NaN);
    const seen = [a.x, a.y, a.label, b.x, b.y, a.length(), a.toJSON(), JSON.parse(a.toString())];
    a.x = Infinity;
    a.y = Number.MIN_VALUE;
    seen.push(
      a.x,
      a.y,
      fails(() => {
        a.label = 1;
      }),
      a.label,
    );
    const c = new guest.Point(1, 2).doubled();
    const m = guest.middle(c, new guest.Point(0, 1));
    seen.push(c.x, c.y, m.x, m.y);
    return seen;
  }),
  objects('a class with another name and no constructor', ['Duo', 'duo_of', 'duo_toText'], (guest) => {
    const duo = guest.Duo.of('ä', '');
    return [guest.Pair, duo instanceof guest.Duo, duo.toText(), duo.constructor.name];
  }),
  objects('freed objects are gone', counter('free'), (guest) => {
    const c = new guest.Counter(1);
    const d = new guest.Counter(2);
    c.free();
    const uses = [() => c.get(), () => c.increment(), () => c.step, () => c.finish(), () => guest.take_counter(c)];
    // What was given to such a call along with it stays borrowed, so each gets another one.
    uses.push(
      () => new guest.Counter(0).minus(c),
      () => new guest.Counter(0).absorb(c),
      () => new guest.Counter(0).swap(c),
    );
    return [uses.map(fails), d.finish()];
  }),
  both('an object in use', counter('update', 'visit'), (guest) => {
    const c = new guest.Counter(5);
    const seen = [c.visit((n) => n * 2), c.update((n) => n + 1), c.get()];
    seen.push(c.visit(() => c.get() * 100));
    const inside = [];
    c.update((n) => {
      inside.push(
        fails(() => c.get()),
        fails(() => c.increment()),
        fails(() => c.visit(() => 0)),
      );
      return n - 1;
    });
    c.visit((n) => {
      inside.push(
        fails(() => c.increment()),
        fails(() => c.update(() => 0)),
      );
      return n;
    });
    return [seen, inside, c.get()];
  }),
  objects(
    'namespaces',
    ['geometry', 'other_axis'],
    (guest) => {
      const { Axis, circumference, flat } = guest.geometry;
      const square = new flat.Square(3);
      const seen = [square.area(), circumference(square), square.side, Axis.Horizontal, Axis.Vertical];
      seen.push(guest.other_axis(Axis.Horizontal), guest.other_axis(Axis.Vertical), guest.Square);
      square.side = 0.5;
      seen.push(square.area());
      return seen;
    },
    { since: 106 },
  ),
  objects('enums as objects', ['Color', 'Size', 'Range'], ({ Color, Size, Range }) => [
    ...[Color.Red, Color.Green, Color.Blue, Color[1], Color[5], Color[3]],
    ...[Size.Small, Size.Large, Size[0], Range.Least, Range.Greatest, Range[0x7fffffff]],
    ...[Object.keys(Color).sort(), Object.isFrozen(Color)],
  ]),
  objects('an enum with negative numbers', ['Sign'], ({ Sign }) => [Sign.Minus, Sign.Lowest, Sign[-1], Sign[0]], {
    since: 96,
  }),
  both('objects that go to JavaScript and back', ['pass_counter', 'pass_opt_counter', 'pass_point'], (guest) => {
    const c = new guest.Counter(3);
    const d = guest.pass_counter(c);
    const seen = [d instanceof guest.Counter, d.get(), fails(() => c.get())];
    const e = guest.pass_opt_counter(d);
    seen.push(e.finish(), guest.pass_opt_counter(undefined), guest.pass_opt_counter(null));
    const point = guest.pass_point(new guest.Point(1, -0));
    return [...seen, point.x, point.y, point.label];
  }),
  both(
    'lists of objects that go to JavaScript and back',
    ['pass_vec_point'],
    (guest) => [
      guest.pass_vec_point([]),
      guest.pass_vec_point([new guest.Point(1, 2), new guest.Point(3, 4)]).map((point) => [point.x, point.y]),
    ],
    { since: 88 },
  ),
];

module.exports = { classes };
