'use strict';

const assert = require('node:assert/strict');
const path = require('node:path');
const { test } = require('node:test');
const { Instance, Plugin } = require('wasmgate');

const plugin = Plugin.load(path.join(__dirname, 'lib{{crate}}.so'));
const guest = path.join(__dirname, 'guest.wat');
const open = (grants) => new Instance(guest, { plugins: [plugin], grants: { plugins: { '{{name}}': grants } } });

test('the functions do what they should', () => {
  const instance = open(true);
  assert.equal(instance.exports.add(20, 22), 42);
  assert.equal(instance.exports.sum(), 10);
  assert.throws(() => instance.exports.beyond(), { code: 'ERR_PLUGIN' });
  instance.close();
});

test('a guest gets what it is granted', () => {
  assert.throws(() => open(['add']), { code: 'ERR_CAPABILITY', imports: ['{{crate}}.sum'] });
});
