'use strict';

// Medians and their intervals. A row is measured in several processes, and rounds of one process are more alike than
// rounds of two, so the bootstrap draws processes first and rounds of each after that.

const RESAMPLES = 2000;

/** The middle of the numbers; the mean of the two middle ones if their count is even. */
function median(numbers) {
  const sorted = Float64Array.from(numbers).sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** A generator of numbers in [0, 1) that is the same at each run (mulberry32). */
function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** One draw of the bootstrap: rounds of some of the processes. */
function resample(processes, draw) {
  const sample = [];
  for (let p = 0; p < processes.length; p++) {
    const rounds = draw(processes);
    for (let r = 0; r < rounds.length; r++) sample.push(draw(rounds));
  }
  return sample;
}

/** What `statistic` makes of `rows`, arrays of processes, with a 95 % interval by the percentile bootstrap. */
function bootstrap(rows, statistic) {
  const next = random(1);
  const draw = (list) => list[Math.floor(next() * list.length)];
  const drawn = Array.from({ length: RESAMPLES }, () => statistic(rows.map((row) => median(resample(row, draw)))));
  drawn.sort((a, b) => a - b);
  return {
    value: statistic(rows.map((row) => median(row.flat()))),
    low: drawn[Math.floor(RESAMPLES * 0.025)],
    high: drawn[Math.ceil(RESAMPLES * 0.975) - 1],
  };
}

/** Median of what `processes`, an array of arrays of numbers, hold together, and its interval: { value, low, high }. */
const estimate = (processes) => bootstrap([processes], ([value]) => value);

/** Geometric mean of the medians of several rows, each an array of processes, and its interval. */
const estimateMean = (rows) =>
  bootstrap(rows, (medians) => Math.exp(medians.reduce((sum, value) => sum + Math.log(value), 0) / medians.length));

module.exports = { median, random, estimate, estimateMean };
