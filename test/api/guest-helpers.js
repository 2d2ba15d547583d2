'use strict';

// Instances of the fixtures that were made with the guest crate.

const path = require('node:path');
const { Instance, Module } = require('../..');
const { track } = require('../helpers');

const builds = ['wasm32-unknown-unknown-1.63', 'wasm32-unknown-unknown-1.96', 'wasm32-wasi-1.63'];
const guestPath = (build) => path.join(__dirname, '../fixtures/wasm/guest', `${build}.wasm`);
const wasiPath = path.join(__dirname, '../fixtures/wasm/guest_wasi/wasm32-wasi-1.63.wasm');

/** What the imports through_host! of the fixture are of. */
const THROUGH = [
  ...['i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'i64', 'u64', 'i128', 'u128', 'f32', 'f64', 'bool', 'char'],
  ...['opt_u16', 'opt_i32', 'opt_f32', 'opt_f64', 'opt_u64', 'opt_i128', 'string', 'bytes', 'f64s', 'u16s'],
  ...['opt_string', 'opt_bytes', 'order', 'strings', 'tuple'],
];

const same = (value) => value;

/** All that the fixture imports, with changes. */
function imports({ env = {}, host = {} } = {}) {
  return {
    env: { now: () => 5n, log: () => undefined, lookup: same, ...env },
    host: {
      ...Object.fromEntries(THROUGH.map((type) => [`host_${type}`, same])),
      totalOf: () => 2.5,
      check: () => undefined,
      improve: same,
      twice: (text) => text + text,
      ...host,
    },
  };
}

/** An instance with what WASI gives it; closed after the test. */
const openWasi = (module, grants, own = {}) =>
  track(new Instance(module, { grants: { wasi: true, ...grants }, imports: own }));

const loaded = new Map();

/** Compiles a build once for the tests of the block that this is called in. */
function withBuild(build) {
  before(() => loaded.set(build, Module.load(guestPath(build))));
  after(() => {
    loaded.get(build).close();
    loaded.delete(build);
  });
}

/** An instance of a build of the fixture, closed after the test; inside of a block withBuild. */
function guest(build, changes) {
  const module = loaded.get(build);
  const own = imports(changes);
  if (build.includes('wasi')) return openWasi(module, {}, own);
  return track(new Instance(module, { imports: own }));
}

const ORDER = {
  id: 17,
  customer: 'Ünïcode 🦀',
  items: [
    { name: 'a', price: 1.5, count: 2 },
    { name: 'b', price: 0.25, count: 4 },
  ],
  note: undefined,
  status: { Sent: { carrier: 'post', days: 3 } },
};

module.exports = { builds, guestPath, wasiPath, THROUGH, imports, guest, withBuild, loaded, openWasi, ORDER };
