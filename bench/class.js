'use strict';

// Classes of the guest: methods, accessors, and objects that come and go.

const texts = require('./texts');

/** A counter that always gives the same number and is called that. */
function counter({ Counter }, name) {
  const made = new Counter(42);
  made.step = 0;
  made.fullName = name;
  return made;
}

const NAME = texts.english(20, 0);

const rows = [
  { name: 'method() → i32', probe: 'increment', expect: () => 42 },
  {
    name: 'method(&str) → String, 20 B',
    probe: 'describe',
    target: 1,
    input: (k) => texts.english(20, k),
    expect: (prefix) => texts.flat(`${prefix}${NAME}=42`),
  },
  { name: 'getter → String, 20 B', probe: 'getter', target: 1, expect: () => NAME },
  {
    name: 'setter(&str), getter, 20 B',
    probe: 'accessors',
    target: 1,
    input: (k) => texts.english(20, k),
    expect: (name) => name,
  },
  { name: 'constructor(i32), free()', probe: 'object', expect: () => true, make: ({ Counter }) => Counter },
];

exports.rows = rows.map(({ probe, make = (types) => counter(types, NAME), ...row }) => ({
  sides: ({ wasmgate, v8 }) =>
    [wasmgate, v8].map((driver) => ({ name: driver.name, call: make(driver.types()), probe })),
  ...row,
}));
