'use strict';

// Code that was written for the WebAssembly of V8 runs unchanged on ours: what it prints is the same.

const assert = require('node:assert/strict');
const path = require('node:path');
const { child, root } = require('../helpers');
const packages = require('./glue-packages');

/** Says at the end whether there was an instance of ours, so that nobody passes by way of a substitute. */
const PRELUDE = `
  const { live } = require(${JSON.stringify(path.join(root, 'js/load'))});
  process.on('exit', () => console.log('spaces:', live()[0]));`;

describe('code of others', function () {
  this.timeout(60000);
  for (const [name, script] of Object.entries(packages)) {
    it(name, async () => {
      const install = ['--require', path.join(root, 'js/install.js')];
      const [v8, ours] = await Promise.all([[], install].map((flags) => child(script, { prelude: PRELUDE, flags })));
      assert.deepEqual([v8.code, v8.stderr], [0, ''], 'on V8');
      assert.match(v8.stdout, /^[^]+\nspaces: 0\n$/, 'it did something');
      assert.deepEqual(ours, { ...v8, stdout: v8.stdout.replace(/spaces: 0\n$/, 'spaces: 1\n') });
    });
  }
});
