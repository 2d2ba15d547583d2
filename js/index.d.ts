/// <reference lib="esnext.disposable" />

// ---- Modules

/** A URL object; only `file:` URLs are accepted. Stands for the global `URL`, so that no other types are needed. */
export interface FileURL {
  readonly href: string;
  readonly protocol: string;
  readonly pathname: string;
}

/**
 * Where a module comes from: the path of a file, a `file:` URL (as text or object), or bytes. The content is binary
 * WebAssembly or its text, as it is or compressed with gzip or zstd; it is recognised by content, not by name. Bytes
 * of a SharedArrayBuffer are refused. They are only read until the load returns (`loadAsync`: copied).
 */
export type ModuleSource = string | FileURL | Uint8Array;

/** Options of `Module.load`, `Module.loadAsync`, `inspect`, and of `new Instance` when that loads the module itself. */
export interface ModuleOptions {
  /**
   * Largest module that is accepted, in bytes, before and after decompression; an integer from 1 on. Default:
   * 268435456 (256 MiB), so that a small compressed file cannot take all memory. Larger ones: ERR_SOURCE_TOO_LARGE.
   */
  maxModuleBytes?: number | undefined;
  /** What exports take and give, by export name: see {@link Signature}. Default: none. Comes before a sidecar. */
  signatures?: Readonly<Record<string, Signature>> | undefined;
  /**
   * Whether to look for the `.d.ts` (and `.js`) that wasm-bindgen wrote beside a module that is loaded by path:
   * `x_bg.wasm` or `x.wasm`, `x.d.ts`, `x.js`. Only read, never run. Default: true, because it gives wasm-bindgen
   * modules their types.
   */
  sidecar?: boolean | undefined;
  /**
   * Whether instructions are counted, so that calls can have `fuel` and statistics tell how many ran. Compiled in, and
   * calls pay for it. Default: false.
   */
  metering?: boolean | { costs?: Costs | undefined } | undefined;
  /** Whether calls can be stopped: by `timeoutMs`, by a signal, from another thread. Default: true. Compiled in. */
  interruptible?: boolean | undefined;
  /**
   * The guest's stack of calls, in bytes: an integer from 65536 to 67108864. Default: 524288. A guest that needs more
   * traps with `stack_overflow`.
   */
  stackBytes?: number | undefined;
  /** Whether growing a memory or a table past a limit traps (ERR_LIMIT) instead of giving the guest -1. Default: false. */
  trapOnGrowFailure?: boolean | undefined;
}

/**
 * JavaScript for a guest to import.
 *
 * Of a plain module, and for what a module of the guest crate imports: `{ module: { name: function } }`, as the
 * JavaScript API of WebAssembly has it. A function gets and gives wasm-level types: i32, f32 and f64 are numbers, i64 a
 * bigint, externref any value, funcref a function of the instance or null; what it returns is checked like an argument of
 * an export (ERR_ARG_TYPE, ERR_ARG_RANGE, with `imports`), several results are an array. With {@link hostFn} it gets and
 * gives text, bytes and more. Whatever is not given is named, all at once: ERR_IMPORT_MISSING; what is not a function is
 * ERR_OPTION_TYPE; what is not imported is ignored. Functions of WASI cannot be given. Each is looked up once, when the
 * instance is made.
 *
 * A function that returns a Promise fails with ERR_ASYNC_IMPORT, unless the import gives an externref. It may call exports
 * of the instance again, about 140 deep with the default `stackBytes`, then ERR_TRAP (`stack_overflow`).
 *
 * Of a raw wasm-bindgen module, where its imports (`#[wasm_bindgen] extern "C"`) are found:
 *
 * - an object: its properties are the names that Rust imports. `js_namespace = console` is a nested object,
 *   `module = "fs"` a property of that name;
 * - `'js-sys'`: the built-in objects of the language, for the crate js-sys and asynchronous functions. Without `eval`,
 *   the constructor `Function` and the global object. For guests that you trust: through built-in objects a guest can
 *   reach and change what other code of the process uses;
 * - `'web-sys'`: all globals of Node.js. For guests that may do whatever your own code may do;
 * - an array of these: the first that has a name wins.
 *
 * Names of a raw module are looked up at their first use; one that is not found makes the call fail with
 * ERR_IMPORT_CALLED.
 */
export type Imports = object | 'js-sys' | 'web-sys' | readonly (object | 'js-sys' | 'web-sys')[];

/** Options of {@link hostFn}. */
export interface HostFnOptions {
  /** Whether the first argument is a {@link Caller}. Default: false. */
  caller?: boolean | undefined;
}

/** The instance that calls a host function, for as long as that runs. */
export interface Caller<Exports extends object = AnyExports> {
  /**
   * The instance; in a module's start function it is being made, and nearly all of it is ERR_BUSY. undefined in a program
   * of `runSync`, which has none.
   */
  readonly instance: Instance<Exports>;
  /** The same as `instance.exports`. */
  readonly exports: Readonly<Exports>;
  /** Its memory. Errors: ERR_CLOSED (the host function has returned), ERR_BUSY (in a start function). */
  readonly memory: CallerMemory;
}

/** The memory of a guest in the middle of a call to the host. */
export interface CallerMemory extends Memory {
  /**
   * A view of `length` bytes of guest memory from address `ptr` on: what is written there the guest sees, and what the
   * guest changes in a call from the host function shows in it. It is detached (its length is 0) when the host function
   * returns or throws; its buffer cannot be transferred.
   *
   * Errors: ERR_MEMORY_BOUNDS, ERR_ARG_TYPE, ERR_CLOSED (the host function has returned).
   */
  view(ptr: number, length: number): Uint8Array;
}

/**
 * A host function whose arguments and result have the types of a signature, for the option `imports`. Arguments of text
 * and bytes are copied out of guest memory: a pointer and a length. A result of text or bytes is put into memory of the
 * guest's allocator, which the module must export, and is the guest's from then on. `value` and `result<…>` are for modules of the
 * guest crate. A module that says the types of an import itself (one of the guest crate, a raw one) is believed, and the
 * signature does not count. The function can be shared by any number of instances.
 *
 * Errors: ERR_ARG_TYPE, ERR_OPTION_*. When an instance is made with it: ERR_SIGNATURE_SYNTAX, ERR_SIGNATURE_MISMATCH
 * (it does not fit the wasm type of the import), with `imports`.
 *
 * @example
 * new Instance(module, { imports: { env: { log: hostFn('(text: string) -> ()', (text) => console.log(text)) } } });
 */
export function hostFn<Args extends any[], Result>(
  signature: Signature,
  fn: (...args: Args) => Result,
  options?: { caller?: false | undefined },
): (...args: Args) => Result;
/** The same for a function whose first argument is the {@link Caller}. */
export function hostFn<Args extends any[], Result>(
  signature: Signature,
  fn: (caller: Caller, ...args: Args) => Result,
  options: HostFnOptions & { caller: true },
): (caller: Caller, ...args: Args) => Result;

/** A directory of the host that a guest sees. */
export interface Directory {
  /** Where the guest sees it: an absolute path, or whatever else the guest asks for, such as `.`. No two the same. */
  guest: string;
  /** Which it is: an existing directory. A relative path is one of the working directory at the time. */
  host: string;
  /**
   * false: nothing can be changed. `'files'`: what is in files may change, but no entry is made, removed or renamed.
   * true: everything. Default: false.
   */
  write?: boolean | 'files' | undefined;
}

/** Gives the next bytes of standard input, at most `maxBytes` of them; null at its end. */
export type InputFunction = (maxBytes: number) => Uint8Array | string | null;

/** Gets the bytes that a guest writes. */
export type OutputFunction = (chunk: Uint8Array) => void;

/** A Readable of Node.js. Stands for the class, so that no other types are needed. */
export interface ReadableStreamLike {
  read(size?: number): any;
  on(event: string, listener: (...args: any[]) => void): any;
}

/** A Writable of Node.js. Stands for the class, so that no other types are needed. */
export interface WritableStreamLike {
  write(chunk: any): boolean;
  on(event: string, listener: (...args: any[]) => void): any;
}

/**
 * Standard input: `'ignore'` is empty, `'inherit'` that of the process, any other string the text itself; bytes, which
 * are copied; the number of a file descriptor; a function that is asked for more.
 */
export type Input = 'ignore' | 'inherit' | (string & {}) | Uint8Array | ArrayBuffer | number | InputFunction;

/**
 * An output stream: `'ignore'` drops what is written, `'buffer'` collects it, `'inherit'` is that of the process; the
 * number of a file descriptor; a function or a Writable that gets each chunk. A Writable of an instance, whose calls do not
 * let it drain, may hold 16 MiB: ERR_OUTPUT_LIMIT.
 */
export type Output = 'ignore' | 'buffer' | 'inherit' | number | OutputFunction | WritableStreamLike;

/** A clock that tells the same in every run: it begins at `start` and takes a step each time it is read. */
export interface VirtualClock {
  /** A number or a Date: milliseconds since 1970. A bigint: nanoseconds since then. Default: 0. */
  start?: number | bigint | Date | undefined;
  /** Nanoseconds; 0 stops the clock. Default: 1000000. */
  stepNs?: number | bigint | undefined;
}

/**
 * What a guest may reach through WASI. Nothing that is not named; a function of WASI whose grant is missing makes the
 * instance fail with ERR_CAPABILITY.
 *
 * Errors: ERR_OPTION_*, ERR_GRANT_INVALID (a directory that is not there, a NUL, a variable with "=" in its name); with
 * `option`, such as `grants.fs[1].host`.
 */
export interface Grants {
  /**
   * The usual set: all functions of WASI, with no arguments, no variables, no files, an empty input, outputs that are
   * dropped, the clock of the host and secure random numbers. The other grants narrow or widen it. Default: false.
   */
  wasi?: boolean | undefined;
  /** The arguments, the name of the program first. */
  args?: readonly string[] | undefined;
  /** The environment variables, all of them. Undefined ones are left out. */
  env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Directories. What lies outside of them cannot be reached, whatever links lead there. */
  fs?: readonly Directory[] | undefined;
  /** More directories, guest to host, in which the guest may do everything. */
  preopens?: Readonly<Record<string, string>> | undefined;
  stdin?: Input | undefined;
  stdout?: Output | undefined;
  stderr?: Output | undefined;
  /** The time, and waiting. False: not even with `wasi`. */
  clock?: 'real' | VirtualClock | false | undefined;
  /** Random numbers; the same for the same seed, of which at most 32 bytes count as they are. False: not even with `wasi`. */
  random?: 'secure' | { seed: string | number | bigint | Uint8Array } | false | undefined;
  /** Functions of the instance's `plugins`: by the name of a plugin, `true` for all of it or a list of its grants. */
  plugins?: PluginGrants | undefined;
}

/** Of each plugin, by its name: `true`, all of its functions; a list, those that go by these grants. Default: none. */
export type PluginGrants = Readonly<Record<string, boolean | readonly string[] | undefined>>;

/**
 * What instructions cost, by class; integers from 0 to 1000, by default 1. Instructions are counted as their costs then:
 * see docs/metering.md.
 */
export interface Costs {
  /** Constants, locals, integers except division, references. */
  simple?: number | undefined;
  /** Loads, stores, globals, tables, structs, arrays. */
  memory?: number | undefined;
  /** Floating point except division and square root, and conversions. */
  float?: number | undefined;
  /** Division, remainder, square root. */
  division?: number | undefined;
  /** Vectors of 128 bits. */
  simd?: number | undefined;
  /** if, br, br_if, br_table, br_on_…; try_table, throw, throw_ref. */
  branch?: number | undefined;
  /** Calls. */
  call?: number | undefined;
  /** Each function that is entered. */
  entry?: number | undefined;
  /** Each full 64 bytes, or elements, of a bulk operation; each element of most instructions on arrays (docs/metering.md). */
  bulkPer64?: number | undefined;
  /** Each page that memory grows by. */
  grow?: number | undefined;
}

/** Limits of each call. */
export interface CallLimits {
  /** Milliseconds after which the call is stopped: ERR_TIMEOUT. Above 0, at most 8553600000 (99 days). Default: none. */
  timeoutMs?: number | undefined;
  /** Instructions after which the call is stopped: ERR_FUEL. From 0 to 2^64-1; needs `metering`. Default: none. */
  fuel?: number | bigint | undefined;
}

/** Limits of an instance; without one there is none but that of the address space. */
export interface Limits extends CallLimits {
  /**
   * Bytes of each memory. Growing past them fails, or traps with `trapOnGrowFailure`: ERR_LIMIT. Structs, arrays and
   * exceptions, which the engine collects, are in a memory of their own: when they do not fit, ERR_LIMIT.
   */
  memoryBytes?: number | undefined;
  /** Elements of each table. */
  tableElements?: number | undefined;
  /** Instances of the module that may be open at once, this one included; at least 1. */
  instances?: number | undefined;
  /** Bytes that the guest may write to standard output: ERR_OUTPUT_LIMIT. Default: 16777216 for `'buffer'`, else none. */
  stdoutBytes?: number | undefined;
  /** The same for standard error. */
  stderrBytes?: number | undefined;
  /** An option of the load; a loaded module must have the same: ERR_PROFILE. */
  stackBytes?: number | undefined;
  /** An option of the load; a loaded module must have the same: ERR_PROFILE. */
  trapOnGrowFailure?: boolean | undefined;
}

/** Whether a guest gets one of its imports. Frozen. */
export interface AuditDecision {
  /** "module.name". */
  readonly import: string;
  /** The grant that allows it, or that would; empty if none can. */
  readonly grant: string;
  readonly allowed: boolean;
  /** For people. */
  readonly reason: string;
}

/** Options of an instance. */
export interface InstanceOptions {
  /**
   * JavaScript for the guest to import. Default: none. What a function throws comes out of the call as it is; an object
   * gets the guest's frames as `wasmStack`, which is not enumerable, unless it has one. Not of `run`, whose programs are on
   * a thread of their own.
   */
  imports?: Imports | undefined;
  /**
   * Libraries with host functions (docs/plugins.md), which are native code and trusted. What a guest gets of them is said
   * by `grants.plugins`; functions of `imports` come first. Errors: those of Plugin.load; ERR_CAPABILITY,
   * ERR_GRANT_INVALID; ERR_SIGNATURE_MISMATCH for an import of another type; ERR_OPTION_RANGE if two provide the same.
   */
  plugins?: readonly (Plugin | string | FileURL)[] | undefined;
  /** What the guest may reach through WASI; `'wasi'` is `{ wasi: true }`. Default: nothing. */
  grants?: Grants | 'wasi' | undefined;
  /** Default: none. What the module has to be loaded for: ERR_PROFILE. */
  limits?: Limits | undefined;
  /**
   * Is told of each import that needs a grant, also when the instance is refused. What it throws comes out of the
   * constructor. The channel `wasmgate:audit` of `node:diagnostics_channel` has the same.
   */
  onAudit?: ((decision: AuditDecision) => void) | undefined;
  /**
   * Is told what a call has used while it runs, every 100 ms or as often as `everyMs` says (from 1 to 3600000): in the
   * middle of it, on its thread. What it throws stops the guest and comes out of the call.
   */
  onMeter?: MeterListener | { everyMs?: number | undefined; call: MeterListener } | undefined;
}

/** Gets what an instance has used so far. */
export type MeterListener = (stats: InstanceStats) => void;

/**
 * What an instance has used since it was made. The optional numbers are there if its module was loaded with `metering`.
 * Times are nanoseconds. All are exact up to 2^53.
 */
export interface InstanceStats {
  /** Calls of its exports that came from outside of it. */
  readonly calls: number;
  /** Instructions that the guest executed: the same for the same module and input, on every run and machine. */
  readonly instructions?: number;
  /** What is left of the fuel of the current call, or was of the last; none without a limit. */
  readonly fuelLeft?: number;
  /** Time that calls took, of which `hostNs` in functions that the guest imports and `wasmNs` in the guest. */
  readonly wallNs?: number;
  readonly hostNs?: number;
  readonly wasmNs?: number;
  /** The same of the processor time of the thread. */
  readonly cpuNs?: number;
  readonly hostCpuNs?: number;
  readonly wasmCpuNs?: number;
  /** Bytes of the guest's memory, now and at most. */
  readonly memoryBytes: number;
  readonly memoryPeakBytes: number;
  /** Bytes that went through its standard streams. */
  readonly stdinBytes: number;
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
  /** Whether it is in the middle of a call. */
  readonly running: boolean;
}

/** What a call is billed by. Frozen, and the same once more when it went through JSON. */
export interface Receipt {
  /** Of the form of receipts. */
  readonly version: 1;
  /** "sha256:" and the hash of the binary module, in hexadecimal. */
  readonly module: string;
  /** The export that was called. */
  readonly export: string;
  /** Bytes that were copied into the guest: texts and bytes of arguments, standard input, arguments and variables. */
  readonly inputBytes: number;
  /** Instructions that the guest executed. */
  readonly instructions: number;
  /** Most bytes of memory that the guest had. */
  readonly memoryPeakBytes: number;
  /** The prices that `instructions` were counted by, if they were given. */
  readonly costs?: Costs;
  /** How the call ended. */
  readonly outcome: 'ok' | ErrorCode;
}

/** What a program is given, and what it is held to. Its grants are the usual set of WASI and what stands here. */
export interface RunOptions extends Omit<Grants, 'wasi' | 'stdin' | 'plugins'>, Omit<InstanceOptions, 'grants'> {
  /** What of `plugins` the program gets: `grants.plugins` of an instance. Default: nothing. */
  pluginGrants?: PluginGrants | undefined;
  /** What the program is called, its first argument. Default: the name of the file, or "main.wasm". */
  name?: string | undefined;
  /** Standard input; for `run` also a Readable, which is read as the program reads, and left open. */
  stdin?: Input | ReadableStreamLike | undefined;
  /** Decodes `stdout` and `stderr` of the result. Default: none, they are Buffers. */
  encoding?: 'utf8' | 'utf-8' | undefined;
  /** `run` only: stops the program; run rejects with the signal's reason. */
  signal?: AbortSignalLike | undefined;
}

/** A Buffer of Node.js. Stands for the class, so that no other types are needed. */
export interface BufferLike extends Uint8Array {
  toString(encoding?: string, start?: number, end?: number): string;
}

/** An AbortSignal. Stands for the class, so that no other types are needed. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason: any;
  addEventListener(type: string, listener: (...args: any[]) => any, options?: any): any;
  removeEventListener(type: string, listener: (...args: any[]) => any): any;
}

/** How a program ended. */
export interface RunResult<Output = BufferLike> {
  /** 0, or the status that it gave to WASI's proc_exit: an integer of 32 bits. */
  readonly exitCode: number;
  /** What was gathered; empty where the output went somewhere else. */
  readonly stdout: Output;
  readonly stderr: Output;
  readonly stats: InstanceStats;
  /** With `metering`. */
  readonly receipt?: Receipt;
}

/**
 * Runs a program, a module with a `_start`, on a thread of its own, from a fresh instance to its end. An exit is a result
 * whatever its status. What the program wrote so far and used is also on the error when it fails.
 *
 * Errors: those of `Module.load` and of instances; ERR_TIMEOUT, ERR_FUEL, ERR_OUTPUT_LIMIT, ERR_TRAP, ERR_PANIC;
 * ERR_EXPORT_MISSING if it is no program. What a function or stream of the options throws comes out as it is.
 *
 * @example
 * const { exitCode, stdout } = await run('sort.wasm', { stdin: text, limits: { timeoutMs: 500 }, encoding: 'utf8' });
 */
export function run(
  source: ModuleSource | Module,
  options: RunOptions & ModuleOptions & { encoding: 'utf8' | 'utf-8' },
): Promise<RunResult<string>>;
/** The same, with Buffers. */
export function run(source: ModuleSource | Module, options?: RunOptions & ModuleOptions): Promise<RunResult>;

/** The same on this thread, which waits. Standard input cannot be a Readable, and there is no signal. */
export function runSync(
  source: ModuleSource | Module,
  options: RunOptions & ModuleOptions & { encoding: 'utf8' | 'utf-8' },
): RunResult<string>;
/** The same, with Buffers. */
export function runSync(source: ModuleSource | Module, options?: RunOptions & ModuleOptions): RunResult;

/**
 * What an export takes and gives, in words:
 *
 * ```text
 * signature = "(" [ param { "," param } ] ")" [ "->" result ]
 * param     = [ name ":" ] type
 * result    = type | "()" | "(" type { "," type } ")" | "result<" result ">"
 * type      = base [ "?" ]
 * ```
 *
 * | Type | In JavaScript |
 * |---|---|
 * | `bool` | boolean |
 * | `i8` `u8` `i16` `u16` `i32` `u32` | number, an integer of that range |
 * | `i64` `u64` `i128` `u128` | bigint of that range |
 * | `f32` `f64` | number |
 * | `char` | string of one character (one Unicode scalar value) |
 * | `string` | string; a lone surrogate reaches the guest as U+FFFD |
 * | `bytes`, the same as `u8[]` | Uint8Array; as an argument also an ArrayBuffer or any view of one |
 * | `i8[]` `u8clamped[]` `i16[]` … `u64[]` `f32[]` `f64[]` | the typed array of that name |
 * | `v128` | Uint8Array of 16 bytes |
 * | `externref` | any value |
 * | `funcref` | null, or a function of the same instance |
 * | `T?` | as T, or undefined (null too, as an argument); trailing ones may be left out |
 * | `()`, or no result | undefined |
 * | `(A, B)` as a result | array of the values |
 * | `result<T>` as a result | as T; a Rust `Err` is thrown as ERR_GUEST_ERROR (wasm-bindgen modules only) |
 *
 * White space is free between words; names are for messages only. Text and bytes need a guest with an allocator
 * (`__wbindgen_malloc`, or `malloc`). Errors: ERR_SIGNATURE_SYNTAX, ERR_SIGNATURE_UNKNOWN (no such export),
 * ERR_SIGNATURE_MISMATCH (does not fit the wasm type).
 *
 * @example
 * Module.load('search.wasm', { signatures: { find: '(text: string, limit: u32?) -> result<string>' } });
 */
export type Signature = string;

/** A value type of WebAssembly; "ref" stands for all reference types besides the two that are named. */
export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128' | 'funcref' | 'externref' | 'ref';

/** Type of a function or tag at the level of WebAssembly. */
export interface FunctionType {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** Type of a memory. `minimum` and `maximum` are in 64 KiB pages; no `maximum`: as far as the address space goes. */
export interface MemoryType {
  readonly minimum: number;
  readonly maximum?: number;
  readonly shared?: true;
  /** Set for memories with 64-bit addresses. */
  readonly address?: 'i64';
}

/** Type of a table. `minimum` and `maximum` are in elements. */
export interface TableType {
  readonly element: ValueType;
  readonly minimum: number;
  readonly maximum?: number;
  /** Set for tables with 64-bit indices. */
  readonly address?: 'i64';
}

/** Type of a global. */
export interface GlobalType {
  readonly value: ValueType;
  readonly mutable: boolean;
}

/** The kinds of imports and exports, each with its type. */
export type ExternType =
  | { readonly kind: 'function'; readonly type: FunctionType }
  | { readonly kind: 'memory'; readonly type: MemoryType }
  | { readonly kind: 'table'; readonly type: TableType }
  | { readonly kind: 'global'; readonly type: GlobalType }
  | { readonly kind: 'tag'; readonly type: FunctionType };

/** One export of a module. Frozen. */
export type ExportDescriptor = ExternType & {
  readonly name: string;
  /** How `exports` calls it, if that is known: see {@link Signature}. Otherwise it is called with its wasm type. */
  readonly signature?: string;
  /** Why `exports` cannot call it; a call throws ERR_EXPORT_UNSUPPORTED with this reason. */
  readonly unsupported?: string;
  /** Set for plumbing of the guest's ABI, which `exports` leaves out and `raw` has. */
  readonly internal?: true;
  /** Set if its last parameter, an array, collects the arguments that are left. */
  readonly variadic?: true;
};

/** One import of a module. Frozen. */
export type ImportDescriptor = ExternType & {
  readonly module: string;
  readonly name: string;
};

/** Names of the grants that imports can ask for. */
export type GrantName = 'wasi' | 'args' | 'env' | 'fs' | 'stdin' | 'stdout' | 'stderr' | 'clock' | 'random';

/** A grant of a plugin: `plugins.geo` is all of geo, `plugins.geo.distance` what goes by that. */
export type PluginGrantName = `plugins.${string}`;

/** What `inspect` tells of a module. Frozen. */
export interface ModuleDescription {
  /**
   * "wasm-bindgen" for a module made with it, raw or processed; "wasmgate" for one of the guest crate; "wasm" for any
   * other.
   */
  readonly kind: 'wasm' | 'wasm-bindgen' | 'wasmgate';
  readonly exports: readonly ExportDescriptor[];
  readonly imports: readonly ImportDescriptor[];
  /** What an instance will ask for. */
  readonly needs: {
    /** Whether it imports WASI (`wasi_snapshot_preview1`). */
    readonly wasi: boolean;
    /**
     * The grants that its imports imply: with these an instance is made, as it is with `wasi` for all of them. A
     * function that several grants allow counts for the most likely one.
     */
    readonly grants: readonly GrantName[];
    /**
     * Imports that wasmgate itself does not provide, as "module.name". Functions are for the option `imports`; what is not
     * given there makes an instance fail with ERR_IMPORT_MISSING, and so does anything that is no function.
     */
    readonly missing: readonly string[];
  };
  /** What made the module, by name, with versions where it says so: `{ rustc: '1.63.0', … }`. */
  readonly producers: Readonly<Record<string, string>>;
  /** What it offers to JavaScript, with TypeScript types: what `npx wasmgate types` writes. */
  readonly api: ModuleAPI;
  /** Type of the first memory; null without one. */
  readonly memory: MemoryType | null;
  /** Features of WebAssembly that the compiler says it used, such as `bulk-memory`; empty if it does not say. */
  readonly features: readonly string[];
  /** Size of the binary module in bytes, decompressed. */
  readonly bytes: number;
}

/** A parameter; `type` is a type of TypeScript. */
export interface ParameterDescription {
  readonly name: string;
  readonly type: string;
  readonly optional?: true;
}

/** A function or a method of a module's API. */
export interface FunctionDescription {
  readonly name: string;
  /** Objects that it is nested in, the outermost first. */
  readonly namespace?: readonly string[];
  /** The lines of its documentation. */
  readonly docs: readonly string[];
  readonly parameters: readonly ParameterDescription[];
  /** A type of TypeScript. */
  readonly result: string;
  /** Whether the last parameter collects the arguments that are left. */
  readonly variadic?: true;
  readonly async?: true;
  readonly static?: true;
  /** Whether the object that it is called on is gone afterwards. */
  readonly consumes?: true;
  /** Whether it is given JavaScript's `this` as its first argument. */
  readonly this?: true;
  /** Why it cannot be called. */
  readonly unsupported?: string;
  /** The wasm export behind it. */
  readonly export: string;
}

/** An exported Rust struct. */
export interface ClassDescription {
  readonly name: string;
  readonly namespace?: readonly string[];
  readonly docs: readonly string[];
  /** Whether `exports` leaves it out. */
  readonly private?: true;
  /** Whether its objects show their fields in `JSON.stringify` and `console.log`. */
  readonly inspectable?: true;
  /** Null if objects come from other functions only. */
  readonly constructor: FunctionDescription | null;
  readonly methods: readonly FunctionDescription[];
  readonly properties: readonly PropertyDescription[];
  /** The wasm export that frees an object. */
  readonly free: string;
}

/** A property of a class. */
export interface PropertyDescription {
  readonly name: string;
  /** A type of TypeScript. */
  readonly type: string;
  readonly readonly: boolean;
  readonly static?: true;
  readonly docs: readonly string[];
  readonly getter?: FunctionDescription;
  readonly setter?: FunctionDescription;
}

/** An exported Rust enum: numbers, or strings. */
export interface EnumDescription {
  readonly name: string;
  readonly namespace?: readonly string[];
  readonly docs: readonly string[];
  readonly private?: true;
  readonly variants: readonly { readonly name: string; readonly value: number; readonly docs: readonly string[] }[];
}

/** A type of strings. */
export interface StringEnumDescription {
  readonly name: string;
  readonly docs: readonly string[];
  readonly values: readonly string[];
}

/** What a module offers to JavaScript. */
export interface ModuleAPI {
  readonly functions: readonly FunctionDescription[];
  readonly classes: readonly ClassDescription[];
  readonly enums: readonly EnumDescription[];
  readonly stringEnums: readonly StringEnumDescription[];
  /** Declarations of TypeScript that the module brings along. */
  readonly typescript: readonly string[];
}

/**
 * Describes a module without compiling it; of a raw wasm-bindgen module the descriptors are interpreted. Takes what `Module.load` takes, or a module.
 *
 * Errors: those of `Module.load`. Blocks the thread; costs a validation of the whole module.
 *
 * @example
 * const { kind, needs } = inspect('greet_bg.wasm');
 */
export function inspect(source: ModuleSource | Module, options?: ModuleOptions): ModuleDescription;

/**
 * Compiled code, from which any number of instances can be made. Immutable; compiling is what costs, so load once
 * and keep it.
 *
 * It belongs to the thread that loaded it; a worker loads its own. Closed by `close`, by `using`, or, when nobody
 * refers to it any more, by the garbage collector.
 *
 * @example
 * const module = Module.load('greet_bg.wasm');
 * new Instance(module).exports.say('Ada'); // 'hello Ada'
 */
export class Module {
  private constructor();

  /**
   * Compiles a module. Blocks the thread while it does: milliseconds for a small module, seconds for one of tens
   * of megabytes.
   *
   * Errors: ERR_SOURCE_TYPE, ERR_SOURCE_READ (with `errno`, `path`), ERR_SOURCE_FORMAT, ERR_SOURCE_TOO_LARGE,
   * ERR_SOURCE_COMPRESSION, ERR_TEXT_SYNTAX, ERR_MODULE_INVALID, ERR_MODULE_UNSUPPORTED, ERR_IMPORT_MISSING (an
   * import of the wrong type), ERR_OUT_OF_MEMORY, and ERR_OPTION_* and ERR_SIGNATURE_* about the options.
   */
  static load(source: ModuleSource, options?: ModuleOptions): Module;

  /**
   * Does the same on threads of its own, at most two modules at a time; bytes are copied first.
   *
   * Errors: those of `load`, as a rejection.
   */
  static loadAsync(source: ModuleSource, options?: ModuleOptions): Promise<Module>;

  /** The exports, in the order of the module. Readable after `close` too. */
  readonly exports: readonly ExportDescriptor[];

  /** The imports, in the order of the module. Readable after `close` too. */
  readonly imports: readonly ImportDescriptor[];

  /** Whether `close` has been called. */
  readonly closed: boolean;

  /**
   * Gives the module up: `new Instance(module)` fails with ERR_CLOSED from now on. Instances that exist live on, and
   * the compiled code with them. Does nothing the second time.
   */
  close(): void;

  /** The same as `close`, for `using`. */
  [Symbol.dispose](): void;
}

// ---- Instances

/** What may cross into and out of a guest, apart from arrays of results. See {@link Signature} for which is which. */
export type Value =
  | number
  | bigint
  | boolean
  | string
  | undefined
  | null
  | ArrayBuffer
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array
  | DataView;

/**
 * The exports of an instance whose module is not described by a type parameter. Arguments and results are not known: any.
 * An externref takes any value.
 */
export type AnyExports = Record<string, (...args: any[]) => any>;

/** The names in `Exports` that are functions. */
export type FunctionNames<Exports> = {
  [Name in keyof Exports]: Exports[Name] extends (...args: any[]) => any ? Name : never;
}[keyof Exports] &
  string;

/**
 * A wasm value at the lowest level: i32, f32 and f64 are numbers, i64 a signed bigint, v128 16 bytes. An externref is any
 * value, which keeps its identity; null is the null reference, undefined a value. A funcref is null or a function of the
 * same instance: the one that `exports` has, or `raw` where only that has it (always, for raw modules and those of the
 * guest crate), or one made for a function that is not exported, the same each time. Others are ERR_ARG_TYPE.
 */
export type RawValue = unknown;

/** A function export with its wasm type: undefined for no result, an array for several. */
export type RawFunction = (...args: RawValue[]) => any;

/**
 * What an instance is doing. "poisoned": a wasm-bindgen guest trapped, panicked or exited in the middle of a call
 * and is in an unknown state; calls fail with ERR_POISONED, memory can be read.
 */
export type InstanceState = 'open' | 'calling' | 'poisoned' | 'closed';

/**
 * A sandbox of its own: memory, globals and tables of one module. Nothing of the host can be reached from it.
 *
 * The type parameter says what it exports; nothing checks that at run time. It belongs to the thread that made it and
 * runs one call at a time. Closed by `close`, by `using`, or, when nobody refers to it or to one of its functions any
 * more, by the garbage collector.
 *
 * @example
 * using guest = new Instance<{ say(name: string): string }>(Module.load('greet_bg.wasm'));
 * guest.exports.say('Ada'); // 'hello Ada'
 */
export class Instance<Exports extends object = AnyExports> {
  /**
   * Makes an instance and runs the module's start function and initialisers, if it has any.
   *
   * Errors: ERR_IMPORT_MISSING and ERR_SIGNATURE_* (with `imports`), ERR_CAPABILITY (it imports what is not granted; with
   * `imports` and `grants`), ERR_GRANT_INVALID and ERR_PROFILE (with `option`), ERR_START, ERR_OUT_OF_MEMORY,
   * ERR_CLOSED (the module is closed), ERR_OPTION_*.
   */
  constructor(module: Module, options?: InstanceOptions);

  /** Does the same with a module that it loads itself, as `Module.load` does. Errors: those of both. */
  constructor(source: ModuleSource, options?: ModuleOptions & InstanceOptions);

  /** The module that it was made from. */
  readonly module: Module;

  /**
   * The function exports, with the types of their signatures, or wasm types where there is none; of a raw wasm-bindgen
   * module also its classes and enums. Plumbing of the guest's ABI is left out. A frozen object without a prototype;
   * the same one each time. The functions need no receiver.
   *
   * Errors of a call. About its arguments, before the guest runs: ERR_ARG_COUNT, ERR_ARG_TYPE and ERR_ARG_RANGE (with
   * `argument`), ERR_EXPORT_UNSUPPORTED. About what the guest did: ERR_TRAP (with `trap`, `wasmStack`), ERR_PANIC,
   * ERR_GUEST_ERROR (with `value`), ERR_EXIT (with `exitCode`), ERR_IMPORT_CALLED, ERR_ALLOCATOR; what an import
   * throws comes out as it is. About objects of its classes: ERR_OBJECT_FREED, ERR_OBJECT_FOREIGN. About its result:
   * ERR_RESULT_BOUNDS, ERR_RESULT_UTF8, ERR_RESULT_INVALID, ERR_RESULT_TOO_LARGE. About the instance: ERR_BUSY,
   * ERR_POISONED, ERR_CLOSED.
   */
  readonly exports: Readonly<Exports>;

  /** All function exports, plumbing included, with their wasm types whatever the signatures say. Errors: as above. */
  readonly raw: Readonly<Record<string, RawFunction>>;

  /** The guest's memory, for use with `raw`. The same object each time. */
  readonly memory: Memory;

  /** What the instance is doing. */
  readonly state: InstanceState;

  /** A number of this instance among all of the process, to be sent to other threads: see `stop` and `stats`. */
  readonly id: bigint;

  /** What it has used so far. Readable when it is closed, and from `onMeter`. */
  readonly stats: InstanceStats;

  /** Of the last call; undefined before the first and without `metering`. */
  readonly receipt: Receipt | undefined;

  /** What was gathered of outputs that are `'buffer'`; their limits begin anew. */
  takeOutput(): { stdout: BufferLike; stderr: BufferLike };

  /**
   * The same exports with limits of their own: those that are named replace those of the instance, for each call. With a
   * function: what it calls of this instance before it returns has them, methods of objects too; gives what it gives.
   *
   * Errors: ERR_OPTION_*, ERR_PROFILE.
   */
  with(limits: CallLimits): Pick<Instance<Exports>, 'exports' | 'call'>;
  /** The same limits for all that `action` calls. */
  with<Result>(limits: CallLimits, action: () => Result): Result;

  /**
   * Makes it a fresh instance of its module, with the options that it was made with. Functions and objects that came from
   * it before belong to what is gone: ERR_CLOSED. Gives the instance itself.
   *
   * Errors: ERR_BUSY, ERR_CLOSED, and those of the constructor, after which it is what it was.
   */
  reset(): this;

  /**
   * Stops the call that an instance is in the middle of, on whatever thread, within about a millisecond: it fails with
   * ERR_STOPPED. False if there is no instance of that `id`. Errors: ERR_ARG_TYPE.
   */
  static stop(id: bigint): boolean;

  /**
   * What an instance of any thread has used, at most about a millisecond old while it runs with a limit or meter; undefined
   * if there is none of that `id`. Errors: ERR_ARG_TYPE.
   */
  static stats(id: bigint): InstanceStats | undefined;

  /** Calls an export by its name. Errors: ERR_EXPORT_MISSING, with the nearest name, and those of `exports`. */
  call<Name extends FunctionNames<Exports>>(
    name: Name,
    ...args: Exports[Name] extends (...args: infer Args) => any ? Args : never
  ): Exports[Name] extends (...args: any[]) => infer Result ? Result : never;

  /**
   * Releases memory and everything else at once; calls fail with ERR_CLOSED from now on. Does nothing the second time.
   *
   * Errors: ERR_BUSY (in the middle of a call).
   */
  close(): void;

  /** The same as `close`, for `using`. */
  [Symbol.dispose](): void;
}

/**
 * Checked copies in and out of a guest's memory: the exported one named "memory", or else the first. Never a view of
 * it: what the guest changes later does not change what was read.
 *
 * Errors of each member: ERR_CLOSED for a closed instance, but for `byteLength`.
 */
export interface Memory {
  /** Bytes of memory now, a multiple of 65536; it can only grow. 0 without a memory, or when closed. */
  readonly byteLength: number;

  /** Copies `length` bytes from address `ptr` on. Errors: ERR_MEMORY_BOUNDS, ERR_ARG_TYPE, ERR_RESULT_TOO_LARGE. */
  read(ptr: number, length: number): Uint8Array;

  /** Copies bytes to address `ptr`. Errors: ERR_MEMORY_BOUNDS (nothing is written), ERR_ARG_TYPE. */
  write(ptr: number, bytes: ArrayBuffer | ArrayBufferView): void;
}

// ---- Errors

/** All codes. They are stable; messages are not. */
export type ErrorCode =
  | 'ERR_INTERNAL'
  | 'ERR_ARG_TYPE'
  | 'ERR_ARG_RANGE'
  | 'ERR_ARG_COUNT'
  | 'ERR_OPTION_UNKNOWN'
  | 'ERR_OPTION_TYPE'
  | 'ERR_OPTION_RANGE'
  | 'ERR_SOURCE_TYPE'
  | 'ERR_SOURCE_READ'
  | 'ERR_SOURCE_FORMAT'
  | 'ERR_SOURCE_TOO_LARGE'
  | 'ERR_SOURCE_COMPRESSION'
  | 'ERR_TEXT_SYNTAX'
  | 'ERR_MODULE_INVALID'
  | 'ERR_MODULE_UNSUPPORTED'
  | 'ERR_SIGNATURE_SYNTAX'
  | 'ERR_SIGNATURE_MISMATCH'
  | 'ERR_SIGNATURE_UNKNOWN'
  | 'ERR_IMPORT_MISSING'
  | 'ERR_IMPORT_CALLED'
  | 'ERR_IMPORT_THREW'
  | 'ERR_ASYNC_IMPORT'
  | 'ERR_CAPABILITY'
  | 'ERR_START'
  | 'ERR_EXPORT_MISSING'
  | 'ERR_EXPORT_UNSUPPORTED'
  | 'ERR_OBJECT_FREED'
  | 'ERR_OBJECT_FOREIGN'
  | 'ERR_TRAP'
  | 'ERR_PANIC'
  | 'ERR_GUEST_ERROR'
  | 'ERR_EXIT'
  | 'ERR_ALLOCATOR'
  | 'ERR_RESULT_BOUNDS'
  | 'ERR_RESULT_UTF8'
  | 'ERR_RESULT_TOO_LARGE'
  | 'ERR_RESULT_INVALID'
  | 'ERR_OUT_OF_MEMORY'
  | 'ERR_MEMORY_BOUNDS'
  | 'ERR_BUSY'
  | 'ERR_CLOSED'
  | 'ERR_POISONED'
  | 'ERR_HANDLE'
  | 'ERR_GRANT_INVALID'
  | 'ERR_TIMEOUT'
  | 'ERR_FUEL'
  | 'ERR_STOPPED'
  | 'ERR_LIMIT'
  | 'ERR_OUTPUT_LIMIT'
  | 'ERR_PROFILE'
  | 'ERR_LINK'
  | 'ERR_EXCEPTION'
  | 'ERR_LOAD'
  | 'ERR_LOAD_VERSION'
  | 'ERR_PLUGIN'
  | 'ERR_PLUGIN_LOAD'
  | 'ERR_PLUGIN_ABI';

/** How a guest trapped. */
export type TrapName =
  | 'stack_overflow'
  | 'memory_out_of_bounds'
  | 'heap_misaligned'
  | 'table_out_of_bounds'
  | 'indirect_call_to_null'
  | 'bad_signature'
  | 'integer_overflow'
  | 'integer_division_by_zero'
  | 'bad_conversion_to_integer'
  | 'unreachable'
  | 'interrupt'
  | 'out_of_fuel'
  | 'atomic_wait_non_shared_memory'
  | 'null_reference'
  | 'array_out_of_bounds'
  | 'allocation_too_large'
  | 'cast_failure'
  | 'other';

/** What errors tell besides their message. Each property is there where it applies. */
export interface ErrorDetails {
  /** Which error it is. */
  code: ErrorCode;
  /** How the guest trapped: ERR_TRAP, ERR_PANIC, ERR_START. */
  trap?: TrapName;
  /** The guest's call stack, one frame a line, the innermost first, with names where the module has them. */
  wasmStack?: string;
  /** Status of WASI's proc_exit: ERR_EXIT, ERR_START. An integer of 32 bits. */
  exitCode?: number;
  /** What the guest gave as its error: ERR_GUEST_ERROR. An Error if that was one. */
  value?: unknown;
  /** Index of the wrong argument, from 0: ERR_ARG_TYPE, ERR_ARG_RANGE. */
  argument?: number;
  /** The export in question: ERR_EXPORT_MISSING, ERR_SIGNATURE_*; `_initialize` or `__wbindgen_start`: ERR_START. */
  export?: string;
  /** The option in question, such as `grants.fs[1].host`: ERR_OPTION_*, ERR_GRANT_INVALID, ERR_PROFILE. */
  option?: string;
  /** The grant that would allow each import: ERR_CAPABILITY. */
  grants?: { import: string; grant: GrantName | PluginGrantName }[];
  /** Index of the character in the signature, from 0: ERR_SIGNATURE_SYNTAX. */
  position?: number;
  /** The imports in question, as "module.name": ERR_IMPORT_MISSING, ERR_CAPABILITY, ERR_ASYNC_IMPORT, wrong results. */
  imports?: string[];
  /** Name of the system's error: ERR_SOURCE_READ. */
  errno?: 'ENOENT' | 'EACCES' | 'EISDIR' | 'EIO';
  /** The file in question: ERR_SOURCE_READ, ERR_PLUGIN_LOAD, ERR_PLUGIN_ABI. */
  path?: string;
  /** The plugin that failed, the import of its function, and what that answered: ERR_PLUGIN. */
  plugin?: string;
  import?: string;
  status?: number;
  /** The limit that applied, in bytes: ERR_SOURCE_TOO_LARGE. */
  maxModuleBytes?: number;
  /** Where the native library was looked for: ERR_LOAD. */
  tried?: string[];
  /** The Go stack: ERR_INTERNAL. */
  goStack?: string;
  /** What was behind it. */
  cause?: unknown;
}

/**
 * What a guest or the engine did wrong. What a caller did wrong is a TypeError or a RangeError with the same
 * properties: see {@link WasmgateError}.
 *
 * @example
 * try { guest.exports.run(); } catch (error) {
 *   if (error instanceof WasmError && error.code === 'ERR_TRAP') console.error(error.trap, error.wasmStack);
 * }
 */
export class WasmError extends Error implements ErrorDetails {
  constructor(message?: string, properties?: Partial<ErrorDetails>);
  name: string;
  code: ErrorCode;
  trap?: TrapName;
  wasmStack?: string;
  exitCode?: number;
  value?: unknown;
  argument?: number;
  export?: string;
  option?: string;
  position?: number;
  grants?: { import: string; grant: GrantName | PluginGrantName }[];
  imports?: string[];
  errno?: 'ENOENT' | 'EACCES' | 'EISDIR' | 'EIO';
  path?: string;
  plugin?: string;
  import?: string;
  status?: number;
  maxModuleBytes?: number;
  tried?: string[];
  goStack?: string;
  cause?: unknown;
}

/** Every error of this package but those of `VM`. */
export type WasmgateError = WasmError | ((TypeError | RangeError) & ErrorDetails);

/** A host function of a plugin. */
export interface PluginFunction {
  /** What a guest imports is `module.name`. */
  readonly module: string;
  readonly name: string;
  /** As the plugin declares it, such as `(u32, bytes) -> u32`. */
  readonly signature: string;
  /** The wasm type of the import, such as `(i32, i32, i32) -> i32`. */
  readonly type: string;
  /** What an instance must be granted: `grants: { plugins: { [plugin.name]: [grant] } }`. */
  readonly grant: string;
}

/**
 * A library with host functions in C, Rust or Go: see docs/plugins.md. It is loaded once per process, whichever thread
 * asks first, and stays loaded.
 */
export class Plugin {
  private constructor();

  /**
   * Loads a shared library. A path is one, relative to the working directory; nothing is searched for. Native code of it
   * runs: load what you trust.
   *
   * Errors: ERR_PLUGIN_LOAD (with `path`) for what is no plugin or refuses, ERR_PLUGIN_ABI for one of another version of
   * the interface, ERR_SOURCE_TYPE.
   */
  static load(path: string | FileURL): Plugin;

  /** The directory of `wasmgate_plugin.h`, for a compiler's `-I`. */
  static readonly include: string;

  /** The real path of the library. */
  readonly path: string;
  /** What the plugin calls itself; grants name it so. */
  readonly name: string;
  /** As the plugin says; empty if it says nothing. */
  readonly version: string;
  /** In the order in which the plugin defines them. */
  readonly functions: readonly PluginFunction[];
}

/**
 * A native object of a plugin that a guest gave to JavaScript. It can be kept, compared and given to a guest, also of
 * another instance; it ends with the instance in which it was made.
 */
export class NativeRef {
  private constructor();

  /** What the plugin calls its type. */
  readonly type: string;
}

export { VM } from './ssvm';
export type { Integer64, VMArgument, VMOptions, VMStatistics } from './ssvm';

export { WebAssembly, createWebAssembly } from './webassembly';
export type { ClosableWebAssembly, NamespaceLimits, NamespaceOptions } from './webassembly';
