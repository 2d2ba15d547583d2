'use strict';

// Slots of 16 bytes each, as in wg_raw (wg_types.h), which native code sees too: one set
// per environment, for the numbers of calls (js/numbers.js) and imports (js/trampolines.js).

const binding = require('./load');

const slots = binding.numberSlots();

module.exports = {
  i32: new Int32Array(slots), // slot i is at 4 * i
  f32: new Float32Array(slots),
  f64: new Float64Array(slots), // slot i is at 2 * i
  i64: new BigInt64Array(slots),
  u64: new BigUint64Array(slots),
};
