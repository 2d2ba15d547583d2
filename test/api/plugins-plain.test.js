'use strict';

// Plain C functions behind imports: every mixture of integers and floating-point numbers that fits.

const assert = require('node:assert/strict');
const { Instance } = require('../..');
const { compile, kit, pluginSource } = require('../fixtures/plugins');
const { refuses, track } = require('../helpers');

const C = { i32: 'int32_t', u32: 'uint32_t', i64: 'int64_t', f32: 'float', f64: 'double' };
const WASM = { ...Object.fromEntries(Object.keys(C).map((type) => [type, type])), u32: 'i32' };

/** A generator of numbers that is the same in each run. */
function random(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Signatures of up to 6 integers and 8 floating-point numbers, in any order. */
function signatures(count) {
  const next = random(7);
  const fixed = [
    {
      params: ['i32', 'i64', 'u32', 'i32', 'i64', 'u32', 'f32', 'f64', 'f32', 'f64', 'f32', 'f64', 'f32', 'f64'],
      result: 'f64',
    },
    {
      params: ['f64', 'f32', 'f64', 'f32', 'f64', 'f32', 'f64', 'f32', 'i64', 'u32', 'i32', 'i64', 'u32', 'i32'],
      result: 'i64',
    },
    ...Object.keys(C).map((type) => ({ params: [type], result: type })),
  ];
  for (const result of Object.keys(C)) fixed.push({ params: [], result });
  while (fixed.length < count) {
    const params = [];
    const [integers, floats] = [next(7), next(9)];
    while (params.length < integers + floats) {
      const used = params.filter((type) => type.startsWith('f')).length;
      const isFloat = used < floats && (params.length - used >= integers || next(2) === 0);
      params.push(isFloat ? ['f32', 'f64'][next(2)] : ['i32', 'u32', 'i64'][next(3)]);
    }
    fixed.push({ params, result: Object.keys(C)[next(5)] });
  }
  return fixed;
}

/** The value of argument i, exact in each type; negative where it can be. */
const valueOf = (type, i) => {
  const value = (i + 1) * (type === 'u32' ? 1e6 : i % 2 ? -1000 : 1000) + (type.startsWith('f') ? 0.5 : 0);
  return type === 'i64' ? BigInt(value) * 2n ** 20n : value;
};

describe('plugins: plain functions', () => {
  it('get each argument where they expect it', () => {
    const all = signatures(120);
    const functions = all.map(({ params, result }, n) => {
      const list = params.map((type, i) => `${C[type]} a${i}`).join(', ') || 'void';
      const sum = params.map((type, i) => `${i + 1} * (double)a${i}`).join(' + ') || '42';
      return `static double last${n}; static ${C[result]} f${n}(${list}) { last${n} = ${sum}; return (${C[result]})last${n}; }
static double get${n}(void) { return last${n}; }`;
    });
    const rows = all.flatMap(({ params, result }, n) => [
      `.module = "m", .name = "f${n}", .signature = "(${params}) -> ${result}", .native = (void (*)(void))f${n}`,
      `.module = "m", .name = "get${n}", .signature = "() -> f64", .native = (void (*)(void))get${n}`,
    ]);
    const library = compile('plain', pluginSource(rows, { name: 'plain', before: functions.join('\n') }));
    const imports = all.map(({ params, result }, n) => {
      const type = `${params.length > 0 ? `(param ${params.map((p) => WASM[p]).join(' ')})` : ''} (result ${WASM[result]})`;
      return `(import "m" "f${n}" (func $f${n} ${type})) (import "m" "get${n}" (func $get${n} (result f64)))
        (export "f${n}" (func $f${n})) (export "get${n}" (func $get${n}))`;
    });
    const instance = track(
      new Instance(Buffer.from(`(module ${imports.join('\n')})`), {
        plugins: [library],
        grants: { plugins: { plain: true } },
      }),
    );
    all.forEach(({ params, result }, n) => {
      const args = params.map(valueOf);
      const sum = args.reduce((total, value, i) => total + (i + 1) * Number(value), 0) || (args.length ? 0 : 42);
      const got = instance.exports[`f${n}`](...args);
      const what = `(${params}) -> ${result}`;
      assert.equal(instance.exports[`get${n}`](), sum, what);
      if (result === 'f64') assert.equal(got, sum, what);
      if (result === 'f32') assert.equal(got, Math.fround(sum), what);
      if (result === 'i64') assert.equal(got, BigInt(Math.trunc(sum)), what);
      if (result === 'i32' && Math.abs(sum) < 2 ** 31) assert.equal(got, Math.trunc(sum), what);
      if (result === 'u32' && sum >= 0 && sum < 2 ** 32) assert.equal(got >>> 0, Math.trunc(sum), what);
    });
  });

  it('get what is as wide as a register whole: signs and zeros', () => {
    const source = `static int64_t wide(long a, unsigned long b) { return a < 0 && b == 0xffffffffUL ? 1 : 0; }
static unsigned long narrow(void) { return 0xfedcba9876543210UL; }`;
    const library = compile(
      'wide',
      pluginSource(
        [
          '.module = "m", .name = "wide", .signature = "(i32, u32) -> i64", .native = (void (*)(void))wide',
          '.module = "m", .name = "narrow", .signature = "() -> u32", .native = (void (*)(void))narrow',
        ],
        { name: 'wide', before: source },
      ),
    );
    const module =
      Buffer.from(`(module (import "m" "wide" (func $a (param i32 i32) (result i64))) (export "wide" (func $a))
      (import "m" "narrow" (func $b (result i32))) (export "narrow" (func $b)))`);
    const { exports } = track(new Instance(module, { plugins: [library], grants: { plugins: { wide: true } } }));
    assert.equal(exports.wide(-5, -1), 1n);
    assert.equal(exports.narrow(), 0x76543210);
  });

  it('bytes and texts lie in memory, or the function is not called', () => {
    const instance = kit(['bytes_sum', 'text_length', 'no_result'], '(memory (export "memory") 1)');
    const { bytes_sum: sum, text_length: length, no_result: none } = instance.exports;
    instance.memory.write(0, Buffer.from('abc\0def'));
    instance.memory.write(65533, Buffer.from('xyz'));
    assert.equal(sum(0, 3), BigInt(97 + 98 + 99));
    assert.equal(sum(65533, 3), BigInt(120 + 121 + 122));
    assert.equal(sum(65536, 0), 0n);
    assert.deepEqual([length(0), length(3), length(4)], [3, 0, 3]);
    refuses(() => sum(65533, 4), 'ERR_PLUGIN', { status: 2 });
    refuses(() => sum(-1, 1), 'ERR_PLUGIN');
    refuses(() => sum(1, -1), 'ERR_PLUGIN');
    refuses(() => length(65533), 'ERR_PLUGIN', { message: /the text at 65533 has no NUL at its end/ });
    refuses(() => length(65536), 'ERR_PLUGIN');
    assert.equal(none(1.5), undefined);
    const bare = kit(['bytes_sum', 'text_length']).exports;
    refuses(() => bare.bytes_sum(0, 0), 'ERR_PLUGIN', { message: /exports no memory/ });
    refuses(() => bare.text_length(0), 'ERR_PLUGIN');
  });
});
