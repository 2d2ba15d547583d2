'use strict';

const binding = require('../load');
const { describe } = require('../errors');
const { valueType } = require('./global');
const { makeHost } = require('./hosts');
const { dictionary, makeInterface, sequence } = require('./idl');
const { makeSignature } = require('./types');

/** FunctionType, checked: the names of its types. */
function typeOf(value) {
  const where = 'WebAssembly.Function()';
  const descriptor = dictionary(value, where);
  const texts = (key) => sequence(descriptor[key], `${where}: ${key}`).map((type) => valueType(type, where).text);
  return { parameters: texts('parameters'), results: texts('results') };
}

/**
 * The class Function of a space, from the proposal for type reflection: the functions that
 * it exports, and those of JavaScript with a type of wasm.
 */
function makeFunction(space) {
  const class_ = class {
    static name = 'Function';

    constructor(type, callable) {
      const texts = typeOf(type);
      if (typeof callable !== 'function') {
        throw new TypeError(`WebAssembly.Function(): expected a function, got ${describe(callable)}`);
      }
      const signature = makeSignature(texts);
      const known = space.functionSignature(callable);
      if (known !== undefined) return same(callable, known, signature);
      if (signature.plan === undefined) {
        throw new TypeError('WebAssembly.Function(): values of type v128 cannot cross to JavaScript');
      }
      const place = space.place(makeHost(space, callable, signature));
      const id = binding.hostFunctionOf(space.handle, place, signature.plan);
      return space.function(id, () => ({ signature, name: callable.name }));
    }

    type() {
      const signature = space.functionSignature(this);
      if (signature === undefined) {
        throw new TypeError('WebAssembly.Function.type(): expected a function of this namespace');
      }
      const texts = (types) => types.map(({ text }) => text);
      return { parameters: texts(signature.parameters), results: texts(signature.results) };
    }
  };
  makeInterface('Function', class_);
  Object.defineProperty(class_, 'name', { value: 'Function', writable: false, enumerable: false });
  Object.setPrototypeOf(class_, Function);
  Object.setPrototypeOf(class_.prototype, Function.prototype);
  return class_;
}

/** A function of wasm has its type already. */
function same(callable, known, wanted) {
  const text = ({ parameters, results }) => [parameters, results].map((types) => types.map((type) => type.text));
  if (String(text(known)) === String(text(wanted)) && known.plan === wanted.plan) return callable;
  throw new TypeError('WebAssembly.Function(): the function is one of WebAssembly and has another type');
}

module.exports = { makeFunction };
