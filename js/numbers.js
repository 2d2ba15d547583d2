'use strict';

// The short path of exports that take and give plain numbers. Checking a number
// and storing it in a typed array costs JavaScript next to nothing, while each
// call of Node-API costs about as much as the guest's own work: so arguments
// and result travel through a few slots of shared memory, and the native side
// is entered once, without arguments. Whatever is not the plain case goes to
// the ordinary native function, which converts it or says what is wrong.

const binding = require('./load');

// Nothing runs between a store in a slot and the guest's reading it.
const { i32, f32, f64, i64, u64 } = require('./slots');

/** Readers of the result, by enum wg_kind in wg_types.h. */
const readers = [
  () => undefined,
  () => (i32[0] << 24) >> 24,
  () => i32[0] & 0xff,
  () => (i32[0] << 16) >> 16,
  () => i32[0] & 0xffff,
  () => i32[0],
  () => i32[0] >>> 0,
  () => i64[0],
  () => u64[0],
  () => f32[0],
  () => f64[0],
  () => i32[0] !== 0,
];
readers[15] = readers[5]; // integers of unknown sign read as signed
readers[16] = readers[7];

const isInt = (value) => typeof value === 'number' && (value | 0) === value;
const isNumber = (value) => typeof value === 'number';

/** Makers of functions of 0, 1, … parameters of type i32. */
const ints = [
  (run, full, read) =>
    function () {
      if (arguments.length !== 0) return full(...arguments);
      run();
      return read();
    },
  (run, full, read) =>
    function (a) {
      if (arguments.length !== 1 || !isInt(a)) return full(...arguments);
      i32[0] = a;
      run();
      return read();
    },
  (run, full, read) =>
    function (a, b) {
      if (arguments.length !== 2 || !isInt(a) || !isInt(b)) return full(...arguments);
      i32[0] = a;
      i32[4] = b;
      run();
      return read();
    },
  (run, full, read) =>
    function (a, b, c) {
      if (arguments.length !== 3 || !isInt(a) || !isInt(b) || !isInt(c)) return full(...arguments);
      i32[0] = a;
      i32[4] = b;
      i32[8] = c;
      run();
      return read();
    },
];

/** The same for f64. */
const doubles = [
  ints[0],
  (run, full, read) =>
    function (a) {
      if (arguments.length !== 1 || !isNumber(a)) return full(...arguments);
      f64[0] = a;
      run();
      return read();
    },
  (run, full, read) =>
    function (a, b) {
      if (arguments.length !== 2 || !isNumber(a) || !isNumber(b)) return full(...arguments);
      f64[0] = a;
      f64[2] = b;
      run();
      return read();
    },
  (run, full, read) =>
    function (a, b, c) {
      if (arguments.length !== 3 || !isNumber(a) || !isNumber(b) || !isNumber(c)) return full(...arguments);
      f64[0] = a;
      f64[2] = b;
      f64[4] = c;
      run();
      return read();
    },
];

/**
 * The function of an export: by way of the slots where its plan allows, else
 * the native one, `full`, itself.
 */
function shortened(full, handle, index, typed, limits) {
  const plan = binding.bindNumbers(handle, index, typed, limits);
  if (plan === undefined) return full;
  const [run, count, double, result] = plan;
  const made = (double ? doubles : ints)[count](run, full, readers[result]);
  return Object.defineProperty(made, 'name', { value: full.name, configurable: true });
}

module.exports = { shortened };
