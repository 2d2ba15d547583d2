/// <reference lib="esnext.disposable" />

/** Limits of a namespace; what is not given has none but those of the JavaScript API. */
export interface NamespaceLimits {
  /** Bytes of each memory. Growing past them gives -1 or a RangeError; an instance that begins with more fails. */
  memoryBytes?: number | undefined;
  /** Elements of each table, likewise. */
  tableElements?: number | undefined;
  /** Instances that may be made, those that failed too: all live as long as the namespace. At least 1. */
  instances?: number | undefined;
  /** Milliseconds that a call, or a start function, may take before it is stopped with a RuntimeError (ERR_TIMEOUT). */
  timeoutMs?: number | undefined;
}

export interface NamespaceOptions {
  limits?: NamespaceLimits | undefined;
}

/** A namespace that can be closed. */
export type ClosableWebAssembly = typeof WebAssembly & {
  /**
   * Frees all instances, memories and tables of the namespace, and detaches buffers. What is left of it fails with
   * ERR_CLOSED from then on. Closing twice is nothing; in the middle of a call it is ERR_BUSY.
   */
  close(): void;
  readonly closed: boolean;
  [Symbol.dispose](): void;
};

/**
 * A further namespace: classes, limits and memory of its own, all of which is returned when it is closed or collected.
 * `Module` and the error classes are those of {@link WebAssembly}, so that a module is compiled once.
 *
 * Errors: ERR_OPTION_*.
 *
 * @example
 * using sandbox = createWebAssembly({ limits: { memoryBytes: 64 << 20, timeoutMs: 100 } });
 * const { exports } = new sandbox.Instance(module, imports);
 */
export function createWebAssembly(options?: NamespaceOptions): ClosableWebAssembly;

/**
 * The JavaScript API of the WebAssembly specification on the engine of this package: docs/webassembly.md. All instances
 * of the namespace share a store and live as long as it does, which is as long as the thread.
 */
export namespace WebAssembly {
  /** Bytes of a binary module: copied if the call does not end at once. */
  type BufferSource = ArrayBufferLike | ArrayBufferView;
  type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128' | 'externref' | 'funcref' | 'anyfunc';
  type TableKind = 'externref' | 'funcref' | 'anyfunc';
  type ImportExportKind = 'function' | 'table' | 'memory' | 'global' | 'tag';
  /** Functions, memories, tables, globals, tags, or numbers and references for immutable globals. */
  type ImportValue = any;
  type ModuleImports = Record<string, ImportValue>;
  type Imports = Record<string, ModuleImports>;
  type Exports = Record<string, any>;

  /** A Response of fetch. Stands for the class, so that no other types are needed. */
  interface ResponseLike {
    readonly ok: boolean;
    readonly status: number;
    readonly headers: { get(name: string): string | null };
    arrayBuffer(): Promise<ArrayBuffer>;
  }

  interface CompileOptions {
    /** Sets of functions that the module may import without anybody's giving them: `'js-string'`. Default: none. */
    builtins?: Iterable<string> | undefined;
    /** Name of the module from which each name can be imported as a string. Default: none. */
    importedStringConstants?: string | null | undefined;
  }

  interface FunctionType {
    parameters: Iterable<ValueType>;
    results: Iterable<ValueType>;
  }

  interface MemoryDescriptor {
    /** In pages of 64 KiB: bigints if `address` is 'i64'. `minimum` is another name of it. */
    initial?: number | bigint;
    minimum?: number | bigint;
    maximum?: number | bigint;
    /** Shared memories need a maximum. Default: false. */
    shared?: boolean;
    address?: 'i32' | 'i64';
  }

  interface TableDescriptor {
    element: TableKind;
    /** In elements, at most 10,000,000: bigints if `address` is 'i64'. `minimum` is another name of it. */
    initial?: number | bigint;
    minimum?: number | bigint;
    maximum?: number | bigint;
    address?: 'i32' | 'i64';
  }

  interface GlobalDescriptor {
    value: ValueType;
    mutable?: boolean;
  }

  interface TagType {
    parameters: Iterable<ValueType>;
  }

  interface MemoryLimits {
    minimum: number | bigint;
    maximum?: number | bigint;
    shared: boolean;
    address?: 'i64';
  }

  interface TableLimits {
    element: string;
    minimum: number | bigint;
    maximum?: number | bigint;
    address?: 'i64';
  }

  /** Types of a description name value types by their text, `(ref null 3)` too. */
  type DescribedType =
    { parameters: string[]; results?: string[] } | { value: string; mutable: boolean } | MemoryLimits | TableLimits;

  interface ModuleExportDescriptor {
    name: string;
    kind: ImportExportKind;
    type: DescribedType;
  }

  interface ModuleImportDescriptor extends ModuleExportDescriptor {
    module: string;
  }

  interface WebAssemblyInstantiatedSource {
    module: Module;
    instance: Instance;
  }

  /** A compiled module, of no namespace. Throws CompileError. It cannot be sent to a worker: send the bytes. */
  class Module {
    constructor(bytes: BufferSource, options?: CompileOptions);
    static exports(module: Module): ModuleExportDescriptor[];
    static imports(module: Module): ModuleImportDescriptor[];
    /** Copies of the custom sections of that name. */
    static customSections(module: Module, sectionName: string): ArrayBuffer[];
  }

  /** Throws LinkError if an import does not fit, TypeError if it is missing, and what a start function throws. */
  class Instance {
    constructor(module: Module, importObject?: Imports);
    readonly exports: Exports;
  }

  class Memory {
    constructor(descriptor: MemoryDescriptor);
    /** The memory itself. Detached when it grows (a shared one gets a further buffer), and when the namespace closes. */
    readonly buffer: ArrayBuffer;
    /** Gives the pages before. Throws RangeError. */
    grow<T extends number | bigint>(delta: T): T;
    toFixedLengthBuffer(): ArrayBuffer;
    type(): MemoryLimits;
  }

  class Table {
    constructor(descriptor: TableDescriptor, value?: any);
    readonly length: number;
    get(index: number | bigint): any;
    set(index: number | bigint, value?: any): void;
    /** Gives the elements before. Throws RangeError. */
    grow<T extends number | bigint>(delta: T, value?: any): T;
    type(): TableLimits;
  }

  class Global {
    constructor(descriptor: GlobalDescriptor, value?: any);
    value: any;
    valueOf(): any;
    type(): { value: string; mutable: boolean };
  }

  class Tag {
    constructor(type: TagType);
    type(): { parameters: string[] };
  }

  /** An exception of wasm; not an Error. */
  class Exception {
    constructor(tag: Tag, payload: Iterable<any>, options?: { traceStack?: boolean });
    getArg(tag: Tag, index: number): any;
    is(tag: Tag): boolean;
    readonly stack: string | undefined;
  }

  /** Functions of wasm; `new` gives one of JavaScript a type of wasm. From the proposal for type reflection. */
  const Function: {
    new (type: FunctionType, callable: (...args: any[]) => any): ExportedFunction;
    readonly prototype: ExportedFunction;
  };

  interface ExportedFunction {
    (...args: any[]): any;
    type(): { parameters: string[]; results: string[] };
  }

  /** The tag of what JavaScript throws. */
  const JSTag: Tag;

  class CompileError extends Error {
    constructor(message?: string, options?: { cause?: unknown });
    /** Which error it is, if it is one of the engine. */
    code?: string;
  }

  class LinkError extends Error {
    constructor(message?: string, options?: { cause?: unknown });
    code?: string;
  }

  class RuntimeError extends Error {
    constructor(message?: string, options?: { cause?: unknown });
    /** ERR_TRAP, or ERR_TIMEOUT and ERR_LIMIT for limits; undefined if it is not one of the engine. */
    code?: string;
    /** How the guest trapped. */
    trap?: string;
    /** The guest's call stack, one frame a line, the innermost first. */
    wasmStack?: string;
  }

  /** Whether bytes are a module. */
  function validate(bytes: BufferSource, options?: CompileOptions): boolean;
  /** Compiles on another thread. */
  function compile(bytes: BufferSource, options?: CompileOptions): Promise<Module>;
  function compileStreaming(source: ResponseLike | Promise<ResponseLike>, options?: CompileOptions): Promise<Module>;
  function instantiate(
    bytes: BufferSource,
    importObject?: Imports,
    options?: CompileOptions,
  ): Promise<WebAssemblyInstantiatedSource>;
  function instantiate(module: Module, importObject?: Imports): Promise<Instance>;
  function instantiateStreaming(
    source: ResponseLike | Promise<ResponseLike>,
    importObject?: Imports,
    options?: CompileOptions,
  ): Promise<WebAssemblyInstantiatedSource>;
}
