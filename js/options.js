'use strict';

// The options of everything that takes some, as a person would want to be told
// about them. What js/checks.js says of options in general holds for all; Go checks
// the result once more.

const { basename } = require('node:path');
const { fileURLToPath } = require('node:url');
const audit = require('./audit');
const checks = require('./checks');
const { codedError } = require('./errors');
const { importLayers } = require('./globals');
const { assemble, grantChecks, grants, text } = require('./grants');
const { checkGrants, pluginGrants, plugins } = require('./plugin');

const { boolean, callable, integer, nested, outOfRange, parse, uint64, wrongType } = checks;

const MAX_INTEGER = Number.MAX_SAFE_INTEGER;
const MAX_32 = 2 ** 32 - 1;

// ---- Modules

function positiveInteger(path, value) {
  if (typeof value !== 'number') throw wrongType(path, 'a number', value);
  if (!Number.isSafeInteger(value) || value < 1) throw outOfRange(path, 'a positive integer', value);
  return value;
}

function stringMap(path, value) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrongType(path, 'an object of strings', value);
  }
  const copy = Object.create(null);
  for (const [key, inner] of Object.entries(value)) copy[key] = checks.string(`${path}.${key}`, inner);
  return copy;
}

const stackBytes = integer(64 << 10, 64 << 20);

const price = integer(0, 1000);
const COSTS = Object.fromEntries(
  ['simple', 'memory', 'float', 'division', 'simd', 'branch', 'call', 'entry', 'bulkPer64', 'grow'].map((key) => [
    key,
    price,
  ]),
);
const METERING = { costs: (path, value) => nested(path, value, COSTS, 'there is no such class of instructions') };

/** true, false, or { costs }: prices of instructions. */
function metering(path, value) {
  if (typeof value === 'boolean') return value;
  return nested(path, value, METERING, 'there is no such option', 'a boolean or { costs }');
}

/** What is fixed when a module is compiled. */
const PROFILE = { metering, interruptible: boolean, stackBytes, trapOnGrowFailure: boolean };

const MODULE = { maxModuleBytes: positiveInteger, signatures: stringMap, sidecar: boolean, ...PROFILE };

/** Options of Module.load, loadAsync and inspect. */
const moduleOptions = (options) => parse(options, MODULE, 'a module has no such option');

// ---- Limits

/** The longest time that can be given: 99 days. */
const MAX_TIMEOUT_MS = 99 * 24 * 60 * 60 * 1000;

function timeoutMs(path, value) {
  if (typeof value !== 'number') throw wrongType(path, 'a number', value);
  if (!(value > 0 && value <= MAX_TIMEOUT_MS)) {
    throw outOfRange(path, `a number above 0, at most ${MAX_TIMEOUT_MS}`, value);
  }
  return value;
}

/** What holds for each call. */
const CALL = { timeoutMs, fuel: uint64 };

const LIMITS = {
  memoryBytes: integer(0, MAX_INTEGER),
  tableElements: integer(0, MAX_32),
  instances: integer(1, MAX_32),
  stackBytes,
  stdoutBytes: integer(0, MAX_INTEGER),
  stderrBytes: integer(0, MAX_INTEGER),
  trapOnGrowFailure: boolean,
  ...CALL,
};

const limits = (path, value) => nested(path, value, LIMITS, 'there is no such limit');

/** Options of instance.with: { timeoutMs, fuel }, fuel as a bigint. */
const callOptions = (options) => parse(options, CALL, 'a call has no such option');

// ---- Instances

const METER = { everyMs: integer(1, 60 * 60 * 1000), call: callable };

/** Who is told of the meters, and how often: { everyMs, call }. */
function onMeter(path, value) {
  if (typeof value === 'function') return { everyMs: 100, call: value };
  const { everyMs = 100, call } = nested(
    path,
    value,
    METER,
    'there is no such option',
    'a function or { everyMs, call }',
  );
  if (call === undefined) throw wrongType(`${path}.call`, 'a function', call);
  return { everyMs, call };
}

const OBSERVED = { limits, onAudit: callable, onMeter, plugins, imports: (path, value) => importLayers(value) };

const INSTANCE = { ...OBSERVED, grants };

/** The document of go/config, or undefined if it says nothing. */
function documentOf(granted, { fuel, ...limited } = {}, options) {
  if (fuel !== undefined) limited.fuel = String(fuel);
  const document = {};
  if (granted !== undefined && Object.keys(granted).length > 0) document.grants = granted;
  if (Object.keys(limited).length > 0) document.limits = limited;
  if (audit.wanted(options.onAudit)) document.audit = true;
  const loaded = options.plugins ?? [];
  checkGrants(granted?.plugins ?? [], loaded);
  if (loaded.length > 0) document.plugins = loaded.map((plugin) => plugin.path);
  if (options.onMeter !== undefined) document.meterMs = options.onMeter.everyMs;
  return Object.keys(document).length > 0 ? document : undefined;
}

/**
 * What parsed options of an instance become: its document and what goes beside it
 * (js/grants.js), and who observes it.
 */
function opened(options, granted = { hooks: {} }) {
  return {
    imports: options.imports,
    document: documentOf(granted.document, options.limits, options),
    input: granted.input,
    hooks: granted.hooks,
    onAudit: options.onAudit,
    onMeter: options.onMeter,
  };
}

/** Options of an instance of a module that is loaded already. */
function instanceOptions(options) {
  const parsed = parse(options, INSTANCE, 'an instance of a loaded module has no such option');
  return opened(parsed, parsed.grants);
}

/** Takes the options of the module out of all. The limits that it has to be loaded with are options of its too. */
function ofModule(all) {
  const module = {};
  for (const key of Object.keys(MODULE)) if (all[key] !== undefined) module[key] = all[key];
  for (const key of ['stackBytes', 'trapOnGrowFailure']) {
    const value = all.limits?.[key];
    if (value === undefined) continue;
    if (module[key] !== undefined && module[key] !== value) {
      const option = `limits.${key}`;
      throw codedError('ERR_PROFILE', `${option}: is ${value}, but the option ${key} is ${module[key]}`, { option });
    }
    module[key] = value;
  }
  return module;
}

/** Options of an instance and of the module that it loads: one list for each. */
function bothOptions(options) {
  const all = parse(options, { ...MODULE, ...INSTANCE }, 'an instance has no such option');
  return [ofModule(all), opened(all, all.grants)];
}

// ---- Namespaces

const NAMESPACE_LIMITS = {
  memoryBytes: LIMITS.memoryBytes,
  tableElements: LIMITS.tableElements,
  instances: LIMITS.instances,
  timeoutMs,
};

const NAMESPACE = {
  limits: (path, value) => nested(path, value, NAMESPACE_LIMITS, 'a namespace has no such limit'),
};

/** The limits in createWebAssembly's options; undefined if there are none. */
function namespaceLimits(options) {
  const { limits: given = {} } = parse(options, NAMESPACE, 'a namespace has no such option');
  return Object.keys(given).length > 0 ? given : undefined;
}

// ---- Programs

function signal(path, value) {
  const ok =
    typeof value === 'object' && value !== null && typeof value.aborted === 'boolean' && 'addEventListener' in value;
  if (!ok) throw wrongType(path, 'an AbortSignal', value);
  return value;
}

function encoding(path, value) {
  if (value === 'utf8' || value === 'utf-8') return 'utf8';
  throw typeof value === 'string' ? outOfRange(path, "'utf8'", value) : wrongType(path, "'utf8'", value);
}

/** Somebody wrote options of an instance: what they mean stands elsewhere. */
function atTheTop(path) {
  throw codedError('ERR_OPTION_UNKNOWN', `${path}: what a program is granted stands beside the other options`, {
    option: path,
  });
}

/** The other thread of a program cannot call this one's JavaScript. */
function elsewhere(path) {
  throw codedError(
    'ERR_OPTION_UNKNOWN',
    `${path}: a program of run is on a thread of its own; use runSync or an Instance`,
    {
      option: path,
    },
  );
}

/** The checks of run, and of runSync, which cannot wait for anything. */
const runChecks = (sync) => ({
  grants: atTheTop,
  ...OBSERVED,
  ...(sync ? {} : { imports: elsewhere }),
  ...grantChecks(!sync),
  pluginGrants,
  name: text,
  encoding,
  ...(sync ? {} : { signal }),
});

const RUN = runChecks(false);
const RUN_SYNC = runChecks(true);

/** What a program is called if nobody says: as the file that it is loaded from. */
function nameOf(source) {
  if (typeof source !== 'string' && !(source instanceof URL)) return 'main.wasm';
  try {
    const file = String(source);
    return basename(file.startsWith('file:') ? fileURLToPath(file) : file).replaceAll('\0', '') || 'main.wasm';
  } catch {
    return 'main.wasm'; // the load tells what is wrong with it
  }
}

/**
 * Options of run and runSync: { module, instance, signal, encoding }. `module` has
 * the options of the load, and is undefined for a module that is `loaded`; `instance`
 * is as instanceOptions gives it. A program gets the usual set, its name as the first
 * argument, and its output is collected.
 */
function runOptions(source, options, { loaded, sync }) {
  const table = sync ? RUN_SYNC : RUN;
  const where = `${sync ? 'runSync' : 'run'} has no such option`;
  const all = parse(options, loaded ? table : { ...table, ...MODULE }, where);
  const { args = [], name = nameOf(source) } = all;
  const output = { spec: { kind: 'buffer' } };
  const { pluginGrants: ofPlugins, ...rest } = all;
  const granted = assemble({
    stdout: output,
    stderr: output,
    ...rest,
    plugins: ofPlugins,
    wasi: true,
    args: [name, ...args],
  });
  return {
    module: loaded ? undefined : ofModule(all),
    instance: opened(all, granted),
    signal: all.signal,
    encoding: all.encoding,
  };
}

module.exports = { bothOptions, callOptions, instanceOptions, moduleOptions, namespaceLimits, runOptions };
