'use strict';

// A string in, a string out.

const texts = require('./texts');

const sides =
  (name) =>
  ({ wasmgate, v8 }) =>
    [wasmgate, v8].map((driver) => ({ name: driver.name, call: driver.open('strings')[name], probe: 'string' }));

const say = { expect: (text) => texts.flat(`hello ${text}`), sides: sides('say') };
const echo = { expect: (text) => texts.flat(text), sides: sides('echoText') };

const KiB = 1024;

exports.rows = [
  { name: 'say, 5 B', target: 0.8, input: (k) => texts.english(5, k), ...say },
  { name: 'say, 64 B', target: 0.8, input: (k) => texts.english(64, k), ...say },
  { name: 'say, 1 KiB', target: 0.25, input: (k) => texts.english(KiB, k), ...say },
  { name: 'say, 64 KiB', target: 0.25, input: (k) => texts.english(64 * KiB, k), ...say },
  { name: 'say, 64 KiB mixed scripts', target: 0.5, input: (k) => texts.mixed(64 * KiB, k), ...say },
  { name: 'echo, 64 KiB mixed scripts', target: 0.5, input: (k) => texts.mixed(64 * KiB, k), ...echo },
  { name: 'echo, 64 B mixed scripts', input: (k) => texts.mixed(64, k), ...echo },
  { name: 'echo, 1 KiB mixed scripts', input: (k) => texts.mixed(KiB, k), ...echo },
  ...['french', 'polish', 'russian', 'chinese', 'emoji'].map((script) => ({
    name: `echo, 64 KiB ${script}`,
    input: (k) => texts[script](64 * KiB, k),
    ...echo,
  })),
];
