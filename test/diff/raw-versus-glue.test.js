'use strict';

// The crate `types`, called in three ways with the same inputs: through the JavaScript that the
// wasm-bindgen tool wrote for it, on V8; by ours out of the raw module; by ours out of the processed
// module, as far as that can be done. Some versions have no glue here: they are compared with that of another.

const assert = require('node:assert/strict');
const path = require('node:path');
const { Instance, Module } = require('../..');
const { fixture, raw, rawVersions, typesVersions } = require('../fixtures');
const groups = require('./cases');
const { makeHost } = require('./imports');
const { loadGlue } = require('./glue');
const { assertSame, checkGlue, checkOurs, isWrong, outcome } = require('./outcomes');
const { unsupported: expectedUnsupported } = require('./processed');
const { record, write } = require('./record');
const { refuses } = require('../helpers');

const all = Object.values(groups).flat();

/** 95 for "0.2.95" and its variants. */
const minorOf = (version) => parseInt(version.slice(4), 10);

/** The version with glue that is closest to one that may have none: the last one before it, or else the first. */
function twinOf(version) {
  const before = typesVersions.filter((twin) => minorOf(twin) <= minorOf(version));
  return before.at(-1) ?? typesVersions[0];
}

const publicNames = (exports) =>
  Object.keys(exports)
    .filter((name) => !name.startsWith('__'))
    .sort();

/** The members of a class and of its objects, or those of an enum. */
function membersOf(type) {
  const names = [type, type.prototype ?? {}].flatMap((object) => Object.getOwnPropertyNames(object));
  return names.filter((name) => !name.startsWith('__'));
}

/** A guest with its host: the glue on V8. */
function openGlue(version) {
  const host = makeHost();
  const file = path.join(path.dirname(fixture('types', version)), 'types.js');
  host.guest = loadGlue(file, host.imports);
  return { host, guest: host.guest, close() {} };
}

/** The same for ours. */
function openOurs(module, { withImports }) {
  const host = makeHost();
  const instance = withImports ? new Instance(module, { imports: host.imports }) : new Instance(module);
  host.guest = instance.exports;
  return { host, guest: instance.exports, close: () => instance.close() };
}

/** A guest for many tests; one that a test has spoiled is replaced. */
function shared(open) {
  let current;
  before(() => {
    current = open();
  });
  after(() => current?.close());
  return {
    open,
    get: () => current,
    replace() {
      current.close();
      current = open();
    },
  };
}

/** Calls `use` for each input with a guest per source: the shared ones, or new ones if the test wants that. */
function forEachInput(test, sources, use) {
  for (const args of test.inputs()) {
    const guests = sources.map((source) => (test.fresh ? source.open() : source.get()));
    try {
      for (const { host } of guests) host.log.length = 0;
      use(args, ...guests);
    } catch (error) {
      if (!test.fresh) for (const source of sources) source.replace();
      throw error;
    } finally {
      if (test.fresh) for (const guest of guests) guest.close();
    }
  }
}

const act = (test, { guest, host }, args) => outcome(() => test.run(guest, host, ...args));

/** Describes the tests of all groups that a version has and `wanted` takes; `results` notes how they end. */
function each(minor, wanted, body, results) {
  for (const [group, tests] of Object.entries(groups)) {
    const present = tests.filter((test) => !(test.since > minor) && wanted(test));
    if (present.length === 0) continue;
    describe(group, () => {
      for (const test of present) {
        results?.expect(test);
        it(test.name, () => {
          results?.done(test);
          if (results) results.run(test, body);
          else body(test);
        });
      }
    });
  }
}

/** Compares ours with the glue for all inputs, or with what is right where that glue is wrong. */
function compare(test, minor, sources) {
  const isRight = !isWrong(test, minor);
  forEachInput(test, sources, (args, glue, ours) => {
    // A glue that is wrong is not even called: it may be in disorder afterwards.
    const expected = isRight ? act(test, glue, args) : { value: test.expect(...args) };
    const actual = act(test, ours, args);
    checkOurs(test, args, actual, expected);
    const asked = isRight ? glue.host.log : test.asked?.(...args);
    if (asked) assertSame(ours.host.log, asked, `what ${test.name} asked of JavaScript`);
  });
}

for (const version of typesVersions) {
  describe(`types ${version} on V8`, () => {
    const glue = shared(() => openGlue(version));
    each(
      minorOf(version),
      (test) => !isWrong(test, minorOf(version)),
      (test) => forEachInput(test, [glue], (args, guest) => checkGlue(test, args, act(test, guest, args))),
    );

    it('no export is forgotten', () => {
      const told = new Set(all.flatMap((test) => test.covers));
      const names = publicNames(glue.get().guest).filter((name) => !told.has(name));
      assert.deepEqual(names, []);
    });
  });
}

for (const version of rawVersions('types')) {
  const twin = twinOf(version);

  describe(`types ${version}, raw`, () => {
    const results = record('raw', version);
    let module;
    before(() => {
      module = Module.load(raw('types', version));
      results.describe(module);
    });
    after(() => module?.close());
    const glue = shared(() => openGlue(twin));
    const ours = shared(() => openOurs(module, { withImports: true }));
    each(
      Math.min(minorOf(version), minorOf(twin)),
      () => true,
      (test) => compare(test, minorOf(twin), [glue, ours]),
      results,
    );

    if (version === twin) {
      it('has the exports of the glue', () => {
        assert.deepEqual(publicNames(ours.get().guest), publicNames(glue.get().guest));
      });

      it('has the classes of the glue, with all their members', () => {
        for (const name of publicNames(glue.get().guest).filter((key) => /^[A-Z]/.test(key))) {
          const [there, here] = [glue, ours].map((source) => membersOf(source.get().guest[name]));
          const absent = there.filter((member) => !here.includes(member));
          assert.deepEqual(absent, [], name);
        }
      });
    }

    describe('is stricter than the glue', () => strictness(() => ours.get().guest));
  });
}

for (const version of typesVersions) {
  describe(`types ${version}, processed`, () => {
    const results = record('processed', version);
    const module = Module.load(fixture('types', version));
    results.describe(module);
    after(() => module.close());
    const glue = shared(() => openGlue(version));
    const ours = shared(() => openOurs(module, { withImports: false }));
    const minor = minorOf(version);
    const unsupported = new Set(module.exports.filter((entry) => entry.unsupported).map((entry) => entry.name));
    const isUnsupported = (test) => test.covers.some((name) => unsupported.has(name));
    each(
      minor,
      (test) => !test.imports && !test.objects && !isUnsupported(test),
      (test) => compare(test, minor, [glue, ours]),
      results,
    );

    it('which exports are unsupported, apart from those with objects', () => {
      const others = all.filter((test) => !(test.since > minor) && !test.imports && !test.objects);
      const names = new Set(others.filter(isUnsupported).map((test) => test.name));
      const present = new Set(others.map((test) => test.name));
      assert.deepEqual(
        [...names].sort(),
        expectedUnsupported(minor).filter((name) => present.has(name)),
      );
    });
  });
}

describe('the table of types', () => {
  it('gets to know how they ended', write);
});

/** Where ours refuses what the glue turns into something else. */
function strictness(guest) {
  const ranges = {
    echo_i8: [-129, 128, 1.5, NaN, Infinity],
    echo_u8: [-1, 256],
    echo_i16: [-32769, 32768],
    echo_u16: [-1, 65536],
    echo_i32: [-2147483649, 2147483648, 0.1],
    echo_u32: [-1, 4294967296],
    echo_usize: [-1, 4294967296],
    echo_i64: [2n ** 63n, -(2n ** 63n) - 1n],
    echo_u64: [-1n, 2n ** 64n],
    opt_u8: [-1, 256],
    opt_i32: [2147483648],
    opt_u32: [4294967297],
    echo_char: ['', 'ab', '\ud800'],
  };
  const types = {
    echo_i32: ['1', 1n, null, undefined, {}, true],
    echo_u64: [1, '1', null],
    echo_f64: ['1', 1n, null],
    echo_bool: [0, 1, 'true', null, undefined],
    echo_char: [65, null, undefined],
    echo_string: [1, null, undefined, {}, Object('a')],
    opt_string: [1, {}],
    opt_u32: ['1', {}],
    vec_u8: [null, undefined, 'abc', 7],
    vec_f64: [new Float32Array(2), 'abc'],
    reverse_i16: [new Uint16Array(2), null],
    peek_counter: [{}, null, undefined, 7],
  };
  const check = (table, code) => {
    for (const [name, values] of Object.entries(table)) {
      it(`${name}: ${code}`, () => {
        for (const value of values) refuses(() => guest()[name](value), code, { argument: 0 });
      });
    }
  };
  check(ranges, 'ERR_ARG_RANGE');
  check(types, 'ERR_ARG_TYPE');
}
