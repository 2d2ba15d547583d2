'use strict';

// Makes the JavaScript function behind each import of a raw wasm-bindgen module, out
// of what the module says of it. The native side has converted the arguments.
// Source: the wasm-bindgen binary interface, "User imports → JavaScript".

const { decode, encode } = require('./codec');
const { codedError } = require('./errors');
const { builtIn, isTrusted, lookUp } = require('./globals');
const { MAKES_CODE, isGiven, keyOf, mayUse, mayWrite } = require('./guard');
const { hosted, isThenable } = require('./imports');
const { makeIntrinsic } = require('./intrinsics');

/** One function per import, in order. Throws ERR_IMPORT_MISSING about those that an instance cannot do without. */
function makeBindings(state, bindings, layers) {
  const missing = bindings.filter((binding) => binding.required && !isProvided(binding, layers));
  if (missing.length > 0) {
    const imports = missing.map((binding) => binding.import);
    throw codedError(
      'ERR_IMPORT_MISSING',
      `the module imports functions that \`imports\` does not have: ${imports.join(', ')}`,
      {
        imports,
      },
    );
  }
  return bindings.map((binding) => makeBinding(state, binding, layers));
}

const isProvided = ({ module, path = [], name }, layers) =>
  typeof lookUp(layers, module, [...path, name])?.value === 'function';

function makeBinding(state, binding, layers) {
  switch (binding.op) {
    case 'intrinsic':
      return makeIntrinsic(state, binding.name) ?? missing(binding, 'wasmgate does not have that intrinsic');
    case 'wrap':
      return (address) => state.classes[binding.number ?? 0].wrap(address);
    case 'unwrap':
      return (value) => {
        const class_ = state.classes[binding.number ?? 0];
        return class_.isInstance(value) ? class_.unwrap(value, true) >>> 0 : 0;
      };
    case 'string':
      return () => binding.name ?? '';
    case 'static':
      return makeStatic(binding, layers);
    case 'instanceof':
      return makeTest(binding, layers);
  }
  const make = makers[binding.op];
  let target;
  // Spelt out for a few arguments: a list of them costs more than the call.
  const direct = function (a, b, c) {
    target ??= make(binding, layers, state);
    switch (arguments.length) {
      case 0:
        return target();
      case 1:
        return target(a);
      case 2:
        return target(a, b);
      case 3:
        return target(a, b, c);
      default:
        return target(...arguments);
    }
  };
  const call = binding.arrays === undefined ? direct : withArrays(binding.arrays, direct);
  if (binding.encoded) return coded(call, binding);
  return binding.variadic ? (...args) => call(...args.slice(0, -1), ...args.at(-1)) : call;
}

/** A call whose arguments at these places are to be plain arrays of numbers. */
const withArrays =
  (places, call) =>
  (...args) => {
    for (const i of places) args[i] &&= Array.from(args[i]);
    return call(...args);
  };

/** An import some of whose values are encoded (docs/guest-abi.md). */
const coded =
  (call, { encoded: { params, result }, import: name }) =>
  (...args) => {
    for (const i of params) args[i] = decode(args[i]);
    const value = call(...args);
    if (!result || isThenable(value)) return value; // for the native side to refuse
    return encode(value, { text: `what the import ${name} returned`, imports: [name] });
  };

function title({ module, path = [], class: class_, name, import: import_ }) {
  const names = [...path, class_, name].filter((part) => part !== undefined && part !== '');
  const text = names.length > 0 ? names.join('.') : import_;
  return module === undefined ? text : `${text} of "${module}"`;
}

function notProvided(binding) {
  return codedError(
    'ERR_IMPORT_CALLED',
    `the guest called its JavaScript import ${title(binding)}, which nobody provides`,
    {
      imports: [title(binding)],
    },
  );
}

const missing = (binding, reason) => () => {
  throw codedError('ERR_IMPORT_CALLED', `the guest called its JavaScript import ${title(binding)}: ${reason}`);
};

/** Looks a function up below the import's module and namespace; throws if it is not there. */
function find(binding, layers) {
  const path = [...(binding.path ?? []), binding.name];
  const found = lookUp(layers, binding.module, path);
  if (found !== undefined) return found;
  const value = builtIn(binding.module, path);
  if (value === undefined) throw notProvided(binding);
  return { holder: undefined, value };
}

/** The class of a binding, with its vendor prefixes. */
function findClass(binding, layers) {
  for (const prefix of ['', ...(binding.prefixes ?? [])]) {
    const found = lookUp(layers, binding.module, [...(binding.path ?? []), `${prefix}${binding.class}`]);
    if (found !== undefined) return found.value;
  }
  throw notProvided(binding);
}

const callable = (binding, value) => {
  if (typeof value !== 'function') throw notProvided(binding);
  return value;
};

/** The property of a class's prototype or of one that it inherits from. */
function descriptorOf(binding, class_) {
  for (let holder = class_.prototype; holder; holder = Object.getPrototypeOf(holder)) {
    const found = Object.getOwnPropertyDescriptor(holder, binding.name);
    if (found !== undefined) return found;
  }
  throw notProvided(binding);
}

/** The class that the caller provides, undefined if none does. */
function optionalClass(binding, layers) {
  try {
    return findClass(binding, layers);
  } catch {
    return undefined;
  }
}

function refused(binding, key) {
  const name = String(key);
  return codedError(
    'ERR_IMPORT_CALLED',
    `the guest may not use "${name}" of that value (${title(binding)}): provide its class through \`imports\``,
    { imports: [title(binding)] },
  );
}

/**
 * The check of what a guest does with the property of a value (js/guard.js): `allowed` is
 * mayUse or mayWrite.
 */
function guardOf(binding, layers) {
  if (isTrusted(layers)) return () => undefined;
  const class_ = binding.class === undefined ? undefined : optionalClass(binding, layers);
  return (allowed, self, key) => {
    if (!allowed(self, key, class_)) throw refused(binding, key);
  };
}

/** A class of which the guest may use the static property that it imports. */
function classWith(binding, layers) {
  const class_ = findClass(binding, layers);
  if (!isTrusted(layers) && !isGiven(class_, binding.name)) throw refused(binding, binding.name);
  return class_;
}

/** Per kind of import a maker of its function; classes are looked up at the first use. */
const makers = {
  call(binding, layers, state) {
    const { holder, value } = find(binding, layers);
    const target = hosted(state.opened, callable(binding, value));
    return holder === undefined ? target : (...args) => Reflect.apply(target, holder, args);
  },

  new(binding, layers) {
    const class_ = callable(binding, findClass(binding, layers));
    if (MAKES_CODE.has(class_)) throw notProvided(binding);
    return (...args) => new class_(...args);
  },

  method(binding, layers) {
    const { name } = binding;
    if (binding.static) {
      const class_ = classWith(binding, layers);
      return (...args) => class_[name](...args);
    }
    if (binding.final) {
      const method = callable(binding, inherited(binding, layers).value);
      return (self, ...args) => Reflect.apply(method, self, args);
    }
    const guard = guardOf(binding, layers);
    return (self, ...args) => {
      guard(mayUse, self, name);
      return self[name](...args);
    };
  },

  get(binding, layers) {
    const { name } = binding;
    if (binding.static) {
      const class_ = classWith(binding, layers);
      return () => class_[name];
    }
    if (binding.final) {
      const get = callable(binding, inherited(binding, layers).get);
      return (self) => Reflect.apply(get, self, []);
    }
    const guard = guardOf(binding, layers);
    return (self) => {
      guard(mayUse, self, name);
      return self[name];
    };
  },

  set(binding, layers) {
    const { name } = binding;
    if (binding.static) {
      const class_ = classWith(binding, layers);
      return (value) => void (class_[name] = value);
    }
    if (binding.final) {
      const set = callable(binding, inherited(binding, layers).set);
      return (self, value) => void Reflect.apply(set, self, [value]);
    }
    const guard = guardOf(binding, layers);
    return (self, value) => {
      guard(mayWrite, self, name);
      self[name] = value;
    };
  },

  indexGet: (binding, layers) => indexed(binding, layers, mayUse, (self, key) => self[key]),
  indexSet: (binding, layers) =>
    indexed(binding, layers, mayWrite, (self, key, value) => {
      self[key] = value;
    }),
  indexDelete: (binding, layers) =>
    indexed(binding, layers, mayWrite, (self, key) => {
      delete self[key];
    }),
};

/** What the prototype of the import's class has under the import's name. */
function inherited(binding, layers) {
  const class_ = findClass(binding, layers);
  if (!isTrusted(layers) && !isGiven(class_.prototype, binding.name)) throw refused(binding, binding.name);
  return descriptorOf(binding, class_);
}

function indexed(binding, layers, allowed, action) {
  const guard = guardOf(binding, layers);
  const guarded = (self, key, value) => {
    const name = keyOf(key);
    guard(allowed, self, name);
    return action(self, name, value);
  };
  if (!binding.static) return guarded;
  const class_ = findClass(binding, layers);
  return (key, value) => guarded(class_, key, value);
}

/** A value of JavaScript, looked up once. */
function makeStatic(binding, layers) {
  let read = false;
  let value;
  return () => {
    if (!read) {
      const found = lookUp(layers, binding.module, [...(binding.path ?? []), binding.name]);
      if (found === undefined && !binding.optional) throw notProvided(binding);
      value = binding.optional ? (found?.value ?? undefined) : found.value;
      read = true;
    }
    return value;
  };
}

function makeTest(binding, layers) {
  return (value) => {
    try {
      return value instanceof findClass(binding, layers);
    } catch {
      return false;
    }
  };
}

module.exports = { makeBindings };
