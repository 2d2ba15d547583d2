'use strict';

const { dictionary, enforceU32, makeInterface, sequence } = require('./idl');
const { codecOf } = require('./values');

const KEY = Symbol('wasmgate.exception');

/** The class Exception of a space, whose tags have the ways in and out that js/webassembly/tag.js gives. */
function makeException(space, tags) {
  const idOf = (tag, where) => {
    const id = tags.unwrap(tag);
    if (id === undefined)
      throw new TypeError(`${where}: the first argument must be a WebAssembly.Tag of this namespace`);
    return id;
  };

  class Exception {
    #tag;
    #signature;
    #payload;
    #stack;

    constructor(exceptionTag, payload, options) {
      if (exceptionTag === KEY) {
        [this.#tag, this.#signature, this.#payload] = payload;
        return;
      }
      const where = 'WebAssembly.Exception()';
      this.#tag = idOf(exceptionTag, where);
      const values = sequence(payload, `${where}: payload`);
      const { traceStack } = dictionary(options, `${where}: options`);
      if (this.#tag === space.jsTag) {
        throw new TypeError(`${where}: an exception of JSTag is the value that JavaScript throws itself`);
      }
      this.#signature = tags.signature(exceptionTag);
      this.#payload = checked(space, values, this.#signature.parameters);
      if (traceStack) {
        const at = {};
        Error.captureStackTrace(at, Exception);
        this.#stack = at.stack;
      }
    }

    getArg(exceptionTag, index) {
      const where = 'WebAssembly.Exception.getArg()';
      const id = idOf(exceptionTag, where);
      const i = enforceU32(index, `${where}: index`);
      if (id !== this.#tag) throw new TypeError(`${where}: the exception has another tag`);
      if (i >= this.#payload.length) {
        throw new RangeError(`${where}: index ${i} is outside of the ${this.#payload.length} values`);
      }
      const { letter, text } = this.#signature.parameters[i];
      if (letter === undefined) throw new TypeError(`${where}: a value of type ${text} cannot cross to JavaScript`);
      return this.#payload[i];
    }

    is(exceptionTag) {
      return idOf(exceptionTag, 'WebAssembly.Exception.is()') === this.#tag;
    }

    get stack() {
      return this.#stack;
    }

    static parts(value) {
      if (typeof value !== 'object' || value === null || !(#tag in value)) return undefined;
      return { id: value.#tag, signature: value.#signature, payload: value.#payload };
    }
  }
  const { parts } = Exception;
  delete Exception.parts;
  Object.defineProperty(Exception, 'length', { value: 2 });
  makeInterface('Exception', Exception);
  const wrap = (id, signature, payload) => new Exception(KEY, [id, signature, payload]);
  return { Exception, wrap, parts };
}

function checked(space, values, types) {
  if (values.length !== types.length) {
    throw new TypeError(`WebAssembly.Exception(): the tag has ${types.length} values, got ${values.length}`);
  }
  return values.map((value, i) => {
    if (types[i].letter !== undefined) return codecOf(space, types[i]).check(value);
    throw new TypeError(`WebAssembly.Exception(): a value of type ${types[i].text} cannot be given by JavaScript`);
  });
}

module.exports = { makeException };
