'use strict';

// Root hooks: whatever a test opened must be gone when it is over. Closed by the
// test, closed by track(), or collected: but not left behind.

const assert = require('node:assert/strict');
const { live } = require('../js/load');
const { cachedModules } = require('./fixtures');
const { closeTracked, settle } = require('./helpers');

let before;

/** [instances, modules] of the process, without the modules that the fixtures keep on purpose. */
function count() {
  const [instances, modules] = live();
  return [instances, modules - cachedModules()];
}

exports.mochaHooks = {
  beforeEach() {
    assert.equal(typeof global.gc, 'function', 'run with --expose-gc');
    before = count();
  },

  async afterEach() {
    closeTracked();
    const isBack = () => count().every((number, i) => number === before[i]);
    if (!isBack()) await settle(isBack);
    assert.deepEqual(count(), before, 'live [instances, modules] after the test and before it');
  },
};
