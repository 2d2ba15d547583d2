'use strict';

// What the files beside a processed module do not tell, so that ours cannot call an export of it.
// Versions are the last number: 95 stands for 0.2.95.

const KINDS = ['i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'i64', 'u64', 'f32', 'f64'];
const mutableSlices = ['raise', ...KINDS.map((kind) => `reverse_${kind}`)];
const wide = ['echo', 'text_of', 'opt', 'result'].flatMap((name) => [`${name}_i128`, `${name}_u128`]);

/** [exports that the description marks as unsupported, from which version on] */
const UNSUPPORTED = [
  [mutableSlices, 84],
  [wide, 96],
];

/** The exports of a version that are unsupported, apart from those with objects. */
const unsupported = (minor) => UNSUPPORTED.flatMap(([names, from]) => (minor >= from ? names : [])).sort();

module.exports = { unsupported };
