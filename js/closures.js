'use strict';

// Functions that the guest gives to JavaScript: Rust's closures. A closure is two
// words, a and b, and a function of the guest's table that is called with them.
// Source: the wasm-bindgen binary interface, "Callables".

/** What stands behind each function, for the imports by which the guest lets go of one. */
const closures = new WeakMap();

/** Frees what JavaScript let go of without telling. */
const forgotten = new FinalizationRegistry((closure) => {
  try {
    closure.destroy();
  } catch {
    // The instance is closed, or unusable: it took the closure with it.
  }
});

/** Frees a closure that has no function of its own for that, from 0.2.115 on. */
const DESTROY = '__wbindgen_destroy_closure';

class Closure {
  constructor(state, a, b, isMutable, owned, free) {
    Object.assign(this, { state, a, b, isMutable, owned, free, users: 1 });
  }

  /** Runs `call`; a closure that is let go of while it runs is freed afterwards. */
  run(call, args) {
    const { a } = this;
    this.users++;
    // A mutable one must not find itself while it runs: 0 makes the guest throw.
    if (this.isMutable) this.a = 0;
    try {
      return call(a, this.b, ...args);
    } finally {
      if (this.isMutable) this.a = a;
      this.drop();
    }
  }

  /** Counts one user less; true if that was the last one of a closure that is now freed. */
  drop() {
    if (--this.users > 0) return false;
    this.destroy();
    return true;
  }

  destroy() {
    const { a, b } = this;
    if (a === 0) return;
    this.end();
    if (!this.owned) return;
    if (this.free !== undefined) this.free(a, b);
    else if (this.state.exports(DESTROY)) this.state.native(DESTROY, false)(a, b);
  }

  end() {
    this.a = this.b = 0;
    forgotten.unregister(this);
  }
}

/**
 * Makes the function that the native side calls for a closure: `call` is that of the
 * guest's table, with `count` parameters besides a and b.
 */
const makeClosureMaker = (state) =>
  function makeClosure(call, a, b, isMutable, owned, free, count) {
    const closure = new Closure(state, a, b, isMutable, owned, free);
    const function_ = (...args) => {
      // As any function of JavaScript: what is missing is undefined, what is more is dropped.
      if (args.length !== count) args.length = count;
      return closure.run(call, args);
    };
    closures.set(function_, closure);
    if (owned) {
      forgotten.register(function_, closure, closure);
      // From 0.2.105 on the guest calls this to let go of it.
      Object.defineProperty(function_, '_wbg_cb_unref', { value: () => void closure.drop() });
    }
    return function_;
  };

/** The end of a closure that was only lent: calling it fails from now on. */
const endClosure = (function_) => closures.get(function_)?.end();

/**
 * The guest lets go of a closure and frees it itself if this says that nobody uses it
 * (up to 0.2.104).
 */
function dropClosure(function_) {
  const closure = closures.get(function_);
  if (closure === undefined || --closure.users > 0) return false;
  closure.end();
  return true;
}

module.exports = { makeClosureMaker, endClosure, dropClosure };
