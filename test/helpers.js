'use strict';

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { Instance, Module, WasmError } = require('..');

const root = path.join(__dirname, '..');
const tracked = [];

/** Closes `closable` when the test is over. */
function track(closable) {
  tracked.push(closable);
  return closable;
}

function closeTracked() {
  while (tracked.length > 0) tracked.pop().close();
}

/** Runs the collector and the finalizers until `done` says so, 200 times at most. */
async function settle(done) {
  for (let i = 0; i < 200 && !done(); i++) {
    global.gc();
    await new Promise(setImmediate);
  }
}

/** An instance of whatever `new Instance` takes, closed with its module after the test. */
function open(source, options) {
  const module = source instanceof Module ? source : track(Module.load(source, options));
  return track(new Instance(module));
}

/** An instance of a module in text form; a missing "(module" is added. */
function wat(text, options) {
  return open(bytesOf(text), options);
}

function bytesOf(text) {
  return Buffer.from(text.startsWith('(module') ? text : `(module ${text})`);
}

const TYPE_ERRORS = new Set([
  'ERR_ARG_TYPE',
  'ERR_ARG_COUNT',
  'ERR_OPTION_UNKNOWN',
  'ERR_OPTION_TYPE',
  'ERR_SOURCE_TYPE',
  'ERR_SIGNATURE_SYNTAX',
  'ERR_SIGNATURE_UNKNOWN',
  'ERR_EXPORT_MISSING',
  'ERR_EXPORT_UNSUPPORTED',
  'ERR_OBJECT_FREED',
  'ERR_OBJECT_FOREIGN',
  'ERR_HANDLE',
  'ERR_PROFILE',
  'ERR_ASYNC_IMPORT',
]);
const RANGE_ERRORS = new Set([
  'ERR_ARG_RANGE',
  'ERR_OPTION_RANGE',
  'ERR_SOURCE_TOO_LARGE',
  'ERR_RESULT_TOO_LARGE',
  'ERR_MEMORY_BOUNDS',
]);

/** Written down apart from the package's own table, so that one checks the other. */
function classOf(code) {
  if (TYPE_ERRORS.has(code)) return TypeError;
  return RANGE_ERRORS.has(code) ? RangeError : WasmError;
}

/** Checks code, class, message and properties of a coded error. */
function checkError(error, code, properties = {}) {
  if (error?.code !== code) assert.fail(`expected ${code}, got ${String(error?.stack ?? error).slice(0, 500)}`);
  assert.equal(Object.getPrototypeOf(error), classOf(code).prototype, `class of ${code}`);
  assert.ok(error.message.endsWith(`(${code})`), `message: ${error.message}`);
  assert.ok(error.stack.includes(error.message), 'the stack begins with the message');
  for (const [key, value] of Object.entries(properties)) {
    if (value instanceof RegExp) assert.match(String(error[key]), value, key);
    else assert.deepEqual(error[key], value, key);
  }
  return error;
}

/** Runs `fn`, which must throw a coded error; returns it. */
function refuses(fn, code, properties) {
  let value;
  try {
    value = fn();
  } catch (error) {
    return checkError(error, code, properties);
  }
  return assert.fail(
    `expected ${code}, got the value ${typeof value === 'string' ? value.slice(0, 80) : String(value)}`,
  );
}

/** The same for a promise, which must be rejected. */
async function rejects(promise, code, properties) {
  let error;
  try {
    await promise;
  } catch (reason) {
    error = reason;
  }
  return checkError(error, code, properties);
}

/** A directory that is removed when mocha ends. */
const scratch = (() => {
  let dir;
  return (...parts) => {
    if (dir === undefined) {
      dir = fs.mkdtempSync(path.join(os.tmpdir(), 'wasmgate-test-'));
      process.on('exit', () => fs.rmSync(dir, { recursive: true, force: true }));
    }
    return path.join(dir, ...parts);
  };
})();

/**
 * Runs `script` in a Node.js of its own, with `wg` (the package), `load` (the native functions), `fixtures` and
 * `assert` at hand. Resolves to { code, signal, stdout, stderr }. `shell` is a prefix such as "ulimit -v 1000;".
 */
function child(script, { flags = [], env = {}, shell = '', timeoutMs = 60000, prelude = PRELUDE } = {}) {
  const args = [...flags, '-e', prelude + script];
  const options = { env: { ...process.env, ...env }, cwd: root, timeout: timeoutMs, killSignal: 'SIGKILL' };
  const spawned =
    shell === ''
      ? spawn(process.execPath, args, options)
      : spawn('/bin/bash', ['-c', `${shell} exec "$0" "$@"`, process.execPath, ...args], options);
  return new Promise((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    spawned.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
    spawned.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    spawned.on('error', reject);
    spawned.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

const PRELUDE = `
const wg = require(${JSON.stringify(root)});
const load = require(${JSON.stringify(path.join(root, 'js/load'))});
const fixtures = require(${JSON.stringify(path.join(root, 'test/fixtures'))});
const assert = require('node:assert/strict');
`;

/** Runs `script` as child() does and expects it to end well, having printed exactly `stdout`. */
async function childPrints(script, stdout, options) {
  const ended = await child(script, options);
  assert.deepEqual(ended, { code: 0, signal: null, stdout, stderr: '' });
}

module.exports = {
  root,
  track,
  closeTracked,
  settle,
  open,
  wat,
  bytesOf,
  classOf,
  checkError,
  refuses,
  rejects,
  scratch,
  child,
  childPrints,
};
