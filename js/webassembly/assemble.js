'use strict';

// Small modules, for things that have no other way into the engine.

const CODES = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b, funcref: 0x70, externref: 0x6f };

/** An unsigned number as the binary format has it. */
function leb(number) {
  const n = BigInt(number);
  return n < 128n ? [Number(n)] : [Number(n & 127n) | 128, ...leb(n >> 7n)];
}

const list = (...items) => [...leb(items.length), ...items.flat()];
const sized = (bytes) => [...leb(bytes.length), ...bytes];
const name = (text) => sized([...Buffer.from(text)]);
const section = (id, ...items) => [id, ...sized(list(...items))];
const functionType = (parameters, results) => [0x60, ...list(...parameters), ...list(...results)];

const assemble = (...sections) => Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...sections.flat()]);

/** Exports a table of 64-bit indices, without elements. */
function tableModule({ text }, maximum) {
  const limits = maximum === undefined ? [4, 0] : [5, 0, ...leb(maximum)];
  return assemble(section(4, [CODES[text], ...limits]), section(7, [...name('t'), 1, 0]));
}

/** Exports a tag of these types. */
function tagModule(types) {
  const parameters = types.map(({ text }) => CODES[text]);
  return assemble(section(1, functionType(parameters, [])), section(13, [0, 0]), section(7, [...name('t'), 4, 0]));
}

module.exports = { assemble, functionType, leb, list, name, section, sized, tableModule, tagModule };
