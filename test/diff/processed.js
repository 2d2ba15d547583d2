'use strict';

// What the files beside a processed module do not tell, so that ours cannot call an export of it, or
// not with all values. Versions are the last number: 95 stands for 0.2.95.

const KINDS = ['i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'i64', 'u64', 'f32', 'f64'];
const mutableSlices = ['raise', ...KINDS.map((kind) => `reverse_${kind}`)];
const wide = ['echo', 'text_of', 'opt', 'result'].flatMap((name) => [`${name}_i128`, `${name}_u128`]);

/** [exports that the description marks as unsupported, from which version on, up to which] */
const UNSUPPORTED = [
  [mutableSlices, 84, Infinity],
  [wide, 96, Infinity],
];

/** The same for exports that are called as if they had another type. */
const MISREAD = [];

/** The same for exports whose 32-bit options are an f64, for which only part of the values can be passed. */
const NARROW = [];

const of = (table) => (minor) =>
  table.flatMap(([names, from, to]) => (minor >= from && minor <= to ? names : [])).sort();

module.exports = { unsupported: of(UNSUPPORTED), misread: of(MISREAD), narrow: of(NARROW) };
