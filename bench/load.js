'use strict';

// What it costs to have the package in a process: time and memory of require, and bytes on disk. Processes that require
// an empty file alternate with processes that require the package.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { estimate, median } = require('./stats');

const MB = 1e6;

/** Runs in a fresh process: requires a file and reports what that took. */
const CHILD = `
  const start = performance.now();
  require(process.argv[1]);
  const requireMs = performance.now() - start;
  console.log(JSON.stringify({ requireMs, rssBytes: process.memoryUsage.rss() }));`;

function once(file) {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', CHILD, file], { encoding: 'utf8' });
  const processMs = performance.now() - start;
  if (status !== 0) throw new Error(`require of ${path.basename(file)} failed:\n${stderr}`);
  return { processMs, ...JSON.parse(stdout) };
}

let cache;

/** Samples of both kinds of process: { ours, peer }, arrays of what `once` gives. */
function processes(settings) {
  if (cache) return cache;
  const samples = { ours: [], peer: [] };
  const files = { ours: require.resolve('..'), peer: path.join(__dirname, 'empty.js') };
  Object.values(files).forEach(once); // the first of each reads the disk
  for (let i = 0; i < settings.loads; i++) {
    for (const side of i % 2 === 0 ? ['ours', 'peer'] : ['peer', 'ours']) samples[side].push(once(files[side]));
  }
  return (cache = samples);
}

/** A row about one number of these processes: how much more it is with the package. */
function difference(name, unit, target, pick) {
  return {
    name,
    unit,
    target,
    compare: 'difference',
    peer: 'require of an empty file',
    measure(settings) {
      const samples = processes(settings);
      const [ours, peer] = [samples.ours.map(pick), samples.peer.map(pick)];
      return {
        ours: median(ours),
        peer: median(peer),
        ...estimate([ours.map((number, i) => number - peer[i])]),
        samples: [{ calls: 1, samples: [ours, peer] }],
      };
    },
  };
}

/** The library that this process would load. */
function library() {
  require('..');
  const addon = Object.keys(require.cache).find((file) => file.endsWith('.node'));
  const name = fs.readdirSync(path.dirname(addon)).find((file) => /^(lib)?wasmgate\.(so|dylib|dll)$/.test(file));
  return { addon, library: path.join(path.dirname(addon), name) };
}

/** A row about a file as it is built and shipped. */
const fileSize = (name, target, which) => ({
  name,
  unit: 'MB',
  target,
  compare: 'value',
  measure() {
    const value = fs.statSync(library()[which]).size / MB;
    return { ours: value, value, low: value, high: value, samples: [] };
  },
});

exports.rows = [
  difference('require, whole process', 'ms', 25, (sample) => sample.processMs),
  difference('require, the call alone', 'ms', undefined, (sample) => sample.requireMs),
  difference('require, resident memory', 'MB', 30, (sample) => sample.rssBytes / MB),
  fileSize('shared library as shipped', 30, 'library'),
  fileSize('addon as shipped', undefined, 'addon'),
  ...require('./typing').rows,
];
