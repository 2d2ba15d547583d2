'use strict';

const binding = require('../load');
const { tableModule } = require('./assemble');
const { dictionary, enforceAddress, limitsOf, limitsType, makeInterface, oneOf } = require('./idl');
const { parseType, readLimits } = require('./types');
const { codecOf, defaultOf } = require('./values');

const KEY = Symbol('wasmgate.table');

/** TableKind, and the types of wasm. */
const KINDS = { anyfunc: 'funcref', externref: 'externref', funcref: 'funcref' };

/** The most elements of a table that the JavaScript API allows. */
const MOST = 10_000_000;

/** TableDescriptor, checked. */
function descriptorOf(value) {
  const where = 'WebAssembly.Table()';
  const descriptor = dictionary(value, where);
  const type = limitsOf(descriptor, where, (read) => {
    read.element = parseType(KINDS[oneOf(descriptor.element, Object.keys(KINDS), `${where}: element`)]);
  });
  if (type.initial > MOST) {
    throw new RangeError(`${where}: initial: ${type.initial} elements are more than ${MOST}`);
  }
  return type;
}

/** The class Table of a space, and the ways in and out of it for the other classes. */
function makeTable(space) {
  class Table {
    #id;
    #is64;
    #type;
    #codec;

    constructor(descriptor, value) {
      const made = descriptor === KEY;
      const type = made ? value : descriptorOf(descriptor);
      this.#type = type;
      this.#is64 = type.address === 'i64';
      this.#codec = type.element.letter === undefined ? undefined : codecOf(space, type.element);
      if (made) {
        this.#id = arguments[2];
        return;
      }
      const checked = this.#checked(arguments.length > 1, value);
      this.#id = create(space, type);
      // The engine makes tables of nulls, but fills what it adds.
      if (this.#grow(type.initial, checked) === undefined) {
        throw new RangeError(`WebAssembly.Table(): there is no memory for ${type.initial} elements`);
      }
      space.register(this.#id, this);
    }

    get length() {
      return this.#number(binding.tableSize(space.handle, this.#id));
    }

    grow(delta, value) {
      const by = enforceAddress(delta, this.#is64, 'WebAssembly.Table.grow(): delta');
      const checked = this.#checked(arguments.length > 1, value);
      const before = this.#length + Number(by) > MOST ? undefined : this.#grow(by, checked);
      if (before === undefined) throw new RangeError(`WebAssembly.Table.grow(): the table cannot grow by ${by}`);
      return this.#number(before);
    }

    get(index) {
      this.#crosses();
      const i = enforceAddress(index, this.#is64, 'WebAssembly.Table.get(): index');
      if (!binding.tableGet(space.handle, this.#id, i)) throw outside('get', i, this.#length);
      return this.#codec.get(0);
    }

    set(index, value) {
      this.#crosses();
      const i = enforceAddress(index, this.#is64, 'WebAssembly.Table.set(): index');
      const checked = this.#checked(arguments.length > 1, value);
      if (!this.#store(i, checked)) throw outside('set', i, this.#length);
    }

    /** As the proposal for type reflection has it. */
    type() {
      return { element: this.#type.element.text, ...limitsType(this.#type, this.#number(this.#length)) };
    }

    get #length() {
      return binding.tableSize(space.handle, this.#id);
    }

    #number(size) {
      return this.#is64 ? BigInt(size) : size;
    }

    #crosses() {
      if (this.#codec !== undefined) return;
      throw new TypeError(`WebAssembly.Table: elements of type ${this.#type.element.text} cannot cross to JavaScript`);
    }

    /** An element, checked; the default one if none is given. */
    #checked(given, value) {
      if (given) {
        this.#crosses();
        return this.#codec.check(value);
      }
      const missing = defaultOf(this.#type.element);
      if (missing !== undefined) return missing.value;
      throw new TypeError(`WebAssembly.Table: elements of type ${this.#type.element.text} have no default`);
    }

    #store(i, checked) {
      this.#codec.put(0, checked);
      return binding.tableSet(space.handle, this.#id, i);
    }

    #grow(by, checked) {
      this.#codec?.put(0, checked);
      return binding.tableGrow(space.handle, this.#id, by);
    }

    static unwrap(value) {
      return typeof value === 'object' && value !== null && #id in value ? value.#id : undefined;
    }
  }
  const { unwrap } = Table;
  delete Table.unwrap;
  for (const key of ['grow', 'set']) Object.defineProperty(Table.prototype[key], 'length', { value: 1 });
  Object.defineProperty(Table, 'length', { value: 1 });
  makeInterface('Table', Table);
  const wrap = (id, type, kinds) =>
    space.object(id, () => new Table(KEY, { ...readLimits(type), element: parseType(type.element, kinds) }, id));
  return { Table, wrap, unwrap };
}

function outside(method, index, length) {
  return new RangeError(`WebAssembly.Table.${method}(): index ${index} is outside of the table of ${length} elements`);
}

/** A table without elements. */
function create({ handle }, { element, maximum, address }) {
  if (address === 'i64') return binding.make(handle, tableModule(element, maximum), element.letter);
  return binding.tableNew(handle, element.letter, 0, maximum);
}

module.exports = { makeTable };
