'use strict';

// A text in, JSON out: a call whose time is the guest's.

const texts = require('./texts');

exports.rows = [
  {
    name: 'words, 10 KiB',
    input: (k) => texts.english(10 * 1024, k),
    sides: ({ wasmgate, v8 }) =>
      [wasmgate, v8].map((driver) => ({ name: driver.name, call: driver.open('hello').words, probe: 'string' })),
  },
];
