'use strict';

// What the tests of WASI and of limits have in common.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { Instance, Module } = require('../..');
const { fixture } = require('../fixtures');
const { Calls, callsModule } = require('../fixtures/wasi-calls');
const { refuses, rejects, scratch, track } = require('../helpers');

/** What a limit is set to, and how late its effect may be on a machine that is busy with other things. */
const TIMEOUT_MS = 50;
const LATE_MS = 5000;

/** Checks that `fn` throws ERR_TIMEOUT, not before TIMEOUT_MS and not much later. */
function stopsInTime(fn, properties) {
  const start = performance.now();
  const error = refuses(fn, 'ERR_TIMEOUT', properties);
  inTime(start);
  return error;
}

/** The same for a promise that `fn` makes. */
async function stopsInTimeLater(fn) {
  const start = performance.now();
  const error = await rejects(fn(), 'ERR_TIMEOUT');
  inTime(start);
  return error;
}

function inTime(start) {
  const ms = performance.now() - start;
  assert.ok(ms >= TIMEOUT_MS - 2, `stopped after ${ms} ms`);
  assert.ok(ms < TIMEOUT_MS + LATE_MS, `stopped after ${ms} ms`);
}

/** A module that is compiled once for the block that this is called in: returns a function that gives it. */
function shared(source, options) {
  let module;
  before(() => (module = Module.load(source, options)));
  after(() => module.close());
  return () => module;
}

/** The program wasi_tool, compiled once for the block that this is called in. */
const tool = (options) => shared(fixture('wasi_tool'), options);

/**
 * A guest whose calls the test makes itself (fixtures/wasi-calls.js), compiled once for the block that this is called
 * in: returns a function that opens one with such grants and limits.
 */
function caller(options) {
  const module = shared(callsModule(), options);
  return (grants = {}, limits = undefined) =>
    new Calls(track(new Instance(module(), { grants: { wasi: true, ...grants }, limits })));
}

/** A new empty directory. */
function directory(name) {
  fs.mkdirSync(scratch(), { recursive: true });
  return fs.mkdtempSync(scratch(`${name}-`));
}

const SECRET = 'the secret outside';

/**
 * A directory with `box`, which is what a guest gets, and `outside`, which it must not reach. `unharmed()` checks that
 * all of it but the box is as it was.
 */
function sandbox() {
  const root = fs.realpathSync(directory('sandbox'));
  const at = (...parts) => path.join(root, ...parts);
  for (const dir of ['box/sub/deep', 'outside/sub', 'box2']) fs.mkdirSync(at(dir), { recursive: true });
  fs.writeFileSync(at('box/in.txt'), 'inside');
  fs.writeFileSync(at('box/sub/deep/leaf.txt'), 'leaf');
  fs.writeFileSync(at('outside/secret.txt'), SECRET);
  fs.writeFileSync(at('secret.txt'), SECRET);
  const was = listing(root);
  return {
    root,
    at,
    box: at('box'),
    unharmed: () => assert.deepEqual(listing(root), was, 'what lies outside of the box'),
  };
}

/** What lies in a sandbox outside of its box: path, kind, content, links, time of change. */
function listing(root) {
  const found = {};
  const visit = (dir) => {
    for (const entry of fs.readdirSync(dir, { withFileTypes: true })) {
      const file = path.join(dir, entry.name);
      const name = path.relative(root, file);
      if (name === 'box') continue;
      const { mode, nlink, mtimeMs } = fs.lstatSync(file);
      found[name] = [mode, nlink, mtimeMs, entry.isFile() ? fs.readFileSync(file, 'utf8') : ''];
      if (entry.isDirectory()) visit(file);
    }
  };
  visit(root);
  return found;
}

/** Checks the name of the errno that a call failed with. */
function failsWith(result, ...errnos) {
  assert.ok(
    errnos.includes(result),
    `expected ${errnos.join(' or ')}, got ${Buffer.isBuffer(result) ? JSON.stringify(result.toString()) : JSON.stringify(result)}`,
  );
}

module.exports = {
  TIMEOUT_MS,
  LATE_MS,
  SECRET,
  stopsInTime,
  stopsInTimeLater,
  shared,
  tool,
  caller,
  directory,
  sandbox,
  failsWith,
};
