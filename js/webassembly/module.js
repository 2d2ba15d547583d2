'use strict';

const binding = require('../load');
const { describe } = require('../errors');
const { builtinOf, checkBuiltins } = require('./builtins');
const { CompileError, compileFailure } = require('./errors');
const { bytesOf, dictionary, makeInterface, sequence, usvString } = require('./idl');
const { reflected } = require('./types');

/** What the JavaScript API allows: 1 GiB. */
const DOCUMENT = JSON.stringify({ plain: true, maxModuleBytes: 2 ** 30 });

const KEY = Symbol('wasmgate.module');

/** WebAssemblyCompileOptions: which built-in functions and constants a module may import. */
function compileOptions(value, where) {
  const { builtins, importedStringConstants: strings } = read(dictionary(value, where));
  return {
    builtins: builtins === undefined ? [] : sequence(builtins, `${where}: builtins`).map(usvString),
    strings: strings === undefined || strings === null ? undefined : usvString(strings),
  };
}

/** In the order of Web IDL. */
const read = ({ builtins, importedStringConstants }) => ({ builtins, importedStringConstants });

/** The intrinsic that classes of modules have in common; nothing can be made of it. */
class AbstractModuleSource {
  constructor() {
    throw new TypeError('AbstractModuleSource: nothing can be made of this class');
  }

  get [Symbol.toStringTag]() {
    return isModule(this) ? 'WebAssembly.Module' : undefined;
  }
}

/**
 * A compiled module. It belongs to no namespace: all have this class, and an instance of
 * it can be made in each.
 */
class Module {
  #handle;
  #description;
  #options;

  constructor(bytes, options) {
    if (bytes === KEY) {
      [[this.#handle, this.#description], this.#options] = options;
    } else {
      const where = 'WebAssembly.Module()';
      const source = bytesOf(bytes, where);
      this.#options = compileOptions(options, where);
      try {
        [this.#handle, this.#description] = binding.loadModule(DOCUMENT, source);
      } catch (error) {
        throw compileFailure(error, where);
      }
      this.#ready(where);
    }
  }

  #ready(where) {
    this.#description = JSON.parse(this.#description);
    const problem = checkBuiltins(this.#description, this.#options);
    if (problem !== undefined) throw new CompileError(`${where}: ${problem}`);
  }

  static exports(moduleObject) {
    const { description } = internals(moduleObject, 'WebAssembly.Module.exports()');
    return description.exports.map(({ name, kind, type }) => ({ name, kind, type: reflected(kind, type) }));
  }

  static imports(moduleObject) {
    const { description, options } = internals(moduleObject, 'WebAssembly.Module.imports()');
    return description.imports
      .filter((entry) => entry.module !== options.strings && builtinOf(entry, options.builtins) === undefined)
      .map(({ module, name, kind, type }) => ({ module, name, kind, type: reflected(kind, type) }));
  }

  static customSections(moduleObject, sectionName) {
    const where = 'WebAssembly.Module.customSections()';
    const { handle } = internals(moduleObject, where);
    if (arguments.length < 2) throw new TypeError(`${where}: the name of the sections is missing`);
    const name = `${sectionName}`;
    return name.isWellFormed() ? binding.customSections(handle, name) : []; // names are
  }

  /** Makes a module of what the native side compiled on another thread. */
  static made(loaded, options, where) {
    const module = new Module(KEY, [loaded, options]);
    module.#ready(where);
    return module;
  }

  static internals(value, where) {
    if (value === null || typeof value !== 'object' || !(#handle in value)) {
      throw new TypeError(`${where}: expected a WebAssembly.Module, got ${describe(value)}`);
    }
    return { handle: value.#handle, description: value.#description, options: value.#options };
  }

  static isModule(value) {
    return typeof value === 'object' && value !== null && #handle in value;
  }
}

// Not part of the public class.
const { internals, isModule, made } = Module;
delete Module.internals;
delete Module.isModule;
delete Module.made;
Object.defineProperty(Module, 'length', { value: 1 });
makeInterface('Module', Module);
// Not by `extends`, which would call its constructor.
Object.setPrototypeOf(Module, AbstractModuleSource);
Object.setPrototypeOf(Module.prototype, AbstractModuleSource.prototype);

/** Compiles on another thread. What is wrong with the arguments is thrown at once. */
async function compile(bytes, options, where) {
  const source = bytesOf(bytes, where);
  const settings = compileOptions(options, where);
  let loaded;
  try {
    loaded = await binding.loadModuleAsync(DOCUMENT, source);
  } catch (error) {
    throw compileFailure(error, where);
  }
  return made(loaded, settings, where);
}

function validate(bytes, options, where) {
  const source = bytesOf(bytes, where);
  const settings = compileOptions(options, where);
  if (settings.builtins.length === 0 && settings.strings === undefined) return binding.validate(source);
  try {
    made(binding.loadModule(DOCUMENT, source), settings, where);
    return true;
  } catch {
    return false;
  }
}

module.exports = { Module, compile, internals, isModule, validate };
