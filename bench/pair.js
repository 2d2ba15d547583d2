'use strict';

// One process of one row: node --expose-gc pair.js <group> <row> <settings as JSON>. Prints its samples as JSON; a wrong
// result is an exception.

const drivers = require('./drivers');
const { measure } = require('./measure');
const { INPUTS, once } = require('./probes');

const [group, name, settings] = process.argv.slice(2);
const row = require(`./${group}`).rows.find((candidate) => candidate.name === name);

const inputs = Array.from({ length: INPUTS }, (_, k) => row.input?.(k));
const sides = row.sides(drivers);
const expected = inputs.map((input, k) =>
  row.expect ? row.expect(input, inputs[(k + 1) % INPUTS], k) : once(sides[1], inputs, [], k)[0],
);

console.log(JSON.stringify(measure(sides, inputs, expected, JSON.parse(settings))));
