'use strict';

// Values of JavaScript, options, lists, calls from the guest to JavaScript, and errors.

const texts = require('./texts');

const sum = (numbers) => numbers.reduce((a, b) => (a + b) | 0, 0);

/** Functions of their own, as callers have them. */
const giver = (value) => new Function('value', 'return () => value')(value);

const rows = [
  { name: 'JsValue → JsValue', of: ['echo_value', 'same'], input: (k) => ({ k }), expect: (value) => value },
  {
    name: 'JsValue → Option<String>, 64 B',
    of: ['string_of_value', 'string'],
    input: (k) => texts.english(64, k),
    expect: (text) => text,
  },
  {
    name: 'Option<u32> → Option<u32>',
    of: ['opt_u32', 'same'],
    input: (k) => (k % 4 === 3 ? undefined : k * 1_000_003),
    expect: (number) => number,
  },
  {
    name: 'Vec<String>, 100 of 20 B',
    of: ['vec_string', 'bytes'],
    settings: { rounds: 20, roundMs: 100 },
    input: (k) => Array.from({ length: 100 }, (_, i) => texts.english(20, k + i)),
    expect: (list) => list.slice(),
  },
  { name: 'import (i32, i32) → i32', of: ['call_add', 'add'] },
  {
    name: '3 imports &str → String, 20 B',
    of: ['call_named', 'string'],
    input: (k) => texts.english(20, k),
    expect: (text) => texts.flat(`${text}.,${text}!,${text}?`),
  },
  {
    name: 'a function of JavaScript, called',
    of: ['call_function', 'invoke'],
    input: giver,
    expect: (_, next, k) => k,
  },
  {
    name: 'a closure of Rust, called 100 ×',
    of: ['lend_fn', 'lend'],
    expect: (_, next, k) => sum(Array.from({ length: 100 }, (_, i) => i * k)),
  },
  {
    name: 'Err(JsValue) thrown and caught',
    of: ['result_string', 'thrown'],
    input: (k) => texts.english(20, k),
    expect: (text) => text,
  },
];

exports.rows = rows.map(({ of: [name, probe], ...row }) => ({
  sides: ({ wasmgate, v8 }) =>
    [wasmgate, v8].map((driver) => ({ name: driver.name, call: driver.types()[name], probe })),
  ...row,
}));
