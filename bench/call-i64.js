'use strict';

// 64-bit integers in and out, as bigint.

const values = [4n, 6n, 21n, 1000003n, 4294967291n, 123456789n, 65536n, 99n];

function lcm(a, b) {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return (a / x) * b;
}

exports.rows = [
  {
    name: 'lcm(u64, u64)',
    input: (k) => values[k],
    expect: lcm,
    sides: ({ wasmgate, v8 }) =>
      [wasmgate, v8].map((driver) => ({ name: driver.name, call: driver.open('hello').lcm, probe: 'bigint' })),
  },
];
