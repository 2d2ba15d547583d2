'use strict';

const secret = Symbol('wasmgate.native');

/**
 * An object of a plugin that a guest gave to JavaScript: it can be kept, compared and given back
 * to a guest, and nothing else. `type` is what the plugin calls its type.
 */
class NativeRef {
  #type;

  constructor(key, type) {
    if (key !== secret) throw new TypeError('plugins make these');
    this.#type = type;
  }

  get type() {
    return this.#type;
  }

  /** For the native side. */
  static make(type) {
    return new NativeRef(secret, type);
  }
}

const { make } = NativeRef;
delete NativeRef.make;

module.exports = { NativeRef, make };
