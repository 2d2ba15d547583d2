'use strict';

const { inspect } = require('node:util');
const { UsageError } = require('./arguments');
const { isCommand, loadFile, programName } = require('./modules');
const { hasColors, print } = require('./output');
const { nearest } = require('../errors');

/** Codes of what is wrong with the command line, not with the guest. */
const MISUSE = new Set(['ERR_ARG_TYPE', 'ERR_ARG_RANGE', 'ERR_ARG_COUNT', 'ERR_EXPORT_MISSING']);

const wrong = (message) => new UsageError(message, 'run');

/** "name=value", where the value may have more of "=". */
function pair(option, text) {
  const at = text.indexOf('=');
  if (at < 1) throw wrong(`${option} needs name=value, got "${text}"`);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** The directories that an option names. */
const directories = (option, texts, write) =>
  texts.map((text) => {
    const [guest, host] = pair(option, text);
    if (host === '') throw wrong(`${option} needs guest=host, got "${text}"`);
    return { guest, host, write };
  });

/** What WASI gives the guest: what the command line says, and the standard streams. */
function wasiGrants({ dir = [], 'read-dir': readDir = [], env = [] }, args) {
  const fs = [...directories('--dir', dir, true), ...directories('--read-dir', readDir, false)];
  const variables = Object.fromEntries(env.map((text) => pair('--env', text))); // the last of a name counts
  return { wasi: true, args, env: variables, fs, stdin: 'inherit', stdout: 'inherit', stderr: 'inherit' };
}

/** The value of an option that `pattern` reads, or an error that says what is expected. */
function read(option, text, pattern, expected) {
  const match = pattern.exec(text);
  if (match === null) throw wrong(`--${option} needs ${expected}, got "${text}"`);
  return match;
}

const UNITS = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

function bytes(option, text) {
  const [, digits, unit] = read(option, text, /^(\d+)([KMG]?)$/i, 'a number of bytes, such as 65536, 64M or 1G');
  return Number(digits) * UNITS[unit.toUpperCase()];
}

/** Options that are limits: [name in the option `limits` of an instance, reader]. */
const LIMITS = {
  timeout: ['timeoutMs', (...given) => Number(read(...given, /^\d+(?:\.\d+)?$/, 'a number of milliseconds'))],
  memory: ['memoryBytes', bytes],
  fuel: ['fuel', (...given) => BigInt(read(...given, /^\d+$/, 'a number of instructions'))],
  stack: ['stackBytes', bytes],
};

function limitsOf(values) {
  const given = Object.entries(LIMITS).filter(([option]) => values[option] !== undefined);
  return Object.fromEntries(given.map(([option, [name, reader]]) => [name, reader(option, values[option])]));
}

/** Runs `action`, which the package may refuse a limit: the error says which option of the command line that is. */
function limited(action) {
  try {
    return action();
  } catch (error) {
    const [option] = Object.entries(LIMITS).find(([, [name]]) => error.option?.replace('limits.', '') === name) ?? [];
    if (option === undefined || error.code !== 'ERR_OPTION_RANGE') throw error;
    throw wrong(error.message.replace(error.option, `--${option}`));
  }
}

/** What an exit code becomes where a process has 8 bits for it: never 0 unless it is. */
const exitStatus = (code) => (code === 0 ? 0 : code & 0xff || 1);

/** A function of `exports`: inside its namespace, else under the name of its export. */
const find = (exports, { path, name }) => path.reduce((inner, key) => inner?.[key], exports) ?? exports[name];

/** Makes an instance, gives `action` what looks up a function of it, tells what it used, and closes it. */
async function withGuest(module, grants, { limits, meter }, action) {
  const { Instance } = require('../instance');
  const instance = limited(() => new Instance(module, { grants, limits }));
  try {
    return await action((entry) => (entry.typed ? find(instance.exports, entry) : instance.raw[entry.name]));
  } finally {
    if (meter) process.stderr.write(`${JSON.stringify(instance.stats)}\n`); // what a guest that failed used, too
    instance.close();
  }
}

/** Runs `action`; a guest that exits gives the exit code. */
async function guestCode(action) {
  try {
    await action();
    return 0;
  } catch (error) {
    if (error.code === 'ERR_EXIT') return exitStatus(error.exitCode);
    throw error;
  }
}

/** What --json prints: integers of 64 bits as text, as JSON's readers would round them. */
function jsonText(value) {
  const text = JSON.stringify(value, (key, inner) => {
    if (typeof inner === 'bigint') return String(inner);
    return ArrayBuffer.isView(inner) ? [...inner] : inner;
  });
  return text ?? 'null';
}

function show(value, json) {
  if (json) print(jsonText(value));
  else if (typeof value === 'string') process.stdout.write(`${value}\n`);
  else if (value !== undefined) {
    const colors = hasColors(process.stdout);
    print(inspect(value, { depth: null, maxArrayLength: null, maxStringLength: null, colors }));
  }
}

/** The function export that is meant, with its path in `exports`: by its name in JavaScript, or that of the export. */
function exportOf(file, { exports, api }, name) {
  const functions = exports.filter(({ kind, internal }) => kind === 'function' && !internal);
  const known = (api?.functions ?? []).map((fn) => ({ path: [...(fn.namespace ?? []), fn.name], name: fn.export }));
  const meant = known.find(({ path }) => path.join('.') === name) ?? known.find((fn) => fn.name === name);
  const entry = functions.find((candidate) => candidate.name === (meant?.name ?? name));
  if (entry !== undefined) return { ...entry, path: meant?.path ?? [name], typed: true };
  const names = [...known.map(({ path }) => path.join('.')), ...functions.map((candidate) => candidate.name)];
  throw wrong(`${file} has no function "${name}"${nearest(name, names)}`);
}

async function invoke(module, file, { invoke: name, json, description, ...options }, words) {
  const { argumentsOf } = require('./values');
  const entry = exportOf(file, description, name);
  const values = argumentsOf(entry, words, description.api);
  const told = (description.api?.functions ?? []).find((fn) => fn.export === entry.name);
  if (told?.variadic) values.push(...values.pop());
  const grants = description.needs.wasi ? wasiGrants(options, [programName(file)]) : undefined;
  return withGuest(module, grants, options, (functionOf) =>
    guestCode(async () => {
      let result;
      try {
        result = await functionOf(entry)(...values);
      } catch (error) {
        if (MISUSE.has(error.code)) throw wrong(error.message);
        throw error;
      }
      show(result, json);
    }),
  );
}

function start(module, file, { json, ...options }, words) {
  if (json) throw wrong('--json is for --invoke: a program prints for itself');
  if (!isCommand(module)) throw wrong(`${file} is no program (it has no _start): name a function with --invoke`);
  const grants = wasiGrants(options, [programName(file), ...words]);
  return withGuest(module, grants, options, (functionOf) =>
    guestCode(() => functionOf({ name: '_start', typed: false })()),
  );
}

async function run(values, [file, ...words]) {
  const { inspect: describe } = require('..');
  const limits = limitsOf(values);
  const { fuel, stackBytes } = limits;
  const metering = values.meter === true || fuel !== undefined;
  const module = limited(() => loadFile(file, { metering, stackBytes }));
  try {
    const description = describe(module);
    const { wasi } = description.needs;
    for (const option of ['dir', 'read-dir', 'env']) {
      if (values[option] !== undefined && !wasi) throw wrong(`--${option}: ${file} does not import WASI`);
    }
    return await (values.invoke === undefined ? start : invoke)(
      module,
      file,
      { ...values, limits, description },
      words,
    );
  } finally {
    module.close();
  }
}

module.exports = {
  summary: 'run a WASI program, or call a function of a module',
  about: [
    'Without --invoke the module is a program: it gets the arguments and ends with its own exit code. Arguments that ' +
      'begin with "-" come after "--".',
    'With --invoke each argument is read by the type of its parameter: numbers, true or false and texts as they are; ' +
      'bytes as hexadecimal digits, or as @FILE for what is in a file; lists of numbers and whatever else as JSON. ' +
      'An optional number can be null. A text is printed as it is, everything else as in Node.js.',
    'A module gets the standard streams if it imports WASI, and otherwise nothing but what --dir, --read-dir and ' +
      '--env give it. ' +
      'Exit code: that of the guest, 1 if it fails, 2 if the command line is wrong.',
  ],
  positionals: [
    { name: 'module', help: 'a .wasm or .wat file, as it is or compressed with gzip or zstd' },
    { name: 'args', help: 'arguments of the program or of the function', rest: true },
  ],
  options: {
    invoke: { type: 'string', value: 'NAME', help: 'call this function' },
    dir: { type: 'string', multiple: true, value: 'GUEST=HOST', help: 'let the guest read and write a directory' },
    'read-dir': { type: 'string', multiple: true, value: 'GUEST=HOST', help: 'let the guest read a directory' },
    env: { type: 'string', multiple: true, value: 'NAME=VALUE', help: 'set a variable for the guest' },
    timeout: { type: 'string', value: 'MS', help: 'stop the guest after so many milliseconds' },
    memory: { type: 'string', value: 'BYTES', help: 'let its memory grow no further; 64M is 64 MiB, K and G likewise' },
    fuel: { type: 'string', value: 'N', help: 'stop it after so many instructions' },
    stack: { type: 'string', value: 'BYTES', help: 'give its stack of calls so much; default 512K' },
    meter: { type: 'boolean', help: 'print what it used, to standard error, as a line of JSON' },
    json: { type: 'boolean', help: 'print the result as JSON, integers of 64 bits as text' },
  },
  examples: [
    'wasmgate run tool.wasm --dir /data=./data --env LANG=C -- --all /data/in.txt',
    'wasmgate run app.wasm --invoke say Ada',
    'wasmgate run unknown.wasm --timeout 500 --memory 64M --read-dir /in=./in',
  ],
  run,
};
