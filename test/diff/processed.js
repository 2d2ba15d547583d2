'use strict';

// What the files beside a processed module do not tell, so that ours cannot call an export of it, or
// not with all values. Versions are the last number: 95 stands for 0.2.95.

const KINDS = ['i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'i64', 'u64', 'f32', 'f64'];
const mutableSlices = ['raise', ...KINDS.map((kind) => `reverse_${kind}`)];
const wide = ['echo', 'text_of', 'opt', 'result'].flatMap((name) => [`${name}_i128`, `${name}_u128`]);
const signs = ['opt_sign', 'name_of_sign'];
const enumOptions = ['next_color', 'opt_color', 'opt_size', 'opt_span'];
const enumOptionsToText = ['name_of_color', 'name_of_size', 'name_of_span'];

/** [exports that the description marks as unsupported, from which version on, up to which] */
const UNSUPPORTED = [
  [['result_char'], 0, Infinity],
  [['join_options', 'result_opt_u8'], 0, 95],
  [['at_most_100', 'result_opt_i32'], 0, 100],
  [['result_opt_f32', 'result_opt_f64'], 96, 100],
  [['count_rest', 'result_vec_u8', 'result_vec_f64', ...mutableSlices], 84, Infinity],
  [enumOptions, 88, Infinity],
  [[...wide, ...signs, ...enumOptionsToText], 96, Infinity],
];

/**
 * The same for exports that are called as if they had another type, because the old files look just like those of that
 * type: an array that is not written back, a rest argument that is one array, an enum option that
 * is a number's, a 64-bit option without a sign that has one.
 */
const MISREAD = [
  [[...mutableSlices, 'count_rest'], 0, 83],
  [['opt_u64', 'result_opt_u64'], 0, 82],
  [enumOptions, 0, 87],
  [enumOptionsToText, 0, 95],
];

/** The same for exports whose 32-bit options are an f64, for which only part of the values can be passed. */
const NARROW = [
  [['join_options', 'opt_i32', 'opt_u32', 'opt_isize', 'opt_usize', 'opt_f32'], 96, Infinity],
  [['result_opt_i32', 'result_opt_f32'], 101, Infinity],
];

const of = (table) => (minor) =>
  table.flatMap(([names, from, to]) => (minor >= from && minor <= to ? names : [])).sort();

module.exports = { unsupported: of(UNSUPPORTED), misread: of(MISREAD), narrow: of(NARROW) };
