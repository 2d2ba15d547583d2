'use strict';

// docs/types.md says what the differential tests found, which run before this file.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const { FILE, makeDocument } = require('../../scripts/types-table');
const { read } = require('../diff/record');

describe('docs/types.md', () => {
  it('is what scripts/types-table.js makes of the tests', () => {
    const text = fs.readFileSync(FILE, 'utf8');
    assert.equal(text, makeDocument(text, read()), 'run node scripts/types-table.js');
  });
});
