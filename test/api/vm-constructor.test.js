'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');
const { VM } = require('../..');
const { scratch } = require('../helpers');
const { live } = require('../../js/load');
const { fixture } = require('../fixtures');
const { MESSAGE, fails, watFile } = require('./vm-helpers');

const ssvm = fixture('ssvm');
const magic = (hex) => Uint8Array.from(Buffer.from(`${hex}0000000000000000`, 'hex'));

describe('VM: constructor', () => {
  it('needs new', () => {
    assert.throws(() => VM(ssvm), { name: 'TypeError', message: /without 'new'/ });
  });

  it('has the documented methods and no others', () => {
    const methods = [
      'GetStatistics',
      'Start',
      'Run',
      'RunInt',
      'RunUInt',
      'RunInt64',
      'RunUInt64',
      'RunString',
      'RunUint8Array',
    ];
    assert.deepEqual(Object.getOwnPropertyNames(VM.prototype).sort(), ['constructor', ...methods].sort());
  });

  for (const [what, value] of [
    ['nothing', undefined],
    ['null', null],
    ['a number', 1],
    ['a bigint', 1n],
    ['a symbol', Symbol('s')],
    ['an object', {}],
    ['an array', [0, 0x61, 0x73, 0x6d]],
    ['a String object', new String(ssvm)],
    ['an ArrayBuffer', new ArrayBuffer(8)],
    ['a DataView', new DataView(new ArrayBuffer(8))],
    ['a Proxy of a Uint8Array', new Proxy(new Uint8Array(8), {})],
    ['a function', () => ssvm],
  ]) {
    it(`refuses ${what}`, () => {
      fails(() => new VM(value), MESSAGE.source, 'ERR_SOURCE_TYPE');
    });
  }

  it('refuses a call without arguments', () => {
    fails(() => new VM(), MESSAGE.source, 'ERR_SOURCE_TYPE');
  });

  for (const Type of [Uint8ClampedArray, Int8Array, Uint16Array, Uint32Array, Float64Array, BigInt64Array]) {
    it(`refuses a ${Type.name}`, () => {
      fails(() => new VM(new Type(8)), MESSAGE.array, 'ERR_SOURCE_TYPE');
    });
  }

  for (const [what, hex] of [
    ['wasm', '0061736d'],
    ['ELF', '7f454c46'],
    ['Mach-O, 32 bits', 'feedface'],
    ['Mach-O, 64 bits', 'feedfacf'],
    ['Mach-O, universal', 'cafebabe'],
  ]) {
    it(`accepts bytes that begin like ${what}`, () => {
      assert.ok(new VM(magic(hex)) instanceof VM);
    });
  }

  for (const [what, bytes] of [
    ['no bytes', new Uint8Array()],
    ['three bytes', Uint8Array.of(0, 0x61, 0x73)],
    ['WebAssembly text', Buffer.from('(module)')],
    ['bytes with the magic number elsewhere', Uint8Array.of(1, 0, 0x61, 0x73, 0x6d)],
  ]) {
    it(`refuses ${what}`, () => {
      fails(() => new VM(bytes), MESSAGE.format, 'ERR_SOURCE_FORMAT');
    });
  }

  it('refuses a detached array', () => {
    const bytes = new Uint8Array(fs.readFileSync(ssvm));
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    fails(() => new VM(bytes), MESSAGE.format, undefined);
  });

  it('takes a Uint8Array, a Buffer, shared memory and an array of another realm', () => {
    const bytes = fs.readFileSync(ssvm);
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    const foreign = vm.runInNewContext('new Uint8Array(length)', { length: bytes.length });
    foreign.set(bytes);
    for (const source of [new Uint8Array(bytes), bytes, shared, foreign]) {
      assert.equal(new VM(source).RunString('say', 'x'), 'hello x');
    }
  });

  it('respects offset and length of a view', () => {
    const bytes = fs.readFileSync(ssvm);
    const padded = Buffer.alloc(bytes.length + 20, 0xff);
    bytes.copy(padded, 7);
    assert.equal(new VM(padded.subarray(7, 7 + bytes.length)).RunString('say', 'x'), 'hello x');
  });

  it('copies the bytes', () => {
    const bytes = new Uint8Array(fs.readFileSync(ssvm));
    const guest = new VM(bytes);
    bytes.fill(0);
    assert.equal(guest.RunString('say', 'x'), 'hello x');
  });

  it('opens a path at the first call only, and again while that fails', () => {
    const file = scratch('vm-late.wasm');
    const guest = new VM(file);
    const cause = fails(() => guest.RunString('say', 'x'), MESSAGE.load, 'ERR_SOURCE_READ');
    assert.equal(cause.errno, 'ENOENT');
    fs.copyFileSync(ssvm, file);
    assert.equal(guest.RunString('say', 'x'), 'hello x');
    fs.rmSync(file);
    assert.equal(guest.RunString('say', 'y'), 'hello y');
  });

  it('takes paths relative to the working directory, whatever they look like', () => {
    const dir = scratch('vm-cwd');
    fs.mkdirSync(path.join(dir, 'file:'), { recursive: true });
    fs.copyFileSync(ssvm, path.join(dir, 'file:/guest.so'));
    const before = process.cwd();
    process.chdir(dir);
    try {
      assert.equal(new VM('file:/guest.so').RunString('say', 'x'), 'hello x');
    } finally {
      process.chdir(before);
    }
  });

  for (const [what, name, code] of [
    ['an empty path', '', 'ERR_SOURCE_READ'],
    ['a path with a NUL', 'a\0b', 'ERR_SOURCE_TYPE'],
    ['a directory', __dirname, 'ERR_SOURCE_READ'],
    ['a file that is not wasm', __filename, 'ERR_SOURCE_FORMAT'],
  ]) {
    it(`fails at the first call with ${what}`, () => {
      const guest = new VM(name);
      fails(() => guest.Run('noop'), MESSAGE.load, code);
      fails(() => guest.Start(), MESSAGE.load, code);
    });
  }

  it('does not look at a .d.ts beside the module', () => {
    const file = watFile('(func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))');
    fs.mkdirSync(file.replace(/wat$/, 'd.ts')); // reading it would fail
    assert.equal(new VM(file).RunInt('add', 2, 3), 5);
  });
});

describe('VM: life of an instance', () => {
  it('compiles once', () => {
    const modules = () => live()[1];
    const before = modules();
    const guest = new VM(ssvm);
    assert.equal(modules(), before);
    guest.Run('noop');
    guest.Run('noop');
    guest.RunString('say', 'x');
    assert.equal(modules(), before + 1);
  });

  it('makes a new instance for every call', () => {
    const guest = new VM(fixture('wasi_lib'));
    assert.equal(guest.RunInt('next'), 1);
    assert.equal(guest.RunInt('next'), 1);
  });

  it('closes the instance, also after errors', () => {
    const guest = new VM(ssvm);
    const before = live()[0];
    guest.RunString('say', 'x');
    assert.equal(live()[0], before);
    fails(() => guest.Run('nothing'), MESSAGE.run, 'ERR_EXPORT_MISSING');
    assert.equal(live()[0], before);
  });

  it('calls on something that is not a VM are refused', () => {
    assert.throws(() => VM.prototype.Start.call({}), TypeError);
  });
});
