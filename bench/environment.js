'use strict';

// What figures depend on besides the code.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const root = path.join(__dirname, '..');

/** The engine's version, as go.mod pins it. */
function engine() {
  const pinned = /wasmtime-go\/v\d+ v([\d.]+)/.exec(fs.readFileSync(path.join(root, 'go.mod'), 'utf8'));
  return `wasmtime ${pinned[1]}`;
}

/** The commit of the checkout, with a + if files differ from it; undefined outside of one. */
function commit() {
  const git = (...args) => spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  const { status, stdout } = git('rev-parse', '--short=12', 'HEAD');
  if (status !== 0) return undefined;
  const changed = git('status', '--porcelain', '--untracked-files=no', '--', 'js', 'binding', 'go').stdout !== '';
  return stdout.trim() + (changed ? '+' : '');
}

/** Processes that wanted to run, on average of the last 1, 5 and 15 minutes. */
const load = () => os.loadavg().map((number) => Number(number.toFixed(2)));

const describe = () => ({
  wasmgate: require('../package.json').version,
  commit: commit(),
  engine: engine(),
  node: process.versions.node,
  v8: process.versions.v8,
  cpu: os.cpus()[0].model.trim(),
  cpus: os.cpus().length,
  platform: `${process.platform} ${process.arch}`,
  date: new Date().toISOString(),
  load: load(),
});

module.exports = { environment: { describe, load } };
