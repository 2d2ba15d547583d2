'use strict';

// What a guest is granted: as people write it, and as go/config reads it. Beside
// the document go the bytes of standard input, and functions and streams of
// JavaScript for the three standard streams.

const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { types } = require('node:util');
const { hasMemory } = require('./errors');
const checks = require('./checks');
const { pluginGrants } = require('./plugin');

const { entries, list, member, nested, outOfRange, unusable, wrongType } = checks;

const UNKNOWN = 'there is no such grant';
const WASI = 'wasi';

// ---- Arguments, variables, directories

function text(at, value) {
  checks.string(at, value);
  if (value.includes('\0')) throw unusable(at, 'contains a NUL character');
  return value;
}

const args = (at, value) => list(at, value, 'an array of strings', text);

function env(at, value) {
  return entries(at, value, 'an object of strings').map(([name, inner]) => {
    const place = member(at, name);
    if (name === '' || /[=\0]/.test(name)) throw unusable(place, 'the name is empty, or has a "=" or a NUL in it');
    return [name, text(place, inner)];
  });
}

/** A path has to name one place: a lone surrogate would become another character. */
function pathText(at, value) {
  text(at, value);
  if (value === '') throw unusable(at, 'the path is empty');
  if (!value.isWellFormed()) throw unusable(at, 'the path is no well-formed text');
  return value;
}

/** Not path.resolve: what ".." means behind a symbolic link is for the system to say. */
const absolute = (host) => (path.isAbsolute(host) ? host : `${process.cwd()}${path.sep}${host}`);

const ACCESS = new Map([
  [false, 'none'],
  [true, 'all'],
  ['files', 'files'],
]);

function access(at, value) {
  if (ACCESS.has(value)) return ACCESS.get(value);
  const expected = "a boolean or 'files'";
  throw typeof value === 'string' ? outOfRange(at, expected, value) : wrongType(at, expected, value);
}

const DIRECTORY = { guest: pathText, host: pathText, write: access };

function directory(at, value) {
  const { guest, host, write = 'none' } = nested(at, value, DIRECTORY, 'a directory has no such option');
  if (guest === undefined) throw wrongType(`${at}.guest`, 'a string', guest);
  if (host === undefined) throw wrongType(`${at}.host`, 'a string', host);
  return { guest, host: absolute(host), write, option: `${at}.host`, at: `${at}.guest` };
}

const directories = (at, value) => list(at, value, 'an array of { guest, host }', directory);

function preopens(at, value) {
  return entries(at, value, 'an object of strings').map(([guest, host]) => {
    const option = member(at, guest);
    pathText(option, guest);
    return { guest, host: absolute(pathText(option, host)), write: 'all', option, at: option };
  });
}

/** The same place of the guest under several names: which directory it is would be a matter of luck. */
function distinct(all) {
  const seen = new Map();
  for (const { guest, at } of all) {
    const key = path.posix.normalize(guest).replace(/(?<=.)\/$/, '');
    if (seen.has(key)) throw unusable(at, `${JSON.stringify(guest)} is where ${seen.get(key)} is`);
    seen.set(key, at);
  }
  return all.map(({ guest, host, write, option }) => ({ guest, host, write, option }));
}

// ---- Streams

/** A copy: what the caller does with the bytes later does not matter. */
function copied(at, value) {
  if (!hasMemory(value)) throw unusable(at, 'the bytes are detached');
  return types.isUint8Array(value) ? new Uint8Array(value) : new Uint8Array(value).slice();
}

function descriptor(at, value) {
  const fd = checks.integer(0, 2 ** 31 - 1)(at, value);
  try {
    fs.fstatSync(fd);
  } catch (cause) {
    throw Object.assign(unusable(at, `${fd} is no open file descriptor`), { cause });
  }
  return { spec: { kind: 'fd', fd } };
}

const isStream = (value, method) =>
  typeof value === 'object' && value !== null && typeof value[method] === 'function' && typeof value.on === 'function';

const hosted = (hook) => ({ spec: { kind: 'host' }, hook });

const INPUT = "'ignore', 'inherit', text, bytes, a file descriptor or a function";

/** Standard input; only what waits for it can take a stream. */
const inputOf = (streams) => (at, value) => {
  if (value === 'ignore' || value === 'inherit') return { spec: { kind: value } };
  if (typeof value === 'string') return { spec: { kind: 'bytes' }, bytes: new Uint8Array(Buffer.from(value)) };
  if (typeof value === 'number') return descriptor(at, value);
  if (typeof value === 'function') return hosted(value);
  if (types.isUint8Array(value) || types.isArrayBuffer(value)) {
    return { spec: { kind: 'bytes' }, bytes: copied(at, value) };
  }
  if (!isStream(value, 'read')) throw wrongType(at, streams ? `${INPUT}, or a Readable` : INPUT, value);
  if (!streams) throw wrongType(at, `${INPUT} (a Readable needs run(), which waits for it)`, value);
  return hosted(value);
};

const OUTPUT = "'ignore', 'buffer', 'inherit', a file descriptor, a function or a Writable";

function output(at, value) {
  if (value === 'ignore' || value === 'buffer' || value === 'inherit') return { spec: { kind: value } };
  if (typeof value === 'string') throw outOfRange(at, OUTPUT, value);
  if (typeof value === 'number') return descriptor(at, value);
  if (typeof value === 'function' || isStream(value, 'write')) return hosted(value);
  throw wrongType(at, OUTPUT, value);
}

// ---- Clock and random numbers

const MS = 1_000_000n;

/** Nanoseconds of a time: a bigint is of these, a number or a Date of milliseconds. */
function nanoseconds(at, value) {
  if (typeof value === 'bigint') return String(checks.uint64(at, value));
  const ms = types.isDate(value) ? Date.prototype.getTime.call(value) : value;
  if (typeof ms !== 'number') throw wrongType(at, 'a number (ms), a bigint (ns) or a Date', value);
  const expected = 'a time from 1970 on that fits 64 bits of nanoseconds';
  if (!(ms >= 0 && ms < 2 ** 64 / 1e6)) throw outOfRange(at, expected, ms);
  const whole = Math.trunc(ms);
  return String(BigInt(whole) * MS + BigInt(Math.trunc((ms - whole) * 1e6)));
}

const CLOCK = { start: nanoseconds, stepNs: (at, value) => String(checks.uint64(at, value)) };

function clock(at, value) {
  const expected = "'real', { start, stepNs } or false";
  if (value === 'real' || value === false) return { kind: value === false ? 'none' : value };
  if (typeof value === 'string') throw outOfRange(at, expected, value);
  const { start = '0', stepNs = '1000000' } = nested(at, value, CLOCK, 'a clock has no such option', expected);
  return { kind: 'virtual', startNs: start, stepNs };
}

/** At most 32 bytes of a seed, in hexadecimal: longer ones are hashed. 1, 1n and '1' are one seed. */
function seedOf(at, value) {
  let bytes;
  if (types.isUint8Array(value)) {
    bytes = copied(at, value);
  } else if (typeof value === 'string') {
    bytes = Buffer.from(value);
  } else if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw outOfRange(at, 'an integer that a number holds exactly', value);
    bytes = Buffer.from(String(value));
  } else if (typeof value === 'bigint') {
    if (BigInt.asIntN(256, value) !== value) throw outOfRange(at, 'an integer of at most 256 bits', value);
    bytes = Buffer.from(String(value));
  } else {
    throw wrongType(at, 'a string, an integer or a Uint8Array', value);
  }
  return bytes.length <= 32 ? Buffer.from(bytes).toString('hex') : createHash('sha256').update(bytes).digest('hex');
}

function random(at, value) {
  const expected = "'secure', { seed } or false";
  if (value === 'secure' || value === false) return { kind: value === false ? 'none' : value };
  if (typeof value === 'string') throw outOfRange(at, expected, value);
  const { seed } = nested(at, value, { seed: seedOf }, 'random numbers have no such option', expected);
  if (seed === undefined) throw wrongType(`${at}.seed`, 'a string, an integer or a Uint8Array', seed);
  return { kind: 'seeded', seed };
}

// ---- All of them

/** The checks of each grant. `streams`: whether standard input may be a Readable. */
const grantChecks = (streams) => ({
  args,
  env,
  fs: directories,
  preopens,
  stdin: inputOf(streams),
  stdout: output,
  stderr: output,
  clock,
  random,
});

/**
 * What parsed grants become: `document` for go/config, `input`, the bytes of
 * standard input if they are known, and `hooks` { stdin, stdout, stderr }, what of
 * JavaScript stands behind a stream: a function or a stream of Node.js.
 */
function assemble({ stdin, stdout, stderr, ...given }) {
  const document = {};
  for (const key of [WASI, 'args', 'env', 'clock', 'random', 'plugins']) {
    if (given[key] !== undefined) document[key] = given[key];
  }
  if (given.fs !== undefined || given.preopens !== undefined) {
    document.fs = distinct([...(given.fs ?? []), ...(given.preopens ?? [])]);
  }
  const hooks = {};
  for (const [name, stream] of Object.entries({ stdin, stdout, stderr })) {
    if (stream === undefined) continue;
    document[name] = stream.spec;
    if (stream.hook !== undefined) hooks[name] = stream.hook;
  }
  return { document, input: stdin?.bytes, hooks };
}

const TABLE = { wasi: checks.boolean, plugins: pluginGrants, ...grantChecks(false) };

/** The option `grants` of an instance. */
function grants(at, value) {
  if (value === WASI) return assemble({ wasi: true });
  const expected = "'wasi' or an object";
  if (typeof value === 'string') throw outOfRange(at, expected, value);
  return assemble(nested(at, value, TABLE, UNKNOWN, expected));
}

module.exports = { assemble, grantChecks, grants, text };
