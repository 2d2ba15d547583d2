'use strict';

// The same crate through the same API, raw as the compiler wrote it and processed by the wasm-bindgen tool: where the
// types come from should not change what a call costs.

const { random } = require('./stats');
const texts = require('./texts');

const say = (size, length) => ({
  name: `say, ${size}, raw`,
  input: (k) => texts.english(length, k),
  expect: (text) => texts.flat(`hello ${text}`),
  of: ['strings', 'say', 'string'],
});

/** Noise, other for each k. */
function noise(length, k) {
  const next = random(length + k);
  return Uint8Array.from({ length }, () => next() * 256);
}

const rows = [
  say('5 B', 5),
  say('64 B', 64),
  say('1 KiB', 1 << 10),
  { name: 'add(i32, i32), raw', of: ['numbers', 'add', 'add'] },
  {
    name: 'echo, 1 KiB of bytes, raw',
    settings: { rounds: 20, roundMs: 100 },
    input: (k) => noise(1 << 10, k),
    expect: (data) => data.slice(),
    of: ['bytes', 'echo', 'bytes'],
  },
];

exports.rows = rows.map(({ of: [crate, name, probe], ...row }) => ({
  peer: 'the processed module',
  target: 1.05,
  sides: ({ wasmgate }) => [
    { name: 'raw', call: wasmgate.openRaw(crate)[name], probe },
    { name: 'processed', call: wasmgate.open(crate)[name], probe },
  ],
  ...row,
}));
