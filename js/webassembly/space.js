'use strict';

// A space: what all instances of a namespace share. Functions, memories, tables, globals
// and tags are entities of it, known by numbers that are never used twice; here is which
// JavaScript object stands for which.

const { isMainThread } = require('node:worker_threads');
const binding = require('../load');
const { codedError } = require('../errors');
const { makeHeld } = require('../held');
const { runFailure } = require('./errors');
const { makeExported } = require('./functions');
const { GcObjects } = require('./gc');
const { makeSignature } = require('./types');
const { codecOf } = require('./values');

/** Where host functions begin in the array that the native side sees. */
const FIRST_HOST = 10;

/** How many numbers of values are taken at a time. */
const STOCK = 64;

/** How many exceptions that JavaScript threw are remembered. */
const UNDER_WAY = 16;

/** The entries of all exported functions: { space, id, signature }. */
const exported = new WeakMap();

/** Types that have all values of a letter. */
const TYPES = {
  ...{ w: 'i32', l: 'i64', f: 'f32', d: 'f64', v: 'v128' },
  ...{ x: 'externref', a: 'anyref', p: 'funcref', e: 'exnref' },
};

const EXTERN = makeSignature({ parameters: ['externref'] });

class Space {
  #document;
  #handle;
  #closed = false;
  #objects = new Map();
  #tags = new Map();
  #hosts = new Map();
  #instances = [];
  #most;
  #stock = new Uint32Array(STOCK);
  #left = 0;
  #jsTag;
  #passing;
  #underWay = [];

  /** Values that wasm refers to, by number. */
  values = makeHeld();
  /** What the native side sees, and holds weakly. */
  world = [undefined, undefined, undefined, undefined, this.values];
  gc = new GcObjects(this);
  /** Whether something here can catch what JavaScript throws. */
  exceptions = false;

  /** `document` and `limits` say the same; the engine does not count instances. */
  constructor(document, { instances = Infinity } = {}) {
    this.#document = document;
    this.#most = instances;
    while (this.world.length < FIRST_HOST) this.world.push(undefined);
  }

  /** Of the native space, which is opened when it is first needed. */
  get handle() {
    if (this.#handle === undefined) {
      if (this.#closed) throw codedError('ERR_CLOSED', 'the WebAssembly namespace is closed');
      this.#handle = binding.openSpace(this.#document, this.world, !isMainThread);
    }
    return this.#handle;
  }

  get closed() {
    return this.#closed;
  }

  close() {
    if (this.#handle !== undefined) binding.closeSpace(this.#handle);
    this.#closed = true;
    // Whoever still holds the namespace holds nothing else by it.
    this.values.length = 1;
    this.world.length = FIRST_HOST;
    this.#instances = [];
    for (const map of [this.#objects, this.#tags, this.#hosts]) map.clear();
  }

  // ---- Objects

  /** The object of an entity, made by `make` if there is none yet. */
  object(id, make) {
    let object = this.#objects.get(id);
    if (object === undefined) this.#objects.set(id, (object = make()));
    return object;
  }

  /** Says which object stands for an entity that it was made for. */
  register(id, object) {
    this.#objects.set(id, object);
  }

  /** The exported function of an entity. `known` gives { signature, name } where the caller has them. */
  function(id, known) {
    return this.object(id, () => {
      const { signature, name } = this.#hosts.get(id) ?? known?.() ?? this.#origin(id);
      const made = makeExported(this, id, signature, name);
      exported.set(made, { space: this, id, signature });
      return Object.setPrototypeOf(made, this.functionPrototype);
    });
  }

  /** Notes { signature, name } of a host function. */
  addHost(id, known) {
    this.#hosts.set(id, known);
  }

  /** What a function is that came out of the engine by itself. */
  #origin(id) {
    const origin = binding.functionOrigin(this.handle, id);
    if (origin === undefined) {
      throw new TypeError('WebAssembly: a function of an instance that could not be made is known to wasm alone');
    }
    const [instance, index] = origin;
    const { handle, description } = this.#instances[instance];
    return {
      signature: makeSignature(JSON.parse(binding.functionType(handle, index)), description.kinds),
      name: index,
    };
  }

  /** The entity of an exported function of this space; undefined for any other value. */
  functionId(value) {
    const entry = exported.get(value);
    return entry?.space === this ? entry.id : undefined;
  }

  /** The signature of an exported function of this space; undefined for any other value. */
  functionSignature(value) {
    const entry = exported.get(value);
    return entry?.space === this ? entry.signature : undefined;
  }

  /** The number under which an instance to be is known. */
  enroll(module) {
    if (this.#instances.length >= this.#most) {
      throw runFailure(codedError('ERR_LIMIT', `the namespace may have ${this.#most} instances (limits.instances)`));
    }
    this.exceptions ||= module.description.exceptions === true;
    return this.#instances.push(module) - 1;
  }

  // ---- Values

  /** Keeps a value for wasm, which owns the number from then on. */
  keep(value) {
    if (this.#left === 0) {
      binding.takeHandles(this.handle, this.#stock);
      this.#left = STOCK;
    }
    const number = this.#stock[--this.#left];
    this.values[number] = value;
    return number;
  }

  // ---- Host functions

  /** Puts a function where the native side finds it, and gives the place. */
  place(host) {
    return this.world.push(host) - 1;
  }

  /**
   * What a host function answers when JavaScript threw: it throws the same, or, where wasm
   * could catch it, gives the tag, with the payload in the slots.
   */
  threw(error) {
    if (!this.exceptions) return this.stopped(error);
    const exception = this.exceptionParts(error);
    if (exception === undefined) {
      const tag = this.jsTag; // before the slots are in use
      codecOf(this, EXTERN.parameters[0]).put(0, error);
      return tag;
    }
    this.#underWay.push(new WeakRef(error));
    if (this.#underWay.length > UNDER_WAY) this.#underWay.shift();
    exception.payload.forEach((value, i) => codecOf(this, exception.signature.parameters[i]).put(i, value));
    return exception.id;
  }

  /** What a host function does with an error that no wasm may catch. */
  stopped(error) {
    this.#passing = { error };
    throw error;
  }

  // ---- What comes out of a call

  /** The error to throw for what the native side threw. */
  failure(error) {
    const passing = this.#passing;
    this.#passing = undefined;
    return passing !== undefined && Object.is(passing.error, error) ? error : runFailure(error);
  }

  /** What to throw for an exception of wasm that nobody caught. */
  uncaught(tag) {
    const get = (type, i) => (type.letter === undefined ? undefined : codecOf(this, type).get(i));
    if (tag === this.#jsTag) return get(EXTERN.parameters[0], 0);
    const signature = this.#tags.get(tag) ?? this.addTag(tag, this.#hiddenTag(tag));
    const payload = signature.parameters.map(get);
    return this.#known(tag, payload) ?? this.makeException(tag, signature, payload);
  }

  /**
   * The exception of JavaScript that comes out again: wasm has not caught it, or has thrown
   * it once more. The engine does not tell which object it made of which, but one with the
   * same tag and the same values is as good.
   */
  #known(tag, payload) {
    for (let i = this.#underWay.length - 1; i >= 0; i--) {
      const exception = this.#underWay[i].deref();
      const parts = exception === undefined ? undefined : this.exceptionParts(exception);
      if (parts?.id === tag && parts.payload.every((value, at) => Object.is(value, payload[at]))) return exception;
    }
    return undefined;
  }

  // ---- Tags

  /** The type of a tag that no module exports, as far as it shows. */
  #hiddenTag(id) {
    return makeSignature({ parameters: [...binding.tagLetters(this.handle, id)].map((letter) => TYPES[letter]) });
  }

  /** Notes the type of a tag. */
  addTag(id, signature) {
    if (!this.#tags.has(id)) this.#tags.set(id, signature);
    return this.#tags.get(id);
  }

  /** The tag of what JavaScript throws. */
  get jsTag() {
    if (this.#jsTag === undefined) {
      this.#jsTag = binding.tagNew(this.handle, 'x');
      this.addTag(this.#jsTag, EXTERN);
    }
    return this.#jsTag;
  }
}

module.exports = { Space };
