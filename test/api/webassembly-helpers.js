'use strict';

const assert = require('node:assert/strict');
const { createWebAssembly } = require('../..');
const { assemble } = require('../../js/load');
const { track } = require('../helpers');

/** The binary module of a text; a missing "(module" is added. */
const binary = (text) => new Uint8Array(assemble(text.startsWith('(module') ? text : `(module ${text})`));

/** A namespace of its own, closed after the test. */
const namespace = (options) => track(createWebAssembly(options));

/** The exports of a module in text form, in a namespace. */
function exportsOf(WebAssembly, text, imports) {
  return new WebAssembly.Instance(new WebAssembly.Module(binary(text)), imports).exports;
}

/** What `fn` throws. */
function thrown(fn) {
  let value;
  try {
    value = fn();
  } catch (error) {
    return error;
  }
  return assert.fail(`expected an exception, got the value ${String(value)}`);
}

/** Checks that `fn` throws exactly an error of that class; gives it. */
function throws(fn, class_, message) {
  const error = thrown(fn);
  if (Object.getPrototypeOf(error) !== class_.prototype) {
    assert.fail(`expected ${class_.name}, got ${String(error?.stack ?? error)}`);
  }
  if (message !== undefined) assert.match(error.message, message);
  return error;
}

/** The same for a promise. */
async function rejects(promise, class_, message) {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error) => ({ error }),
  );
  return throws(
    () => {
      if ('error' in outcome) throw outcome.error;
      return outcome.value;
    },
    class_,
    message,
  );
}

/** An object that says in `order` when it is converted. */
const converted = (order, name, value) => ({
  valueOf() {
    order.push(name);
    return value;
  },
});

module.exports = { binary, converted, exportsOf, namespace, rejects, thrown, throws };
