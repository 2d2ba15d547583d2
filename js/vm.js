'use strict';

// The class of SSVM, for programs and generated files that were written for it.
// Its rules (a new instance for each call, scratch addresses, halves of 64-bit
// integers, argv, messages) live here and nowhere else.

const path = require('node:path');
const { types } = require('node:util');
const binding = require('./load');
const { codedError, describe } = require('./errors');
const { open, bind } = require('./open');
const { Memory } = require('./memory');
const { makeWords, statsOf } = require('./meters');
const { Module } = require('./module');

// Programs match on these texts.
const MESSAGE = {
  source: 'Expected a Wasm file or a Wasm binary sequence.',
  array: 'Input Wasm is not a valid Uint8Array or not a valid file path.',
  format: 'Unknown bytecode format.',
  options: 'Parse options failed.',
  load: 'Wasm bytecode/file cannot be loaded correctly.',
  validate: 'Wasm bytecode/file failed at validation stage.',
  instantiate: 'Wasm bytecode/file cannot be instantiated.',
  initialize: 'Initialize wasi reactor mode failed',
  malloc: 'Failed to call wasm-bindgen helper function __wbindgen_malloc',
  free: 'Failed to call wasm-bindgen helper function __wbindgen_free',
  argument: 'Unsupported argument type',
  run: 'SSVM execution failed',
  area: 'Access to forbidden memory address when retrieving address and length of result data',
  integer: 'SSVM-Napi implementation error: unknown integer type',
};

const failures = new WeakSet();

/** A documented error: what this class throws, and nothing else. */
function failure(message, cause) {
  const error = new Error(message, cause === undefined ? undefined : { cause });
  error.code = 'Error';
  failures.add(error);
  return error;
}

/** Runs `action`; whatever it throws becomes the cause of a documented error, unless it is one. */
function attempt(message, action) {
  try {
    return action();
  } catch (error) {
    if (failures.has(error)) throw error;
    throw failure(typeof message === 'function' ? message(error) : message, error);
  }
}

// ---- The module

/** wasm; ELF; Mach-O with 32 and 64 bits, and of several machines. */
const MAGIC = ['0061736d', '7f454c46', 'feedface', 'feedfacf', 'cafebabe'];

/** A path as it is, or a copy of the bytes. */
function sourceOf(wasm) {
  if (typeof wasm === 'string') return wasm;
  const wrong = (code) => codedError(code, `module: expected a path or a Uint8Array, got ${describe(wasm)}`);
  if (!types.isTypedArray(wasm)) throw failure(MESSAGE.source, wrong('ERR_SOURCE_TYPE'));
  if (!types.isUint8Array(wasm)) throw failure(MESSAGE.array, wrong('ERR_SOURCE_TYPE'));
  const bytes = attempt(MESSAGE.format, () => new Uint8Array(wasm)); // throws if it is detached
  const head = Buffer.from(bytes.buffer, 0, Math.min(4, bytes.byteLength)).toString('hex');
  if (!MAGIC.includes(head)) {
    throw failure(MESSAGE.format, codedError('ERR_SOURCE_FORMAT', `module: the bytes begin with "${head}"`));
  }
  return bytes;
}

// How the engine words what is malformed; all else that it refuses does not validate.
const MALFORMED = new RegExp(
  'unexpected (?:end|data|content)|out of order|size mismatch|malformed|magic header|binary version|' +
    'invalid (?:var_|leading byte)|integer (?:representation )?too l|illegal opcode|subopcode|inconsistent lengths|' +
    'section is absent|frames remain|operators remaining|(?:opcode|byte) expected',
);

/** The stage at which Module.load failed, in the order of SSVM: load, validate, instantiate (which links). */
function loadStage(cause) {
  if (cause?.code === 'ERR_IMPORT_MISSING') return MESSAGE.instantiate;
  return cause?.code === 'ERR_MODULE_INVALID' && !MALFORMED.test(cause.message) ? MESSAGE.validate : MESSAGE.load;
}

const openStage = (cause) => (cause?.export === '_initialize' ? MESSAGE.initialize : MESSAGE.instantiate);

// ---- Options

/** The guest has the standard streams of the process. */
const STDIO = { stdin: { kind: 'inherit' }, stdout: { kind: 'inherit' }, stderr: { kind: 'inherit' } };

const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

function element(option, expected, value) {
  return codedError('ERR_OPTION_TYPE', `${option}: expected ${expected}, got ${describe(value)}`, { option });
}

function text(option, value) {
  if (typeof value !== 'string') throw element(option, 'a string', value);
  return value;
}

/** The guest gets text; bytes have to be UTF-8. */
function argument(option, value) {
  if (typeof value === 'number') return String(value >>> 0);
  if (!types.isUint8Array(value)) return text(option, value);
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(new Uint8Array(value));
}

function list(option, value, convert) {
  const out = [];
  if (!Array.isArray(value)) return out;
  for (let i = 0; i < value.length; i++) out.push(convert(`${option}[${i}]`, value[i]));
  return out;
}

/** [key, text] of every enumerable string-keyed property, inherited ones included. */
function pairs(option, value) {
  const out = [];
  if (!isObject(value)) return out;
  for (const key in value) out.push([key, text(`${option}.${key}`, value[key])]);
  return out;
}

/** A key of the wrong type counts as absent, as does an unknown one; a wrong element is an error. */
function parseOptions(options) {
  const { args, env, preopens, AllowCommands, EnableWasiStartFunction, EnableMeasurement, bigint } = isObject(options)
    ? options
    : {};
  list('AllowCommands', AllowCommands, text);
  return {
    args: list('args', args, argument),
    env: pairs('env', env),
    fs: pairs('preopens', preopens).map(([guest, host]) => ({ guest, host, write: 'all', option: 'preopens' })),
    program: EnableWasiStartFunction === true,
    measured: EnableMeasurement === true,
    bigint: bigint === true,
  };
}

// ---- Values

const MIN_64 = -(2n ** 63n);
const MAX_64 = 2n ** 63n - 1n;

/** Cuts fractions, clamps; NaN and infinities are 0. */
function clamp64(number) {
  if (!Number.isFinite(number)) return 0n;
  const whole = BigInt(Math.trunc(number));
  if (whole > MAX_64) return MAX_64;
  return whole < MIN_64 ? MIN_64 : whole;
}

/** The 64 bits of a bigint, read as signed. */
function bits64(value) {
  if (value < MIN_64 || value > 2n ** 64n - 1n) {
    throw codedError('ERR_ARG_RANGE', `expected a bigint from -2^63 to 2^64-1, got ${describe(value)}`);
  }
  return BigInt.asIntN(64, value);
}

function halves(value) {
  const low = Number(BigInt.asIntN(32, value));
  const high = Number(BigInt.asIntN(32, value >> 32n));
  return [
    { type: 'i32', value: low },
    { type: 'i32', value: high },
  ];
}

const typedArray = Object.getPrototypeOf(Uint8Array.prototype);
const bufferOf = Object.getOwnPropertyDescriptor(typedArray, 'buffer').get;
const byteLengthOf = Object.getOwnPropertyDescriptor(typedArray, 'byteLength').get;

/** Bytes that nobody can change during the call. Throws if the array is detached. */
function stable(array) {
  const copy = types.isSharedArrayBuffer(bufferOf.call(array)) || byteLengthOf.call(array) === 0;
  return copy ? new Uint8Array(array) : array;
}

const isWide = (type) => type === 'i64' || type === 'f32' || type === 'f64';

/**
 * What the arguments become: { type, value } for a wasm value, { bytes } for
 * two of them, a place in guest memory and its length. An export with a type
 * that SSVM's own guests never have takes each number by its declared type.
 */
function convert(args, functionType, method) {
  const parameters = functionType?.parameters ?? [];
  const native = [...parameters, ...(functionType?.results ?? [])].some(isWide);
  const out = [];
  let at = 0;
  const push = (...words) => {
    out.push(...words);
    for (const word of words) at += word.bytes === undefined ? 1 : 2;
  };
  const number = (value) => {
    const type = native && isWide(parameters[at]) ? parameters[at] : 'i32';
    if (type === 'i64') push({ type, value: clamp64(value) });
    else if (type !== 'i32') push({ type, value });
    else if (method.wide && !native) push(...halves(clamp64(value)));
    else push({ type, value: value | 0 });
  };
  if (method.pointer !== undefined && !(method.wide && isWide(functionType?.results[0])))
    push({ type: 'i32', value: method.pointer });
  for (const [i, value] of args.entries()) {
    const kind = typeof value;
    if (kind === 'number') number(value);
    else if (kind === 'string') push({ bytes: Buffer.from(value) });
    else if (types.isUint8Array(value)) push({ bytes: stable(value) });
    else if (kind === 'bigint' && parameters[at] === 'i64') push({ type: 'i64', value: bits64(value) });
    else if (kind === 'bigint' && method.wide && !native) push(...halves(bits64(value)));
    else throw codedError('ERR_ARG_TYPE', `argument ${i + 1}: ${describe(value)} cannot be passed`, { argument: i });
  }
  return out;
}

// ---- The guest

/** An instance during the one call that it is for. */
class Guest {
  #module;
  #functions;
  #memory;

  constructor(opened, module, names) {
    this.#module = module;
    this.#functions = bind(opened, module, false, (entry) => names.includes(entry.name));
    this.#memory = new Memory(opened.handle);
  }

  /** Calls an export, whose type must be one of `shapes`, with as many of the values as it takes. */
  helper(name, shapes, values) {
    const type = typeOf(this.#module, name);
    const shape = `${type.parameters} -> ${type.results}`;
    if (!shapes.includes(shape)) throw codedError('ERR_EXPORT_UNSUPPORTED', `${name}: its type is ${shape}`);
    return this.#functions[name](...values.slice(0, type.parameters.length));
  }

  /** The first result, if there is one. */
  call(name, words) {
    const type = typeOf(this.#module, name);
    const values = words.flatMap((word) => (word.bytes === undefined ? [word] : this.#place(word.bytes)));
    const given = values.map((word) => word.type);
    if (String(given) !== String(type.parameters)) {
      throw codedError('ERR_ARG_COUNT', `${name}: takes (${type.parameters}), got (${given})`, { export: name });
    }
    const result = this.#functions[name](...values.map((word) => word.value));
    return type.results.length > 1 ? result[0] : result;
  }

  /** The callee frees what is placed here. */
  #place(bytes) {
    const count = byteLengthOf.call(bytes);
    const ptr = attempt(MESSAGE.malloc, () => {
      if (count > 0xffffffff) throw codedError('ERR_ALLOCATOR', `${count} bytes are more than a guest can take`);
      return this.helper('__wbindgen_malloc', ['i32 -> i32', 'i32,i32 -> i32'], [count | 0, 1]);
    });
    if (count > 0) {
      this.#needMemory();
      attempt(MESSAGE.malloc, () => this.#memory.write(ptr >>> 0, bytes));
    }
    return [
      { type: 'i32', value: ptr },
      { type: 'i32', value: count | 0 },
    ];
  }

  #needMemory() {
    if (this.#module.exports.some((entry) => entry.kind === 'memory')) return;
    throw codedError('ERR_MEMORY_BOUNDS', 'text and bytes need a memory, which the module does not export');
  }

  #view(message, ptr) {
    const bytes = attempt(message, () => this.#memory.read(ptr, 8));
    return new DataView(bytes.buffer);
  }

  /** The 64-bit result at the address that was passed. */
  integer() {
    return this.#view(MESSAGE.integer, INTEGER_AT).getBigInt64(0, true);
  }

  /** A copy of the byte result whose place is at the address that was passed. */
  bytes() {
    this.#needMemory();
    const place = this.#view(MESSAGE.area, SLICE_AT);
    const [ptr, count] = [place.getUint32(0, true), place.getUint32(4, true)];
    if (count === 0) return new Uint8Array(0); // the address may be a dangling one
    const copy = attempt(MESSAGE.area, () => this.#memory.read(ptr, count));
    attempt(MESSAGE.free, () =>
      this.helper('__wbindgen_free', ['i32,i32 -> ', 'i32,i32,i32 -> '], [ptr | 0, count | 0, 1]),
    );
    return copy;
  }
}

/** The type of a function export. */
function typeOf(module, name) {
  const type = findType(module, name);
  if (type === undefined) {
    throw codedError('ERR_EXPORT_MISSING', `no function export ${describe(name)}`, { export: name });
  }
  return type;
}

const findType = (module, name) =>
  module.exports.find((entry) => entry.kind === 'function' && entry.name === name)?.type;

// ---- Statistics

/** Times are nanoseconds. Each instruction costs 1, so that the cost is their number. */
function statisticsOf({ wallNs, wasmNs, hostNs, instructions }) {
  return {
    TotalExecutionTime: wallNs,
    WasmExecutionTime: wasmNs,
    HostFunctionExecutionTime: hostNs,
    InstructionCount: instructions,
    TotalGasCost: instructions,
    InstructionPerSecond: wasmNs > 0 ? (instructions / wasmNs) * 1e9 : 0,
  };
}

function measure(handle) {
  const words = makeWords();
  binding.readMeters(handle, words);
  return statisticsOf(statsOf(words, true));
}

// ---- The class

// Where results are put: the far end of a Rust guest's stack.
const INTEGER_AT = 0;
const SLICE_AT = 8;

/** How a method passes arguments: where its result goes, whether numbers are halved. */
const NARROW = {};
const WIDE = { pointer: INTEGER_AT, wide: true };
const SLICE = { pointer: SLICE_AT };

const HELPERS = ['_start', '__wbindgen_malloc', '__wbindgen_free'];

class VM {
  #source;
  #options;
  #module;
  #statistics = statisticsOf({ wallNs: 0, wasmNs: 0, hostNs: 0, instructions: 0 });

  constructor(wasm, options) {
    this.#source = sourceOf(wasm);
    this.#options = attempt(MESSAGE.options, () => parseOptions(options));
  }

  Start() {
    return this.#within('_start', this.#options.args.slice(2), (guest) => {
      try {
        guest.helper('_start', [' -> '], []);
        return 0;
      } catch (error) {
        if (error.code === 'ERR_EXIT') return error.exitCode;
        throw error;
      }
    });
  }

  Run(name, ...args) {
    this.#run(name, args, NARROW, () => undefined);
  }

  RunInt(name, ...args) {
    return this.#run(name, args, NARROW, (guest, value) => Number(this.#number(value, true)));
  }

  RunUInt(name, ...args) {
    return this.#run(name, args, NARROW, (guest, value, type) =>
      type === 'i32' ? value >>> 0 : Number(this.#number(value, false)),
    );
  }

  RunInt64(name, ...args) {
    return this.#run(name, args, WIDE, (guest, value, type) =>
      this.#number(isWide(type) ? value : guest.integer(), true),
    );
  }

  RunUInt64(name, ...args) {
    return this.#run(name, args, WIDE, (guest, value, type) =>
      this.#number(isWide(type) ? value : guest.integer(), false),
    );
  }

  RunString(name, ...args) {
    return this.#run(name, args, SLICE, (guest) => Buffer.from(guest.bytes().buffer).toString('utf8'));
  }

  RunUint8Array(name, ...args) {
    return this.#run(name, args, SLICE, (guest) => guest.bytes());
  }

  /** Compiles at the first call that gets so far, and keeps the compiled form. */
  #load() {
    this.#module ??= attempt(loadStage, () => {
      const source = typeof this.#source === 'string' ? path.resolve(this.#source) : this.#source; // never a URL
      return Module.load(source, { sidecar: false, metering: this.#options.measured });
    });
    this.#source = undefined;
    return this.#module;
  }

  /** Runs `action` with an instance of its own. */
  #within(program, args, action) {
    const module = this.#load();
    const { env, fs } = this.#options;
    const grants = { wasi: true, args: [program.split('\0', 1)[0], ...args], env, fs, ...STDIO };
    const opened = attempt(openStage, () => open(module, { document: { grants }, hooks: {} }));
    try {
      return attempt(MESSAGE.run, () => action(new Guest(opened, module, [program, ...HELPERS])));
    } finally {
      if (this.#options.measured) this.#statistics = measure(opened.handle);
      binding.closeInstance(opened.handle);
    }
  }

  /** What the last call used; its numbers are 0 before the first, and absent without EnableMeasurement. */
  GetStatistics() {
    return this.#options.measured ? { Measure: true, ...this.#statistics } : { Measure: false };
  }

  /** `read` gets the guest, the wasm result and its type. */
  #run(name, args, method, read) {
    attempt(MESSAGE.run, () => this.#check(name));
    const type = findType(this.#load(), name);
    const words = attempt(MESSAGE.argument, () => convert(args, type, method));
    return this.#within(name, this.#options.args, (guest) => read(guest, guest.call(name, words), type.results[0]));
  }

  #check(name) {
    if (typeof name !== 'string') {
      throw codedError('ERR_ARG_TYPE', `name of the function: expected a string, got ${describe(name)}`);
    }
    if (this.#options.program) {
      throw codedError('ERR_EXPORT_UNSUPPORTED', `${name}: EnableWasiStartFunction says that Start is to be called`);
    }
  }

  #number(value, signed) {
    if (typeof value === 'number') return value;
    if (typeof value !== 'bigint') {
      throw codedError('ERR_EXPORT_UNSUPPORTED', `the function returns no number, but ${describe(value)}`);
    }
    const whole = signed ? value : BigInt.asUintN(64, value);
    return this.#options.bigint ? whole : Number(whole);
  }
}

module.exports = { VM };
