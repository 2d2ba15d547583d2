'use strict';

// One module in several threads. A compiled module belongs to the thread that loaded it, so each worker loads its own
// and has its own sandbox; what they share is the file. Together they find the least number that 1, 2, … 46 divide.

const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads');
const { Instance } = require('..');
const wasm = require('./wasm');

const THREADS = 4;
const LAST = 46;

// The .d.ts says bigint, which may be signed or not: that these are not is known from the Rust source only.
const open = () => new Instance(wasm.hello, { signatures: { lcm: '(a: u64, b: u64) -> result<u64>' } });

function work() {
  const guest = open();
  let part = 1n;
  for (let n = workerData.first; n <= LAST; n += THREADS) part = guest.exports.lcm(part, BigInt(n));
  guest.close();
  parentPort.postMessage(part);
}

async function main() {
  const parts = await Promise.all(Array.from({ length: THREADS }, (_, i) => partOf(i + 1)));
  parts.forEach((part, i) => console.log(`thread ${i + 1}: ${part}`));

  const { lcm } = open().exports;
  const all = parts.reduce((a, b) => lcm(a, b));
  console.log(`all: ${all}`);
  try {
    lcm(all, 47n);
  } catch (error) {
    console.log(`with 47: ${error.value.message} (${error.code})`);
  }
}

/** What a worker of its own finds for the numbers `first`, `first` + THREADS, … */
function partOf(first) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(__filename, { workerData: { first } });
    worker.once('message', resolve).once('error', reject);
  });
}

if (isMainThread) main();
else work();
