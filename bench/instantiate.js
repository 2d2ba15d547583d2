'use strict';

// A fresh instance of a module that is compiled already.

const rows = {
  'instance, made and closed': { use: undefined, result: true },
  'instance, made, one add, closed': { use: (exports) => exports.add(20, 22), result: 42 },
};

exports.rows = Object.entries(rows).map(([name, { use, result }]) => ({
  name,
  settings: { rounds: 20, roundMs: 100 }, // holds the collections of V8's instances
  expect: () => result,
  sides: ({ wasmgate, v8 }) =>
    [wasmgate, v8].map((driver) => ({ name: driver.name, call: driver.creator('hello', use), probe: 'create' })),
}));
