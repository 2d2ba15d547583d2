'use strict';

// What an instance of a raw wasm-bindgen module has in JavaScript: the functions
// behind its imports, the values that the guest refers to, the classes of its
// objects. The native side (binding/world.h) has an array of these, and holds it
// weakly: the functions of the instance keep it alive.

const { makeBindings } = require('./bindings');
const { decode, encode } = require('./codec');
const { makeClass, variadic } = require('./classes');
const { endClosure, makeClosureMaker } = require('./closures');
const { codedError, encodeError } = require('./errors');
const { makeHeld } = require('./held');
const { internals } = require('./module');

/** Key under which functions of an instance keep its world. */
const WORLD = Symbol('wasmgate.world');

/**
 * Makes the world of an instance to be. `glue` and `api` are those of the module's
 * description, `layers` where its imports are looked up (js/globals.js).
 */
function makeWorld(api, glue, layers) {
  const state = {
    /** The function of an export, typed or with its wasm type; set once there is an instance. */
    native: () => {
      throw codedError('ERR_BUSY', 'the instance is being made');
    },
    exports: () => true,
    classes: [],
  };
  state.classes = api.classes.map((entry) => makeClass(state, entry));
  state.elements = makeElements(
    (number, value, take, name, index) => {
      const class_ = state.classes[number];
      if (class_.hasAddress(value)) return class_.unwrap(value, take);
      if (name !== undefined) throw class_.problem(value, name, index);
      return undefined;
    },
    (number, address) => state.classes[number].wrap(address),
    makeClosureMaker(state),
    endClosure,
    encodeError,
    makeBindings(state, glue.bindings, layers),
  );
  return state;
}

/** The array that the native side sees, in the order of binding/world.h. */
function makeElements(unwrap, wrap, makeClosure, end, encode, imports = []) {
  const later = [undefined, undefined, undefined, undefined, undefined]; // streams, meter, references
  return [unwrap, wrap, makeClosure, end, makeHeld(), undefined, encode, ...later, ...imports];
}

/** Puts the two functions about funcrefs (js/references.js) into such an array. */
function setReferences(elements, { out, into }) {
  elements[10] = out;
  elements[11] = into;
}

/** Puts the functions behind standard streams and meters into such an array. */
function setStreams(elements, { read, write, meter }) {
  elements[7] = read;
  elements[8] = write;
  elements[9] = meter;
}

/** Makes `value` keep a world alive. */
function keep(value, state) {
  return Object.defineProperty(value, WORLD, { value: state });
}

/** The object that `name` of a namespace goes into. */
function place(root, namespace = []) {
  let at = root;
  for (const name of namespace) at = Object.hasOwn(at, name) ? at[name] : (at[name] = Object.create(null));
  return at;
}

/** An enum of numbers: names to values, and back. */
function makeEnum({ variants }) {
  const out = Object.create(null);
  for (const { name, value } of variants) {
    out[name] = value;
    out[value] ??= name;
  }
  return Object.freeze(out);
}

function freezeAll(at) {
  for (const value of Object.values(at)) {
    if (typeof value === 'object' && !Object.isFrozen(value)) freezeAll(value);
  }
  return Object.freeze(at);
}

/**
 * What a raw module exports: functions, classes and enums, in their namespaces. `limits`
 * are those of each call of a function, undefined for the instance's own.
 */
function makeExports(state, module, limits) {
  const { api } = internals(module).description;
  const root = Object.create(null);
  for (const entry of api.functions) {
    const native = variadic(entry, state.native(entry.export, true, limits));
    const made = entry.encoded ? coded(native, entry) : entry.this ? withThis(native, entry.name) : native;
    place(root, entry.namespace)[entry.name] = made === native ? made : keep(made, state);
  }
  api.classes.forEach((entry, i) => {
    if (!entry.private) place(root, entry.namespace)[entry.name] = keep(state.classes[i].type, state);
  });
  for (const entry of api.enums) {
    if (!entry.private) place(root, entry.namespace)[entry.name] = makeEnum(entry);
  }
  return freezeAll(root);
}

/** A function some of whose values are encoded (docs/guest-abi.md). */
function coded(native, { name, encoded: { params, result } }) {
  const places = params.map((i) => ({ text: `${name}: argument ${i + 1}`, argument: i }));
  const call = (args) => {
    params.forEach((i, j) => (args[i] = encode(args[i], places[j])));
    return result ? decode(native(...args)) : native(...args);
  };
  const one = params.length === 1 && params[0] === 0 && result;
  const made = one
    ? function (value) {
        return arguments.length === 1 ? decode(native(encode(value, places[0]))) : call([...arguments]);
      }
    : (...args) => call(args);
  return Object.defineProperty(made, 'name', { value: name, configurable: true });
}

/** A function that gives JavaScript's this to the guest. */
const withThis = (native, name) =>
  Object.defineProperty(
    function (...args) {
      return native(this, ...args);
    },
    'name',
    { value: name, configurable: true },
  );

module.exports = { keep, makeElements, makeExports, makeWorld, setReferences, setStreams };
