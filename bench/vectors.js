'use strict';

// Vectors of numbers in and out.

const { random } = require('./stats');

/** Numbers between 0 and 256, others for each k. */
function noise(Type, length, k) {
  const next = random(length + k);
  return Type.from({ length }, () => next() * 256);
}

const rows = [
  { name: 'Vec<f64> → Vec<f64>, 10,000', of: [Float64Array, 10_000, 'vec_f64'], expect: (numbers) => numbers.slice() },
  {
    name: '&[f64] → Vec<f64>, 10,000',
    of: [Float64Array, 10_000, 'slice_f64'],
    expect: (numbers) => numbers.slice().reverse(),
  },
  { name: 'Vec<u8> → Vec<u8>, 1 KiB', of: [Uint8Array, 1 << 10, 'vec_u8'], expect: (numbers) => numbers.slice() },
];

exports.rows = rows.map(({ of: [Type, length, name], ...row }) => ({
  target: 1,
  settings: { rounds: 20, roundMs: 100 }, // holds the collections that its buffers cause
  input: (k) => noise(Type, length, k),
  sides: ({ wasmgate, v8 }) =>
    [wasmgate, v8].map((driver) => ({ name: driver.name, call: driver.types()[name], probe: 'bytes' })),
  ...row,
}));
