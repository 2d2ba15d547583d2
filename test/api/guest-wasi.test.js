'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const { Instance, Module } = require('../..');
const { refuses, scratch, track } = require('../helpers');
const { openWasi, wasiPath } = require('./guest-helpers');

describe('guest crate: the standard library on WASI', () => {
  let module;
  before(() => (module = Module.load(wasiPath)));
  after(() => module.close());

  it('files of a directory that is given, and no others', () => {
    const dir = scratch('guest-wasi');
    fs.mkdirSync(dir, { recursive: true });
    fs.writeFileSync(`${dir}/a.txt`, 'ünï');
    const { exports } = openWasi(module, { fs: [{ guest: '/data', host: dir, write: true }] });
    assert.equal(exports.read_file('/data/a.txt'), 'ünï');
    exports.write_file('/data/b', Uint8Array.of(0, 255));
    assert.deepEqual([...fs.readFileSync(`${dir}/b`)], [0, 255]);
    assert.deepEqual(exports.read_bytes('/data/b'), Uint8Array.of(0, 255));
    assert.equal(exports.list('/data'), 'a.txt\nb');
    refuses(() => exports.read_file('/data/none'), 'ERR_GUEST_ERROR', { message: /^\/data\/none: / });
    refuses(() => exports.read_file('/data/b'), 'ERR_GUEST_ERROR', { message: /UTF-8/ });
    refuses(() => exports.read_file('/etc/passwd'), 'ERR_GUEST_ERROR');
    refuses(() => exports.read_file('/data/../../etc/passwd'), 'ERR_GUEST_ERROR');
  });

  it('environment, arguments, time, random numbers', () => {
    const { exports } = openWasi(module, { args: ['one', 'zwö'], env: { NAME: 'wärt=1' } });
    assert.equal(exports.arguments(), 'one\nzwö');
    assert.equal(exports.variable('NAME'), 'wärt=1');
    assert.equal(exports.variable('PATH'), undefined);
    assert.equal(exports.variable_count(), 1);
    assert.ok(Math.abs(Number(exports.now()) - Date.now()) < 60000);
    assert.ok(exports.ticks() >= 0n);
    assert.equal(typeof exports.random(), 'bigint');
    assert.notEqual(exports.random(), openWasi(module, {}).exports.random());
  });

  it('_initialize ran once: what the guest keeps outlives calls, and is the instance’s own', () => {
    const { exports } = openWasi(module, {});
    assert.deepEqual([exports.next(), exports.next(), exports.next()], [1, 2, 3]);
    assert.equal(openWasi(module, {}).exports.next(), 1);
    assert.equal('_initialize' in exports, false);
  });

  it('exit ends the guest with its code', () => {
    refuses(() => openWasi(module, {}).exports.exit(7), 'ERR_EXIT', { exitCode: 7 });
  });

  it('is not given by itself: ERR_CAPABILITY', () => {
    const { imports } = refuses(() => track(new Instance(module)), 'ERR_CAPABILITY');
    assert.ok(imports.includes('wasi_snapshot_preview1.path_open'));
  });
});
