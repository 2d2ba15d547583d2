'use strict';

const binding = require('../load');
const { dictionary, makeInterface, oneOf } = require('./idl');
const { parseType } = require('./types');
const { codecOf, defaultOf } = require('./values');

const KEY = Symbol('wasmgate.global');

/** ValueType, and the types of wasm. */
const VALUE_TYPES = { anyfunc: 'funcref', funcref: 'funcref' };
for (const name of ['i32', 'i64', 'f32', 'f64', 'v128', 'externref']) VALUE_TYPES[name] = name;

/** The type that a text of JavaScript names. */
const valueType = (value, where) => parseType(VALUE_TYPES[oneOf(value, Object.keys(VALUE_TYPES), where)]);

/** GlobalDescriptor, checked. */
function descriptorOf(value) {
  const where = 'WebAssembly.Global()';
  const { mutable, value: type } = read(dictionary(value, where));
  return { mutable: Boolean(mutable), type: valueType(type, `${where}: value`) };
}

/** In the order of Web IDL. */
const read = ({ mutable, value }) => ({ mutable, value });

/** The class Global of a space, and the ways in and out of it for the other classes. */
function makeGlobal(space) {
  class Global {
    #id;
    #type;
    #mutable;
    #codec;

    constructor(descriptor, value) {
      const made = descriptor === KEY;
      const { type, mutable } = made ? value : descriptorOf(descriptor);
      this.#type = type;
      this.#mutable = mutable;
      if (type.letter !== undefined) this.#codec = codecOf(space, type);
      if (made) {
        this.#id = arguments[2];
        return;
      }
      this.#crosses();
      const { handle } = space;
      const checked = value === undefined ? this.#codec.check(defaultOf(type).value) : this.#codec.check(value);
      this.#codec.put(0, checked);
      this.#id = binding.globalNew(handle, type.letter, mutable);
      space.register(this.#id, this);
    }

    get value() {
      return this.#read();
    }

    set value(value) {
      this.#crosses();
      if (!this.#mutable) throw new TypeError('WebAssembly.Global: the value of an immutable global cannot be set');
      const checked = this.#codec.check(value);
      const { handle } = space;
      this.#codec.put(0, checked);
      binding.globalSet(handle, this.#id);
    }

    valueOf() {
      return this.#read();
    }

    /** As the proposal for type reflection has it. */
    type() {
      return { mutable: this.#mutable, value: this.#type.text };
    }

    #read() {
      this.#crosses();
      binding.globalGet(space.handle, this.#id);
      return this.#codec.get(0);
    }

    #crosses() {
      if (this.#codec !== undefined) return;
      throw new TypeError(`WebAssembly.Global: a value of type ${this.#type.text} cannot cross to JavaScript`);
    }

    static unwrap(value) {
      return typeof value === 'object' && value !== null && #id in value ? value.#id : undefined;
    }
  }
  const { unwrap } = Global;
  delete Global.unwrap;
  Object.defineProperty(Global, 'length', { value: 1 });
  makeInterface('Global', Global);
  const wrap = (id, { value, mutable }, kinds) =>
    space.object(id, () => new Global(KEY, { type: parseType(value, kinds), mutable: mutable === true }, id));
  return { Global, wrap, unwrap };
}

module.exports = { makeGlobal, valueType };
