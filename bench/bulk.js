'use strict';

// Bytes and references that are moved at once, within the guest and between it and JavaScript; and references that go in
// and out.

const { random } = require('./stats');

const MIB = 1 << 20;

/** Noise, other for each k. */
function noise(k) {
  const next = random(k + 1);
  return Buffer.from(Uint8Array.from({ length: MIB }, () => next() * 256));
}

/** The first 2 MiB must be two times the same, or the second MiB that byte. */
function checkMoved({ read }, filled, name) {
  const [from, to] = [read(0, MIB), read(MIB, MIB)];
  const right = filled === undefined ? Buffer.compare(from, to) === 0 : to.every((byte) => byte === filled);
  if (!right) throw new Error(`${name}: the guest's memory is not what it must be`);
}

/** An export that moves 1 MiB within memory and gives the last byte of it. */
function mover(name, fills) {
  return (guest) => {
    guest.write(noise(0));
    guest.exports[name](7);
    checkMoved(guest, fills ? 7 : undefined, name);
    return { call: guest.exports[name], probe: 'same' };
  };
}

const write = (guest) => ({
  call: (bytes) => {
    guest.write(bytes);
    return guest.exports.at(MIB - 1);
  },
  probe: 'same',
});

/** Reads what was written before: inputs are numbers of it. */
function reader(guest) {
  guest.write(noise(0));
  return { call: () => guest.read(0, MIB), probe: 'bytes' };
}

const value = (name) => (guest) => ({ call: guest.exports[name], probe: 'same' });

/** Functions belong to a guest, so inputs are their numbers. */
const functions = (name) => (guest) => {
  const given = Array.from({ length: 8 }, (_, k) => guest.exports[`f${k}`]);
  const call = guest.exports[name];
  return { call: (k) => call(given[k]) === given[k], probe: 'same' };
};

const byte = { input: (k) => k + 1, expect: (k) => k };
const object = { input: (k) => ({ k }), expect: (input) => input };
const number = { input: (k) => k * 1000, expect: (input) => input };
const index = { input: (k) => k, expect: () => true };
const slow = { settings: { rounds: 20, roundMs: 100 } };

/** Within the guest, where it does not matter who calls. */
const WITHIN = [
  { name: 'memory.copy, 1 MiB', make: mover('copy'), ...byte },
  { name: 'memory.fill, 1 MiB', make: mover('fill', true), ...byte },
  { name: 'table.copy, 10,000 externref', make: value('copyValues'), ...object },
  { name: 'table.fill, 10,000 externref', make: value('fillValues'), ...object },
  { name: 'table.copy, 10,000 funcref', make: functions('copyFunctions'), ...index },
  { name: 'table.fill, 10,000 funcref', make: functions('fillFunctions'), ...index },
];

/** Between JavaScript and the guest. */
const ACROSS = [
  { name: '1 MiB into memory', make: write, input: noise, expect: (bytes) => bytes.at(-1) },
  { name: '1 MiB out of memory', make: reader, expect: () => new Uint8Array(noise(0)), ...slow },
  { name: 'externref, object', make: value('value'), ...object },
  { name: 'externref, number', make: value('value'), ...number },
  { name: 'funcref', make: functions('function'), ...index },
];

const againstV8 = (driver, { make, ...row }) => ({
  ...row,
  peer: 'V8',
  sides: (drivers) => [drivers[driver], drivers.v8].map((side) => ({ name: side.name, ...make(side.bulk()) })),
});

const againstLoop = (name) => ({
  name: `memory.${name}, 1 MiB, to a loop`,
  peer: 'a loop over the bytes in the same guest',
  ...byte,
  sides: ({ wasmgate }) =>
    [name, `${name}Bytes`].map((own) => ({ name: own, ...mover(own, name === 'fill')(wasmgate.bulk()) })),
});

exports.rows = [
  ...WITHIN.map((row) => againstV8('wasmgate', row)),
  ...['copy', 'fill'].map(againstLoop),
  ...ACROSS.map((row) => againstV8('wasmgate', row)),
  ...ACROSS.map((row) => againstV8('namespace', { ...row, name: `${row.name}, namespace` })),
];
