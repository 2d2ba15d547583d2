'use strict';

// A struct of ten fields in and out, through serde: ours as MessagePack, the peers' field by field or as JSON.

const texts = require('./texts');

const record = (k) => ({
  id: 1000 + k,
  name: texts.english(16, k),
  email: `${'abcdefgh'[k]}.person@example.com`,
  age: 20 + k,
  score: k + 0.5,
  ratio: 1 / (k + 3),
  active: k % 2 === 0,
  balance: -1_000_000_007 * (k + 1),
  tags: [texts.english(6, k), texts.english(8, k + 1), texts.english(10, k + 2)],
  note: texts.english(40, k + 3),
});

const row = (name, target, peer, call, probe) => ({
  name: `a struct of ten fields, ${name}`,
  peer,
  target,
  settings: { rounds: 20, roundMs: 100 }, // holds the collections of the objects
  input: record,
  expect: (value) => value,
  sides: ({ wasmgate, v8 }) => [
    { name: wasmgate.name, call: wasmgate.record(), probe: 'record' },
    { name: v8.name, call: call(v8.serde()), probe },
  ],
});

exports.rows = [
  row('serde', 0.7, 'serde-wasm-bindgen on V8', (peer) => peer.record, 'record'),
  row('JSON', undefined, 'JSON text through glue on V8', (peer) => peer.record_json, 'json'),
];
