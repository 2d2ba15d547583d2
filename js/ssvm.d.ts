// The entry "wasmgate/ssvm": what files generated for SSVM require, under the name that they require it by.

import type { ErrorCode, Instance } from './index';

/** What a guest of SSVM can be given. */
export type VMArgument = number | bigint | string | Uint8Array;

/** Options of `VM`. Unknown keys, and keys with a value of the wrong type, are ignored, as they were. */
export interface VMOptions {
  /**
   * Arguments of the guest after its program name. A number becomes the decimal text of its unsigned 32-bit value,
   * bytes have to be UTF-8. `Start` leaves out the first two, which are node and the script in `process.argv`.
   * Default: none.
   */
  args?: readonly (string | number | Uint8Array)[] | undefined;
  /** Environment of the guest, such as `process.env`. Default: empty, so that it sees nothing of the host's. */
  env?: { readonly [name: string]: string | undefined } | undefined;
  /** Directories for the guest to read and write: its path to the host's. Default: none. */
  preopens?: Readonly<Record<string, string>> | undefined;
  /** The module is a program: `Start` is to be called and `Run*` fails. Default: false. */
  EnableWasiStartFunction?: boolean | undefined;
  /** Whether `RunInt64` and `RunUInt64` return a bigint. Default: false, as generated files compare with numbers. */
  bigint?: boolean | undefined;
  /** Accepted and without effect. */
  EnableAOT?: boolean | undefined;
  /** Whether `GetStatistics` has numbers: the guest's instructions are counted. Default: false. */
  EnableMeasurement?: boolean | undefined;
  /** Accepted and without effect: no command can be run. */
  AllowCommands?: readonly string[] | undefined;
  /** Accepted and without effect: no command can be run. */
  AllowAllCommands?: boolean | undefined;
}

type Wide<Bigint> = Bigint extends true ? bigint : number;

/** What `RunInt64` and `RunUInt64` return under these options. */
export type Integer64<Options> = Options extends { bigint?: infer Bigint } ? Wide<Bigint> : number;

/** What the last call used, `_initialize` and allocator included. All are 0 before the first. */
export interface VMStatistics {
  /** Whether `EnableMeasurement` was given; without it there is nothing else. */
  Measure: boolean;
  /** Nanoseconds of the call, of which in the guest, and in functions that it imports. */
  TotalExecutionTime?: number;
  WasmExecutionTime?: number;
  HostFunctionExecutionTime?: number;
  /** Instructions that the guest executed. Each costs 1. */
  InstructionCount?: number;
  TotalGasCost?: number;
  /** Instructions per second in the guest. */
  InstructionPerSecond?: number;
}

/**
 * The class of SSVM, as files generated for it use it. New programs: {@link Instance}.
 *
 * Each call makes an instance, runs and closes it: nothing of the guest survives. WASI is always given, with the three
 * standard streams of the process. The module is compiled at the first call and kept. All calls block the thread.
 *
 * Every error is a plain Error with the code "Error" and one of SSVM's messages; its `cause` says more and has a code
 * of {@link ErrorCode}. After any error the object can be used again.
 *
 * Arguments of `Run*`, apart from the 64-bit methods: a number becomes an i32 modulo 2^32, fractions cut; text and
 * bytes a place in guest memory. Parameters of type i64, f32 or f64 get their values as they are.
 *
 * @example
 * const vm = new VM('pkg/hello_bg.wasm', { args: process.argv, env: process.env });
 * vm.RunString('say', 'Ada'); // 'hello Ada'
 */
export class VM<Options extends VMOptions = {}> {
  /**
   * Remembers a module and options; runs nothing. A path is opened at the first call; bytes are copied.
   *
   * Errors: "Expected a Wasm file or a Wasm binary sequence.", "Input Wasm is not a valid Uint8Array or not a valid
   * file path.", "Unknown bytecode format.", "Parse options failed."
   */
  constructor(wasm: string | Uint8Array, options?: Options);

  /**
   * Runs the program, that is, its export `_start`.
   *
   * Returns its exit status, 0 if it just ended. A trap throws "SSVM execution failed".
   */
  Start(): number;

  /**
   * Calls an export and drops its result.
   *
   * Errors: "Wasm bytecode/file cannot be loaded correctly.", "Wasm bytecode/file failed at validation stage.",
   * "Wasm bytecode/file cannot be instantiated.", "Initialize wasi reactor mode failed", "Failed to call wasm-bindgen
   * helper function __wbindgen_malloc" (or `__wbindgen_free`), "Unsupported argument type", "SSVM execution failed"
   * (a trap, no such export, arguments that do not fit, an exit).
   */
  Run(name: string, ...args: VMArgument[]): void;

  /** Calls an export with an i32 result, read as signed. Errors: those of `Run`. */
  RunInt(name: string, ...args: VMArgument[]): number;

  /** Calls an export with an i32 result, read as unsigned. Errors: those of `Run`. */
  RunUInt(name: string, ...args: VMArgument[]): number;

  /**
   * Calls an export with a 64-bit result, read as signed. A number among the arguments is cut to an integer and
   * clamped to 64 bits. Without the option `bigint` a result beyond 2^53 is rounded.
   *
   * Errors: those of `Run`, and "SSVM-Napi implementation error: unknown integer type" (no memory for the result).
   */
  RunInt64(name: string, ...args: VMArgument[]): Integer64<Options>;

  /** Calls an export with a 64-bit result, read as unsigned; else as `RunInt64`. */
  RunUInt64(name: string, ...args: VMArgument[]): Integer64<Options>;

  /**
   * Calls an export with a text result; what is not UTF-8 becomes U+FFFD.
   *
   * Errors: those of `Run`, and "Access to forbidden memory address when retrieving address and length of result
   * data".
   */
  RunString(name: string, ...args: VMArgument[]): string;

  /** Calls an export with a byte result, which is a copy. Errors: those of `RunString`. */
  RunUint8Array(name: string, ...args: VMArgument[]): Uint8Array;

  /** What the last call used. */
  GetStatistics(): VMStatistics;
}
