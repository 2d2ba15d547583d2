'use strict';

// Times two functions against each other in this process. Rounds of both alternate, so that whatever else the machine
// does meets both alike; which goes first alternates too.

const { isDeepStrictEqual } = require('node:util');
const { INPUTS, loopOf, once } = require('./probes');

/** Calls once for each of the first `count` inputs and compares every result in full. */
function verify(side, inputs, expected, count = INPUTS) {
  for (let k = 0; k < count; k++) {
    const [got, wanted] = once(side, inputs, expected, k);
    if (!isDeepStrictEqual(got, wanted)) throw new Error(`${side.name}: wrong result for input ${k}`);
  }
}

/**
 * Times `sides`, two of { name, call, probe }, on the same inputs. Returns { calls, samples }, the number of calls in a
 * round and per side the nanoseconds per call of each round.
 *
 * `settings`: rounds; roundMs, what a round of both sides should take on average; warmupMs of both together;
 * verified, how many of the inputs are compared in full, all if it is left out.
 */
function measure(sides, inputs, expected, settings) {
  for (const side of sides) verify(side, inputs, expected, settings.verified);
  const loops = sides.map(loopOf);

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

module.exports = { measure };
