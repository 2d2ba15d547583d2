'use strict';

const assert = require('node:assert/strict');
const { Module, inspect } = require('../..');
const { fixture } = require('../fixtures');
const { bytesOf, open, refuses, rejects, track, wat } = require('../helpers');

const NUMBERS = ['i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'i64', 'u64', 'f32', 'f64'];

/** A guest with every helper, and an export "f" of the given wasm type. */
const source = (params = '', results = '', bindgen = true) =>
  bytesOf(
    `(memory (export "memory") 1)
     ${bindgen ? '(func (export "__wbindgen_malloc") (param i32 i32) (result i32) i32.const 1024)' : ''}
     ${bindgen ? '(func (export "__wbindgen_free") (param i32 i32 i32))' : ''}
     (func (export "f") ${params && `(param ${params})`} ${results && `(result ${results})`} unreachable)`,
  );

/** The signature as the module lists it. */
function listed(signature, params, results) {
  return inspect(source(params, results), { signatures: { f: signature } }).exports.find((e) => e.name === 'f')
    .signature;
}

describe('signatures that fit', () => {
  /** [signature, wasm parameters, wasm results, how it is listed if not as it stands] */
  const GOOD = [
    ['() -> ()', '', ''],
    ['()', '', '', '() -> ()'],
    [' ( ) ', '', '', '() -> ()'],
    ['()->()', '', '', '() -> ()'],
    ['(i32) -> i32', 'i32', 'i32'],
    ['(a: i32) -> i32', 'i32', 'i32'],
    ['(a:i32,b:i64)->i32', 'i32 i64', 'i32', '(a: i32, b: i64) -> i32'],
    ['\t(\n a : i32 ,\r\n $b_1 : f64 )\n->\ni32 ', 'i32 f64', 'i32', '(a: i32, $b_1: f64) -> i32'],
    ['(i32: i32, string: string) -> i32', 'i32 i32 i32', 'i32'],
    ['(a: i32, a: i32) -> ()', 'i32 i32', ''],
    ['(result: i32) -> i32', 'i32', 'i32'],
    ['(string) -> string', 'i32 i32', 'i32 i32'],
    ['(string) -> string', 'i32 i32 i32', ''],
    ['(u8[]) -> u8[]', 'i32 i32', 'i32 i32', '(bytes) -> bytes'],
    ['(bytes) -> bytes', 'i32 i32', 'i32 i32'],
    ['(u8clamped[], f64[]) -> u64[]', 'i32 i32 i32 i32', 'i32 i32'],
    ['(i8 []) -> ()', 'i32 i32', '', '(i8[]) -> ()'],
    ['(char) -> char', 'i32', 'i32'],
    ['(bool) -> bool', 'i32', 'i32'],
    ['(v128) -> v128', 'v128', 'v128'],
    ['(string?, bytes?) -> string?', 'i32 i32 i32 i32', 'i32 i32'],
    ['(bool ?) -> ()', 'i32', '', '(bool?) -> ()'],
    ['() -> (i32, f64)', '', 'i32 f64'],
    ['() -> (i32)', '', 'i32', '() -> i32'],
    ['() -> (i32, f64)', 'i32', ''],
    ['() -> result<i32>', '', 'i32 i32 i32'],
    ['() -> result<()>', '', 'i32 i32'],
    ['() -> result < string > ', '', 'i32 i32 i32 i32', '() -> result<string>'],
    ['() -> result<(i32, f64)>', 'i32', ''],
    ['(u64) -> u64', 'i32 i32 i32', ''],
  ];

  for (const [signature, params, results, shown] of GOOD) {
    it(`${JSON.stringify(signature)} for (${params}) -> (${results})`, () => {
      assert.equal(listed(signature, params, results), shown ?? signature);
    });
  }

  for (const type of [...NUMBERS, 'bool', 'char']) {
    it(`${type}, as parameter and result`, () => {
      const wasm = /64$/.test(type) && type !== 'f64' ? 'i64' : type[0] === 'f' ? type : 'i32';
      assert.equal(listed(`(a: ${type}) -> ${type}`, wasm, wasm), `(a: ${type}) -> ${type}`);
    });
  }

  for (const type of [...NUMBERS, 'u8clamped']) {
    it(`${type}[], as parameter and result, and optional`, () => {
      const name = type === 'u8' ? 'bytes' : `${type}[]`;
      assert.equal(listed(`(${type}[]) -> ${type}[]`, 'i32 i32', 'i32 i32'), `(${name}) -> ${name}`);
      assert.equal(listed(`(${type}[]?) -> ${type}[]?`, 'i32 i32', 'i32 i32'), `(${name}?) -> ${name}?`);
    });
  }

  it('a long one', () => {
    const names = Array.from({ length: 1000 }, (_, i) => `p${i}: i32`).join(', ');
    assert.equal(listed(`(${names}) -> ()`, Array(1000).fill('i32').join(' '), ''), `(${names}) -> ()`);
  });

  it('they take the place of what the .d.ts says', () => {
    const { exports } = open(fixture('numbers'), { signatures: { echo_u32: '(u32) -> u32' } });
    assert.equal(exports.echo_u32(4294967295), 4294967295);
    assert.equal(exports.echo_i32(-1), -1);
    refuses(() => exports.echo_u32(-1), 'ERR_ARG_RANGE');
  });

  it('raw exports do not change', () => {
    const { raw } = wat('(func (export "f") (param i32) (result i32) local.get 0)', {
      signatures: { f: '(bool) -> char' },
    });
    assert.equal(raw.f(65), 65);
    refuses(() => raw.f(true), 'ERR_ARG_TYPE');
  });

  it('names of exports that are unusual', () => {
    const names = ['', ' ', '__proto__', 'constructor', 'toString', 'ü🦀', 'a"b\\c', 'a.b', '0'];
    const text = names.map((n) => `(func (export ${JSON.stringify(n)}) (result i32) i32.const 65)`);
    const signatures = Object.fromEntries(names.map((n) => [n, '() -> char']));
    Object.defineProperty(signatures, '__proto__', { value: '() -> char', enumerable: true });
    const instance = wat(text.join(' '), { signatures });
    assert.deepEqual(Object.keys(instance.exports).sort(), [...names].sort());
    for (const name of names) {
      assert.equal(instance.exports[name](), 'A');
      assert.equal(instance.call(name), 'A');
    }
    assert.equal(Object.getPrototypeOf(instance.exports), null);
  });
});

describe('signatures that cannot be parsed', () => {
  /** [text, place of the mistake] */
  const BAD = [
    ['', 0],
    ['   ', 3],
    ['i32', 0],
    ['(', 1],
    ['(i32', 4],
    ['(i32 i32)', 5],
    ['(,)', 1],
    ['(i32,)', 5],
    ['(i32,,i32)', 5],
    ['(a:)', 3],
    ['(a: )', 4],
    ['(:i32)', 1],
    ['(a b: i32)', 1],
    ['(number)', 1],
    ['(I32)', 1],
    ['(i33)', 1],
    ['(usize)', 1],
    ['(String)', 1],
    ['(any)', 1],
    ['(())', 1],
    ['(i32[][])', 6],
    ['(string[])', 1],
    ['(bool[])', 1],
    ['(bytes[])', 1],
    ['(v128[])', 1],
    ['(u8clamped)', 1],
    ['(i32??)', 5],
    ['(?i32)', 1],
    ['(i32[)', 4],
    ['() ->', 5],
    ['() -', 3],
    ['() - > i32', 3],
    ['() => i32', 3],
    ['() : i32', 3],
    ['() -> i32 i32', 10],
    ['() -> i32,', 9],
    ['() -> (i32', 10],
    ['() -> (i32,)', 11],
    ['() -> (,)', 7],
    ['() -> result', 6],
    ['() -> result<', 13],
    ['() -> result<i32', 16],
    ['() -> result<>', 13],
    ['() -> result<result<i32>>', 13],
    ['() -> result<i32>?', 17],
    ['() -> result<i32, i32>', 16],
    ['() -> ()?', 8],
    ['() -> () -> ()', 9],
    ['(result<i32>)', 1],
    ['() -> i32)', 9],
    ['()()', 2],
    ['(a.b: i32)', 1],
    ['(1a: i32)', 1],
    ['(ä: i32)', 1],
    ['(\0)', 1],
    ['() -> 🦀', 6],
  ];

  for (const [text, position] of BAD) {
    it(JSON.stringify(text), () => {
      const error = refuses(() => inspect(source(), { signatures: { f: text } }), 'ERR_SIGNATURE_SYNTAX', {
        export: 'f',
        position,
      });
      assert.match(error.message, new RegExp(`expected .* at character ${position + 1}, got `, 's'));
    });
  }

  it('by load and loadAsync alike', async () => {
    const options = { signatures: { f: '(' } };
    refuses(() => Module.load(source(), options), 'ERR_SIGNATURE_SYNTAX');
    await rejects(Module.loadAsync(source(), options), 'ERR_SIGNATURE_SYNTAX');
  });

  it('very long and very deep ones', () => {
    refuses(() => inspect(source(), { signatures: { f: '('.repeat(1e6) } }), 'ERR_SIGNATURE_SYNTAX');
    refuses(() => inspect(source(), { signatures: { f: `() -> ${'result<'.repeat(1e5)}` } }), 'ERR_SIGNATURE_SYNTAX');
    refuses(() => inspect(source(), { signatures: { f: `(${'a'.repeat(1e6)})` } }), 'ERR_SIGNATURE_SYNTAX');
  });
});

describe('signatures that do not fit', () => {
  /** [signature, wasm parameters, wasm results] */
  const BAD = [
    ['()', 'i32', ''],
    ['(i32)', '', ''],
    ['(i32)', 'i64', ''],
    ['(i64)', 'i32', ''],
    ['(f32)', 'f64', ''],
    ['(i32)', 'f32', ''],
    ['(v128)', 'i64', ''],
    ['(string)', 'i32', ''],
    ['(string)', 'i32 i64', ''],
    ['(string)', 'i64 i64', ''],
    ['(i32, i32)', 'i32', ''],
    ['() -> i32', '', ''],
    ['() -> ()', '', 'i32'],
    ['() -> i32', '', 'i64'],
    ['() -> (i32, i32)', '', 'i32'],
    ['() -> string', '', 'i32'],
    ['() -> result<i32>', '', 'i32'],
    ['() -> result<i32>', '', 'i32 i32'],
    ['(f64?)', 'f64', ''],
    ['(bool?)', 'i32 i32', ''],
    ['(char?)', 'f64', ''],
    ['(v128?)', 'v128', ''],
    ['(string) -> u32', 'i32 i32 i32', 'i32'],
  ];

  for (const [signature, params, results] of BAD) {
    it(`${signature} for (${params}) -> (${results})`, () => {
      const options = { signatures: { f: signature } };
      refuses(() => inspect(source(params, results), options), 'ERR_SIGNATURE_MISMATCH', { export: 'f' });
      refuses(() => Module.load(source(params, results), options), 'ERR_SIGNATURE_MISMATCH', {
        message: /^signatures\.f: /,
      });
    });
  }

  it('result<…> for a module that wasm-bindgen did not make', () => {
    refuses(
      () => inspect(source('', 'i32 i32 i32', false), { signatures: { f: '() -> result<i32>' } }),
      'ERR_SIGNATURE_MISMATCH',
      { message: /wasm-bindgen/ },
    );
  });

  it('more results than a return area holds', () => {
    for (const count of [12, 13, 24, 100]) {
      const load = () =>
        track(Module.load(source('i32'), { signatures: { f: `() -> (${Array(count).fill('i32')})` } }));
      if (count === 12) load();
      else refuses(load, 'ERR_SIGNATURE_MISMATCH', { export: 'f' });
    }
  });

  it('several fitting encodings are not guessed', () => {
    const two = { signatures: { f: '(i32?) -> ()' } };
    const text = '(import "wbg" "x" (func)) (func (export "f") (param f64))';
    refuses(() => inspect(bytesOf(text), two), 'ERR_SIGNATURE_MISMATCH', {
      message: /version of wasm-bindgen decides how it is encoded/,
    });
  });
});

describe('signatures for what is not there', () => {
  it('names that the module does not export, or that are no functions', () => {
    const options = (name) => ({ signatures: { [name]: '() -> ()' } });
    for (const name of ['g', '', 'F', 'memory', 'toString', '\ud800']) {
      const error = refuses(() => inspect(source(), options(name)), 'ERR_SIGNATURE_UNKNOWN');
      assert.ok(name === '\ud800' || error.export === name);
    }
  });
});
