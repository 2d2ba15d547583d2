'use strict';

// Times two functions against each other in this process. Rounds of both alternate, so that whatever else the machine
// does meets both alike; which goes first alternates too.

const { isDeepStrictEqual } = require('node:util');

/** Inputs of a row: a power of two of them, used in turn. */
const INPUTS = 8;

/**
 * How each kind of row calls and checks, as the body of a loop over i, with k the number of the input in turn. Checks are
 * cheap and the same on both sides; the full comparison is done once, before timing.
 */
const PROBES = {
  add: 'if (call(i, k) !== ((i + k) | 0)) wrong++;',
  empty: 'if (call() !== undefined) wrong++;',
  create: 'if (call() !== expected[k]) wrong++;',
  bigint: 'if (call(inputs[k], inputs[(k + 1) & 7]) !== expected[k]) wrong++;',
  string: `
    const result = call(inputs[k]), last = result.length - 1, wanted = expected[k];
    if (last + 1 !== wanted.length || result.charCodeAt(last) !== wanted.charCodeAt(last)) wrong++;`,
  bytes: `
    const result = call(inputs[k]), last = result.length - 1, wanted = expected[k];
    if (last + 1 !== wanted.length || result[0] !== wanted[0] || result[last] !== wanted[last]) wrong++;`,
};

/**
 * The loop of one side. Each side gets code of its own, by its name in the source: in shared code V8 would see two
 * targets at the call, and inline neither.
 */
function loopOf(name, probe) {
  const source = `// ${name}
  let wrong = 0;
  for (let i = 0; i < count; i++) {
    const k = i & ${INPUTS - 1};
    ${PROBES[probe]}
  }
  return wrong;`;
  return new Function('call', 'inputs', 'expected', 'count', source);
}

/** Calls once per input and compares every result in full. */
function verify(side, inputs, expected) {
  for (let k = 0; k < INPUTS; k++) {
    let got;
    if (side.probe === 'add') got = side.call(k, k);
    else if (side.probe === 'bigint') got = side.call(inputs[k], inputs[(k + 1) % INPUTS]);
    else got = side.call(inputs[k]);
    const wanted = side.probe === 'add' ? 2 * k : side.probe === 'empty' ? undefined : expected[k];
    if (!isDeepStrictEqual(got, wanted)) throw new Error(`${side.name}: wrong result for input ${k}`);
  }
}

/**
 * Times `sides`, two of { name, call, probe }, on the same inputs. Returns { calls, samples }, the number of calls in a
 * round and per side the nanoseconds per call of each round.
 *
 * `settings`: rounds; roundMs, what a round of both sides should take on average; warmupMs of both together.
 */
function measure(sides, inputs, expected, settings) {
  for (const side of sides) verify(side, inputs, expected);
  const loops = sides.map(({ name, probe }) => loopOf(name, probe));

  function time(side, count) {
    const start = performance.now();
    const wrong = loops[side](sides[side].call, inputs, expected, count);
    const ns = (performance.now() - start) * 1e6;
    if (wrong > 0) throw new Error(`${sides[side].name}: ${wrong} wrong results of ${count}`);
    return ns / count;
  }

  // Doubles the count until both sides have run long enough to be compiled, and to tell how long a call takes.
  let calls = 1;
  let perCall = [0, 0];
  for (let spentMs = 0; spentMs < settings.warmupMs;) {
    perCall = [time(0, calls), time(1, calls)];
    const passMs = ((perCall[0] + perCall[1]) * calls) / 1e6;
    spentMs += passMs;
    if (passMs < settings.warmupMs / 8) calls *= 2;
  }
  calls = Math.max(1, Math.round((settings.roundMs * 2e6) / (perCall[0] + perCall[1])));

  const samples = [[], []];
  for (let round = 0; round < settings.rounds; round++) {
    for (const side of round % 2 === 0 ? [0, 1] : [1, 0]) {
      globalThis.gc({ type: 'minor' }); // what the other side left behind is not this one's to sweep
      samples[side].push(time(side, calls));
    }
  }
  return { calls, samples };
}

module.exports = { INPUTS, measure };
