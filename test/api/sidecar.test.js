'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const zlib = require('node:zlib');
const { Module, inspect } = require('../..');
const { fixture } = require('../fixtures');
const { open, refuses, rejects, scratch } = require('../helpers');

const BYTES = fs.readFileSync(fixture('hello'));
const TYPES = 'export function say(name: string): string;\n';
let folders = 0;

/** A new folder with these files; gives the path of the first. */
function folder(files) {
  const dir = scratch(`sidecar${folders++}`);
  fs.mkdirSync(dir);
  for (const [name, content] of Object.entries(files)) fs.writeFileSync(path.join(dir, name), content);
  return path.join(dir, Object.keys(files)[0]);
}

const signature = (source, options, name = 'say') =>
  inspect(source, options).exports.find((e) => e.name === name).signature;
const SAY = '(name: string) -> string';

describe('the .d.ts beside a module', () => {
  for (const name of ['hello_bg.wasm', 'hello.wasm', 'hello_bg.wasm.gz', 'hello.wasm.zst', 'hello_bg', 'hello']) {
    it(`${name}: hello.d.ts`, () => {
      const content = name.endsWith('.gz') ? zlib.gzipSync(BYTES) : BYTES;
      const file = folder({ [name]: content, 'hello.d.ts': TYPES });
      assert.equal(signature(file), SAY);
      assert.equal(open(file).exports.say('Ada'), 'hello Ada');
    });
  }

  it('is found beside a file: URL too', () => {
    const file = folder({ 'hello_bg.wasm': BYTES, 'hello.d.ts': TYPES });
    assert.equal(signature(require('node:url').pathToFileURL(file)), SAY);
  });

  it('is not looked for elsewhere, nor beside bytes', () => {
    const file = folder({ 'hello_bg.wasm': BYTES, 'hello_bg.wasm.d.ts': TYPES, 'other.d.ts': TYPES });
    assert.equal(signature(file), undefined);
    assert.equal(signature(BYTES), undefined);
    refuses(() => open(file).exports.say('Ada'), 'ERR_ARG_COUNT');
  });

  it('sidecar: false leaves wasm-level types', () => {
    const file = folder({ 'hello_bg.wasm': BYTES, 'hello.d.ts': TYPES });
    assert.equal(signature(file, { sidecar: false }), undefined);
    assert.equal(signature(file, { sidecar: true }), SAY);
    assert.equal(signature(file, { sidecar: undefined }), SAY);
    const { exports } = open(file, { sidecar: false });
    assert.ok(Array.isArray(exports.say(0, 0)));
  });

  it('one that cannot be read is an error, unless sidecar is off', async () => {
    const file = folder({ 'hello_bg.wasm': BYTES });
    const types = path.join(path.dirname(file), 'hello.d.ts');
    fs.mkdirSync(types);
    refuses(() => Module.load(file), 'ERR_SOURCE_READ', { errno: 'EISDIR', message: /hello\.d\.ts/ });
    refuses(() => inspect(file), 'ERR_SOURCE_READ');
    await rejects(Module.loadAsync(file), 'ERR_SOURCE_READ');
    assert.equal(signature(file, { sidecar: false }), undefined);
    fs.rmdirSync(types);
    fs.symlinkSync(types, types);
    refuses(() => Module.load(file), 'ERR_SOURCE_READ');
    fs.unlinkSync(types);
    fs.symlinkSync(`${types}.missing`, types);
    assert.equal(signature(file), undefined, 'a link to nothing is nothing');
  });

  it('one that is larger than 16 MiB is an error', () => {
    const file = folder({ 'hello_bg.wasm': BYTES, 'hello.d.ts': Buffer.alloc((16 << 20) + 1, 'x') });
    refuses(() => Module.load(file), 'ERR_SOURCE_TOO_LARGE');
  });

  it('functions that the module does not export do not matter', () => {
    const file = folder({ 'hello_bg.wasm': BYTES, 'hello.d.ts': `${TYPES}export function gone(a: any): void;` });
    assert.equal(signature(file), SAY);
    assert.equal('gone' in open(file).exports, false);
  });
});

describe('.d.ts files that are malformed', () => {
  const garbage = {
    empty: '',
    'no functions': 'export const a: number;',
    'no parameters': 'export function say',
    'an open parenthesis': 'export function say(name: string',
    'no result': 'export function say(name: string)',
    'an open comment': '/* export function say(name: string): string;',
    'an open quote': 'export function say(name: "',
    'nested brackets': `export function say(name: ${'('.repeat(10000)}`,
    binary: Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7) & 255)),
    'invalid UTF-8': Buffer.concat([Buffer.from('export function '), Buffer.of(0xff, 0xfe)]),
    NUL: 'export function say\0(name: string): string;',
    'another language': '<html><body>export function </body></html>',
  };

  for (const [name, text] of Object.entries(garbage)) {
    it(`${name}: the export keeps wasm-level types`, () => {
      const file = folder({ 'hello_bg.wasm': BYTES, 'hello.d.ts': text });
      assert.equal(signature(file), undefined);
      assert.ok(Array.isArray(open(file).exports.say(0, 0)));
    });
  }

  const odd = {
    'Windows line ends': 'export function say(name: string): string;\r\n',
    'no semicolon': 'export function say(name: string): string',
    declare: 'export declare function say(name: string): string;',
    'comments everywhere':
      '/** a */ export /* function */\nexport function say(/* x: */ name: string /* ) */): string; // y',
    'several lines': 'export function say(\n  name: string,\n): string;',
    'byte order mark': `\ufeff${TYPES}`,
    'one among others': `export type A = { b: (c: string) => void };\n${TYPES}export class B { say(name: number): void; }`,
  };

  for (const [name, text] of Object.entries(odd)) {
    it(`${name}: read all the same`, () => {
      assert.equal(signature(folder({ 'hello_bg.wasm': BYTES, 'hello.d.ts': text })), SAY);
    });
  }
});

describe('types of a .d.ts that do not fit', () => {
  const unusable = {
    'a union': ['export function say(name: string | number): string;', /string \| number, a union/],
    'any value': ['export function say(name: any): string;', /any, a JavaScript value/],
    'an unknown name': ['export function say(name: Foo): string;', /Foo/],
    'a class': ['export class Foo {}\nexport function say(name: Foo): string;', /Foo, a class/],
    'a string enum': ["export type Foo = 'a' | 'b';\nexport function say(name: Foo): string;", /Foo, a string enum/],
    'an array of strings': ['export function say(name: string[]): string;', /string\[\], a list/],
    'a promise': ['export function say(name: string): Promise<string>;', /Promise<string>, an asynchronous/],
    'a callback': ['export function say(name: (a: string) => void): string;', /=> void/],
    'the wrong number of parameters': [
      'export function say(name: string, a: string, b: string): string;',
      /does not fit/,
    ],
    'the wrong kind': ['export function say(name: bigint): string;', /does not fit/],
    'a list of parameters that cannot be read': ['export function say({ name }): string;', /cannot be read/],
    'rest parameters': ['export function say(...name: string[]): string;', /string\[\]/],
  };

  for (const [name, [text, reason]] of Object.entries(unusable)) {
    it(`${name}: the export says why, the others work`, () => {
      const file = folder({
        'hello_bg.wasm': BYTES,
        'hello.d.ts': `${text}\nexport function add(a: number, b: number): number;`,
      });
      const { exports, raw, module } = open(file);
      assert.match(module.exports.find((e) => e.name === 'say').unsupported, reason);
      refuses(() => exports.say('Ada'), 'ERR_EXPORT_UNSUPPORTED', { message: reason });
      assert.equal(exports.add(1, 2), 3);
      assert.ok(Array.isArray(raw.say(0, 0)), 'raw calls still work');
      const given = open(file, { signatures: { say: '(string) -> string' } });
      assert.equal(given.exports.say('Ada'), 'hello Ada', 'a given signature wins');
    });
  }
});
