'use strict';

const assert = require('node:assert/strict');
const { describe: tell, nearest, codedError, createError, WasmError } = require('../../js/errors');
const codes = require('../../js/codes');
const { classOf } = require('../helpers');

describe('the table of codes', () => {
  it('has a stable name, a class and a meaning for each number', () => {
    assert.equal(codes[0], null);
    const names = codes.slice(1).map(([name]) => name);
    assert.equal(new Set(names).size, names.length);
    for (const [name, className, meaning] of codes.slice(1)) {
      assert.match(name, /^ERR_[A-Z0-9_]+$/);
      assert.equal(className, classOf(name).name);
      assert.ok(meaning.length > 10);
    }
  });

  it('each makes an error of its class', () => {
    codes.slice(1).forEach(([name, , meaning], i) => {
      const error = createError({ code: i + 1 });
      assert.equal(error.code, name);
      assert.equal(Object.getPrototypeOf(error), classOf(name).prototype);
      assert.equal(error.message, `${meaning} (${name})`);
    });
  });

  it('a number outside of it is ERR_INTERNAL', () => {
    for (const code of [-1, 9999, 0.5, undefined]) assert.equal(createError({ code }).code, 'ERR_INTERNAL');
  });
});

describe('WasmError', () => {
  it('is an Error with a name and the properties given', () => {
    const error = new WasmError('text', { code: 'ERR_TRAP', trap: 'unreachable' });
    assert.ok(error instanceof Error);
    assert.equal(error.name, 'WasmError');
    assert.equal(String(error), 'WasmError: text');
    assert.equal(error.trap, 'unreachable');
    assert.equal(require('../..').WasmError, WasmError);
    assert.deepEqual(Object.keys(error), ['code', 'trap']);
  });

  it('survives subclasses and does not need properties', () => {
    class Mine extends WasmError {}
    assert.ok(new Mine('x') instanceof WasmError);
    assert.equal(new WasmError('x').code, undefined);
  });
});

describe('codedError', () => {
  it('has the code in the message, as property, and more', () => {
    const cause = new Error('c');
    const error = codedError('ERR_OPTION_RANGE', 'text', { option: 'a', cause });
    assert.ok(error instanceof RangeError);
    assert.equal(error.message, 'text (ERR_OPTION_RANGE)');
    assert.equal(error.option, 'a');
    assert.equal(error.cause, cause);
  });
});

describe('createError', () => {
  const numberOf = (name) => codes.findIndex((row) => row?.[0] === name);

  it('about an argument', () => {
    const error = createError({ code: numberOf('ERR_ARG_TYPE'), export: 'f', index: 2, kind: 13, value: 5 });
    assert.equal(error.message, 'f: argument 3: expected a string, got the number 5 (ERR_ARG_TYPE)');
    assert.equal(error.argument, 2);
  });

  it('about the number of arguments', () => {
    const make = (expected, got) =>
      createError({ code: numberOf('ERR_ARG_COUNT'), export: 'f', expected, got }).message;
    assert.equal(make(1, 0), 'f: expected 1 argument, got 0 (ERR_ARG_COUNT)');
    assert.equal(make(2, 3), 'f: expected 2 arguments, got 3 (ERR_ARG_COUNT)');
    assert.equal(make(0, 1), 'f: expected 0 arguments, got 1 (ERR_ARG_COUNT)');
  });

  it('values that a guest threw', () => {
    const make = (facts) => createError({ code: numberOf('ERR_GUEST_ERROR'), ...facts });
    const value = (facts) => make(facts).value;
    assert.equal(value({ valueKind: 1 }), undefined);
    assert.ok('value' in make({ valueKind: 1 }));
    assert.equal(value({ valueKind: 2 }), null);
    assert.equal(value({ valueKind: 3, number: 1 }), true);
    assert.equal(value({ valueKind: 3, number: 0 }), false);
    assert.equal(value({ valueKind: 4, number: -0.5 }), -0.5);
    assert.equal(value({ valueKind: 5, message: 'text' }), 'text');
    assert.equal(value({ valueKind: 5 }), '');
    assert.equal(value({ valueKind: 7, integer: -1n }), -1n);
    const error = value({ valueKind: 6, message: 'text' });
    assert.ok(error instanceof Error);
    assert.equal(error.message, 'text');
    assert.equal(make({ valueKind: 4, number: 7 }).message, 'the guest threw the number 7 (ERR_GUEST_ERROR)');
    assert.equal(make({ valueKind: 2 }).message, 'the guest threw null (ERR_GUEST_ERROR)');
  });

  it('details, trap, stack and exit code become properties', () => {
    const error = createError({
      code: numberOf('ERR_EXIT'),
      detail: '{"a":[1]}',
      trap: 't',
      wasmStack: 's',
      exitCode: 3,
    });
    assert.deepEqual({ ...error }, { code: 'ERR_EXIT', a: [1], trap: 't', wasmStack: 's', exitCode: 3 });
  });

  it('its own frame is not on the stack', () => {
    assert.doesNotMatch(createError({ code: 1 }).stack, /at createError/);
  });
});

describe('describe', () => {
  const boom = () => {
    throw new Error('code of the value ran');
  };
  const hostile = { get: boom, has: boom, ownKeys: boom, getPrototypeOf: boom, getOwnPropertyDescriptor: boom };

  it('says what a value is', () => {
    const cases = [
      [null, 'null'],
      [undefined, 'undefined'],
      ['a"b', 'the string "a\\"b"'],
      ['x'.repeat(40), `the string "${'x'.repeat(40)}"`],
      ['x'.repeat(41), 'a string of 41 characters'],
      [-0, 'the number -0'],
      [NaN, 'the number NaN'],
      [1e21, 'the number 1e+21'],
      [true, 'the boolean true'],
      [5n, 'the bigint 5n'],
      [Symbol('secret'), 'a symbol'],
      [boom, 'a function'],
      [class {}, 'a function'],
      [[], 'an array'],
      [{}, 'an object'],
      [Object.create(null), 'an object'],
      [new Uint8Array(3), 'a Uint8Array of 3 elements'],
      [Buffer.alloc(2), 'a Uint8Array of 2 elements'],
      [new Uint8Array(new SharedArrayBuffer(2)), 'a Uint8Array of shared memory of 2 elements'],
      [new SharedArrayBuffer(1), 'a SharedArrayBuffer'],
      [new ArrayBuffer(4), 'an ArrayBuffer of 4 bytes'],
      [new Proxy({}, hostile), 'a Proxy'],
      [new Proxy([], hostile), 'a Proxy'],
    ];
    for (const [value, text] of cases) assert.equal(tell(value), text);
  });

  it('runs no code of it', () => {
    const getter = { get: boom, configurable: true };
    const own = (value, ...keys) => {
      for (const key of keys) Object.defineProperty(value, key, getter);
      return value;
    };
    const everything = ['length', 'byteLength', 'buffer', 'constructor', 'toString', 'valueOf', 'name'];
    const symbols = [Symbol.toStringTag, Symbol.toPrimitive, Symbol.iterator];
    for (const value of [
      own({}, ...everything, ...symbols),
      own(new Uint8Array(1), ...everything, ...symbols),
      own(new ArrayBuffer(1), ...everything, ...symbols),
      own(new SharedArrayBuffer(1), ...everything, ...symbols),
      own(() => 1, 'name', 'length', 'toString', ...symbols),
      Object.setPrototypeOf({}, new Proxy({}, hostile)),
      Object.setPrototypeOf(new Uint8Array(1), new Proxy({}, hostile)),
      new (class extends Float64Array {
        get length() {
          return boom();
        }
        get buffer() {
          return boom();
        }
      })(1),
    ]) {
      assert.equal(typeof tell(value), 'string');
    }
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    assert.equal(tell(proxy), 'a Proxy');
  });

  it('is short, whatever the value', () => {
    const values = [
      'x'.repeat(1e6),
      '\0'.repeat(40),
      2n ** 100000n,
      -(2n ** 100000n),
      Symbol('x'.repeat(1e6)),
      Array(1e6),
    ];
    for (const value of values) assert.ok(tell(value).length < 300, `${tell(value).length} characters`);
  });
});

describe('nearest', () => {
  const names = ['timeoutMs', 'memoryBytes', 'fuel'];
  const cases = {
    timeoutMS: 'timeoutMs',
    timeOut: 'timeoutMs',
    tiemoutMs: 'timeoutMs',
    memorybytes: 'memoryBytes',
    MemoryByte: 'memoryBytes',
    fule: 'fuel',
    feul: 'fuel',
    FUEL: 'fuel',
    fuels: 'fuel',
  };
  for (const [name, expected] of Object.entries(cases)) {
    it(`${name}: ${expected}`, () => assert.equal(nearest(name, names), ` (did you mean "${expected}"?)`));
  }

  for (const name of ['', 'x', 'abcdefgh', 'timeout-in-ms', '🦀🦀', 'f']) {
    it(`${JSON.stringify(name)}: none`, () => assert.equal(nearest(name, names), ''));
  }

  it('no names', () => assert.equal(nearest('a', []), ''));

  it('is quick for long names', () => {
    const started = Date.now();
    nearest('a'.repeat(100000), ['b'.repeat(30)]);
    assert.ok(Date.now() - started < 5000);
  });
});
