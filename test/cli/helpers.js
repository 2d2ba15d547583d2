'use strict';

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { root, scratch } = require('../helpers');

const main = path.join(root, 'js/cli/main.js');

/** The environment without what would change colours. */
function plainEnv() {
  const { NO_COLOR, FORCE_COLOR, ...env } = process.env;
  void [NO_COLOR, FORCE_COLOR];
  return env;
}

/** Runs the tool; resolves to { code, signal, stdout, stderr }. `shell`: a command line with "$@" for the tool. */
function cli(args, { cwd = root, env = {}, input = '', shell } = {}) {
  const options = { cwd, env: { ...plainEnv(), ...env }, timeout: 60000, killSignal: 'SIGKILL' };
  const words = [process.execPath, main, ...args];
  const child =
    shell === undefined
      ? spawn(words[0], words.slice(1), options)
      : spawn('/bin/bash', ['-c', shell, 'bash', ...words], options);
  return new Promise((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    child.stdin.on('error', () => {}); // the tool need not read
    child.stdin.end(input);
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** Runs the tool, which must succeed without a word on standard error; resolves to its output. */
async function prints(args, options) {
  const { code, signal, stdout, stderr } = await cli(args, options);
  assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' });
  return stdout;
}

/** Runs the tool, which must fail with that code, nothing on standard output, and a first line that matches. */
async function fails(args, code, pattern, options) {
  const ended = await cli(args, options);
  assert.deepEqual([ended.code, ended.signal, ended.stdout], [code, null, ''], ended.stderr);
  const [first, ...rest] = ended.stderr.trimEnd().split('\n');
  assert.match(first, /^wasmgate: /);
  assert.match(first, pattern);
  assert.doesNotMatch(ended.stderr, /^\s+at .*:\d+:\d+\)?$/m, 'no JavaScript stack');
  return rest;
}

let files = 0;

/** Writes a file of its own and returns its path. */
function file(name, content) {
  const dir = scratch(`cli-${process.pid}-${files++}`);
  fs.mkdirSync(dir, { recursive: true });
  fs.writeFileSync(path.join(dir, name), content);
  return path.join(dir, name);
}

/** The path of a module in text form. */
const watFile = (text) => file('guest.wat', `(module ${text})`);

/** Compares with a file of golden/; UPDATE_GOLDEN=1 writes it. */
function golden(name, text) {
  const expected = path.join(__dirname, 'golden', name);
  if (process.env.UPDATE_GOLDEN) fs.writeFileSync(expected, text);
  assert.equal(text, fs.readFileSync(expected, 'utf8'), `golden/${name}`);
}

module.exports = { cli, prints, fails, file, watFile, golden };
