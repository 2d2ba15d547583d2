'use strict';

const assert = require('node:assert/strict');
const vm = require('node:vm');
const { encode, decode } = require('../../js/codec');
const vectors = require('../fixtures/vectors/codec.json');

const hex = (bytes) => Buffer.from(bytes).toString('hex');
const fromHex = (text) => new Uint8Array(Buffer.from(text, 'hex'));

/** The JavaScript value that a vector describes. */
function value(of) {
  if (of === null) return undefined;
  if (typeof of !== 'object') return of;
  if (Array.isArray(of)) return of.map(value);
  if ('int' in of) return Number.isSafeInteger(Number(of.int)) ? Number(of.int) : BigInt(of.int);
  if ('bytes' in of) return fromHex(of.bytes);
  if ('map' in of) return new Map(of.map.map(([key, part]) => [value(key), value(part)]));
  if ('object' in of) return Object.fromEntries(of.object.map(([key, part]) => [key, value(part)]));
  return Number(of.float ?? of.single);
}

function throwsCoded(run, code, message) {
  assert.throws(run, (error) => {
    assert.equal(error.code, code, error.stack);
    if (message) assert.match(error.message, message);
    return true;
  });
}

describe('codec: the vectors shared with the guest crate', () => {
  for (const vector of vectors.valid) {
    it(vector.name, () => {
      const expected = value(vector.value);
      assert.deepEqual(decode(fromHex(vector.rust)), expected);
      assert.deepEqual(decode(fromHex(vector.js)), expected);
      assert.equal(hex(encode(expected)), vector.js);
    });
  }

  for (const { name, bytes, code } of vectors.invalid) {
    it(`refuses ${name}`, () => {
      const text = typeof bytes === 'string' ? bytes : bytes.repeat.repeat(bytes.times) + bytes.then;
      throwsCoded(() => decode(fromHex(text)), code);
      assert.equal(decode(fromHex('07')), 7); // and is none the worse for it
    });
  }
});

describe('encode', () => {
  const same = (given, read = given) => assert.deepEqual(decode(encode(given)), read);

  it('takes bytes of every kind, and other numbers as arrays', () => {
    const bytes = new Uint8Array([1, 2, 3]);
    same(Buffer.from(bytes), bytes);
    same(bytes.buffer, bytes);
    same(new Uint8ClampedArray(bytes), bytes);
    same(new DataView(bytes.buffer, 1), bytes.subarray(1));
    same(new Float64Array([0.5, 2]), [0.5, 2]);
    same(new Int8Array([-1]), [-1]);
    same(new BigUint64Array([2n ** 64n - 1n]), [2n ** 64n - 1n]);
    same(new Uint8Array(100_000), new Uint8Array(100_000));
  });

  it('takes maps, sets, objects without a prototype, of classes and of other realms', () => {
    same(new Map([[{ a: 1 }, 'x']]));
    same(new Set([1, 'two']), [1, 'two']);
    same(Object.assign(Object.create(null), { a: 1 }), { a: 1 });
    class Point {
      x = 1;
      #y = 2;
      get y() {
        return this.#y;
      }
    }
    same(new Point(), { x: 1 });
    same(vm.runInNewContext('({ a: [1, { b: new Map([[1, 2]]) }] })'), { a: [1, { b: new Map([[1, 2]]) }] });
  });

  it('takes undefined, null and holes as nothing', () => {
    same([undefined, null, , 1], [undefined, undefined, undefined, 1]);
    same({ a: undefined, b: null }, { a: undefined, b: undefined });
  });

  it('takes own enumerable properties with names of text only', () => {
    const object = { a: 1, [Symbol('s')]: 2 };
    Object.defineProperty(object, 'hidden', { value: 3, enumerable: false });
    same(object, { a: 1 });
  });

  it('replaces lone surrogates, in short and in long strings', () => {
    same('\ud800', '\ufffd');
    same('x'.repeat(50) + '\udc00', 'x'.repeat(50) + '\ufffd');
    same({ '\ud800': 1 }, { '\ufffd': 1 });
  });

  it('refuses what has no counterpart', () => {
    const refused = [
      () => 1,
      Symbol('s'),
      new Date(),
      /x/,
      Promise.resolve(),
      Object(1),
      Object('text'),
      new SharedArrayBuffer(4),
      new Uint8Array(new SharedArrayBuffer(4)),
    ];
    for (const wrong of refused) {
      throwsCoded(() => encode(wrong), 'ERR_ARG_TYPE', /cannot be passed to a guest/);
      throwsCoded(() => encode({ deep: [wrong] }), 'ERR_ARG_TYPE');
    }
  });

  it('refuses bigints of more than 64 bits', () => {
    for (const wrong of [2n ** 64n, -(2n ** 63n) - 1n]) throwsCoded(() => encode(wrong), 'ERR_ARG_RANGE', /2\^64-1/);
  });

  it('refuses what is nested too deeply, or in itself', () => {
    const nested = (depth) => Array.from({ length: depth }).reduce((inner) => [inner], 1);
    assert.deepEqual(decode(encode(nested(512))), nested(512));
    throwsCoded(() => encode(nested(513)), 'ERR_ARG_RANGE', /512/);
    const round = {};
    round.self = round;
    throwsCoded(() => encode(round), 'ERR_ARG_RANGE', /in itself/);
    const map = new Map();
    map.set(map, 1);
    throwsCoded(() => encode(map), 'ERR_ARG_RANGE');
  });

  it('gives results that later ones do not change', () => {
    const first = encode({ a: 'first' });
    const others = Array.from({ length: 5000 }, (_, i) => encode({ a: `number ${i}` }));
    assert.deepEqual(decode(first), { a: 'first' });
    others.forEach((bytes, i) => assert.deepEqual(decode(bytes), { a: `number ${i}` }));
  });

  it('may be called by a getter of the value', () => {
    const inner = [];
    const outer = {
      before: 'x'.repeat(1000),
      get between() {
        inner.push(encode({ inner: inner.length }));
        return 'between';
      },
      after: [1, 2],
    };
    for (let i = 0; i < 100; i++) {
      assert.deepEqual(decode(encode(outer)), { before: outer.before, between: 'between', after: [1, 2] });
    }
    inner.slice(0, 50).forEach((bytes, i) => assert.deepEqual(decode(bytes), { inner: i }));
  });

  it('works on after a getter has thrown', () => {
    const thrown = new Error('mine');
    const wrong = {
      a: 1,
      get b() {
        throw thrown;
      },
    };
    assert.throws(
      () => encode(wrong),
      (error) => error === thrown,
    );
    same({ a: 1 });
  });

  it('holds an array to the length it had', () => {
    const list = [
      {
        get a() {
          list.push(1);
          return 1;
        },
      },
      2,
    ];
    assert.deepEqual(decode(encode(list)), [{ a: 1 }, 2]);
  });
});

describe('decode', () => {
  it('gives bytes of their own', () => {
    const source = encode(new Uint8Array([1, 2, 3]));
    const bytes = decode(source);
    source.fill(0);
    assert.deepEqual(bytes, new Uint8Array([1, 2, 3]));
    assert.equal(bytes.buffer.byteLength, 3);
    assert.equal(Object.getPrototypeOf(bytes), Uint8Array.prototype);
    assert.equal(Object.getPrototypeOf(decode(Buffer.from([0xc4, 1, 7]))), Uint8Array.prototype);
  });

  it('makes objects whose prototype no key changes', () => {
    const object = decode(encode(new Map([['__proto__', { polluted: true }]])));
    assert.equal(Object.getPrototypeOf(object), Object.prototype);
    assert.equal(object.polluted, undefined);
    assert.deepEqual(Object.keys(object), ['__proto__']);
    assert.equal({}.polluted, undefined);
  });

  it('reads keys right, whatever came before them', () => {
    const names = Array.from({ length: 3000 }, (_, i) => `k${(i * 7919) % 3000}`);
    for (const name of [...names, ...names.reverse()]) assert.deepEqual(decode(encode({ [name]: 1 })), { [name]: 1 });
    const orders = [
      { a: 1, b: 2 },
      { b: 1, a: 2 },
      { a: 1, c: 2 },
      { a: 1, bb: 2 },
    ];
    for (let i = 0; i < 20; i++) {
      const object = orders[(i * 5) % 4];
      assert.deepEqual(Object.entries(decode(encode(object))), Object.entries(object));
    }
  });

  it('reads strings of every length and kind', () => {
    for (let length = 0; length < 300; length++) {
      for (const letter of ['a', 'é', '日']) {
        const text = letter.repeat(length);
        assert.equal(decode(encode(text)), text);
        assert.equal(decode(encode('a'.repeat(length) + letter)), 'a'.repeat(length) + letter);
      }
    }
  });

  it('never reads beyond the bytes, nor hangs, whatever they are', () => {
    let seed = 1;
    const random = (below) => (seed = (Math.imul(seed, 48271) >>> 0) % 2147483647) % below;
    const base = encode({ a: [1, 'two', { three: 3.5 }], b: new Map([[1, 2n ** 60n]]), c: new Uint8Array(20) });
    for (let i = 0; i < 20_000; i++) {
      const bytes = Uint8Array.from(base);
      for (let n = random(4); n >= 0; n--) bytes[random(bytes.length)] = random(256);
      try {
        decode(bytes.subarray(0, random(bytes.length + 1)));
      } catch (error) {
        assert.match(error.code, /^ERR_RESULT_(INVALID|UTF8)$/);
      }
    }
  });
});
