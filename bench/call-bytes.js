'use strict';

// Bytes in, bytes out.

const { random } = require('./stats');

/** Noise, other for each k. */
function noise(length, k) {
  const next = random(length + k);
  return Uint8Array.from({ length }, () => next() * 256);
}

const functions = {
  echo: { call: 'echoBytes', expect: (data) => data.slice() },
  reverse: { call: 'reverse', expect: (data) => data.slice().reverse() },
};

const sizes = { '1 KiB': 1 << 10, '64 KiB': 1 << 16, '1 MiB': 1 << 20 };

exports.rows = Object.entries(functions).flatMap(([name, { call, expect }]) =>
  Object.entries(sizes).map(([size, length]) => ({
    name: `${name}, ${size}`,
    target: 1,
    // A round long enough to hold the collections that its buffers cause.
    settings: length < 1 << 20 ? {} : { rounds: 20, roundMs: 100 },
    input: (k) => noise(length, k),
    expect,
    sides: ({ wasmgate, v8 }) =>
      [wasmgate, v8].map((driver) => ({ name: driver.name, call: driver.open('bytes')[call], probe: 'bytes' })),
  })),
);
