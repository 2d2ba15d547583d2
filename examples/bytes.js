'use strict';

// Bytes in and bytes out. What goes in is copied into the guest; what comes out belongs to the caller.

const { Module, Instance } = require('..');
const wasm = require('./wasm');

const guest = new Instance(Module.load(wasm.hello));
const { reverse } = guest.exports;

// An argument may be a Uint8Array, an ArrayBuffer, or any other view of one.
console.log(reverse(new Uint8Array([1, 2, 3])));
console.log(reverse(new Uint16Array([0x0102, 0x0304]).buffer));
console.log(reverse(new DataView(new ArrayBuffer(8), 6)));

// A Buffer is a Uint8Array. The result is always a plain one; this is a Buffer of the same memory.
const { buffer, byteOffset, byteLength } = reverse(Buffer.from('stressed'));
console.log(Buffer.from(buffer, byteOffset, byteLength).toString());

// The guest sees a copy, so its work does not show in the argument; nor do later calls change a result.
const mine = Uint8Array.of(7, 8, 9);
const first = reverse(mine);
reverse(Uint8Array.of(0, 0, 0));
console.log(mine, first);

// A megabyte there and back.
const large = new Uint8Array(1024 * 1024).map((_, i) => i);
console.log(reverse(reverse(large)).every((byte, i) => byte === large[i]));

// Anything else is refused before the guest runs.
try {
  reverse([1, 2, 3]);
} catch (error) {
  console.log(`${error.name}: ${error.message}`);
}

guest.close();
