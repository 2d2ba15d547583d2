'use strict';

// The two functions of "wasm:js-string" that copy between strings and arrays of i16. Only
// wasm reaches into arrays: so they are wasm, which hands the characters on in its memory.

const binding = require('../load');
const { assemble, functionType, name, section, sized } = require('./assemble');

const I32 = 0x7f;
const ARRAY = [0x63, 0]; // (ref null 0)
const EXTERN_REF = 0x6f;
const STRING = [0x64, 0x6f]; // (ref extern)

const END = 0x0b;
const EQ = 0x46;
const GT_S = 0x4a;
const GT_U = 0x4b;
const GE_U = 0x4f;
const ADD = 0x6a;
const SUB = 0x6b;
const OR = 0x72;
const SHL = 0x74;
const SHR_U = 0x76;
const LENGTH = [0xfb, 15];
const TRAP_IF = [0x04, 0x40, 0x00, END];
const MEMORY_SIZE = [0x3f, 0];
const MEMORY_GROW = [0x40, 0];
const LOAD_16 = [0x2f, 1, 0];
const STORE_16 = [0x3b, 1, 0];
const ARRAY_GET = [0xfb, 13, 0];
const ARRAY_SET = [0xfb, 14, 0];
const get = (local) => [0x20, local];
const set = (local) => [0x21, local];
const tee = (local) => [0x22, local];
const constant = (...leb) => [0x41, ...leb];
const call = (index) => [0x10, index];

/** `body` once for each i below n, which are locals 4 and 3. */
const each = (...body) => [
  ...[constant(0), set(4), [0x02, 0x40, 0x03, 0x40], get(4), get(3), GE_U, [0x0d, 1], ...body].flat(),
  ...[get(4), constant(1), ADD, set(4), [0x0c, 0], END, END].flat(),
];

/** Where character i is in memory. */
const place = [get(4), constant(1), SHL].flat();

/** (array, start, end) -> string */
const FROM = [
  [get(2), get(0), LENGTH, GT_U, get(1), get(2), GT_U, OR, TRAP_IF],
  [get(2), get(1), SUB, tee(3)], // n
  [constant(1), SHL, constant(0xff, 0xff, 0x03), ADD, constant(16), SHR_U, MEMORY_SIZE, SUB, tee(4)], // pages to add
  [constant(0), GT_S, 0x04, 0x40, get(4), MEMORY_GROW, constant(0x7f), EQ, TRAP_IF, END],
  each(place, get(0), get(1), get(4), ADD, ARRAY_GET, STORE_16),
  [get(3), call(0)],
];

/** (string, array, start) -> n */
const INTO = [
  [get(0), call(1), set(3)],
  [get(2), get(1), LENGTH, GT_U, get(3), get(1), LENGTH, get(2), SUB, GT_U, OR, TRAP_IF],
  each(get(1), get(2), get(4), ADD, place, LOAD_16, ARRAY_SET),
  [get(3)],
];

const body = (instructions) => sized([1, 2, I32, ...instructions.flat(Infinity), END]);

const bytes = assemble(
  section(
    1,
    [0x5e, 0x77, 1], // (array (mut i16))
    functionType([ARRAY, I32, I32], [STRING]),
    functionType([EXTERN_REF, ARRAY, I32], [I32]),
    functionType([I32], [STRING]),
    functionType([EXTERN_REF], [I32]),
  ),
  section(2, [...name(''), ...name('read'), 0, 3], [...name(''), ...name('write'), 0, 4]),
  section(3, 1, 2),
  section(5, [0, 1]),
  section(7, [...name('memory'), 2, 0], [...name('fromCharCodeArray'), 0, 2], [...name('intoCharCodeArray'), 0, 3]),
  section(10, body(FROM), body(INTO)),
);

/** The module of the two functions, which charArraysImports gives the imports of. */
function charArraysModule() {
  const [handle, description] = binding.loadModule('{"plain":true}', bytes);
  return { handle, description: JSON.parse(description), options: { builtins: [], strings: undefined } };
}

/**
 * The functions that it imports; `memory` gives its memory. `read` gives the text of so
 * many characters, `write` stores a text and gives its length.
 */
function charArraysImports(memory, unwrap) {
  return {
    read: (n) => Buffer.from(memory().buffer, 0, 2 * n).toString('utf16le'),
    write(value) {
      const text = unwrap(value);
      const missing = Math.ceil((2 * text.length - memory().buffer.byteLength) / 65536);
      if (missing > 0) memory().grow(missing);
      Buffer.from(memory().buffer).write(text, 'utf16le');
      return text.length;
    },
  };
}

module.exports = { charArraysImports, charArraysModule };
