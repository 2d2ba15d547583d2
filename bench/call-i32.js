'use strict';

// Numbers in, a number out: what a call costs when nothing is copied.

const ours = ({ wasmgate }) => ({ name: wasmgate.name, call: wasmgate.open('numbers').add, probe: 'add' });

exports.rows = [
  {
    name: 'add(i32, i32)',
    peer: 'empty Node-API function',
    target: 2,
    sides: (drivers) => [ours(drivers), { name: 'empty', call: drivers.floor.open().empty, probe: 'empty' }],
  },
  {
    name: 'add(i32, i32), V8',
    sides: (drivers) => [ours(drivers), { name: 'v8', call: drivers.v8.open('numbers').add, probe: 'add' }],
  },
];
