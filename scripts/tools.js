'use strict';

// Finding and running the tools that a build from source needs.

const { spawnSync } = require('node:child_process');
const path = require('node:path');

const root = path.resolve(__dirname, '..');

/** Runs a program in the checkout; its failure ends this process. */
function run(command, args, env = process.env) {
  const { status, error } = spawnSync(command, args, { cwd: root, env, stdio: 'inherit' });
  if (error) fail(`${command} could not be started: ${error.message}`);
  if (status !== 0) fail(`${path.basename(command)} ${args[0]} failed (status ${status}); see its output above`);
}

/** Runs a program and returns what it printed, trimmed; null if it fails. */
function tryCapture(command, args) {
  const { status, stdout } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}

function capture(command, args) {
  const text = tryCapture(command, args);
  if (text === null) fail(`${command} ${args.join(' ')} failed`);
  return text;
}

function fail(message) {
  console.error(`\nwasmgate: ${message}\n`);
  process.exit(1);
}

const OLDEST = { go: [1, 24], node: [20, 0], python: [3, 6] };

const older = (found, oldest) => found[0] < oldest[0] || (found[0] === oldest[0] && found[1] < oldest[1]);

/** The two leading numbers in a tool's version text. */
const versionOf = (text) => /(\d+)\.(\d+)/.exec(text)?.slice(1).map(Number);

/**
 * Checks that everything a build needs is there and new enough, and tells all
 * that is missing at once, with the way to get it.
 */
function requireTools() {
  const missing = [];
  const go = tryCapture('go', ['version']);
  if (go === null) {
    missing.push('Go 1.24 or newer (https://go.dev/dl, or your system\'s package "golang")');
  } else if (older(versionOf(go), OLDEST.go)) {
    missing.push(`Go 1.24 or newer; found ${go.split(' ')[2]} (https://go.dev/dl)`);
  }
  if (older(versionOf(process.version), OLDEST.node)) {
    missing.push(`Node.js 20 or newer; found ${process.version} (https://nodejs.org)`);
  }
  const cc = pick(process.env.CC, 'cc', 'gcc', 'clang');
  const cxx = pick(process.env.CXX, 'c++', 'g++', 'clang++');
  if (!cc || !cxx) {
    missing.push(
      'a C and C++17 compiler (Debian, Ubuntu: apt-get install build-essential; macOS: xcode-select --install)',
    );
  }
  const python = tryCapture('python3', ['--version']);
  if (python === null || older(versionOf(python), OLDEST.python)) {
    missing.push('Python 3, which node-gyp runs on (Debian, Ubuntu: apt-get install python3)');
  }
  if (process.platform !== 'win32' && tryCapture('make', ['--version']) === null) {
    missing.push('make (Debian, Ubuntu: apt-get install build-essential; macOS: xcode-select --install)');
  }
  if (missing.length > 0) {
    fail(`building from source needs\n${missing.map((line) => `  - ${line}`).join('\n')}`);
  }
  return { cc, cxx };
}

const pick = (...names) => names.find((name) => name && tryCapture(name, ['--version']) !== null);

module.exports = { root, run, capture, tryCapture, fail, requireTools };
