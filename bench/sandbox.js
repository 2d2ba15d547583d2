'use strict';

// What limits and meters cost: the same calls with and without.

const texts = require('./texts');

/** How calls are held back or counted: options, and limits of each call. */
const WAYS = {
  timeoutMs: [{ limits: { timeoutMs: 1000 } }],
  'timeoutMs by with()': [{}, { timeoutMs: 1000 }],
  metering: [{ metering: true }],
  'metering and fuel': [{ metering: true, limits: { fuel: 1e9 } }],
  'not interruptible': [{ interruptible: false }],
};

const WORK = {
  'add(i32, i32)': { crate: 'numbers', pick: ({ add }) => add, probe: 'add' },
  'say, 64 B': { crate: 'strings', pick: ({ say }) => say, probe: 'string', input: (k) => texts.english(64, k) },
};

const calls = Object.entries(WORK).flatMap(([work, { crate, pick, probe, input }]) =>
  Object.entries(WAYS).map(([way, options]) => ({
    name: `${work}, ${way}`,
    peer: 'the same without',
    input,
    sides: ({ wasmgate }) => [
      { name: 'with', call: pick(wasmgate.openWith(crate, ...options)), probe },
      { name: 'without', call: pick(wasmgate.open(crate)), probe },
    ],
  })),
);

exports.rows = calls;
