'use strict';

// Opens instances natively and binds their exports: what Instance, VM, run and the
// command line share.

const { isMainThread } = require('node:worker_threads');
const audit = require('./audit');
const binding = require('./load');
const { variadic } = require('./classes');
const { lateFunctions } = require('./imports');
const { makeWords, statsOf } = require('./meters');
const { internals } = require('./module');
const { shortened } = require('./numbers');
const { reader, writer } = require('./streams');
const { keep, makeElements, makeWorld, setStreams } = require('./world');

/** Bits of what an instance uses, enum Uses in binding/handle.h. */
const IMPORTS = 1;
const METER = 2;
const WORKER = 4;

/** An instance that is granted nothing and tells nobody. */
const NOTHING = { hooks: {} };

/** Bits that hold for every instance of this thread. */
const THREAD = isMainThread ? 0 : WORKER;

/** Puts functions and streams of JavaScript where the native side calls them. */
function attachStreams(elements, opened, { hooks, onMeter }, metered) {
  setStreams(elements, {
    read: hooks.stdin && reader(hooks.stdin),
    write: writer(hooks),
    meter: () => {
      if (opened.handle === undefined) return; // its start function is running
      const words = makeWords();
      binding.readMeters(opened.handle, words);
      onMeter.call(statsOf(words, metered));
    },
  });
}

/**
 * Opens an instance natively. `own` is what js/options.js makes of its options. Of a
 * raw wasm-bindgen module it gets a world (js/world.js). Gives { handle, world, kept,
 * base }: `kept` is what its functions keep alive, `base` its limits.
 */
function open(module, own = NOTHING) {
  const { handle, description, glue, late } = internals(module);
  const world = glue && makeWorld(description.api, glue, own.imports ?? []);
  const provided = lateFunctions(late, own.imports ?? []);
  const opened = { handle: undefined, world, kept: world };
  let elements = world?.elements;
  if (provided.list.length > 0) {
    elements ??= makeElements();
    opened.kept ??= { elements };
    elements.push(...provided.functions);
  }
  const hooked = Object.keys(own.hooks).length > 0 || own.onMeter !== undefined;
  if (hooked) {
    elements ??= makeElements();
    opened.kept ??= { elements };
    attachStreams(elements, opened, own, description.profile.metering);
  }
  const uses = (world || provided.list.length > 0 ? IMPORTS : 0) | (own.onMeter === undefined ? 0 : METER) | THREAD;
  const told = provided.list.length > 0 ? { ...own.document, imports: provided.list } : own.document;
  const document = told === undefined ? '' : JSON.stringify(told);
  const report = [];
  try {
    opened.handle = binding.openInstance(handle, document, own.input, elements, uses, report);
  } finally {
    if (report.length > 0) audit.report(JSON.parse(report[0]), own.onAudit);
  }
  if (world) attach(opened, module);
  return opened;
}

/** Gives a world the functions of its instance. */
function attach({ world, handle }, module) {
  const numbers = new Map();
  module.exports.filter(({ kind }) => kind === 'function').forEach((entry, i) => numbers.set(entry.name, [i, entry]));
  world.native = (name, typed, limits) => {
    const [index] = numbers.get(name);
    return shortened(keep(binding.bindExport(handle, index, typed, limits), world), handle, index, typed, limits);
  };
  world.parameters = (name) => numbers.get(name)[1].type.parameters.length;
  world.exports = (name) => numbers.has(name);
}

/** What the API of a module says of a function. */
const described = (module, name) => internals(module).description.api.functions.find((entry) => entry.export === name);

/**
 * A frozen object of functions: every function export that `wanted` picks. `limits`
 * of each call, as BigUint64Array of nanoseconds and fuel, or undefined for those of
 * the instance.
 */
function bind({ handle, kept }, module, typed, wanted, limits) {
  const functions = Object.create(null);
  let index = 0; // among the function exports, as in the native plans
  for (const entry of module.exports) {
    if (entry.kind !== 'function') continue;
    if (wanted(entry)) {
      let made = shortened(binding.bindExport(handle, index, typed, limits), handle, index, typed, limits);
      if (typed && entry.variadic) made = variadic(described(module, entry.name), made);
      functions[entry.name] = kept ? keep(made, kept) : made;
    }
    index++;
  }
  return Object.freeze(functions);
}

module.exports = { open, bind };
