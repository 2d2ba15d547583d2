'use strict';

// The classes of a guest's objects (Rust structs with #[wasm_bindgen]). An object here
// is an address there; it is freed by free(), by `using`, or when it is collected.
// Source: the wasm-bindgen binary interface, "Exported structs".

const { codedError, describe } = require('./errors');

/** Given to a constructor instead of arguments to make an object of an address. */
const WRAP = Symbol('wasmgate.wrap');

/** Frees objects that were collected; never in the middle of a call. */
const forgotten = new FinalizationRegistry(({ free, address }) => {
  try {
    free(address, 1);
  } catch {
    // The instance is closed, or unusable: it took the object with it.
  }
});

/** What all objects of guests have in common. Its brand tells them from anything else. */
class GuestObject {
  #class;

  constructor(class_) {
    this.#class = class_;
  }

  static classOf(value) {
    return typeof value === 'object' && value !== null && #class in value ? value.#class : undefined;
  }
}

/** The error for what is no object of the class with an address; `where` begins the message. */
function wrongObject(class_, value, where, properties) {
  const { name } = class_;
  const other = GuestObject.classOf(value);
  if (other === class_) {
    return codedError('ERR_OBJECT_FREED', `${where}: the ${name} was freed, or given to the guest`, properties);
  }
  if (other !== undefined && other.name === name) {
    return codedError('ERR_OBJECT_FOREIGN', `${where}: the ${name} belongs to another instance`, properties);
  }
  const got = other === undefined ? describe(value) : `an object of class ${other.name}`;
  return codedError('ERR_ARG_TYPE', `${where}: expected an object of class ${name}, got ${got}`, properties);
}

/**
 * Makes the class of an entry of the module's api: { name, type (the JavaScript class),
 * wrap(address), unwrap(value, take) }.
 */
function makeClass(state, entry) {
  const class_ = { name: entry.name };
  let construct;
  let free;

  class_.type = {
    [entry.name]: class extends GuestObject {
      #address = 0;

      static {
        const isObject = (value) => typeof value === 'object' && value !== null && #address in value;
        class_.isInstance = isObject;
        class_.hasAddress = (value) => isObject(value) && value.#address !== 0;
        // Addresses go to the guest as numbers of 32 bits with a sign.
        class_.addressOf = (value) => {
          if (!class_.hasAddress(value)) throw wrongObject(class_, value, entry.name);
          return value.#address | 0;
        };
        // The guest owns the object from now on: here it has no address any more.
        class_.takeOf = (value) => {
          const address = class_.addressOf(value);
          value.#address = 0;
          forgotten.unregister(value);
          return address;
        };
      }

      constructor(...args) {
        super(class_);
        this.#address = args[0] === WRAP ? args[1] : make(args);
        forgotten.register(this, { free: (...args) => freeing()(...args), address: this.#address }, this);
      }

      free() {
        if (class_.isInstance(this) && this.#address === 0) return;
        freeing()(class_.addressOf(this), 0);
        // The guest refuses to free an object that it is using: only now it is gone.
        this.#address = 0;
        forgotten.unregister(this);
      }
    },
  }[entry.name];

  function make(args) {
    if (entry.constructor === null) {
      throw codedError('ERR_EXPORT_UNSUPPORTED', `${entry.name}: the class has no constructor`);
    }
    construct ??= variadic(entry.constructor, state.native(entry.constructor.export, true));
    return construct(...args) >>> 0;
  }

  /** (address, whether it may wait until the object is no longer used); old guests do not know the latter. */
  function freeing() {
    if (!state.exports(entry.free)) return () => undefined;
    if (free === undefined) {
      const native = state.native(entry.free, false);
      const old = state.parameters(entry.free) === 1;
      free = old ? (address) => native(address | 0) : (address, delayed) => native(address | 0, delayed);
    }
    return free;
  }

  class_.wrap = (address) => new class_.type(WRAP, address >>> 0);
  class_.problem = (value, name, argument) =>
    wrongObject(class_, value, `${name}: argument ${argument + 1}`, { argument });
  class_.unwrap = (value, take) => (take ? class_.takeOf(value) : class_.addressOf(value));
  addMembers(state, entry, class_);
  return class_;
}

const isTypedArray = (class_) =>
  typeof class_ === 'function' && Object.getPrototypeOf(class_) === Object.getPrototypeOf(Uint8Array);

/** A function whose last parameter collects the arguments that are left. */
function variadic(entry, native) {
  if (!entry.variadic || entry.parameters.length === 0) return native;
  const fixed = entry.parameters.length - 1;
  const array = globalThis[entry.parameters[fixed].type];
  const collect = isTypedArray(array) ? (rest) => array.from(rest) : (rest) => rest;
  return (...args) => native(...args.slice(0, fixed), collect(args.slice(fixed)));
}

/** A method: the native function with the object's address before the arguments. */
function makeMethod(state, entry, class_) {
  let native;
  const bound = () => (native ??= variadicMethod(entry, state.native(entry.export, true)));
  if (entry.static) return (...args) => (native ??= variadic(entry, state.native(entry.export, true)))(...args);
  // An object that the method consumes is taken by the native side, when all arguments are right.
  const receiver = entry.consumes
    ? (value) => {
        class_.addressOf(value);
        return value;
      }
    : class_.addressOf;
  switch (entry.variadic ? -1 : entry.parameters.length) {
    case 0:
      return function () {
        const self = receiver(this);
        return arguments.length === 0 ? bound()(self) : bound()(self, ...arguments);
      };
    case 1:
      return function (a) {
        const self = receiver(this);
        return arguments.length === 1 ? bound()(self, a) : bound()(self, ...arguments);
      };
    case 2:
      return function (a, b) {
        const self = receiver(this);
        return arguments.length === 2 ? bound()(self, a, b) : bound()(self, ...arguments);
      };
    default:
      return function (...args) {
        return bound()(receiver(this), ...args);
      };
  }
}

function variadicMethod(entry, native) {
  if (!entry.variadic) return native;
  const parameters = [{ type: 'number' }, ...entry.parameters];
  return variadic({ variadic: true, parameters }, native);
}

const hidden = (value) => ({ value, writable: true, configurable: true, enumerable: false });

function addMembers(state, entry, class_) {
  const { type } = class_;
  if (Symbol.dispose) Object.defineProperty(type.prototype, Symbol.dispose, hidden(type.prototype.free));
  for (const method of entry.methods) {
    if (method.static && method.name === 'prototype') continue; // no class can have that
    const made = makeMethod(state, method, class_);
    Object.defineProperty(made, 'name', { value: method.name, configurable: true });
    Object.defineProperty(method.static ? type : type.prototype, method.name, hidden(made));
  }
  for (const property of entry.properties) {
    if (property.static && property.name === 'prototype') continue;
    const accessor = (half) =>
      half && makeMethod(state, { ...half, static: property.static, parameters: half.parameters ?? [] }, class_);
    Object.defineProperty(property.static ? type : type.prototype, property.name, {
      get: accessor(property.getter),
      set: accessor(property.setter),
      configurable: true,
      enumerable: false,
    });
  }
  if (entry.inspectable) addInspection(entry, type);
}

/** What #[wasm_bindgen(inspectable)] asks for. */
function addInspection(entry, type) {
  const names = entry.properties.filter((property) => property.getter && !property.static).map(({ name }) => name);
  const look = (object) => Object.fromEntries(names.map((name) => [name, object[name]]));
  const members = {
    toJSON() {
      return look(this);
    },
    toString() {
      return JSON.stringify(this);
    },
    [Symbol.for('nodejs.util.inspect.custom')]() {
      return Object.assign(Object.create({ constructor: this.constructor }), look(this));
    },
  };
  for (const key of Reflect.ownKeys(members)) {
    if (!Object.hasOwn(type.prototype, key)) Object.defineProperty(type.prototype, key, hidden(members[key]));
  }
}

module.exports = { makeClass, variadic };
