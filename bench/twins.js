'use strict';

// Native twins of the guests: the same sources, compiled for this machine with what Rust there is.

const { spawnSync } = require('node:child_process');
const path = require('node:path');

const TARGET = path.join(__dirname, '../build/twins');

let cache;

/** Builds the twins once per process: { folder }, or { missing } with the reason if they cannot be had. */
function twins() {
  return (cache ??= build());
}

function build() {
  const options = { cwd: path.join(__dirname, 'guests'), encoding: 'utf8' };
  for (const tool of ['cargo', 'rustc']) {
    const { error, status, stderr } = spawnSync(tool, ['--version'], options);
    if (error || status !== 0) return { missing: `${tool} is not here: ${error?.message ?? stderr.trim()}` };
  }
  const env = { ...process.env, CARGO_TARGET_DIR: TARGET };
  const { status, stderr } = spawnSync('cargo', ['build', '--release', '--offline'], { ...options, env });
  if (status !== 0) throw new Error(`the native twins cannot be built:\n${stderr}`);
  return { folder: path.join(TARGET, 'release') };
}

module.exports = { twins };
