'use strict';

// Writes down which exports of the crate `types` did what the glue does, for scripts/types-table.js:
//
//   { raw: { '0.2.127': { exports: [name, …], passed: […], failed: […], reasons: { name: why it is unsupported } } },
//     processed: … }
//
// An export has passed if every test that covers it has, and there is one.

const fs = require('node:fs');
const path = require('node:path');
const { root } = require('../helpers');

const file = path.join(root, 'build/types-results.json');
const modes = { raw: new Map(), processed: new Map() };
const pending = new Set();

/** The record of a version; `module` is described once it is loaded. */
function record(mode, version) {
  const tests = [];
  const entry = { tests, exports: [], reasons: {} };
  modes[mode].set(version, entry);
  return {
    describe(module) {
      entry.exports = module.exports.map(({ name }) => name);
      for (const { name, unsupported } of module.exports) if (unsupported) entry.reasons[name] = unsupported;
    },
    /** Runs the body of a test and notes how it ended. */
    run(test, body) {
      const result = { covers: test.covers, passed: false };
      tests.push(result);
      body(test);
      result.passed = true;
    },
    expect(test) {
      pending.add(`${mode} ${version} ${test.name}`);
    },
    done(test) {
      pending.delete(`${mode} ${version} ${test.name}`);
    },
  };
}

function summary({ tests, exports, reasons }) {
  const covered = new Set(tests.flatMap((test) => test.covers));
  const failed = new Set(tests.filter((test) => !test.passed).flatMap((test) => test.covers));
  const sorted = (names) => [...names].sort();
  return { exports, passed: sorted([...covered].filter((name) => !failed.has(name))), failed: sorted(failed), reasons };
}

/** Writes the file, unless some tests did not run. */
function write() {
  if (pending.size > 0) return;
  const text = Object.fromEntries(
    Object.entries(modes).map(([mode, versions]) => [
      mode,
      Object.fromEntries([...versions].map(([version, entry]) => [version, summary(entry)])),
    ]),
  );
  fs.writeFileSync(file, JSON.stringify(text));
}

/** What the last run of all tests has found. */
function read() {
  const built = path.join(root, 'build/Release/wasmgate.node');
  if (!fs.existsSync(file) || fs.statSync(file).mtimeMs < fs.statSync(built).mtimeMs) {
    throw new Error('the differential tests have not run with this build: npm test -- test/diff/*.test.js');
  }
  return JSON.parse(fs.readFileSync(file, 'utf8'));
}

module.exports = { record, write, read };
