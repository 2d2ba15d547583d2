'use strict';

// The memory in which values cross between JavaScript and the engine: 1,024 slots of
// 16 bytes, one set for all namespaces of a thread. Nothing runs between a store here
// and its being read on the other side, so whatever can run code of a user is done before.

const slots = require('../load').spaceSlots();

module.exports = {
  i32: new Int32Array(slots), // slot i is at 4 * i
  u32: new Uint32Array(slots),
  f32: new Float32Array(slots),
  f64: new Float64Array(slots), // slot i is at 2 * i
  i64: new BigInt64Array(slots),
};
