'use strict';

// Async functions of raw modules: the crate `async_js`, with the js-sys and the futures of each version.
// From 0.2.128 on those ask first whether the guest may be suspended.

const assert = require('node:assert/strict');
const { Instance, Module } = require('../..');
const { raw, rawVersions } = require('../fixtures');

for (const version of rawVersions('async_js')) {
  describe(`async_js ${version}, raw`, () => {
    let module;
    let instance;
    let guest;

    before(() => {
      module = Module.load(raw('async_js', version));
      instance = new Instance(module, { imports: 'js-sys' });
      guest = instance.exports;
    });
    after(() => {
      instance.close();
      module.close();
    });

    it('resolves and rejects', async () => {
      assert.equal(await guest.resolve_number(3), 3);
      assert.equal(await guest.resolve_text('schön'), 'schön');
      assert.equal(await guest.resolve_nothing(), undefined);
      await assert.rejects(guest.reject_with_error('no'), { message: 'no' });
    });

    it('waits for what JavaScript promises', async () => {
      assert.equal(await guest.add_one_later(new Promise((done) => setTimeout(done, 1, 4))), 5);
    });
  });
}
