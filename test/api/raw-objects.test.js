'use strict';

// Objects of a guest's classes in hands that they are not made for.

const assert = require('node:assert/strict');
const { Instance, Module } = require('../..');
const fixtures = require('../fixtures');
const { closeTracked, refuses, track } = require('../helpers');

for (const version of ['0.2.127', '0.2.83']) {
  describe(`raw modules: objects, ${version}`, () => {
    let module, guest, Counter;

    beforeEach(() => {
      module = track(Module.load(fixtures.raw('types', version)));
      guest = track(new Instance(module, { imports: {} }));
      ({ Counter } = guest.exports);
    });
    afterEach(closeTracked);

    it('a method that consumes its object does so only if its arguments are right', () => {
      const object = new Counter(5);
      refuses(() => object.finish(5), 'ERR_ARG_COUNT');
      refuses(() => object.intoNamed(5), 'ERR_ARG_TYPE', { argument: 0 });
      assert.equal(object.get(), 5);
      assert.equal(object.finish(), 5);
      refuses(() => object.get(), 'ERR_OBJECT_FREED');
      refuses(() => object.finish(), 'ERR_OBJECT_FREED');
    });

    it('what is no object of the class is refused as this and as an argument', () => {
      const { get } = Counter.prototype;
      const object = new Counter(1);
      const others = [
        undefined,
        null,
        1,
        {},
        Object.create(Counter.prototype),
        new Proxy(object, {}),
        structuredClone(object),
      ];
      for (const other of [...others, new guest.exports.Point(1, 2)]) {
        refuses(() => get.call(other), 'ERR_ARG_TYPE');
        refuses(() => guest.exports.peek_counter(other), 'ERR_ARG_TYPE', { argument: 0 });
      }
      assert.throws(() => Counter(1), TypeError);
      refuses(() => Counter.prototype.value, 'ERR_ARG_TYPE');
    });

    it('objects of another instance', () => {
      const other = track(new Instance(module));
      refuses(() => other.exports.peek_counter(new Counter(1)), 'ERR_OBJECT_FOREIGN');
      refuses(() => other.exports.Counter.prototype.get.call(new Counter(1)), 'ERR_OBJECT_FOREIGN');
    });

    it('subclasses, and constructors called in other ways', () => {
      class Twice extends Counter {
        constructor() {
          super(21);
        }
        twice() {
          return this.get() * 2;
        }
      }
      assert.equal(new Twice().twice(), 42);
      assert.equal(guest.exports.peek_counter(Reflect.construct(Counter, [3], Object)), 3);
      refuses(() => new Counter(1, 2), 'ERR_ARG_COUNT');
      refuses(() => new Counter('1'), 'ERR_ARG_TYPE');
    });

    it('objects that were freed or given away', () => {
      const freed = new Counter(1);
      freed.free();
      freed.free();
      const given = new Counter(2);
      assert.equal(guest.exports.take_counter(given), 2);
      for (const gone of [freed, given]) {
        refuses(() => gone.get(), 'ERR_OBJECT_FREED');
        refuses(() => (gone.step = 1), 'ERR_OBJECT_FREED');
        refuses(() => guest.exports.peek_counter(gone), 'ERR_OBJECT_FREED');
        refuses(() => guest.exports.take_counter(gone), 'ERR_OBJECT_FREED');
      }
      assert.equal(Counter.live(), 0);
    });

    it('an object that is in use', () => {
      const used = new Counter(1);
      refuses(() => used.update(() => used.get()), 'ERR_GUEST_ERROR');
      const freed = new Counter(1);
      refuses(() => freed.update(() => freed.free()), 'ERR_GUEST_ERROR');
      const seen = new Counter(1);
      assert.equal(
        seen.visit(() => seen.get() + 1),
        2,
      );
    });

    it('objects outlive close(), and a panic', () => {
      const object = new Counter(1);
      guest.close();
      for (const use of [() => object.get(), () => object.free(), () => new Counter(1)]) refuses(use, 'ERR_CLOSED');
      const other = track(new Instance(module));
      const panicking = new other.exports.Counter(1);
      refuses(() => panicking.incrementAndPanic(), 'ERR_PANIC');
      const uses = [
        () => panicking.get(),
        () => panicking.step,
        () => panicking.free(),
        () => new other.exports.Counter(1),
        () => other.exports.take_counter(panicking),
        () => other.exports.echo_value({}),
      ];
      for (const use of [...uses, ...uses]) refuses(use, 'ERR_POISONED');
    });

    it('close() in the middle of a call', () => {
      assert.equal(
        new Counter(5).visit((n) => (refuses(() => guest.close(), 'ERR_BUSY'), n)),
        5,
      );
      assert.equal(guest.state, 'open');
    });
  });
}
