'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { inspect } = require('../..');
const { declarations } = require('../../js/cli/declarations');
const { apiOf } = require('../../js/cli/fallback');
const { fixture } = require('../fixtures');
const { bytesOf } = require('../helpers');
const { fails, file, golden, prints, watFile } = require('./helpers');
const shapes = require('./golden/shapes.json');

const NOTHING = { functions: [], classes: [], enums: [], stringEnums: [], typescript: [] };

const fn = (name, more) => ({
  name,
  namespace: [],
  export: name,
  docs: [],
  parameters: [],
  result: 'void',
  variadic: false,
  async: false,
  ...more,
});

const typed = (functions, more) => declarations({ ...NOTHING, functions, ...more }, 'x.wasm');

/** Copies a module, and what lies beside it if asked to, to a directory of its own. */
function copy(source, name, sidecar) {
  const target = file(name, fs.readFileSync(source));
  if (sidecar !== undefined) fs.copyFileSync(sidecar, path.join(path.dirname(target), path.basename(sidecar)));
  return target;
}

describe('wasmgate types', () => {
  for (const name of ['hello', 'wasi_lib', 'strings']) {
    it(`golden: ${name}`, async () => {
      golden(`${name}.d.ts`, await prints(['types', fixture(name)]));
    });
  }

  it('golden: an API with everything in it', () => {
    golden('shapes.d.ts', declarations(shapes, 'shapes_bg.wasm'));
  });

  it('writes to a file, and again', async () => {
    const wasm = copy(fixture('wasi_lib'), 'wasi_lib.wasm');
    const out = path.join(path.dirname(wasm), 'wasi_lib.d.ts');
    for (let i = 0; i < 2; i++) {
      assert.equal(await prints(['types', wasm, '-o', out]), '');
      golden('wasi_lib.d.ts', fs.readFileSync(out, 'utf8'));
    }
    assert.equal(await prints(['types', wasm, '--out', '-']), fs.readFileSync(out, 'utf8'));
  });

  it('does not replace what something else wrote, unless told to', async () => {
    const theirs = path.join(path.dirname(fixture('hello')), 'hello.d.ts');
    const wasm = copy(fixture('hello'), 'hello_bg.wasm', theirs);
    const out = path.join(path.dirname(wasm), 'hello.d.ts');
    await fails(['types', wasm, '-o', out], 1, /hello\.d\.ts: is there and not from this command; --force replaces it/);
    assert.equal(fs.readFileSync(out, 'utf8'), fs.readFileSync(theirs, 'utf8'));
    await prints(['types', wasm, '-o', out, '--force']);
    golden('hello.d.ts', fs.readFileSync(out, 'utf8'));
  });

  it('says why a file cannot be written', async () => {
    const wasm = watFile('');
    await fails(['types', wasm, '-o', path.dirname(wasm)], 1, /: cannot be written: EISDIR/);
    await fails(['types', wasm, '-o', path.join(wasm, 'x.d.ts')], 1, /: cannot be written: ENOTDIR/);
    await fails(['types', wasm, '--force'], 2, /--force needs --out/);
  });

  it('a file beside its module, where types are looked for, changes no call', async () => {
    const multi = '(func (export "pair") (param i32 i64 v128) (result i32 f64) i32.const 1 f64.const 2)';
    const sources = [
      [fixture('wasi_lib'), 'a.wasm'],
      [fixture('hello'), 'hello_bg.wasm', path.join(path.dirname(fixture('hello')), 'hello.d.ts')],
      [fixture('bytes'), 'bytes_bg.wasm', path.join(path.dirname(fixture('bytes')), 'bytes.d.ts')],
      [fixture('numbers'), 'numbers_bg.wasm', path.join(path.dirname(fixture('numbers')), 'numbers.d.ts')],
      [watFile(multi), 'm.wasm'],
    ];
    for (const [source, name, sidecar] of sources) {
      const wasm = copy(source, name, sidecar);
      const before = inspect(wasm);
      const out = wasm.replace(/(?:_bg)?\.wasm$/, '.d.ts');
      await prints(['types', wasm, '-o', out, '--force']);
      const callable = before.exports.filter(({ unsupported }) => unsupported === undefined);
      const after = inspect(wasm).exports.filter((entry) => callable.some((other) => other.name === entry.name));
      assert.deepEqual(after, callable, name);
    }
  });

  it('fails as the others do', async () => {
    await fails(['types', 'missing.wasm'], 1, /missing\.wasm: .*\(ERR_SOURCE_READ\)/);
    await fails(['types'], 2, /<module> is missing/);
  });
});

describe('declarations', () => {
  it('of wasm types', () => {
    const api = apiOf(
      inspect(
        bytesOf(`(func (export "f") (param i32 i64 f32 f64 v128) (result i64) local.get 1)
          (func (export "two") (result i32 i64) i32.const 1 i64.const 2)
          (func (export "ref") (param externref) (result funcref) ref.null func)
          (func (export "_start"))
          (memory (export "memory") 1)`),
      ),
    );
    const text = declarations(api, 'x.wasm');
    assert.match(
      text,
      /^export const f: \(arg0: number, arg1: bigint, arg2: number, arg3: number, arg4: Uint8Array\) => bigint;$/m,
    );
    assert.match(text, /^export const two: \(\) => \[number, bigint\];$/m);
    assert.match(text, /^export const ref: \(arg0: any\) => Function \| null;$/m);
    assert.match(text, /^export const _start: \(\) => void;$/m);
    assert.doesNotMatch(text, /memory/);
  });

  it('of signatures', () => {
    const text = declarations(
      apiOf({
        exports: [
          ['a', '(name: string, limit: u32?) -> result<string?>'],
          ['b', '(a: u8?, b: bytes) -> ()'],
          ['c', '() -> (i64, f64[], bool?)'],
          ['d', '(u8clamped[], i64[]) -> result<()>'],
          ['e', '(x: a new kind of thing) -> i32'],
        ].map(([name, signature]) => ({
          name,
          kind: 'function',
          type: { parameters: ['i64'], results: [] },
          signature,
        })),
      }),
      'x.wasm',
    );
    assert.match(text, /^export function a\(name: string, limit\?: number\): string \| undefined;$/m);
    assert.match(text, /^export function b\(a: number \| undefined, b: Uint8Array\): void;$/m);
    assert.match(text, /^export function c\(\): \[bigint, Float64Array, boolean \| undefined\];$/m);
    assert.match(text, /^export function d\(arg0: Uint8ClampedArray, arg1: BigInt64Array\): void;$/m);
    assert.match(text, /^export const e: \(arg0: bigint\) => void;$/m);
  });

  it('rename parameters that are no names, or the same', () => {
    const parameters = ['this', 'a', 'a', 'b-c', 'arg3', 'class'].map((name) => ({
      name,
      type: 'number',
      optional: false,
    }));
    const [, line] = /^(export function .*)$/m.exec(typed([fn('f', { parameters })]));
    const names = [...line.matchAll(/(\w+): number/g)].map((match) => match[1]);
    assert.equal(new Set(names).size, 6, line);
    assert.ok(!names.includes('this') && !names.includes('class'), line);
  });

  it('export names that are no identifiers, without letting one write code', () => {
    const names = [
      'a-b',
      'a_b',
      '_a_b',
      '',
      "it's",
      'x(): void; export const y: any; //',
      'line\nend',
      'back\\',
      '\u202e',
    ];
    const text = typed(names.map((name) => fn(name)));
    assert.match(text, /^export \{ _a_b_ as 'a-b' \};$/m);
    assert.match(text, /^export function _a_b\(\): void;$/m);
    assert.match(text, /as "it's" \};$/m);
    assert.match(text, /as 'line\\u\{a\}end' \};$/m);
    assert.match(text, /as 'back\\\\' \};$/m);
    assert.match(text, /as '\\u\{202e\}' \};$/m);
    assert.doesNotMatch(text, /^export const y/m);
  });

  it('keep reasons and documents inside comments', () => {
    const text = typed([
      fn('f', { unsupported: 'two\nlines\u2028three' }),
      fn('g', { docs: [' one */ export const x: 1;', 'two\nthree */'] }),
    ]);
    assert.match(text, /^\/\/ f cannot be called: two lines three$/m);
    assert.match(text, /^ \* {2}one \*\\\/ export const x: 1;$/m);
    assert.match(text, /^ \* three \*\\\/$/m);
  });

  it('of nothing are a module all the same', () => {
    assert.equal(typed([]), '// Generated by wasmgate types from x.wasm. Do not edit.\n\nexport {};\n');
  });
});
