'use strict';

// Every state of an instance and a module × everything that can be done with it.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const { Instance, Module, hostFn, inspect } = require('../..');
const { compiled, fixture } = require('../fixtures');
const { childPrints, checkError, refuses, scratch, track } = require('../helpers');

/** The states, and how an instance that was used before gets into each. */
const STATES = {
  open: () => {},
  poisoned: (instance) => refuses(() => instance.exports.unwrap_none(), 'ERR_PANIC'),
  closed: (instance) => instance.close(),
  'poisoned, then closed': (instance) => {
    refuses(() => instance.exports.unwrap_none(), 'ERR_PANIC');
    instance.close();
  },
};

const OK = (value) => value !== undefined && value !== null;
const POISONED = 'ERR_POISONED';
const CLOSED = 'ERR_CLOSED';

/** What can be done → what comes of it in the states above: a code, or a check of the value. */
const METHODS = {
  state: [(i) => i.state, (s) => s === 'open', (s) => s === 'poisoned', (s) => s === 'closed', (s) => s === 'closed'],
  module: [(i) => i.module, OK, OK, OK, OK],
  exports: [(i) => i.exports.ok, OK, OK, OK, OK],
  raw: [(i) => i.raw.ok, OK, OK, OK, OK],
  'exports.ok()': [(i) => i.exports.ok(), (v) => v === 7, POISONED, CLOSED, CLOSED],
  'raw.ok()': [(i) => i.raw.ok(), (v) => v === 7, POISONED, CLOSED, CLOSED],
  "call('ok')": [(i) => i.call('ok'), (v) => v === 7, POISONED, CLOSED, CLOSED],
  'exports.panic_with(text)': [(i) => i.exports.panic_with('x'), 'ERR_PANIC', POISONED, CLOSED, CLOSED],
  'exports.panic_with(long text)': [
    (i) => i.exports.panic_with('é'.repeat(9999)),
    'ERR_PANIC',
    POISONED,
    CLOSED,
    CLOSED,
  ],
  "exports.panic_with('')": [(i) => i.exports.panic_with(''), 'ERR_PANIC', POISONED, CLOSED, CLOSED],
  'exports.divide(1, 0)': [(i) => i.exports.divide(1, 0), 'ERR_PANIC', POISONED, CLOSED, CLOSED],
  'exports.recurse(0n)': [(i) => i.exports.recurse(0n), 'ERR_TRAP', POISONED, CLOSED, CLOSED],
  'too few arguments': [(i) => i.exports.divide(1), ...Array(4).fill('ERR_ARG_COUNT')],
  'wrong arguments': [(i) => i.exports.divide(1, 'x'), ...Array(4).fill('ERR_ARG_TYPE')],
  "call('nothing')": [(i) => i.call('nothing'), ...Array(4).fill('ERR_EXPORT_MISSING')],
  memory: [(i) => i.memory, OK, OK, OK, OK],
  'memory.byteLength': [(i) => i.memory.byteLength, (n) => n > 0, (n) => n > 0, (n) => n === 0, (n) => n === 0],
  'memory.read': [(i) => i.memory.read(0, 1), OK, OK, CLOSED, CLOSED],
  'memory.read of nothing': [(i) => i.memory.read(0, 0), OK, OK, CLOSED, CLOSED],
  'memory.write': [(i) => i.memory.write(8, new Uint8Array(1)) ?? 1, OK, OK, CLOSED, CLOSED],
  id: [(i) => i.id, (v) => v > 0n, (v) => v > 0n, (v) => v > 0n, (v) => v > 0n],
  stats: [(i) => i.stats, ...Array(4).fill((v) => v.calls >= 2 && v.memoryBytes > 0 && !v.running)],
  receipt: [(i) => i.receipt ?? 'none', ...Array(4).fill((v) => v === 'none')],
  'takeOutput()': [(i) => i.takeOutput(), ...Array(4).fill((v) => v.stdout.length === 0)],
  'Instance.stop(id)': [(i) => Instance.stop(i.id), ...[true, true, false, false].map((there) => (v) => v === there)],
  'with(limits)': [(i) => i.with({ timeoutMs: 1000 }), OK, OK, OK, OK],
  'with(limits).exports.ok()': [
    (i) => i.with({ timeoutMs: 1000 }).exports.ok(),
    (v) => v === 7,
    POISONED,
    CLOSED,
    CLOSED,
  ],
  'with(limits, action)': [
    (i) => i.with({ timeoutMs: 1000 }, () => i.exports.ok()),
    (v) => v === 7,
    POISONED,
    CLOSED,
    CLOSED,
  ],
  'reset()': [(i) => i.reset().exports.ok(), (v) => v === 7, (v) => v === 7, CLOSED, CLOSED],
  'close()': [(i) => i.close() ?? 1, OK, OK, OK, OK],
  dispose: [(i) => i[Symbol.dispose ?? Symbol.for('nodejs.dispose')]() ?? 1, OK, OK, OK, OK],
};

function check(fn, expected) {
  if (typeof expected === 'string') return refuses(fn, expected);
  const value = fn();
  return assert.ok(expected(value), `gave ${String(value)}`);
}

describe('instances: state × method', () => {
  let module;
  before(() => {
    module = Module.load(fixture('panics'), { signatures: { panic_with: '(message: string) -> ()' } });
  });
  after(() => module.close());

  Object.entries(STATES).forEach(([state, enter], column) => {
    describe(state, () => {
      for (const [method, [fn, ...expected]] of Object.entries(METHODS)) {
        it(method, () => {
          const instance = track(new Instance(module));
          instance.exports.ok();
          instance.raw.ok();
          assert.ok(instance.memory);
          enter(instance);
          check(() => fn(instance), expected[column]);
          if (method !== 'close()' && method !== 'dispose') check(() => fn(instance), after2(state, expected, column));
        });
      }
    });
  });

  /** The second time: what poisoned an open instance finds it poisoned. */
  function after2(state, expected, column) {
    const poisons = state === 'open' && ['ERR_PANIC', 'ERR_TRAP'].includes(expected[0]);
    return poisons ? POISONED : expected[column];
  }

  it('exports that are first looked at after the end', () => {
    for (const key of ['exports', 'raw']) {
      const instance = new Instance(module);
      instance.close();
      refuses(() => instance[key], 'ERR_CLOSED');
    }
    const instance = new Instance(module);
    instance.close();
    refuses(() => instance.call('ok'), 'ERR_CLOSED');
    assert.equal(instance.memory.byteLength, 0);
  });
});

/** An instance with host functions and references, in each state that it can be in. */
describe('imports and references: state × method', () => {
  const SOURCE = Buffer.from(`(module
    (import "env" "number" (func $number (param i32) (result i32)))
    (import "env" "text" (func $text (param i32 i32)))
    (import "env" "value" (func $value (param externref) (result externref)))
    (import "env" "during" (func $during))
    (memory (export "memory") 1) (data (i32.const 0) "text")
    (func $hidden (result i32) (i32.const 7)) (elem declare func $hidden)
    (func (export "number") (param i32) (result i32) (call $number (local.get 0)))
    (func (export "text") (call $text (i32.const 0) (i32.const 4)))
    (func (export "value") (param externref) (result externref) (call $value (local.get 0)))
    (func (export "function") (param funcref) (result funcref) (local.get 0))
    (func (export "hidden") (result funcref) (ref.func $hidden))
    (func (export "during") (call $during)))`);
  const object = {};
  const ROWS = {
    'exports.number(1)': [(i) => i.exports.number(1), (v) => v === 2, (v) => v === 2, CLOSED],
    'raw.number(1)': [(i) => i.raw.number(1), (v) => v === 2, (v) => v === 2, CLOSED],
    'exports.text()': [(i) => i.exports.text() ?? i.told, (v) => v === 'text', (v) => v === 'text', CLOSED],
    'exports.value(object)': [(i) => i.exports.value(object), (v) => v === object, (v) => v === object, CLOSED],
    'exports.value(null)': [(i) => [i.exports.value(null)], ([v]) => v === null, ([v]) => v === null, CLOSED],
    'exports.function(an export)': [(i) => i.exports.function(i.exports.text), OK, OK, CLOSED],
    'exports.function(a function of its own)': [(i) => i.exports.function(i.hidden), OK, OK, CLOSED],
    'exports.function(another)': [(i) => i.exports.function(() => 1), ...Array(3).fill('ERR_ARG_TYPE')],
    'a function that the guest gave': [(i) => i.hidden(), (v) => v === 7, (v) => v === 7, CLOSED],
    'wrong arguments': [(i) => i.exports.number({}), ...Array(3).fill('ERR_ARG_TYPE')],
    'reset()': [(i) => i.reset(), OK, 'ERR_BUSY', CLOSED],
    'close()': [(i) => i.close() ?? 1, OK, 'ERR_BUSY', OK],
  };
  const make = (during) => {
    const env = {
      number: (n) => n + 1,
      text: hostFn('(string)', (text) => (instance.told = text)),
      value: (value) => value,
      during: () => during(),
    };
    const instance = track(new Instance(SOURCE, { imports: { env } }));
    instance.hidden = instance.exports.hidden();
    return instance;
  };

  for (const [method, [fn, ...expected]] of Object.entries(ROWS)) {
    it(`open: ${method}`, () => {
      const instance = make();
      check(() => fn(instance), expected[0]);
    });

    it(`in a host function: ${method}`, () => {
      let done = false;
      const instance = make(() => {
        check(() => fn(instance), expected[1]);
        done = true;
      });
      instance.exports.during();
      assert.ok(done);
      assert.equal(instance.state, 'open');
    });

    it(`closed: ${method}`, () => {
      const instance = make();
      assert.ok(instance.raw);
      instance.close();
      check(() => fn(instance), expected[2]);
    });
  }
});

describe('modules: state × method', () => {
  const make = () => Module.load(fixture('panics'));
  const METHODS_OF_MODULES = {
    exports: [(m) => m.exports.length, OK, OK],
    imports: [(m) => m.imports, OK, OK],
    closed: [(m) => m.closed, (v) => v === false, (v) => v === true],
    inspect: [(m) => inspect(m), OK, OK],
    'new Instance': [(m) => track(new Instance(m)), OK, CLOSED],
    'Module.load': [(m) => Module.load(m), 'ERR_SOURCE_TYPE', 'ERR_SOURCE_TYPE'],
    'close()': [(m) => m.close() ?? 1, OK, OK],
  };

  for (const [method, [fn, ...expected]] of Object.entries(METHODS_OF_MODULES)) {
    it(`open: ${method}`, () => check(() => fn(track(make())), expected[0]));
    it(`closed: ${method}`, () => {
      const module = make();
      module.close();
      check(() => fn(module), expected[1]);
    });
  }
});

describe('closed: exports of every shape', () => {
  for (const name of ['strings', 'bytes', 'numbers', 'results', 'exports_js', 'growth', 'hello']) {
    it(`${name}: every function, typed and raw, says ERR_CLOSED or what is wrong with the call`, () => {
      const instance = new Instance(compiled(name));
      const functions = [...Object.values(instance.exports), ...Object.values(instance.raw)];
      instance.close();
      for (const f of functions) {
        for (const args of [
          [],
          [0],
          [''],
          [0n],
          [new Uint8Array(2)],
          [0, 0],
          [0n, 0n],
          ['', ''],
          [0, 0, 0],
          [0, 0, 0, 0],
        ]) {
          let error;
          try {
            f(...args);
          } catch (thrown) {
            error = thrown;
          }
          const known = ['ERR_CLOSED', 'ERR_ARG_COUNT', 'ERR_ARG_TYPE', 'ERR_ARG_RANGE', 'ERR_EXPORT_UNSUPPORTED'];
          assert.ok(known.includes(error?.code), `${f.name}: ${error?.stack}`);
          checkError(error, error.code);
        }
      }
    });
  }

  it('one that leaves its result in a return area', async () => {
    fs.writeFileSync(
      scratch('area.wat'),
      `(module (memory (export "memory") 1)
         (func (export "__wbindgen_malloc") (param i32 i32) (result i32) i32.const 1024)
         (func (export "__wbindgen_free") (param i32 i32 i32))
         (func (export "f") (param i32)
           (i32.store (local.get 0) (i32.const 2048)) (i32.store offset=4 (local.get 0) (i32.const 3)))
         (func (export "boom") unreachable))`,
    );
    fs.writeFileSync(scratch('area.d.ts'), 'export function f(): Uint8Array;');
    await childPrints(
      `const i = new wg.Instance(${JSON.stringify(scratch('area.wat'))});
       const { f, boom } = i.exports;
       const code = (fn) => { try { return fn().length; } catch (e) { return e.code; } };
       console.log(code(f), code(boom), code(f));
       i.close();
       console.log(code(f), code(f));`,
      '3 ERR_TRAP ERR_POISONED\nERR_CLOSED ERR_CLOSED\n',
    );
  });
});
