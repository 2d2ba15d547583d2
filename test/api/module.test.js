'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const zlib = require('node:zlib');
const { Module, Instance, inspect } = require('../..');
const { live } = require('../../js/load');
const { compiled, compressed, fixture } = require('../fixtures');
const { bytesOf, open, refuses, rejects, track } = require('../helpers');

const BINARY = fs.readFileSync(compressed('add.wasm'));

describe('Module.loadAsync', () => {
  it('resolves to a Module that works', async () => {
    const promise = Module.loadAsync(fixture('hello'));
    assert.ok(promise instanceof Promise);
    const module = track(await promise);
    assert.ok(module instanceof Module);
    assert.equal(open(module).exports.say('Ada'), 'hello Ada');
  });

  it('does not block: timers run while it compiles', async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    const modules = await Promise.all(Array.from({ length: 4 }, () => Module.loadAsync(fixture('panics_hook'))));
    clearInterval(timer);
    modules.forEach(track);
    assert.ok(ticks > 0);
  });

  it('30 at a time, good and bad ones', async () => {
    const sources = Array.from(
      { length: 30 },
      (_, i) => [BINARY, fixture('strings'), Buffer.from('bad'), 'missing'][i % 4],
    );
    const settled = await Promise.allSettled(sources.map((source) => Module.loadAsync(source)));
    settled.forEach(({ value, reason }, i) => {
      if (i % 4 < 2) track(value);
      else assert.equal(reason.code, i % 4 === 2 ? 'ERR_SOURCE_FORMAT' : 'ERR_SOURCE_READ');
    });
    assert.equal(open(settled[0].value).exports.add(1, 2), 3);
    assert.equal(open(settled[1].value).exports.say('x'), 'hello x');
  });

  it('every mistake is a rejection, none is thrown', async () => {
    const cases = [
      [undefined, undefined, 'ERR_SOURCE_TYPE'],
      [BINARY, { nope: 1 }, 'ERR_OPTION_UNKNOWN'],
      [BINARY, 5, 'ERR_OPTION_TYPE'],
      [BINARY, { maxModuleBytes: 0 }, 'ERR_OPTION_RANGE'],
      [BINARY, { signatures: { f: '()' } }, 'ERR_SIGNATURE_UNKNOWN'],
      [BINARY, { signatures: { add: '(' } }, 'ERR_SIGNATURE_SYNTAX'],
      [Buffer.from('(module'), undefined, 'ERR_TEXT_SYNTAX'],
      [BINARY.subarray(0, 20), undefined, 'ERR_MODULE_INVALID'],
    ];
    for (const [source, options, code] of cases) await rejects(Module.loadAsync(source, options), code);
  });

  it('a rejection has the properties of the error', async () => {
    await rejects(Module.loadAsync('no/such/file'), 'ERR_SOURCE_READ', { errno: 'ENOENT', path: 'no/such/file' });
  });

  it('a module that nobody takes is collected', async () => {
    Module.loadAsync(BINARY);
    await Module.loadAsync(BINARY);
  });
});

describe('Module', () => {
  it('cannot be made with new', () => {
    for (const args of [[], [Symbol('wasmgate.module')], [undefined, [{}, '{}']]]) {
      assert.throws(() => new Module(...args), TypeError);
    }
  });

  it('close() ends it once, a second time does nothing', () => {
    const before = live()[1];
    const module = Module.load(BINARY);
    assert.equal(module.closed, false);
    assert.equal(live()[1], before + 1);
    module.close();
    assert.equal(live()[1], before);
    assert.equal(module.closed, true);
    assert.equal(module.close(), undefined);
    assert.equal(live()[1], before);
    refuses(() => new Instance(module), 'ERR_CLOSED');
    assert.equal(module.exports[0].name, 'add', 'what it was can still be read');
    assert.equal(inspect(module).exports[0].name, 'add');
  });

  it('instances go on after their module is closed', () => {
    const module = Module.load(fixture('hello'));
    const instance = track(new Instance(module));
    module.close();
    assert.equal(instance.exports.say('Ada'), 'hello Ada');
    assert.equal(instance.module, module);
  });

  it('Symbol.dispose closes', () => {
    const dispose = Symbol.dispose ?? Symbol.for('nodejs.dispose');
    const module = Module.load(BINARY);
    assert.equal(typeof module[dispose], 'function');
    module[dispose]();
    assert.equal(module.closed, true);
    module[dispose]();
  });

  it('properties are read-only, methods belong to modules only', () => {
    const module = compiled('hello');
    for (const key of ['exports', 'imports', 'closed']) {
      assert.throws(() => {
        module[key] = 1;
      }, TypeError);
    }
    for (const method of [Module.prototype.close, Object.getOwnPropertyDescriptor(Module.prototype, 'exports').get]) {
      for (const other of [undefined, {}, Object.create(Module.prototype), new Proxy(module, {})]) {
        assert.throws(() => method.call(other), TypeError);
      }
    }
    assert.deepEqual(Object.keys(module), []);
    assert.equal(Module.internals, undefined);
    assert.equal(Module.describe, undefined);
  });

  it('a false Module is not taken for one', () => {
    const fake = Object.create(Module.prototype);
    assert.throws(() => new Instance(fake), TypeError);
    assert.throws(() => inspect(fake), TypeError);
    assert.throws(() => Module.load(compiled('hello')), { code: 'ERR_SOURCE_TYPE' });
  });

  it('the same bytes give modules of their own', () => {
    const [a, b] = [track(Module.load(BINARY)), track(Module.load(BINARY))];
    assert.notEqual(a, b);
    a.close();
    assert.equal(open(b).exports.add(1, 1), 2);
  });
});

describe('contents that are no module', () => {
  const header = BINARY.subarray(0, 8);
  const bytes = (...list) => Buffer.from(list);
  const packed = zlib.gzipSync(BINARY);
  const cases = {
    'nothing at all': [bytes(), 'ERR_SOURCE_FORMAT', /empty/],
    'one byte': [bytes(0), 'ERR_SOURCE_FORMAT'],
    'half of the magic number': [bytes(0, 0x61, 0x73), 'ERR_SOURCE_FORMAT'],
    text: [Buffer.from('hello'), 'ERR_SOURCE_FORMAT', /5 bytes that begin with 68 65 6c 6c 6f/],
    JSON: [Buffer.from('{"a":1}'), 'ERR_SOURCE_FORMAT'],
    ELF: [fs.readFileSync(process.execPath).subarray(0, 4096), 'ERR_SOURCE_FORMAT', /7f 45 4c 46/],
    'only white space': [Buffer.from(' \n\t'), 'ERR_SOURCE_FORMAT'],
    'only comments': [Buffer.from(';; a\n(; b ;)'), 'ERR_SOURCE_FORMAT'],
    'an open comment': [Buffer.from('(; a'), 'ERR_SOURCE_FORMAT'],
    'the magic number alone': [bytes(0, 0x61, 0x73, 0x6d), 'ERR_MODULE_INVALID'],
    'version 2': [bytes(0, 0x61, 0x73, 0x6d, 2, 0, 0, 0), 'ERR_MODULE_INVALID'],
    'a component': [bytes(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0), 'ERR_MODULE_UNSUPPORTED', /component/],
    'a component in text form': [Buffer.from('(component)'), 'ERR_MODULE_UNSUPPORTED'],
    'garbage after the header': [Buffer.concat([header, Buffer.alloc(100, 0xa5)]), 'ERR_MODULE_INVALID'],
    'garbage after the module': [Buffer.concat([BINARY, Buffer.alloc(10, 0xff)]), 'ERR_MODULE_INVALID'],
    'an unknown section': [Buffer.concat([header, bytes(0x7f, 1, 0)]), 'ERR_MODULE_INVALID'],
    'sections in the wrong order': [Buffer.concat([header, bytes(3, 1, 0, 1, 1, 0)]), 'ERR_MODULE_INVALID'],
    'a section with a length of 2^32-1': [
      Buffer.concat([header, bytes(1, 0xff, 0xff, 0xff, 0xff, 0x0f)]),
      'ERR_MODULE_INVALID',
    ],
    'a length that never ends': [Buffer.concat([header, bytes(1, ...Array(20).fill(0x80))]), 'ERR_MODULE_INVALID'],
    'a count of 2^32-1 types': [
      Buffer.concat([header, bytes(1, 5, 0xff, 0xff, 0xff, 0xff, 0x0f)]),
      'ERR_MODULE_INVALID',
    ],
    'bad text': [Buffer.from('(module (func'), 'ERR_TEXT_SYNTAX'],
    'text with an unknown instruction': [bytesOf('(func i32.frobnicate)'), 'ERR_TEXT_SYNTAX', /frobnicate/],
    'text that is not UTF-8': [Buffer.concat([Buffer.from('(module $'), bytes(0xff, 0xfe)]), 'ERR_TEXT_SYNTAX'],
    'text that nests without end': [Buffer.from('('.repeat(1e5)), 'ERR_TEXT_SYNTAX'],
    'text that does not validate': [bytesOf('(func (result i32))'), 'ERR_MODULE_INVALID'],
    'two exports of one name': [bytesOf('(func (export "f")) (func (export "f"))'), 'ERR_MODULE_INVALID'],
    'gzip cut short': [packed.subarray(0, -9), 'ERR_SOURCE_COMPRESSION'],
    'gzip with a wrong checksum': [
      Buffer.concat([packed.subarray(0, -8), bytes(1, 2, 3, 4, 5, 6, 7, 8)]),
      'ERR_SOURCE_COMPRESSION',
    ],
    'the magic number of gzip': [packed.subarray(0, 2), 'ERR_SOURCE_COMPRESSION'],
    'gzip and garbage': [Buffer.concat([packed, Buffer.from('garbage')]), 'ERR_SOURCE_COMPRESSION'],
    'gzip of gzip': [zlib.gzipSync(packed), 'ERR_SOURCE_FORMAT'],
    'gzip of nothing': [zlib.gzipSync(''), 'ERR_SOURCE_FORMAT'],
    'gzip of garbage': [zlib.gzipSync('garbage'), 'ERR_SOURCE_FORMAT'],
    'the magic number of zstd': [bytes(0x28, 0xb5, 0x2f, 0xfd), 'ERR_SOURCE_COMPRESSION'],
    'zstd cut short': [fs.readFileSync(compressed('add.wasm.zst')).subarray(0, -6), 'ERR_SOURCE_COMPRESSION'],
    brotli: [zlib.brotliCompressSync(BINARY), 'ERR_SOURCE_FORMAT'],
  };

  for (const [name, [source, code, message = /./]] of Object.entries(cases)) {
    it(`${name}: ${code}`, async () => {
      refuses(() => Module.load(source), code, { message });
      refuses(() => inspect(source), code, { message });
      await rejects(Module.loadAsync(source), code, { message });
    });
  }

  it('a module cut anywhere is refused or whole', () => {
    const source = fs.readFileSync(fixture('results'));
    const { boundaries } = sections(source);
    assert.ok(boundaries.length > 8);
    for (const at of boundaries.flatMap((n) => [n - 1, n, n + 1, n + 2]).filter((n) => n < source.length)) {
      attempt(source.subarray(0, at));
    }
    for (let at = 0; at < BINARY.length; at++) attempt(BINARY.subarray(0, at));
  });

  it('a module with any one byte changed is refused or loads, and nothing else', () => {
    for (let at = 0; at < BINARY.length; at++) {
      for (const value of [0, 1, 0x7f, 0x80, 0xff, BINARY[at] ^ 1, BINARY[at] ^ 0x40]) {
        const copy = Buffer.from(BINARY);
        copy[at] = value;
        attempt(copy);
      }
    }
  });
});

const EXPECTED = ['ERR_SOURCE_FORMAT', 'ERR_MODULE_INVALID', 'ERR_MODULE_UNSUPPORTED'];

/** load and inspect must agree, and give a module or one of the codes above. */
function attempt(source) {
  const outcome = (fn) => {
    try {
      fn();
      return 'fine';
    } catch (error) {
      assert.ok(EXPECTED.includes(error.code), error.stack);
      return error.code;
    }
  };
  assert.equal(
    outcome(() => Module.load(source).close()),
    outcome(() => inspect(source)),
  );
}

/** Where the sections of a binary module begin. */
function sections(source) {
  const boundaries = [];
  for (let at = 8; at < source.length;) {
    boundaries.push(at);
    let size = 0;
    let shift = 0;
    do size |= (source[++at] & 0x7f) << shift;
    while (((shift += 7), source[at] & 0x80));
    at += 1 + size;
  }
  return { boundaries };
}
