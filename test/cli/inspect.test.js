'use strict';

const assert = require('node:assert/strict');
const path = require('node:path');
const { gzipSync } = require('node:zlib');
const { inspect } = require('../..');
const { render } = require('../../js/cli/inspect');
const { hasColors } = require('../../js/cli/output');
const { fixture } = require('../fixtures');
const { bytesOf } = require('../helpers');
const { file, prints, watFile } = require('./helpers');

const plain = { width: 80, colored: false, terminal: true };
const shown = (wat, how) => render('x.wasm', 12, inspect(bytesOf(wat)), { ...plain, ...how });

const ESCAPE = /\x1b/;

describe('wasmgate inspect', () => {
  it('of a wasm-bindgen module', async () => {
    const text = await prints(['inspect', fixture('hello')]);
    assert.match(text, /^ {2}kind +wasm-bindgen module$/m);
    assert.match(text, /^ {2}size +96,181 bytes$/m);
    assert.match(text, /^ {2}made by +rustc 1\.96\.0, .*wasm-bindgen 0\.2\.127$/m);
    assert.match(text, /^ {2}memory +17 pages \(1,114,112 bytes\) at least, no maximum$/m);
    assert.match(text, /^ {2}grants +none$/m);
    assert.match(text, /^ {2}say +\(name: string\) -> string$/m);
    assert.match(text, /^ {2}lcm +\(a: bigint, b: bigint\) -> result<bigint>$/m);
    assert.match(text, /^\d more exports of plumbing: see --json$/m);
    assert.match(text, /^imports from \.\/hello_bg\.js/m);
    assert.doesNotMatch(text, /__wbindgen_malloc/);
  });

  it('of a WASI program: what it is and what it needs', async () => {
    const text = await prints(['inspect', fixture('wasi_command')]);
    assert.match(text, /^ {2}kind +WebAssembly module, a program \(it exports _start\)$/m);
    assert.match(text, /^ {2}grants +args, env, fs, stdin, stdout$/m);
    assert.match(text, /^imports from wasi_snapshot_preview1: needs grants$/m);
    const grants = /^grants\n((?: {2}.*\n)+)/m.exec(text)[1];
    assert.deepEqual(grants.trimEnd().split('\n'), [
      '  args    arguments of the program',
      '  env     environment variables',
      '  fs      directories of the host',
      '  stdin   what it reads as its input',
      '  stdout  what it prints',
      '  wasi    or instead of them the usual set, with nothing of the host in reach',
    ]);
    assert.match(text, /^ {2}proc_exit +\(i32\) -> \(\)$/m);
    assert.match(await prints(['inspect', fixture('wasi_lib')]), /^ {2}kind +WebAssembly module for WASI$/m);
  });

  it('every grant has a purpose; a module that asks for none of its own needs the usual set', () => {
    const { needs, ...rest } = inspect(bytesOf(''));
    for (const name of ['args', 'env', 'fs', 'stdin', 'stdout', 'stderr', 'clock', 'random', 'wasi']) {
      const text = render('x', 1, { ...rest, needs: { ...needs, grants: [name] } }, plain);
      assert.match(text, new RegExp(`^ {2}grants +${name}$[^]*^grants\\n {2}${name} +\\w`, 'm'));
    }
    const exit = shown('(import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))');
    assert.match(exit, /^grants\n {2}wasi {2}the usual set, with nothing of the host in reach\n$/m);
  });

  it('what cannot be called, with the reason', async () => {
    const text = await prints(['inspect', fixture('exports_js')]);
    assert.match(text, /^ {2}take_any +cannot be called: \w/m);
  });

  it('--json prints the description', async () => {
    for (const name of ['hello', 'exports_js', 'wasi_lib']) {
      assert.deepEqual(JSON.parse(await prints(['inspect', fixture(name), '--json'])), inspect(fixture(name)));
    }
  });

  it('every kind of export and import', () => {
    const text = shown(`
      (import "env" "f" (func (param i32 i64) (result f32 f64)))
      (import "env" "m" (memory 1 1))
      (import "other" "t" (table 2 5 funcref))
      (import "other" "g" (global (mut i64)))
      (func (export "f") (param v128) (result i32) i32.const 1)
      (memory (export "m64") i64 0 3)
      (table (export "t") 3 externref)
      (global (export "c") f64 (f64.const 1))`);
    for (const line of [
      '  memory, imported  1 page (65,536 bytes) at least, at most 1 page (65,536',
      '  grants            env.f, env.m, other.t, other.g',
      '  f    (v128) -> i32',
      '  m64  memory of 0 pages (0 bytes) at least, at most 3 pages (196,608 bytes),',
      '       64-bit addresses',
      '  t    table of externref, 3 at least, no maximum',
      '  c    global f64',
      'imports from env: nobody provides it',
      '  f  (i32, i64) -> (f32, f64)',
      'imports from other: nobody provides it',
      '  t  table of funcref, 2 at least, at most 5',
      '  g  mutable global i64',
    ]) {
      assert.ok(text.includes(`${line}\n`), `${line}\nin\n${text}`);
    }
  });

  it('features, where the description has them', () => {
    const description = { ...inspect(bytesOf('')), features: ['simd128', 'bulk-memory'] };
    assert.match(render('x', 1, description, plain), /^ {2}features {2}simd128, bulk-memory$/m);
    assert.doesNotMatch(render('x', 1, { ...description, features: [] }, plain), /features/);
  });

  it('a memory that only the description tells of, and the size of a text as a binary', () => {
    const description = { ...inspect(bytesOf('')), memory: { minimum: 1, maximum: 2 }, bytes: 8 };
    const text = render('x', 9, description, plain);
    assert.match(text, /^ {2}memory +1 page \(65,536 bytes\) at least, at most 2 pages \(131,072 bytes\)$/m);
    assert.match(text, /^ {2}size +9 bytes \(as a binary module 8\)$/m);
    assert.doesNotMatch(render('x', 9, { ...description, memory: null }, plain), /memory/);
  });

  it('an empty module', async () => {
    const text = await prints(['inspect', 'guest.wat'], { cwd: path.dirname(watFile('')) });
    assert.match(text, /^guest\.wat\n {2}kind {4}WebAssembly module\n {2}size {4}9 bytes.*\n {2}grants {2}none\n$/);
  });

  it('a terminal of 80 columns shows no longer line', () => {
    const long = 'a'.repeat(300);
    const text = shown(`(import "${long}" "${long}" (func))
      (func (export "${long}") (param ${'i64 '.repeat(50)}))
      (func (export "short") (param ${'i64 '.repeat(50)}))`);
    const wide = text.split('\n').filter((line) => line.length > 80 && !/^(imports from| {2}grants)/.test(line));
    assert.deepEqual(wide, []);
    for (const name of ['hello', 'exports_js', 'wasi_command']) {
      const lines = render('x', 1, inspect(fixture(name)), plain).split('\n');
      assert.deepEqual(
        lines.filter((line) => line.length > 80),
        [],
        name,
      );
    }
  });

  it('elsewhere names come out whole', () => {
    const long = 'a'.repeat(300);
    assert.match(shown(`(func (export "${long}"))`, { terminal: false }), new RegExp(`^ {2}${long}$`, 'm'));
  });

  it('names cannot control the terminal', async () => {
    const hostile = '(import "\\1b" "\\07" (global i32)) (func (export "\\1b[2Jx\\0a\\e2\\80\\ae"))';
    const text = await prints(['inspect', watFile(hostile)]);
    assert.doesNotMatch(text, /[^\n -~]/);
    assert.ok(text.includes('  \\u{1b}[2Jx\\u{a}\\u{202e}  () -> ()\n'), text);
  });

  it('colours: on a terminal, unless the environment says otherwise', async () => {
    assert.ok(hasColors({ isTTY: true }, {}));
    assert.ok(!hasColors({ isTTY: false }, {}));
    assert.ok(!hasColors({}, {}));
    assert.ok(!hasColors({ isTTY: true }, { NO_COLOR: '1' }));
    assert.ok(hasColors({ isTTY: true }, { NO_COLOR: '' }));
    assert.ok(!hasColors({ isTTY: true }, { TERM: 'dumb' }));
    assert.ok(hasColors({ isTTY: false }, { FORCE_COLOR: '1', NO_COLOR: '1' }));
    assert.ok(!hasColors({ isTTY: true }, { FORCE_COLOR: '0' }));
    const words = ['inspect', fixture('hello')];
    assert.doesNotMatch(await prints(words), ESCAPE);
    const colored = await prints(words, { env: { FORCE_COLOR: '1' } });
    assert.match(colored, ESCAPE);
    assert.equal(colored.replace(/\x1b\[\d+m/g, ''), await prints(words));
    assert.doesNotMatch(await prints([...words, '--json'], { env: { FORCE_COLOR: '1' } }), ESCAPE);
  });

  it('takes compressed modules and names that look like a URL', async () => {
    const text = await prints(['inspect', file('x.gz', gzipSync(bytesOf('(func (export "f"))')))]);
    assert.match(text, /^ {2}f {2}\(\) -> \(\)$/m);
    const dir = path.dirname(file('file:x.wat', '(module (func (export "f")))'));
    assert.match(await prints(['inspect', 'file:x.wat'], { cwd: dir }), /^ {2}f {2}\(\) -> \(\)$/m);
  });
});
