'use strict';

// Makes the JavaScript function behind each import of a raw wasm-bindgen module, out
// of what the module says of it. The native side has converted the arguments.
// Source: the wasm-bindgen binary interface, "User imports → JavaScript".

const { decode, encode } = require('./codec');
const { codedError } = require('./errors');
const { lookUp } = require('./globals');
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
  const direct = (...args) => (target ??= make(binding, layers))(...args);
  const call = binding.arrays === undefined ? direct : withArrays(binding.arrays, direct);
  if (binding.encoded) return coded(call, binding.encoded);
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
  (call, { params, result }) =>
  (...args) => {
    for (const i of params) args[i] = decode(args[i]);
    return result ? encode(call(...args)) : call(...args);
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

/** Looks a name up below the import's module and namespace; throws if it is not there. */
function find(binding, layers, ...names) {
  const found = lookUp(layers, binding.module, [...(binding.path ?? []), ...names]);
  if (found === undefined) throw notProvided(binding);
  return found;
}

/** The class of a binding, with its vendor prefixes. */
function findClass(binding, layers) {
  for (const prefix of ['', ...(binding.prefixes ?? [])]) {
    const found = lookUp(layers, binding.module, [...(binding.path ?? []), `${prefix}${binding.class}`]);
    if (found !== undefined) return found.value;
  }
  throw notProvided(binding);
}

/** Classes whose constructor makes code of a text: no scope gives those away. */
const MAKES_CODE = new Set([Function, (async () => {}).constructor, function* () {}.constructor]);
MAKES_CODE.add(async function* () {}.constructor);

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

/** Per kind of import a maker of its function; classes are looked up at the first use. */
const makers = {
  call(binding, layers) {
    const { holder, value } = find(binding, layers, binding.name);
    const target = callable(binding, value);
    return holder === undefined ? (...args) => target(...args) : (...args) => Reflect.apply(target, holder, args);
  },

  new(binding, layers) {
    const class_ = callable(binding, findClass(binding, layers));
    if (MAKES_CODE.has(class_)) throw notProvided(binding);
    return (...args) => new class_(...args);
  },

  method(binding, layers) {
    const { name } = binding;
    if (binding.static) {
      const class_ = findClass(binding, layers);
      return (...args) => class_[name](...args);
    }
    if (!binding.final) return (self, ...args) => self[name](...args);
    const method = callable(binding, findClass(binding, layers).prototype[name]);
    return (self, ...args) => Reflect.apply(method, self, args);
  },

  get(binding, layers) {
    const { name } = binding;
    if (binding.static) {
      const class_ = findClass(binding, layers);
      return () => class_[name];
    }
    if (!binding.final) return (self) => self[name];
    const { get } = descriptorOf(binding, findClass(binding, layers));
    return (self) => Reflect.apply(callable(binding, get), self, []);
  },

  set(binding, layers) {
    const { name } = binding;
    if (binding.static) {
      const class_ = findClass(binding, layers);
      return (value) => void (class_[name] = value);
    }
    if (!binding.final) return (self, value) => void (self[name] = value);
    const { set } = descriptorOf(binding, findClass(binding, layers));
    return (self, value) => void Reflect.apply(callable(binding, set), self, [value]);
  },

  indexGet: (binding, layers) => indexed(binding, layers, (self, key) => self[key]),
  indexSet: (binding, layers) => indexed(binding, layers, (self, key, value) => void (self[key] = value)),
  indexDelete: (binding, layers) => indexed(binding, layers, (self, key) => void delete self[key]),
};

function indexed(binding, layers, action) {
  if (!binding.static) return action;
  const class_ = findClass(binding, layers);
  return (...args) => action(class_, ...args);
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
