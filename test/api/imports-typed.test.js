'use strict';

// hostFn: host functions with a signature, and with a caller.

const assert = require('node:assert/strict');
const { Instance, hostFn } = require('../..');
const { bytesOf, refuses, track } = require('../helpers');
const { ORDER, builds, guest, withBuild } = require('./guest-helpers');

const TEXT = 'hello é😀';
const BYTES = Buffer.from(TEXT);

/** Data at 16, an allocator that gives what is at 1024 and counts, and whatever else. */
const memory = (imports, rest) =>
  bytesOf(`(module ${imports} (memory (export "memory") 1)
    (data (i32.const 16) "${[...BYTES].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('')}")
    ${rest})`);

const open = (source, env) => track(new Instance(source, { imports: { env } }));

const LOG = memory(
  '(import "env" "log" (func $log (param i32 i32)))',
  `(func (export "log") (param i32 i32) (call $log (local.get 0) (local.get 1)))`,
);

describe('hostFn', () => {
  it('text and bytes out of guest memory', () => {
    const got = [];
    const { exports } = open(LOG, { log: hostFn('(string) -> ()', (text) => got.push(text)) });
    exports.log(16, BYTES.length);
    exports.log(16, 0);
    exports.log(65536, 0);
    assert.deepEqual(got.splice(0), [TEXT, '', '']);
    const bytes = open(LOG, { log: hostFn('(data: bytes)', (data) => got.push(data)) });
    bytes.exports.log(16, 5);
    assert.deepEqual(got.pop(), new Uint8Array(BYTES.subarray(0, 5)));
    const words = open(LOG, { log: hostFn('(u32[])', (data) => got.push(data)) });
    words.exports.log(16, 2);
    assert.deepEqual(got.pop(), Uint32Array.of(BYTES.readUInt32LE(0), BYTES.readUInt32LE(4)));
  });

  it('what the guest names wrongly ends the call', () => {
    const { exports } = open(LOG, { log: hostFn('(string) -> ()', () => assert.fail('called')) });
    for (const [ptr, length] of [
      [65536, 1],
      [65530, 7],
      [-1, 1],
      [0, -1],
    ]) {
      refuses(() => exports.log(ptr, length), 'ERR_RESULT_BOUNDS', { message: /^env\.log: / });
    }
    refuses(() => exports.log(16, 7), 'ERR_RESULT_UTF8'); // in the middle of é
  });

  it('text out of the memory of a start function', () => {
    let got;
    open(
      memory(
        '(import "env" "log" (func $log (param i32 i32)))',
        `(func $s (call $log (i32.const 16) (i32.const 5))) (start $s)`,
      ),
      { log: hostFn('(string)', (text) => (got = text)) },
    );
    assert.equal(got, 'hello');
  });

  it('numbers with the ranges of their types, booleans, chars, optionals', () => {
    const source = bytesOf('(import "env" "f" (func $f (param i32) (result i32))) (export "f" (func $f))');
    const f = (signature, fn) => open(source, { f: hostFn(signature, fn) }).raw.f;
    let got;
    const through = (type, value, result = value) => f(`(${type}) -> ${type}`, (v) => ((got = v), result));
    assert.equal(through('u32', 0, 4294967295)(-1), -1);
    assert.equal(got, 4294967295);
    assert.equal(through('bool', 0, true)(0), 1);
    assert.equal(got, false);
    assert.equal(through('char', 0, '😀')(0x41), 0x1f600);
    assert.equal(got, 'A');
    assert.equal(through('i8', 0, -128)(255), -128);
    assert.equal(got, -1);
    refuses(() => through('u8', 0, 256)(1), 'ERR_ARG_RANGE', { imports: ['env.f'] });
    refuses(() => through('bool', 0, 1)(1), 'ERR_ARG_TYPE', { imports: ['env.f'] });
  });

  it('a result of text or bytes is in memory of the guest, and its own', () => {
    const source = memory(
      '(import "env" "text" (func $text (result i32 i32)))',
      `(global $allocated (mut i32) (i32.const 0))
       (func (export "malloc") (param i32) (result i32)
         (global.set $allocated (local.get 0)) (i32.const 1024))
       (func (export "allocated") (result i32) (global.get $allocated))
       (func (export "f") (result i32 i32) (call $text))`,
    );
    const make = (value) => open(source, { text: hostFn('() -> string', () => value) });
    const instance = make(TEXT);
    assert.deepEqual(instance.exports.f(), [1024, BYTES.length]);
    assert.equal(instance.exports.allocated(), BYTES.length);
    assert.equal(Buffer.from(instance.memory.read(1024, BYTES.length)).toString(), TEXT);
    for (const value of [5, undefined, null, {}]) {
      refuses(() => make(value).exports.f(), 'ERR_ARG_TYPE', { message: /^env\.text: result: expected a string/ });
    }
    refuses(() => make(Promise.resolve('x')).exports.f(), 'ERR_ASYNC_IMPORT');
    const large = make('x'.repeat(70000));
    refuses(() => large.exports.f(), 'ERR_ALLOCATOR');
  });

  it('without an allocator such a result is refused when the instance is made', () => {
    const source = memory('(import "env" "text" (func $text (result i32 i32)))', '');
    const error = refuses(() => open(source, { text: hostFn('() -> string', () => '') }), 'ERR_SIGNATURE_MISMATCH', {
      imports: ['env.text'],
    });
    assert.match(error.message, /env\.text: .*allocator/);
    const bare = bytesOf('(import "env" "log" (func (param i32 i32)))');
    refuses(() => open(bare, { log: hostFn('(string)', () => {}) }), 'ERR_SIGNATURE_MISMATCH', { message: /memory/ });
  });

  it('references, with numbers and text beside them', () => {
    const source = memory(
      '(import "env" "f" (func $f (param i32 i32 externref funcref) (result externref)))',
      `(func (export "f") (param externref funcref) (result externref)
         (call $f (i32.const 16) (i32.const 5) (local.get 0) (local.get 1)))`,
    );
    let got;
    const result = {};
    const { exports } = open(source, {
      f: hostFn('(string, externref, funcref) -> externref', (...args) => ((got = args), result)),
    });
    const object = {};
    assert.equal(exports.f(object, exports.f), result);
    assert.deepEqual([got[0], got[1] === object, got[2] === exports.f], ['hello', true, true]);
  });

  it('a signature that does not fit is an error that names both', () => {
    for (const signature of [
      '(string, i32) -> ()',
      '(i32) -> ()',
      '(i64, i32)',
      '(string) -> i32',
      '()',
      '(f64, f64)',
    ]) {
      const error = refuses(() => open(LOG, { log: hostFn(signature, () => {}) }), 'ERR_SIGNATURE_MISMATCH', {
        imports: ['env.log'],
      });
      assert.match(
        error.message,
        /^imports\.env\.log: the signature .* does not fit the wasm type \(i32, i32\) -> \(\)/,
      );
    }
    refuses(() => open(LOG, { log: hostFn('(value)', () => {}) }), 'ERR_SIGNATURE_MISMATCH', {
      message: /guest crate/,
    });
    refuses(() => open(LOG, { log: hostFn('(string) -> result<()>', () => {}) }), 'ERR_SIGNATURE_MISMATCH', {
      message: /guest crate/,
    });
    for (const signature of ['', 'string', '(string', '(strin) -> ()', '(string) -> () x']) {
      refuses(() => open(LOG, { log: hostFn(signature, () => {}) }), 'ERR_SIGNATURE_SYNTAX', { imports: ['env.log'] });
    }
  });

  it('checks what it is given', () => {
    for (const signature of [undefined, null, 5, {}, () => 1])
      refuses(() => hostFn(signature, () => 1), 'ERR_ARG_TYPE');
    for (const fn of [undefined, null, 5, {}, '() => 1']) refuses(() => hostFn('()', fn), 'ERR_ARG_TYPE');
    refuses(() => hostFn('()', () => 1, { callr: true }), 'ERR_OPTION_UNKNOWN', { message: /caller/ });
    refuses(() => hostFn('()', () => 1, { caller: 1 }), 'ERR_OPTION_TYPE');
    refuses(() => hostFn('()', () => 1, 5), 'ERR_OPTION_TYPE');
  });

  it('gives a function that can be called and shared', () => {
    const fn = hostFn('(string) -> ()', function log(text) {
      return text.length;
    });
    assert.equal(fn.name, 'log');
    assert.equal(fn('abc'), 3);
    for (let i = 0; i < 3; i++) open(LOG, { log: fn }).exports.log(16, 5);
  });
});

describe('hostFn: the caller', () => {
  const calling = (fn) => open(LOG, { log: hostFn('(i32, i32)', fn, { caller: true }) });

  it('is the instance, with its exports', () => {
    let seen = 0;
    const instance = calling((caller, ptr, length) => {
      assert.equal(caller.instance, instance);
      assert.equal(caller.exports, instance.exports);
      if (length > 0) caller.exports.log(ptr, length - 1);
      seen++;
    });
    instance.exports.log(0, 3);
    assert.equal(seen, 4);
  });

  it('has memory: copies, and views that end with the host function', () => {
    let view;
    let memory;
    const instance = calling((caller, ptr, length) => {
      ({ memory } = caller);
      assert.equal(caller.memory, memory);
      view = memory.view(ptr, length);
      assert.equal(Buffer.from(view).toString(), TEXT);
      view[0] = 0x48;
      assert.equal(memory.read(ptr, 1)[0], 0x48, 'it is the memory itself');
      memory.write(ptr + 1, Uint8Array.of(0x45));
      assert.equal(view[1], 0x45);
      assert.equal(memory.byteLength, 65536);
      assert.equal(memory.view(ptr, 0).length, 0);
      assert.equal(memory.view(65536, 0).length, 0);
    });
    instance.exports.log(16, BYTES.length);
    assert.equal(view.length, 0);
    assert.equal(view.buffer.byteLength, 0);
    refuses(() => memory.view(0, 1), 'ERR_CLOSED');
    assert.equal(memory.read(16, 2).toString(), '72,69');
    assert.equal('view' in instance.memory, false);
  });

  it('views end when the host function throws, and when it calls the guest and that traps', () => {
    let view;
    const error = new Error('mine');
    const instance = calling((caller) => {
      view = caller.memory.view(0, 8);
      throw error;
    });
    assert.throws(
      () => instance.exports.log(0, 0),
      (thrown) => thrown === error,
    );
    assert.equal(view.length, 0);
  });

  it('views of nested callers are independent', () => {
    const views = [];
    const instance = calling((caller, ptr, length) => {
      const view = caller.memory.view(16, 5);
      views.push(view);
      if (length > 0) caller.exports.log(ptr, length - 1);
      assert.equal(Buffer.from(view).toString(), 'hello', 'mine is still there');
    });
    instance.exports.log(0, 2);
    assert.deepEqual(
      views.map((view) => view.length),
      [0, 0, 0],
    );
  });

  it('bounds and types are checked', () => {
    const instance = calling(({ memory }) => {
      for (const [ptr, length] of [
        [65535, 2],
        [65537, 0],
        [-1, 1],
        [0.5, 1],
        [0, -1],
        [NaN, 1],
        [0, Infinity],
        [2 ** 53, 1],
      ]) {
        refuses(() => memory.view(ptr, length), 'ERR_MEMORY_BOUNDS');
      }
      for (const value of [undefined, '1', 1n, null]) {
        refuses(() => memory.view(value, 1), 'ERR_ARG_TYPE');
        refuses(() => memory.view(1, value), 'ERR_ARG_TYPE');
      }
    });
    instance.exports.log(0, 0);
  });

  it('memory that somebody takes away by a transfer never comes to harm', () => {
    let taken;
    const instance = calling(({ memory }) => {
      const view = memory.view(16, 5);
      try {
        taken = structuredClone(view.buffer, { transfer: [view.buffer] });
      } catch (error) {
        assert.equal(error.name, 'DataCloneError');
      }
      if (view.buffer.transfer) taken = view.buffer.transfer();
    });
    try {
      instance.exports.log(0, 0);
    } catch (error) {
      assert.equal(error.code, 'ERR_ARG_TYPE');
    }
    instance.close();
    if (taken) new Uint8Array(taken).fill(1);
  });

  it('a caller that is kept', () => {
    let kept;
    const instance = calling((caller) => void (kept = caller));
    instance.exports.log(0, 0);
    assert.equal(kept.instance, instance);
    refuses(() => kept.memory, 'ERR_CLOSED');
  });

  it('of a start function: the instance is being made', () => {
    const source = bytesOf('(import "env" "f" (func $f)) (memory (export "memory") 1) (start $f)');
    let seen;
    const f = hostFn('()', (caller) => {
      seen = caller.instance;
      refuses(() => caller.memory, 'ERR_BUSY');
      refuses(() => caller.exports, 'ERR_BUSY');
      for (const key of ['exports', 'raw', 'memory', 'state', 'id', 'stats']) refuses(() => caller.instance[key], 'ERR_BUSY');
      refuses(() => caller.instance.close(), 'ERR_BUSY');
      refuses(() => caller.instance.reset(), 'ERR_BUSY');
    }, { caller: true }); // prettier-ignore
    assert.equal(open(source, { f }), seen);
  });
});

for (const build of builds.slice(-1)) {
  describe(`hostFn: the guest crate, ${build}`, () => {
    withBuild(build);

    it('imports that it knows the types of take any function, with the caller if that is wanted', () => {
      let caller;
      const now = hostFn('() -> u64', (from) => ((caller = from), 5n), { caller: true });
      const instance = guest(build, { env: { now } });
      assert.equal(instance.exports.call_now(), 5n);
      assert.equal(caller.instance, instance);
    });

    it('none of them may return a Promise', () => {
      const { exports } = guest(build, { env: { now: async () => 5n }, host: { improve: async (order) => order } });
      refuses(() => exports.call_now(), 'ERR_ASYNC_IMPORT', { imports: ['env.now'] });
      refuses(() => exports.call_improve(ORDER), 'ERR_ASYNC_IMPORT', { imports: ['host.improve'] });
    });
  });
}

describe('hostFn: numbers and texts in any order', () => {
  const WASM = {
    bool: ['i32'],
    u32: ['i32'],
    i32: ['i32'],
    i64: ['i64'],
    f32: ['f32'],
    f64: ['f64'],
    string: ['i32', 'i32'],
  };
  const CONSTANTS = {
    bool: ['(i32.const 1)', true],
    u32: ['(i32.const -1)', 4294967295],
    i32: ['(i32.const -1)', -1],
    i64: ['(i64.const -5)', -5n],
    f32: ['(f32.const 0.5)', 0.5],
    f64: ['(f64.const 0.1)', 0.1],
    string: ['(i32.const 16) (i32.const 5)', 'hello'],
  };
  const RESULTS = { i32: 7, i64: -7n, f32: 0.25, f64: 0.3 };
  const LISTS = [
    ['string'],
    ['string', 'string'],
    ['i32', 'string'],
    ['string', 'i32'],
    ['bool', 'string', 'f64', 'string'],
    ['string', 'string', 'string'],
    ['string', 'string', 'string', 'string'],
    ['u32', 'i64', 'f32', 'string'],
    ['f64', 'bool', 'u32', 'i64', 'string', 'string'],
    ['string', 'f32', 'string', 'i64', 'string', 'bool'],
    ['u32', 'bool'],
  ];

  for (const types of LISTS) {
    it(`(${types})`, () => {
      const words = types.flatMap((type) => WASM[type]);
      for (const [result, value] of [[undefined, undefined], ...Object.entries(RESULTS)]) {
        const type = `(param ${words.join(' ')}) (result ${result ?? ''})`;
        const source = memory(
          `(import "env" "f" (func $f ${type}))`,
          `(func (export "f") (result ${result ?? ''}) (call $f ${types.map((t) => CONSTANTS[t][0]).join(' ')}))`,
        );
        let got;
        const signature = `(${types.join(', ')}) -> ${result ?? '()'}`;
        const { exports } = open(source, { f: hostFn(signature, (...args) => ((got = args), value)) });
        for (let i = 0; i < 2; i++) assert.equal(exports.f(), value);
        assert.deepEqual(got, types.map((t) => CONSTANTS[t][1])); // prettier-ignore
        const wrong = open(source, { f: hostFn(signature, () => Promise.resolve()) });
        refuses(() => wrong.exports.f(), 'ERR_ASYNC_IMPORT', { imports: ['env.f'] });
      }
    });
  }
});
