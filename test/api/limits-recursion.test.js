'use strict';

// Recursion through JavaScript: the stack of the thread is JavaScript's and the guest's together.

const assert = require('node:assert/strict');
const { Instance, Module } = require('../..');
const { importingOnce } = require('../fixtures/endless');
const { track } = require('../helpers');

describe('recursion through an import', () => {
  for (const stackBytes of [65536, 524288, 4 << 20]) {
    it(`ends, with a stack of ${stackBytes} bytes`, () => {
      const module = track(Module.load(importingOnce, { stackBytes }));
      for (let i = 0; i < 20; i++) {
        let depth = 0;
        const work = () => {
          depth++;
          guest.exports.again();
        };
        const guest = track(new Instance(module, { imports: { work } }));
        let seen;
        try {
          guest.exports.again();
        } catch (error) {
          seen = error;
        }
        // Whose stack ends first is the engine's business.
        assert.ok(seen instanceof RangeError || seen?.trap === 'stack_overflow', String(seen?.stack ?? seen));
        assert.ok(depth > 1, String(depth));
        guest.close();
      }
    });
  }

  it('of two instances that call one another', () => {
    const module = track(Module.load(importingOnce));
    const guests = [];
    for (const i of [0, 1]) {
      const work = () => guests[1 - i].exports.again();
      guests.push(track(new Instance(module, { imports: { work } })));
    }
    let seen;
    try {
      guests[0].exports.again();
    } catch (error) {
      seen = error;
    }
    assert.ok(seen instanceof RangeError || seen?.trap === 'stack_overflow', String(seen?.stack ?? seen));
  });

  it('that ends by a limit of time', () => {
    const module = track(Module.load(importingOnce));
    const start = performance.now();
    const work = () => {
      if (performance.now() - start < 20000) guest.exports.again();
    };
    const guest = track(new Instance(module, { imports: { work }, limits: { timeoutMs: 100 } }));
    assert.throws(
      () => guest.exports.again(),
      (error) => error.code === 'ERR_TIMEOUT' || error.trap === 'stack_overflow' || error instanceof RangeError,
    );
    assert.ok(performance.now() - start < 10000);
  });
});
