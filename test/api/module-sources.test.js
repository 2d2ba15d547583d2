'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const { pathToFileURL } = require('node:url');
const zlib = require('node:zlib');
const { Module, Instance, inspect } = require('../..');
const { compressed, fixture } = require('../fixtures');
const { open, refuses, rejects, scratch, track } = require('../helpers');

const TEXT = fs.readFileSync(compressed('add.wat'));
const BINARY = fs.readFileSync(compressed('add.wasm'));

function adds(source, options) {
  assert.equal(open(source, options).exports.add(40, 2), 42);
}

/** The three functions that take a source; each gives what `refuses` needs. */
function refused(source, code, properties, options) {
  refuses(() => Module.load(source, options), code, properties);
  refuses(() => new Instance(source, options), code, properties);
  return refuses(() => inspect(source, options), code, properties);
}

describe('module sources', () => {
  it('a path, relative or absolute', () => {
    adds(compressed('add.wasm'));
    adds(require('node:path').relative(process.cwd(), compressed('add.wasm')));
  });

  it('a path with unusual characters', () => {
    for (const name of ['with space', 'ümläut 漢字', "quote'quote", '#hash?query', '%41', 'new\nline', '🦀']) {
      const file = scratch(`${name}.wasm`);
      fs.writeFileSync(file, BINARY);
      adds(file);
      adds(pathToFileURL(file));
      adds(pathToFileURL(file).href);
    }
  });

  it('a symbolic link', () => {
    const link = scratch('link.wasm');
    fs.symlinkSync(compressed('add.wasm'), link);
    adds(link);
  });

  it('a Uint8Array, a Buffer, a part of either', () => {
    adds(new Uint8Array(BINARY));
    adds(BINARY);
    const large = Buffer.concat([Buffer.from('xyz'), BINARY, Buffer.from('xyz')]);
    adds(large.subarray(3, 3 + BINARY.length));
    adds(new Uint8Array(new Uint8Array(large).buffer, 3, BINARY.length));
    const resizable = new ArrayBuffer(BINARY.length, { maxByteLength: 1000 });
    new Uint8Array(resizable).set(BINARY);
    adds(new Uint8Array(resizable));
  });

  it('bytes are copied: they may change after the load', async () => {
    const bytes = new Uint8Array(BINARY);
    const module = track(Module.load(bytes));
    bytes.fill(0);
    adds(module);
    const later = new Uint8Array(BINARY);
    const promise = Module.loadAsync(later);
    later.fill(0);
    adds(track(await promise));
  });

  it('text, in a file or as bytes, with comments and a byte order mark', () => {
    adds(compressed('add.wat'));
    adds(TEXT);
    adds(Buffer.from(`;; a comment\n(; another\n ;)\n\t${TEXT}`));
    adds(Buffer.from(`\ufeff${TEXT}`));
  });

  for (const [name, content] of [
    ['text', TEXT],
    ['binary', BINARY],
  ]) {
    it(`${name} in gzip`, () => {
      const packed = zlib.gzipSync(content);
      adds(packed);
      const file = scratch(`${name}.wasm.gz`);
      fs.writeFileSync(file, packed);
      adds(file);
      adds(zlib.gzipSync(content, { level: 0 }));
      adds(Buffer.concat([zlib.gzipSync(content.subarray(0, 20)), zlib.gzipSync(content.subarray(20))]));
    });

    it(`${name} in zstd`, () => {
      const file = compressed(name === 'text' ? 'add.wat.zst' : 'add.wasm.zst');
      adds(file);
      adds(fs.readFileSync(file));
    });
  }

  it('content decides, not the name of the file', () => {
    for (const [name, content] of [
      ['a.txt', BINARY],
      ['b.wasm', TEXT],
      ['c.wat', zlib.gzipSync(BINARY)],
      ['noext', TEXT],
    ]) {
      fs.writeFileSync(scratch(name), content);
      adds(scratch(name));
    }
  });

  it('inspect takes the same', () => {
    for (const source of [compressed('add.wasm'), pathToFileURL(compressed('add.wat')), BINARY, zlib.gzipSync(TEXT)]) {
      assert.equal(inspect(source).exports[0].name, 'add');
    }
  });
});

describe('module sources that are of no known type', () => {
  const shared = new SharedArrayBuffer(BINARY.length);
  new Uint8Array(shared).set(BINARY);
  const values = {
    undefined: undefined,
    null: null,
    number: 1,
    bigint: 1n,
    boolean: true,
    symbol: Symbol('a'),
    object: {},
    array: [...BINARY],
    function: () => BINARY,
    'empty path': '',
    'path with NUL': 'a\0b',
    ArrayBuffer: new Uint8Array(BINARY).buffer,
    DataView: new DataView(new Uint8Array(BINARY).buffer),
    Int8Array: new Int8Array(BINARY),
    Uint8ClampedArray: new Uint8ClampedArray(BINARY),
    SharedArrayBuffer: shared,
    'view of shared memory': new Uint8Array(shared),
    'http: URL': new URL('http://localhost/a.wasm'),
    'data: URL': new URL('data:application/wasm;base64,AGFzbQEAAAA='),
    'file: URL with a host': new URL('file://host/a.wasm'),
    'file: text that is no URL': 'file://%',
    'no URL at all': Object.create(URL.prototype),
    'proxy of a URL': new Proxy(new URL('file:///a.wasm'), {}),
    'proxy of bytes': new Proxy(new Uint8Array(BINARY), {}),
    'String object': Object('a.wasm'),
  };

  for (const [name, value] of Object.entries(values)) {
    it(name, async () => {
      refused(value, 'ERR_SOURCE_TYPE');
      await rejects(Module.loadAsync(value), 'ERR_SOURCE_TYPE');
    });
  }

  it('detached bytes', () => {
    const bytes = new Uint8Array(BINARY);
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    refused(bytes, 'ERR_SOURCE_TYPE');
  });
});

describe('module files that cannot be read', () => {
  it('missing: with errno and path', async () => {
    const file = scratch('missing.wasm');
    refused(file, 'ERR_SOURCE_READ', { errno: 'ENOENT', path: file });
    refused(pathToFileURL(file), 'ERR_SOURCE_READ', { errno: 'ENOENT', path: file });
    await rejects(Module.loadAsync(file), 'ERR_SOURCE_READ', { errno: 'ENOENT', path: file });
  });

  it('a directory', () => {
    refused(__dirname, 'ERR_SOURCE_READ', { errno: 'EISDIR', message: /is a directory/ });
  });

  it('a path through a file, a name that is too long, a loop of links, a NUL in a URL', () => {
    fs.symlinkSync(scratch('loop'), scratch('loop'));
    const bad = [`${__filename}/x.wasm`, scratch('x'.repeat(5000)), scratch('loop'), new URL('file:///tmp/%00')];
    for (const file of bad) refused(file, 'ERR_SOURCE_READ', { message: /cannot read the file/ });
  });

  it('text that cannot be a path of this system', () => {
    refused('\ud800.wasm', 'ERR_SOURCE_READ', { errno: 'ENOENT' });
  });

  it('an endless file stops at maxModuleBytes', () => {
    refused('/dev/zero', 'ERR_SOURCE_TOO_LARGE', { maxModuleBytes: 5000 }, { maxModuleBytes: 5000 });
    refused('/dev/null', 'ERR_SOURCE_FORMAT', { message: /empty/ });
  });
});

describe('maxModuleBytes', () => {
  it('counts the file and what it decompresses to', () => {
    const most = (n) => ({ maxModuleBytes: n });
    adds(BINARY, most(BINARY.length));
    adds(compressed('add.wasm'), most(BINARY.length));
    adds(TEXT, most(TEXT.length));
    adds(zlib.gzipSync(TEXT), most(Math.max(TEXT.length, zlib.gzipSync(TEXT).length)));
    for (const [source, size] of [
      [BINARY, BINARY.length],
      [compressed('add.wasm'), BINARY.length],
      [TEXT, TEXT.length],
      [zlib.gzipSync(TEXT), TEXT.length],
    ]) {
      const limit = size - 1;
      const message = new RegExp(`maxModuleBytes \\(${limit} bytes\\)`);
      refused(source, 'ERR_SOURCE_TOO_LARGE', { maxModuleBytes: limit, message }, most(limit));
    }
  });

  it('zstd: exactly as large as allowed, one byte less', () => {
    adds(compressed('add.wat.zst'), { maxModuleBytes: 106 });
    adds(compressed('add.wasm.zst'), { maxModuleBytes: 54 });
    refused(compressed('add.wat.zst'), 'ERR_SOURCE_TOO_LARGE', {}, { maxModuleBytes: 105 });
    refused(compressed('add.wasm.zst'), 'ERR_SOURCE_TOO_LARGE', {}, { maxModuleBytes: 53 });
  });

  it('bombs', async () => {
    const bomb = zlib.gzipSync(Buffer.alloc(64 << 20));
    const limit = { maxModuleBytes: 1 << 20 };
    refused(bomb, 'ERR_SOURCE_TOO_LARGE', { maxModuleBytes: 1 << 20 }, limit);
    refused(compressed('zeros.zst'), 'ERR_SOURCE_TOO_LARGE', { maxModuleBytes: 1 << 20 }, limit);
    await rejects(Module.loadAsync(bomb, limit), 'ERR_SOURCE_TOO_LARGE');
    refused(bomb, 'ERR_SOURCE_FORMAT', { message: /67108864 bytes/ });
  });

  it('the default takes ordinary modules, the largest takes them too', () => {
    adds(BINARY, { maxModuleBytes: undefined });
    adds(BINARY, { maxModuleBytes: Number.MAX_SAFE_INTEGER });
    assert.equal(open(fixture('hello'), { maxModuleBytes: 1 << 20 }).exports.say('x'), 'hello x');
  });
});
