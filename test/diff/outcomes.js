'use strict';

// How what two hosts did is compared.

const assert = require('node:assert/strict');
const { inspect, isDeepStrictEqual } = require('node:util');

/** Runs `fn` and says how it ended. What a Rust Err or a throw in Rust carries counts as thrown, however it is wrapped. */
function outcome(fn) {
  try {
    return { value: fn() };
  } catch (error) {
    const coded = error instanceof Error && error.code === 'ERR_GUEST_ERROR';
    return { thrown: coded ? error.value : error, coded };
  }
}

const show = (value) => inspect(value, { depth: 4, maxArrayLength: 12, maxStringLength: 120, breakLength: 110 });

/** Like deepStrictEqual, with messages of bearable length. -0 and NaN count, and so does the class of a typed array. */
function assertSame(actual, expected, what) {
  if (isDeepStrictEqual(actual, expected) && identical(actual, expected)) return;
  assert.fail(`${what}\n  got      ${show(actual)}\n  expected ${show(expected)}`);
}

/** Whether two results consist of the same objects of JavaScript, as far as they have any to begin with. */
function identical(a, b) {
  if (typeof a === 'function' || typeof a === 'symbol') return a === b;
  if (Array.isArray(a) && Array.isArray(b)) return a.every((item, i) => a === b || identical(item, b[i]));
  return true;
}

const isError = (value) => value instanceof Error;

/** Whether two values that were thrown are the same one, or Errors made by each host with the same message. */
function sameThrown(a, b) {
  return Object.is(a, b) || (isError(a) && isError(b) && a.message === b.message);
}

/** What each kind of failure means for the glue and for ours. */
const FAILURES = {
  /** A panic, or a trap for another reason. */
  trap: [
    (error) => error instanceof WebAssembly.RuntimeError || error instanceof RangeError,
    (error) => error.code === 'ERR_PANIC' || error.code === 'ERR_TRAP',
  ],
  /** A String that is not UTF-8. */
  utf8: [(error) => error instanceof TypeError, (error) => error.code === 'ERR_RESULT_UTF8'],
  /** A call of an import that nobody provides. */
  missing: [(error) => isError(error), (error) => error.code === 'ERR_IMPORT_CALLED'],
};

/** Whether the glue of a version of the wasm-bindgen tool has a defect that shows in a test. */
const isWrong = (test, minor) => test.wrongGlue && minor >= test.wrongGlue[0] && minor <= test.wrongGlue[1];

/** Checks that the glue did what is right. */
function checkGlue(test, args, result) {
  const what = `${test.name}(${args.map(show).join(', ').slice(0, 300)}) on V8`;
  if (test.failure) {
    assert.ok('thrown' in result && FAILURES[test.failure][0](result.thrown), `${what}: ${show(result)}`);
  } else if (test.expect) {
    if ('thrown' in result) assert.fail(`${what} threw ${show(result.thrown)}`);
    assertSame(result.value, test.expect(...args), what);
  } else if (test.throws === false && 'thrown' in result) {
    assert.fail(`${what} threw ${show(result.thrown)}`);
  }
}

/** Checks that ours did what the glue did. */
function checkOurs(test, args, ours, glue) {
  const what = `${test.name}(${args.map(show).join(', ').slice(0, 300)})`;
  if (test.failure) {
    assert.ok('thrown' in ours && FAILURES[test.failure][1](ours.thrown), `${what}: ${show(ours)}`);
    return;
  }
  if ('thrown' in glue) {
    const right = 'thrown' in ours && sameThrown(ours.thrown, glue.thrown);
    assert.ok(right, `${what}\n  got      ${show(ours)}\n  expected ${show(glue)}`);
    return;
  }
  if ('thrown' in ours) assert.fail(`${what}\n  threw    ${show(ours.thrown)}\n  expected ${show(glue.value)}`);
  assertSame(ours.value, glue.value, what);
}

module.exports = { outcome, isWrong, checkGlue, checkOurs, assertSame };
