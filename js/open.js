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
const { hasReferences, makeFunctions } = require('./references');
const { keep, makeElements, makeExports, makeWorld, setReferences, setStreams } = require('./world');

/** Bits of what an instance uses, enum Uses in binding/handle.h. */
const IMPORTS = 1;
const METER = 2;
const WORKER = 4;
const SYNC = 8;

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
 * Opens an instance natively. `own` is what js/options.js makes of its options. Gives
 * { handle, world, kept, functions, … } for bind and exportsOf: `world` is that of a raw
 * wasm-bindgen module (js/world.js), `kept` what its functions keep alive.
 */
function open(module, own = NOTHING) {
  const { handle, description, glue, late } = internals(module);
  const world = glue && makeWorld(description.api, glue, own.imports ?? []);
  const { owner } = own; // the Instance
  const opened = { owner, handle: undefined, world, kept: world, functions: undefined, exports: undefined };
  opened.exported = () => exportsOf(opened, module);
  if (world) world.opened = opened;
  const provided = lateFunctions(opened, handle, late, own.imports ?? []);
  const elements = elementsOf(opened, module, provided, own);
  const uses =
    (elements !== undefined && opened.native ? IMPORTS : 0) | (own.onMeter === undefined ? 0 : METER) | THREAD;
  const sync = description.kind === 'wasmgate' ? SYNC : 0;
  const told = provided.list.length > 0 ? { ...own.document, imports: provided.list } : own.document;
  const document = told === undefined ? '' : JSON.stringify(told);
  const report = [];
  try {
    const first = glue?.bindings.length ?? 0;
    opened.handle = binding.openInstance(
      handle,
      document,
      own.input,
      elements,
      uses | sync,
      report,
      first,
      provided.plans,
    );
  } finally {
    if (report.length > 0) audit.report(JSON.parse(report[0]), own.onAudit);
  }
  if (world) attach(opened, module);
  return opened;
}

/** The array that the native side sees of an instance to be (js/world.js), undefined if it needs none. */
function elementsOf(opened, module, provided, own) {
  const { description, glue } = internals(module);
  const hooked = Object.keys(own.hooks).length > 0 || own.onMeter !== undefined;
  const refers = provided.list.length > 0 || hasReferences(description);
  opened.native = opened.world !== undefined || refers;
  if (!opened.native && !hooked) return undefined;
  const elements = opened.world?.elements ?? makeElements();
  opened.kept ??= { elements };
  if (refers) {
    const functions = (opened.functions = makeFunctions());
    functions.kept = opened.kept;
    functions.find = (number) => functionOf(opened, module, number);
    setReferences(elements, functions);
  }
  const bindings = glue?.bindings.length ?? 0;
  elements.push(...provided.functions, ...new Array(bindings), ...provided.short);
  if (hooked) attachStreams(elements, opened, own, description.profile.metering);
  return elements;
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
function bind({ handle, kept, functions: known }, module, typed, wanted, limits) {
  const functions = Object.create(null);
  let index = 0; // among the function exports, as in the native plans
  for (const entry of module.exports) {
    if (entry.kind !== 'function') continue;
    if (wanted(entry)) {
      let made = shortened(binding.bindExport(handle, index, typed, limits), handle, index, typed, limits);
      if (typed && entry.variadic) made = variadic(described(module, entry.name), made);
      functions[entry.name] = kept ? keep(made, kept) : made;
      known?.register(made, index);
    }
    index++;
  }
  return Object.freeze(functions);
}

/** What an instance exports: with the types that the module has for JavaScript. */
function bindExports(opened, module, limits) {
  if (opened.world) return makeExports(opened.world, module, limits);
  return bind(opened, module, true, (entry) => !entry.internal, limits);
}

/** The same, made once. */
const exportsOf = (opened, module) => (opened.exports ??= bindExports(opened, module));

/** All functions with wasm-level types, made once. */
const rawOf = (opened, module) => (opened.raw ??= bind(opened, module, false, () => true));

/** The function of an export by its number among them, as `exports` has it, or `raw`. */
function functionOf(opened, module, number) {
  if (opened.handle === undefined) return undefined; // its start function is running
  opened.names ??= module.exports.filter(({ kind }) => kind === 'function').map(({ name }) => name);
  const name = opened.names[number];
  if (name === undefined) return undefined;
  return (opened.world ? undefined : exportsOf(opened, module)[name]) ?? rawOf(opened, module)[name];
}

module.exports = { bind, bindExports, exportsOf, open, rawOf };
