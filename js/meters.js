'use strict';

// What an instance has used, as people read it. The native side fills words in the
// order of enum wg_meter (wg_types.h).

const codes = require('./codes');

const COUNT = 16;
const NO_FUEL = 2n ** 64n - 1n;
const NO_LIMIT = 2n ** 62n;

const makeWords = () => new BigUint64Array(COUNT);

/** `metered`: instructions and times were counted. */
function statsOf(words, metered) {
  const stats = { calls: Number(words[0]) };
  if (metered) {
    stats.instructions = Number(words[1]);
    if (words[2] !== NO_FUEL && words[2] < NO_LIMIT) stats.fuelLeft = Number(words[2]);
    const [wall, host, cpu, hostCpu] = [3, 4, 5, 6].map((i) => Number(words[i]));
    stats.wallNs = wall;
    stats.hostNs = host;
    stats.wasmNs = Math.max(0, wall - host);
    stats.cpuNs = cpu;
    stats.hostCpuNs = hostCpu;
    stats.wasmCpuNs = Math.max(0, cpu - hostCpu);
  }
  stats.memoryBytes = Number(words[7]);
  stats.memoryPeakBytes = Number(words[8]);
  stats.stdinBytes = Number(words[9]);
  stats.stdoutBytes = Number(words[10]);
  stats.stderrBytes = Number(words[11]);
  stats.running = words[12] !== 0n;
  return stats;
}

/** What a bill is made from; everything in it can be JSON. */
function receiptOf(words, { sha256, costs }, name) {
  return Object.freeze({
    version: 1,
    module: `sha256:${sha256}`,
    export: name,
    inputBytes: Number(words[14]),
    instructions: Number(words[13]),
    memoryPeakBytes: Number(words[8]),
    ...(costs && { costs }),
    outcome: words[15] === 0n ? 'ok' : codes[Number(words[15])][0],
  });
}

module.exports = { makeWords, receiptOf, statsOf };
