'use strict';

// Host functions from a library: node main.js <plugin>. Any of the three in c, rust and go does; they are built
// by the commands that stand in them.

const path = require('node:path');
const { Instance, Module, Plugin } = require('../..');

const plugin = Plugin.load(process.argv[2] ?? path.join(__dirname, 'c/libtexts.so'));
console.log(`${plugin.name} ${plugin.version}`);
for (const { name, signature, grant } of plugin.functions) console.log(`  ${name}${signature}, grant ${grant}`);

const guest = Module.load(path.join(__dirname, 'guest.wat'));

/** Runs what has to fail, and prints the error. */
function refused(action) {
  try {
    action();
  } catch (error) {
    console.log(error.message);
  }
}

refused(() => new Instance(guest, { plugins: [plugin], grants: { plugins: { texts: ['read', 'tally', 'sort'] } } }));

const instance = new Instance(guest, { plugins: [plugin], grants: { plugins: { texts: true } } });
const { words, shout, most, sort, crc32, beyond, mistaken } = instance.exports;
const numbers = () => [...new Int32Array(instance.memory.read(64, 16).slice().buffer)];

console.log(`${words()} words, one of them ${most()} times, CRC-32 ${(crc32() >>> 0).toString(16)}`);
shout();
console.log(Buffer.from(instance.memory.read(0, 31)).toString());
for (const which of [0, 1]) {
  sort(which);
  console.log(numbers().join(' '));
}
refused(beyond);
refused(mistaken);
refused(() => sort(7));
instance.close();
