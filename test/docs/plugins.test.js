'use strict';

// The first plugin of docs/plugins.md, and the one in the header, are built and called.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { Instance, Plugin } = require('../..');
const { compile } = require('../fixtures/plugins');
const { refuses, root, track } = require('../helpers');

function call(name, source, module) {
  const plugin = Plugin.load(compile(name, source));
  const text = `(module (import "${module}" "add" (func $add (param i32 i32) (result i32))) (export "add" (func $add)))`;
  const options = { plugins: [plugin], grants: { plugins: { [plugin.name]: ['add'] } } };
  return track(new Instance(Buffer.from(text), options)).exports.add;
}

describe('docs/plugins.md', () => {
  const docs = fs.readFileSync(path.join(root, 'docs/plugins.md'), 'utf8');

  it('the first plugin', () => {
    const [, source] = /^```c\n(#include [^]*?)^```$/m.exec(docs);
    const add = call('docs-first', source, 'geo');
    assert.equal(add(20, 22), 42);
    refuses(() => add(2 ** 31 - 1, 1), 'ERR_PLUGIN', { message: 'geo.add: the sum does not fit 32 bits (ERR_PLUGIN)' });
  });

  it('the one in the header', () => {
    const header = fs.readFileSync(path.join(Plugin.include, 'wasmgate_plugin.h'), 'utf8');
    const [lines] = /( \* {5}#include [^]*?\n \* {5}}\n)(?! \*\n \* {5})/.exec(header);
    assert.equal(call('docs-header', lines.replace(/^ \*( {5})?/gm, ''), 'math')(40, 2), 42);
  });

  it('names every service of the header that a plugin can call', () => {
    const header = fs.readFileSync(path.join(Plugin.include, 'wasmgate_plugin.h'), 'utf8');
    const services = [
      ...header.slice(header.indexOf('struct wasmgate_host {')).matchAll(/\(\*(\w+)\)\(wasmgate_(?:ctx|registry)/g),
    ].map(([, name]) => name);
    assert.ok(services.length > 15, String(services));
    const rust = fs.readFileSync(path.join(Plugin.include, 'wasmgate_plugin.rs'), 'utf8');
    const members = [...rust.matchAll(/^ {4}pub (\w+): unsafe extern/gm)].map(([, name]) => name);
    assert.deepEqual(members, services, 'wasmgate_plugin.rs has them in the same order');
    for (const name of [
      'memory_at',
      'object_new',
      'object_get',
      'export_get',
      'func_check',
      'data_set',
      'string_get',
    ]) {
      assert.ok(services.includes(name) && docs.includes(name), name);
    }
  });
});
