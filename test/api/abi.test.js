'use strict';

// The same crate built with many versions of wasm-bindgen, each with its own
// calling convention. See ../fixtures/README.md.

const assert = require('node:assert/strict');
const { abiVersions, compiled, fixture } = require('../fixtures');
const { open, refuses } = require('../helpers');

const SIGNATURES = {
  say: '(name: string) -> string',
  reverse: '(data: bytes) -> bytes',
  lcm: '(a: u64, b: u64) -> u64',
  add: '(a: i32, b: i32) -> i32',
  parse_i32: '(text: string) -> result<i32>',
  opt_u32: '(value: u32?) -> u32?',
  opt_f64: '(value: f64?) -> f64?',
  opt_string: '(value: string?) -> string?',
  echo_bool: '(value: bool) -> bool',
  echo_u8: '(value: u8) -> u8',
  echo_i64: '(value: i64) -> i64',
};

/** Export → calls: arguments and what they give. The same whatever says the types. */
const CALLS = {
  say: [
    [['Ada'], 'hello Ada'],
    [[''], 'hello '],
    [['ünï 漢字 🦀'], 'hello ünï 漢字 🦀'],
    [['x'.repeat(5000)], `hello ${'x'.repeat(5000)}`],
    [['é'.repeat(5000)], `hello ${'é'.repeat(5000)}`],
  ],
  reverse: [
    [[Uint8Array.of(1, 2, 255)], Uint8Array.of(255, 2, 1)],
    [[new Uint8Array()], new Uint8Array()],
    [
      [Uint8Array.from({ length: 70000 }, (_, i) => i & 255)],
      Uint8Array.from({ length: 70000 }, (_, i) => (69999 - i) & 255),
    ],
  ],
  lcm: [
    [[4n, 6n], 12n],
    [[0n, 5n], 0n],
    [[2n ** 40n, 3n], 3n * 2n ** 40n],
    [[2n ** 32n + 1n, 1n], 2n ** 32n + 1n],
    [[2n ** 62n, 1n], 2n ** 62n],
  ],
  add: [
    [[1, 2], 3],
    [[-1, -2], -3],
    [[2147483647, 1], -2147483648],
  ],
  parse_i32: [
    [['42'], 42],
    [['-2147483648'], -2147483648],
    [['0'], 0],
    [['-1'], -1],
  ],
  opt_u32: [
    [[5], 5],
    [[0], 0],
    [[16777215], 16777215],
    [[2147483647], 2147483647],
    [[undefined], undefined],
    [[null], undefined],
    [[], undefined],
  ],
  opt_f64: [
    [[1.5], 1.5],
    [[0], 0],
    [[-0], -0],
    [[NaN], NaN],
    [[4294967297], 4294967297],
    [[9007199254740991], 9007199254740991],
    [[undefined], undefined],
    [[], undefined],
  ],
  opt_string: [
    [['a'], 'a'],
    [[''], ''],
    [['🦀'.repeat(999)], '🦀'.repeat(999)],
    [[undefined], undefined],
    [[null], undefined],
    [[], undefined],
  ],
  echo_bool: [
    [[true], true],
    [[false], false],
  ],
  echo_u8: [
    [[0], 0],
    [[255], 255],
  ],
  echo_i64: [
    [[0n], 0n],
    [[-1n], -1n],
    [[2n ** 63n - 1n], 2n ** 63n - 1n],
    [[-(2n ** 63n)], -(2n ** 63n)],
    [[2n ** 32n], 2n ** 32n],
    [[-(2n ** 32n)], -(2n ** 32n)],
  ],
};

/** What only a signature tells: whether integers are signed, how wide they are. */
const EXACT = {
  lcm: [
    [[2n ** 63n, 1n], 2n ** 63n],
    [[2n ** 64n - 1n, 1n], 2n ** 64n - 1n],
  ],
  opt_u32: [
    [[4294967295], 4294967295],
    [[2147483648], 2147483648],
  ],
};

function checkCalls(f, calls) {
  for (let round = 0; round < 3; round++) {
    for (const [args, expected] of calls) {
      const got = f(...args);
      if (typeof expected === 'object') assert.deepEqual(got, expected);
      else assert.ok(Object.is(got, expected), `(${String(args).slice(0, 50)}) gave ${String(got).slice(0, 50)}`);
    }
  }
}

function checkErr({ exports, state }) {
  for (const text of ['x', '', 'ü🦀', 'y'.repeat(3000)]) {
    const error = refuses(() => exports.parse_i32(text), 'ERR_GUEST_ERROR');
    assert.equal(error.value, `not an integer: ${text}`);
    assert.equal(error.message, `not an integer: ${text} (ERR_GUEST_ERROR)`);
  }
  assert.equal(state, 'open');
}

it('there are as many versions as the table of the fixtures says', () => {
  assert.equal(abiVersions.length, 15);
});

for (const version of abiVersions) {
  describe(`wasm-bindgen ${version}, explicit signatures`, () => {
    for (const [name, signature] of Object.entries(SIGNATURES)) {
      it(`${name}${signature}`, () => {
        const { exports } = open(fixture('abi', version), { sidecar: false, signatures: { [name]: signature } });
        checkCalls(exports[name], CALLS[name]);
        checkCalls(exports[name], EXACT[name] ?? []);
      });
    }

    it('parse_i32: Err is thrown with its value, and the guest goes on', () => {
      const instance = open(fixture('abi', version), { signatures: { parse_i32: SIGNATURES.parse_i32 } });
      for (let i = 0; i < 100; i++) checkErr(instance);
      assert.equal(instance.exports.parse_i32('7'), 7);
      assert.equal(instance.state, 'open');
    });

    it('ranges are those of the signature', () => {
      const { parse_i32: omitted, ...signatures } = SIGNATURES;
      assert.ok(omitted);
      const { exports } = open(fixture('abi', version), { signatures });
      refuses(() => exports.echo_u8(256), 'ERR_ARG_RANGE');
      refuses(() => exports.lcm(-1n, 1n), 'ERR_ARG_RANGE');
      refuses(() => exports.opt_u32(4294967296), 'ERR_ARG_RANGE');
      refuses(() => exports.opt_u32(-1), 'ERR_ARG_RANGE');
      refuses(() => exports.opt_u32(0.5), 'ERR_ARG_RANGE');
      refuses(() => exports.echo_i64(2n ** 63n), 'ERR_ARG_RANGE');
      refuses(() => exports.opt_string(5), 'ERR_ARG_TYPE');
    });
  });

  describe(`wasm-bindgen ${version}, its .d.ts alone`, () => {
    for (const name of Object.keys(SIGNATURES)) {
      it(`${name}: right, or refused with the reason`, () => {
        const instance = open(compiled('abi', version));
        const entry = instance.module.exports.find((e) => e.name === name);
        const f = instance.exports[name];
        if (entry.unsupported === undefined) {
          checkCalls(f, CALLS[name]);
          if (name === 'parse_i32') checkErr(instance);
          return;
        }
        for (const [args] of CALLS[name]) {
          const error = refuses(() => f(...args), 'ERR_EXPORT_UNSUPPORTED');
          assert.equal(error.message, `${name}: ${entry.unsupported} (ERR_EXPORT_UNSUPPORTED)`);
        }
      });
    }

    it('numbers outside what 32 bits hold are refused, not cut', () => {
      const { exports, module } = open(compiled('abi', version));
      refuses(() => exports.add(4294967296, 0), 'ERR_ARG_RANGE');
      refuses(() => exports.add(0.5, 0), 'ERR_ARG_RANGE');
      if (module.exports.find((e) => e.name === 'opt_u32').unsupported !== undefined) return;
      for (const value of [4294967296, -2147483649, 0.5, 2 ** 53, NaN]) {
        let got;
        try {
          got = exports.opt_u32(value);
        } catch (error) {
          assert.ok(['ERR_ARG_RANGE', 'ERR_ARG_TYPE'].includes(error.code), error.stack);
          continue;
        }
        assert.ok(Object.is(got, value), `opt_u32(${value}) gave ${got}`);
      }
    });
  });
}

describe('versions whose types leave nothing open', () => {
  for (const version of ['0.2.100-externref', '0.2.104', '0.2.106', '0.2.127']) {
    it(`${version}: every export works with the .d.ts alone`, () => {
      const unsupported = compiled('abi', version).exports.filter((e) => e.unsupported !== undefined);
      assert.deepEqual(unsupported, []);
    });
  }
});

describe('a number that stands for None, with the .d.ts alone', () => {
  it('is refused, not taken for None', () => {
    const check = (f, value) => {
      try {
        assert.equal(f(value), value);
      } catch (error) {
        assert.ok(['ERR_ARG_RANGE', 'ERR_EXPORT_UNSUPPORTED'].includes(error.code), error.stack);
      }
    };
    const numbers = open(compiled('numbers')).exports;
    for (const name of ['opt_u8', 'opt_i16', 'opt_u32', 'opt_i32', 'opt_f32']) {
      for (const value of [16777215, 4294967297, 9007199254740991]) {
        if (name === 'opt_f32' && value !== 16777215) continue; // an f32 rounds these
        check(numbers[name], value);
      }
    }
    check(open(compiled('abi', '0.2.104')).exports.opt_u32, 4294967297);
  });
});
