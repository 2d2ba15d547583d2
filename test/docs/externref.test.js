'use strict';

// docs/externref.md: every command there is run, and prints what stands there.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const fixtures = require('../fixtures');
const { root } = require('../helpers');
const { directoryOf, examplesOf, run } = require('./examples');

const { files, sections } = examplesOf(fs.readFileSync(path.join(root, 'docs/externref.md'), 'utf8'));

describe('docs/externref.md', function () {
  this.timeout(120000);
  let dir;

  before(() => {
    dir = directoryOf('externref', files);
    fs.copyFileSync(fixtures.raw('accounts', '0.2.100'), path.join(dir, 'accounts.wasm'));
  });

  for (const section of sections) {
    for (const { line, expected } of section) {
      it(line, async () => assert.equal(await run(line, dir), expected));
    }
  }

  it('every file is used', () => {
    const used = [...sections.flat().map(({ line }) => line), ...files.values()].join('\n');
    for (const name of files.keys()) {
      if (name === 'accounts/src/lib.rs') continue;
      assert.ok(used.replace(`${name}\n`, '').includes(name), name);
    }
  });

  it('shows the Rust that the fixture was built from', () => {
    const source = fs.readFileSync(path.join(root, 'test/fixtures/rust/accounts/src/lib.rs'), 'utf8');
    const shown = files.get('accounts/src/lib.rs');
    assert.ok(source.endsWith(shown.slice(shown.indexOf('\n') + 1)));
  });
});
