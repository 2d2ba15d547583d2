'use strict';

// What the wasm-bindgen tool wrote for Node.js, once on V8 and once with a namespace of ours in place of the global
// one: the same calls must end in the same way, and ask the same of JavaScript.

const assert = require('node:assert/strict');
const path = require('node:path');
const { createWebAssembly } = require('../..');
const { live } = require('../../js/load');
const { fixture, typesVersions } = require('../fixtures');
const { settle } = require('../helpers');
const groups = require('./cases');
const { loadGlue } = require('./glue');
const { makeHost } = require('./imports');
const { assertSame, checkOurs, outcome } = require('./outcomes');

const minorOf = (version) => parseInt(version.slice(4), 10);

/** A guest with its host; `WebAssembly` is what the glue finds under that name. */
function open(version, WebAssembly) {
  const host = makeHost();
  const file = path.join(path.dirname(fixture('types', version)), 'types.js');
  host.guest = loadGlue(file, WebAssembly === undefined ? host.imports : { ...host.imports, WebAssembly });
  return { guest: host.guest, host };
}

const act = (test, { guest, host }, args) => outcome(() => test.run(guest, host, ...args));

/** The class of a trap has another identity, but the same name. */
const kindOf = ({ thrown }) => (thrown instanceof Error ? thrown.name : typeof thrown);

function compare(test, args, v8, ours) {
  const expected = act(test, v8, args);
  const actual = act(test, ours, args);
  if (test.failure) assert.deepEqual([kindOf(actual), 'thrown' in actual], [kindOf(expected), true]);
  else checkOurs(test, args, actual, expected);
  assertSame(ours.host.log, v8.host.log, `what ${test.name} asked of JavaScript`);
}

/** The oldest glue, the newest, and one between. */
const versions = [0, 0.5, 1].map((part) => typesVersions[Math.floor((typesVersions.length - 1) * part)]);

for (const version of versions) {
  describe(`types ${version}, its glue on a namespace`, () => {
    let namespace, module, v8, ours, modules;
    const start = () => {
      namespace?.close();
      namespace = createWebAssembly();
      v8 = open(version);
      ours = open(version, Object.create(namespace, { Module: { value: once } }));
    };
    /** Compiles for the first instance alone, so that the number of modules stays the same. */
    function once(bytes) {
      return (module ??= new namespace.Module(bytes));
    }
    before(() => {
      [, modules] = live();
      start();
    });
    after(async () => {
      namespace.close();
      namespace = module = v8 = ours = undefined;
      await settle(() => live()[1] === modules);
    });

    for (const [group, tests] of Object.entries(groups)) {
      describe(group, () => {
        for (const test of tests.filter(({ since }) => !(since > minorOf(version)))) {
          it(test.name, () => {
            for (const args of test.inputs()) {
              if (test.fresh) start();
              v8.host.log.length = ours.host.log.length = 0;
              try {
                compare(test, args, v8, ours);
              } catch (error) {
                start(); // it may be in disorder
                throw error;
              }
            }
          });
        }
      });
    }
  });
}
