'use strict';

const assert = require('node:assert/strict');
const { Instance, Module, inspect } = require('../..');
const { compiled, fixture, raw } = require('../fixtures');
const { open, refuses } = require('../helpers');

// A .d.ts alone does not tell "(string) -> ()" from "(char) -> result<()>".
const WITH_TEXT = { signatures: { panic_with: '(message: string) -> ()' } };
const panicking = (name) => open(fixture(name), WITH_TEXT);

/** [export, arguments, what the panic's message contains]. */
const PANICS = [
  ['panic_with', ['a message with ünïcode 🦀'], 'a message with ünïcode 🦀'],
  ['panic_with', [''], ''],
  ['unwrap_none', [], 'called `Option::unwrap()` on a `None` value'],
  ['index', [3], 'index out of bounds: the len is 3 but the index is 3'],
  ['divide', [1, 0], 'attempt to divide by zero'],
  ['divide', [-2147483648, -1], 'attempt to divide with overflow'],
];

describe('Rust panics', () => {
  for (const [name, args, text] of PANICS) {
    it(`${name}(${args}): the message, if the guest has a hook`, () => {
      const instance = panicking('panics_hook');
      const error = refuses(() => instance.exports[name](...args), 'ERR_PANIC', { trap: 'unreachable' });
      assert.ok(error.message.includes(text), error.message);
      assert.match(error.message, /lib\.rs:\d+:\d+/);
      assert.match(error.wasmStack, new RegExp(name));
      assert.equal(instance.state, 'poisoned');
    });

    it(`${name}(${args}): without a hook the place, and a message that needs no formatting`, () => {
      const instance = panicking('panics');
      const error = refuses(() => instance.exports[name](...args), 'ERR_PANIC', { trap: 'unreachable' });
      assert.match(error.message, /^panicked at src\/lib\.rs:\d+:\d+:\n/);
      const told = ['unwrap_none', 'divide'].includes(name) ? text : 'console_error_panic_hook';
      assert.ok(error.message.includes(told), error.message);
      assert.match(error.wasmStack, new RegExp(name));
      assert.equal(instance.state, 'poisoned');
    });
  }

  // These have the formatter of Rust: what a crate that makes Strings has anyway.
  for (const version of ['0.2.83', '0.2.100', '0.2.127', '0.2.130']) {
    it(`of a raw module (wasm-bindgen ${version}) tell message and place without a hook`, () => {
      const module = Module.load(raw('types', version));
      const panic = (name, ...args) =>
        refuses(() => new Instance(module).exports[name](...args), 'ERR_PANIC', { wasmStack: new RegExp(name) })
          .message;
      assert.match(panic('panic_formatted', 5, 'ä'), /^panicked at src\/panics\.rs:\d+:\d+:\nnumber 5 and text "ä" \(/);
      assert.match(panic('number_at', 9), /index out of bounds: the len is 3 but the index is 9/);
      assert.match(panic('expect_number', 'x'), /a number: ParseIntError \{ kind: InvalidDigit \}/);
      assert.match(panic('unwrap_none'), /called `Option::unwrap\(\)` on a `None` value/);
    });
  }

  it('poison the instance: whatever is called next says so', () => {
    const instance = panicking('panics');
    assert.equal(instance.exports.ok(), 7);
    refuses(() => instance.exports.unwrap_none(), 'ERR_PANIC');
    for (const call of [
      () => instance.exports.ok(),
      () => instance.exports.panic_with('x'),
      () => instance.call('ok'),
      () => instance.raw.ok(),
    ]) {
      for (let i = 0; i < 2; i++) refuses(call, 'ERR_POISONED');
    }
    refuses(() => instance.exports.index('x'), 'ERR_ARG_TYPE');
    assert.ok(instance.memory.byteLength > 0, 'memory can still be looked at');
    assert.equal(instance.memory.read(0, 16).length, 16);
    instance.close();
    refuses(() => instance.exports.ok(), 'ERR_CLOSED');
  });

  it('do not touch other instances of the module', () => {
    const bad = open(compiled('panics'));
    const good = open(compiled('panics'));
    refuses(() => bad.exports.unwrap_none(), 'ERR_PANIC');
    assert.equal(good.exports.ok(), 7);
    assert.equal(open(compiled('panics')).exports.ok(), 7);
  });

  it('traps that are no panics poison a Rust guest too', () => {
    const instance = panicking('panics');
    const error = refuses(() => instance.exports.recurse(0n), 'ERR_TRAP', { trap: 'stack_overflow' });
    assert.match(error.wasmStack, /recurse/);
    refuses(() => instance.exports.ok(), 'ERR_POISONED');
  });

  it('a stale panic message is not told twice', () => {
    const instance = panicking('panics_hook');
    refuses(() => instance.exports.panic_with('first'), 'ERR_PANIC', { message: /first/ });
    refuses(() => instance.exports.ok(), 'ERR_POISONED');
  });

  it('functions that succeed return as ever', () => {
    const { index, divide, ok } = panicking('panics_hook').exports;
    assert.deepEqual([index(0), index(2), divide(7, -2), ok()], [10, 30, -3, 7]);
  });
});

describe('Rust results', () => {
  const signatures = {
    parse_i32: '(text: string) -> result<i32>',
    parse_f64: '(text: string) -> result<f64>',
    check: '(ok: bool) -> result<()>',
    read: '(path: string) -> result<string>',
    maybe: '(number: i32) -> result<u32?>',
  };
  const ways = {
    'with the .d.ts': () => open(compiled('results')),
    'with explicit signatures': () => open(fixture('results'), { sidecar: false, signatures }),
  };

  for (const [way, start] of Object.entries(ways)) {
    describe(way, () => {
      it('Ok', () => {
        const { exports } = start();
        assert.equal(exports.parse_i32('-12'), -12);
        assert.equal(exports.parse_f64('1.5e300'), 1.5e300);
        assert.equal(exports.check(true), undefined);
        assert.equal(exports.read('hello.txt'), 'hello from a file');
      });

      it('Err with a string: error.value is that string', () => {
        const { exports } = start();
        for (const text of ['x', '', 'ünï 🦀', 'y'.repeat(5000)]) {
          const error = refuses(() => exports.parse_i32(text), 'ERR_GUEST_ERROR', { value: `not an integer: ${text}` });
          assert.equal(error.message, `not an integer: ${text} (ERR_GUEST_ERROR)`);
          assert.equal(error.trap, undefined);
        }
      });

      it('Err with a JsError: error.value is an Error', () => {
        const { exports } = start();
        const cases = [
          [() => exports.parse_f64('x'), 'invalid float literal'],
          [() => exports.check(false), 'check failed'],
          [() => exports.read('ä.txt'), 'ä.txt: no such file'],
        ];
        for (const [call, message] of cases) {
          const error = refuses(call, 'ERR_GUEST_ERROR', { message: `${message} (ERR_GUEST_ERROR)` });
          assert.ok(error.value instanceof Error);
          assert.equal(error.value.message, message);
        }
      });

      it('an Err does not poison, and leaks nothing in the guest', () => {
        const instance = start();
        for (let i = 0; i < 5000; i++) refuses(() => instance.exports.parse_i32('x'), 'ERR_GUEST_ERROR');
        assert.equal(instance.state, 'open');
        const before = instance.memory.byteLength;
        for (let i = 0; i < 5000; i++) refuses(() => instance.exports.read('x'), 'ERR_GUEST_ERROR');
        assert.equal(instance.memory.byteLength, before);
        assert.equal(instance.exports.parse_i32('5'), 5);
      });
    });
  }

  it('Result<Option<u32>>', () => {
    const { maybe } = open(fixture('results'), { signatures }).exports;
    assert.equal(maybe(5), 5);
    assert.equal(maybe(0), undefined);
    const error = refuses(() => maybe(-1), 'ERR_GUEST_ERROR');
    assert.equal(error.value.message, '-1 is negative');
  });

  it('wrong arguments are told before the guest is asked', () => {
    const { parse_i32, check } = open(compiled('results')).exports;
    refuses(() => parse_i32(5), 'ERR_ARG_TYPE');
    refuses(() => check('yes'), 'ERR_ARG_TYPE');
  });
});

describe('exports that need JavaScript', () => {
  it('classes, any values and promises refuse with the reason', () => {
    const { exports, module } = open(compiled('exports_js'));
    for (const [name, reason] of [
      ['take_any', /any, a JavaScript value/],
      ['later', /Promise<number>, an asynchronous result/],
    ]) {
      assert.match(module.exports.find((e) => e.name === name).unsupported, reason);
      refuses(() => exports[name](), 'ERR_EXPORT_UNSUPPORTED', { message: reason });
      refuses(() => exports[name](1), 'ERR_EXPORT_UNSUPPORTED');
    }
  });

  it('the functions of a class are wasm-level functions', () => {
    const { exports } = open(compiled('exports_js'));
    const counter = exports.counter_new(5);
    assert.equal(exports.counter_increment(counter), 6);
    assert.equal(exports.counter_value(counter), 6);
  });

  it('an import that nobody provides fails when it is called, with its name', () => {
    const instance = open(fixture('exports_js'), { signatures: { log_it: '(text: string) -> ()' } });
    const error = refuses(() => instance.exports.log_it('text'), 'ERR_IMPORT_CALLED', { message: /log/ });
    assert.match(error.wasmStack, /log_it/);
    assert.equal(error.value, undefined);
  });
});

describe('WASI without a grant', () => {
  for (const name of ['wasi_command', 'wasi_lib']) {
    it(`${name}: names every import it asks for`, () => {
      const module = compiled(name);
      const error = refuses(() => new Instance(module), 'ERR_CAPABILITY');
      const wanted = module.imports.map((i) => `${i.module}.${i.name}`);
      assert.ok(wanted.length > 3);
      assert.deepEqual(error.imports, wanted);
      for (const { name: text } of module.imports) assert.ok(error.message.includes(text), text);
      assert.match(error.message, /from wasi_snapshot_preview1 what is not granted; it needs args \(for args_/);
      assert.match(error.message, /, or wasi for all of it \(ERR_CAPABILITY\)$/);
      assert.deepEqual(
        error.grants.map((entry) => entry.import),
        wanted,
      );
      const { needs } = inspect(module);
      assert.deepEqual(new Set(error.grants.map(({ grant }) => grant)), new Set(needs.grants));
    });
  }
});
