'use strict';

// The peer's glue, written for this suite: what wasm-bindgen 0.2.12x generates for `--target nodejs` around the exports
// that are measured, doing the same work in the same order at the same speed. It is not the generator's output; what
// every function does by hand here (allocate, encode, call, decode, free) is what that output does.
//
// One call of `open` per process: V8 specialises functions that have one closure, as those of a generated file do.

const fs = require('node:fs');
const path = require('node:path');

const FIXTURES = path.join(__dirname, '../test/fixtures/wasm');

/** The path of a fixture's module. */
const fileOf = (crate) => path.join(FIXTURES, crate, `${crate}_bg.wasm`);

/** Compiles a fixture with V8. */
const compile = (crate) => new WebAssembly.Module(fs.readFileSync(fileOf(crate)));

/** Instantiates a module of V8's as the generated file does, and returns its functions. */
function open(module) {
  let wasm;
  let vectorLength = 0;
  let cachedBytes = null;
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
  decoder.decode();
  const encoder = new TextEncoder();

  // Guest memory moves when it grows; then the old view is empty.
  function bytes() {
    if (cachedBytes === null || cachedBytes.byteLength === 0) {
      cachedBytes = new Uint8Array(wasm.memory.buffer);
    }
    return cachedBytes;
  }

  function passString(text, malloc, realloc) {
    let length = text.length;
    let ptr = malloc(length, 1) >>> 0;
    const memory = bytes();
    let offset = 0;
    for (; offset < length; offset++) {
      const unit = text.charCodeAt(offset);
      if (unit > 0x7f) break;
      memory[ptr + offset] = unit;
    }
    if (offset !== length) {
      if (offset !== 0) text = text.slice(offset);
      // Three bytes a unit are enough for whatever is left.
      ptr = realloc(ptr, length, (length = offset + text.length * 3), 1) >>> 0;
      const view = bytes().subarray(ptr + offset, ptr + length);
      offset += encoder.encodeInto(text, view).written;
      ptr = realloc(ptr, length, offset, 1) >>> 0;
    }
    vectorLength = offset;
    return ptr;
  }

  function takeString(ptr, length) {
    return decodeString(ptr >>> 0, length);
  }

  function decodeString(ptr, length) {
    return decoder.decode(bytes().subarray(ptr, ptr + length));
  }

  function passBytes(data, malloc) {
    const ptr = malloc(data.length, 1) >>> 0;
    bytes().set(data, ptr);
    vectorLength = data.length;
    return ptr;
  }

  function viewBytes(ptr, length) {
    ptr = ptr >>> 0;
    return bytes().subarray(ptr, ptr + length);
  }

  function takeThrown(index) {
    const value = wasm.__wbindgen_externrefs.get(index);
    wasm.__externref_table_dealloc(index);
    return value;
  }

  function add(a, b) {
    const result = wasm.add(a, b);
    return result;
  }

  function lcm(a, b) {
    const result = wasm.lcm(a, b);
    if (result[2]) throw takeThrown(result[1]);
    return BigInt.asUintN(64, result[0]);
  }

  function say(name) {
    let ptr, length;
    try {
      const namePtr = passString(name, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
      const nameLength = vectorLength;
      const result = wasm.say(namePtr, nameLength);
      ptr = result[0];
      length = result[1];
      return takeString(result[0], result[1]);
    } finally {
      wasm.__wbindgen_free(ptr, length, 1);
    }
  }

  // `echo` of the crate "strings".
  function echoText(text) {
    let ptr, length;
    try {
      const textPtr = passString(text, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
      const textLength = vectorLength;
      const result = wasm.echo(textPtr, textLength);
      ptr = result[0];
      length = result[1];
      return takeString(result[0], result[1]);
    } finally {
      wasm.__wbindgen_free(ptr, length, 1);
    }
  }

  function words(text) {
    let ptr, length;
    try {
      const textPtr = passString(text, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
      const textLength = vectorLength;
      const result = wasm.words(textPtr, textLength);
      ptr = result[0];
      length = result[1];
      return takeString(result[0], result[1]);
    } finally {
      wasm.__wbindgen_free(ptr, length, 1);
    }
  }

  function reverse(data) {
    const dataPtr = passBytes(data, wasm.__wbindgen_malloc);
    const dataLength = vectorLength;
    const result = wasm.reverse(dataPtr, dataLength);
    const copy = viewBytes(result[0], result[1]).slice();
    wasm.__wbindgen_free(result[0], result[1], 1);
    return copy;
  }

  // `echo` of the crate "bytes".
  function echoBytes(data) {
    const dataPtr = passBytes(data, wasm.__wbindgen_malloc);
    const dataLength = vectorLength;
    const result = wasm.echo(dataPtr, dataLength);
    const copy = viewBytes(result[0], result[1]).slice();
    wasm.__wbindgen_free(result[0], result[1], 1);
    return copy;
  }

  wasm = new WebAssembly.Instance(
    module,
    imports(module, () => wasm, takeString),
  ).exports;
  wasm.__wbindgen_start();
  return { add, lcm, say, echoText, words, reverse, echoBytes };
}

/** What the fixtures import. The generator puts a hash of its version behind most names. */
function imports(module, exportsOf, takeString) {
  const known = {
    __wbindgen_init_externref_table() {
      const table = exportsOf().__wbindgen_externrefs;
      const offset = table.grow(4);
      table.set(0, undefined);
      table.set(offset + 0, undefined);
      table.set(offset + 1, null);
      table.set(offset + 2, true);
      table.set(offset + 3, false);
    },
    __wbg_Error(ptr, length) {
      return Error(takeString(ptr, length));
    },
    __wbg___wbindgen_throw(ptr, length) {
      throw new Error(takeString(ptr, length));
    },
    __wbg___wbindgen_copy_to_typed_array() {
      throw new Error('not measured');
    },
  };
  const list = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    list[from] ??= { __proto__: null };
    list[from][name] = known[name.replace(/_[0-9a-f]{16}$/, '')];
  }
  return list;
}

module.exports = { fileOf, compile, open, imports };
