'use strict';

const assert = require('node:assert/strict');
const diagnostics = require('node:diagnostics_channel');
const { report, wanted } = require('../../js/audit');

const decisions = () => [
  { import: 'm.a', grant: 'x', allowed: true, reason: 'x is granted' },
  { import: 'm.b', grant: 'y', allowed: false, reason: 'not granted' },
];

describe('audit', () => {
  const seen = [];
  const subscriber = (message, name) => seen.push([name, message]);

  afterEach(() => {
    diagnostics.unsubscribe('wasmgate:audit', subscriber);
    seen.length = 0;
  });

  it('is wanted by who is called, and by who subscribed', () => {
    assert.equal(wanted(undefined), false);
    assert.equal(
      wanted(() => {}),
      true,
    );
    diagnostics.subscribe('wasmgate:audit', subscriber);
    assert.equal(wanted(undefined), true);
  });

  it('tells both of each decision, in order, frozen', () => {
    diagnostics.subscribe('wasmgate:audit', subscriber);
    const told = [];
    report(decisions(), (decision) => told.push(decision));
    assert.deepEqual(told, decisions());
    assert.deepEqual(
      seen,
      decisions().map((decision) => ['wasmgate:audit', decision]),
    );
    assert.ok(told.every(Object.isFrozen));
    report([], () => assert.fail('called'));
  });

  it('either alone', () => {
    report(decisions());
    assert.deepEqual(seen, []);
    diagnostics.subscribe('wasmgate:audit', subscriber);
    report(decisions());
    assert.equal(seen.length, 2);
  });

  it('what onAudit throws comes out', () => {
    const thrown = { not: 'even an Error' };
    let calls = 0;
    assert.throws(
      () =>
        report(decisions(), () => {
          calls++;
          throw thrown;
        }),
      (error) => error === thrown,
    );
    assert.equal(calls, 1);
  });
});
