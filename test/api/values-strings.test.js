'use strict';

const assert = require('node:assert/strict');
const { compiled, fixture } = require('../fixtures');
const { open, refuses, wat } = require('../helpers');

const strings = () => open(compiled('strings')).exports;

/** What the guest sees of `text`: a lone surrogate becomes U+FFFD, as with TextEncoder. */
const wellFormed = (text) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text));

/** Compares without handing long texts to the assertion, which would print them. */
function same(got, expected, what) {
  if (got !== expected) {
    let at = 0;
    while (got[at] === expected[at]) at++;
    const around = (text) => JSON.stringify(text.slice(Math.max(0, at - 3), at + 5));
    assert.fail(`${what}: lengths ${got.length}, ${expected.length}; at ${at} ${around(got)}, not ${around(expected)}`);
  }
}

/** Texts of `length` UTF-16 units made of one kind of character each, and of mixtures. */
const MAKERS = {
  ASCII: (n) => cycle(n, (i) => String.fromCharCode(0x20 + (i % 95))),
  'Latin-1': (n) => cycle(n, (i) => String.fromCharCode(0xa0 + (i % 96))),
  '2 bytes': (n) => cycle(n, (i) => String.fromCharCode(0x400 + (i % 256))),
  '3 bytes': (n) => cycle(n, (i) => String.fromCharCode(0x4e00 + (i % 4096))),
  emoji: (n) => '😀'.repeat(n >> 1) + (n & 1 ? '!' : ''),
  'ASCII, then Latin-1': (n) => 'a'.repeat(Math.max(0, n - 1)) + (n > 0 ? 'é' : ''),
  'ASCII, then 2 bytes': (n) => 'a'.repeat(Math.max(0, n - 1)) + (n > 0 ? 'Ж' : ''),
  'ASCII, then an emoji': (n) => 'a'.repeat(Math.max(0, n - 2)) + (n > 1 ? '🦀' : ''),
  'emoji after an odd start': (n) => (n > 0 ? 'x' : '') + '🦀'.repeat(Math.max(0, (n - 1) >> 1)),
  mixed: (n) => cycle(n, (i) => 'aé漢Ж'[(i * 7) % 4]),
};

function cycle(length, character) {
  return Array.from({ length }, (_, i) => character(i)).join('');
}

describe('strings', () => {
  it('say hello', () => {
    assert.equal(strings().say('Ada'), 'hello Ada');
    assert.equal(strings().say(''), 'hello ');
  });

  for (const [name, make] of Object.entries(MAKERS)) {
    it(`${name}: each length from 0 to 300 comes back`, () => {
      const { echo, byte_length, char_count } = strings();
      for (let length = 0; length <= 300; length++) {
        const text = make(length);
        same(echo(text), text, `${name} ${length}`);
        assert.equal(byte_length(text), Buffer.byteLength(text));
        assert.equal(char_count(text), [...text].length);
      }
    });

    it(`${name}: around the sizes of buffers`, () => {
      const { echo, byte_length } = strings();
      const around = [512, 1024, 2048, 4096, 8192, 16384, 65536].flatMap((n) =>
        [-5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5].map((d) => n + d),
      );
      const thirds = [341, 342, 340, 1365, 683].flatMap((n) => [n - 1, n, n + 1]);
      for (let length = 1000; length <= 1100; length++) around.push(length);
      for (const length of [...around, ...thirds]) {
        const text = make(length);
        same(echo(text), text, `${name} ${length}`);
        assert.equal(byte_length(text), Buffer.byteLength(text));
      }
    });

    it(`${name}: 1 MiB`, () => {
      const text = make(1 << 20);
      same(strings().echo(text), text, name);
    });
  }

  it('each place of one wide character in an ASCII text of 0 to 80', () => {
    const { echo } = strings();
    for (const wide of ['é', 'Ж', '漢', '🦀', '\ud800', '\udc00', '\0', '\x7f', '\x80', '\u07ff', '\u0800', '\uffff']) {
      for (let length = 0; length <= 80; length++) {
        for (let at = 0; at <= length; at += length > 40 ? 3 : 1) {
          const text = 'a'.repeat(at) + wide + 'b'.repeat(length - at);
          same(echo(text), wellFormed(text), `${JSON.stringify(wide)} at ${at} of ${length}`);
        }
      }
    }
  });

  it('several arguments share the buffers', () => {
    const { concat } = strings();
    const sizes = [0, 1, 10, 500, 511, 512, 513, 1000, 1019, 1020, 1021, 1023, 1024, 1025, 2000, 70000];
    for (const a of sizes) {
      for (const b of sizes) {
        for (const [left, right] of [
          ['a', 'b'],
          ['a', 'Ж'],
          ['é', 'b'],
          ['漢', '🦀'],
        ]) {
          const text = left.repeat(a) + right.repeat(b);
          same(concat(left.repeat(a), right.repeat(b)), text, `${left} × ${a} + ${right} × ${b}`);
        }
      }
    }
  });

  it('NUL, controls, BOM and noncharacters are ordinary characters', () => {
    const { echo, char_count } = strings();
    for (const text of [
      '\0',
      'a\0b',
      '\0\0\0',
      '\ufeff',
      '\ufeffa\ufeff',
      '\uffff\ufffe',
      '\u2028\u2029',
      '\x01\x7f\x80\x9f',
      '\u{10ffff}',
      '\ufffd',
    ]) {
      same(echo(text), text, JSON.stringify(text));
      assert.equal(char_count(text), [...text].length);
    }
  });

  it('lone surrogates become U+FFFD, short and long', () => {
    const { echo } = strings();
    const high = '\ud83d';
    const low = '\ude00';
    for (const text of [
      high,
      low,
      low + high,
      high + high + low,
      high + low + low,
      `a${high}b`,
      `a${low}`,
      high + 'é',
      `${low}🦀${high}`,
    ]) {
      for (const [before, after] of [
        ['', ''],
        ['a'.repeat(1022), ''],
        ['é'.repeat(700), 'b'.repeat(700)],
        ['', '🦀'.repeat(3000)],
      ]) {
        const whole = before + text + after;
        same(echo(whole), wellFormed(whole), JSON.stringify(text));
        assert.ok(echo(whole).isWellFormed());
      }
    }
  });

  it('every UTF-16 unit by itself', () => {
    const { echo } = strings();
    for (let start = 0; start < 65536; start += 64) {
      const text = Array.from({ length: 64 }, (_, i) => String.fromCharCode(start + i)).join('-');
      same(echo(text), wellFormed(text), start.toString(16));
    }
  });

  it('every astral plane', () => {
    const { echo } = strings();
    for (let point = 0x10000; point <= 0x10ffff; point += 0x101) {
      const text = String.fromCodePoint(point);
      same(echo(text), text, point.toString(16));
    }
  });
});

describe('strings in all their representations', () => {
  it('ropes, slices, numbers turned to text, internalised, two-byte texts that hold Latin-1', () => {
    const { echo } = strings();
    let rope = '';
    for (let i = 0; i < 3000; i++) rope += `${i},`;
    let wideRope = 'Ж';
    for (let i = 0; i < 3000; i++) wideRope = i % 2 ? `${wideRope}é${i}` : `🦀${wideRope}`;
    const big = 'abcdefghij'.repeat(1000);
    const texts = {
      rope,
      'wide rope': wideRope,
      'slice of one byte': big.slice(13, 9000),
      'slice of two bytes': `Ж${'é'.repeat(2000)}`.slice(1, 1500),
      'ASCII slice of a two-byte text': `Ж${'a'.repeat(2000)}`.slice(1),
      number: String(123.456),
      internalised: Object.keys({ [`key${'x'.repeat(1100)}`]: 1 })[0],
      'from a buffer (Latin-1)': Buffer.alloc(2 << 20, 0xe9).toString('latin1'),
      'from a buffer (UTF-16)': Buffer.from('漢字'.repeat(1 << 18), 'utf16le').toString('utf16le'),
      'from a buffer (ASCII)': Buffer.alloc(2 << 20, 'a').toString('ascii'),
    };
    for (const [name, text] of Object.entries(texts)) same(echo(text), text, name);
    same(echo(rope + wideRope), rope + wideRope, 'rope of ropes');
  });

  it('a result is an ordinary string', () => {
    const { echo } = strings();
    for (const text of ['', 'abc', 'é', '漢', '🦀x']) {
      const got = echo(text);
      assert.equal(typeof got, 'string');
      assert.deepEqual({ [got]: 1 }, { [text]: 1 });
      assert.deepEqual(got.split(''), text.split(''));
    }
  });

  it('100 million characters of ASCII', () => {
    const instance = open(compiled('strings'));
    const text = 'abcdefghij'.repeat(1e7);
    assert.equal(instance.exports.byte_length(text), 1e8);
    const got = instance.exports.echo(text);
    assert.ok(got === text);
  }).timeout(60000);

  it('longer than JavaScript can hold', () => {
    const { repeat, say } = strings();
    refuses(() => repeat('x'.repeat(1 << 20), 520), 'ERR_RESULT_TOO_LARGE');
    assert.equal(say('you'), 'hello you', 'the instance goes on');
  }).timeout(60000);

  it('more than the guest can hold', () => {
    const instance = open(compiled('strings'));
    refuses(() => instance.exports.repeat('x'.repeat(1 << 20), 4095), 'ERR_PANIC', { trap: 'unreachable' });
    assert.equal(instance.state, 'poisoned');
  }).timeout(60000);
});

describe('values that are not strings', () => {
  it('are refused without being converted', () => {
    const { echo } = strings();
    const values = {
      number: 1,
      bigint: 1n,
      boolean: true,
      null: null,
      undefined: undefined,
      symbol: Symbol('a'),
      array: ['a'],
      'String object': Object('a'),
      buffer: Buffer.from('a'),
      function: () => 'a',
      'object with toString': {
        toString() {
          throw new Error('toString ran');
        },
        [Symbol.toPrimitive]() {
          throw new Error('toPrimitive ran');
        },
      },
      proxy: new Proxy(Object('a'), {
        get() {
          throw new Error('a trap ran');
        },
      }),
      'revoked proxy': (() => {
        const { proxy, revoke } = Proxy.revocable({}, {});
        revoke();
        return proxy;
      })(),
    };
    for (const [name, value] of Object.entries(values)) {
      refuses(() => echo(value), 'ERR_ARG_TYPE', {
        argument: 0,
        message: /^echo: argument 1: expected a string, got /,
      });
      assert.equal(echo('ok'), 'ok', name);
    }
    refuses(() => echo(), 'ERR_ARG_COUNT');
    refuses(() => echo('a', 'b'), 'ERR_ARG_COUNT');
  });

  it('a wrong later argument costs no guest memory', () => {
    const { exports, memory } = open(compiled('strings'));
    exports.concat('a', 'b');
    const before = memory.byteLength;
    for (let i = 0; i < 2000; i++) refuses(() => exports.concat('a'.repeat(5000), i), 'ERR_ARG_TYPE', { argument: 1 });
    assert.equal(memory.byteLength, before);
  });
});

describe('optional strings', () => {
  it('undefined and null are None; an empty text is not', () => {
    for (const exports of [
      strings(),
      open(fixture('strings'), { sidecar: false, signatures: { maybe: '(text: string?) -> string?' } }).exports,
    ]) {
      assert.equal(exports.maybe('a'), 'a!');
      assert.equal(exports.maybe(''), '!');
      assert.equal(exports.maybe(undefined), undefined);
      assert.equal(exports.maybe(null), undefined);
      assert.equal(exports.maybe(), undefined);
      refuses(() => exports.maybe(1), 'ERR_ARG_TYPE');
    }
  });

  it('Option<char>', () => {
    const { first_char } = open(fixture('strings'), { signatures: { first_char: '(string) -> char?' } }).exports;
    assert.equal(first_char('🦀b'), '🦀');
    assert.equal(first_char('\0'), '\0');
    assert.equal(first_char(''), undefined);
  });

  it('a text that owns no memory', () => {
    assert.equal(strings().empty(), '');
  });
});

describe('results that are not UTF-8', () => {
  it('are an error that says where, and the instance goes on', () => {
    const { invalid_utf8, say } = strings();
    for (let i = 0; i < 3; i++) refuses(() => invalid_utf8(), 'ERR_RESULT_UTF8', { message: /at byte 1 of 5/ });
    assert.equal(say('x'), 'hello x');
  });

  const BAD = [
    ['80', 0],
    ['c0 80', 0],
    ['c1 bf', 0],
    ['c3', 0],
    ['e0 80 80', 0],
    ['e0 9f bf', 0],
    ['e2 82', 0],
    ['ed a0 80', 0],
    ['ed bf bf', 0],
    ['f0 80 80 80', 0],
    ['f0 9f 98', 0],
    ['f4 90 80 80', 0],
    ['f5 80 80 80', 0],
    ['ff', 0],
    ['c3 a9 c3', 2],
    ['61 62 e2 28 a1', 2],
  ];

  it('every kind of malformed sequence, at several places', () => {
    const { exports, memory } = wat(
      `(memory (export "memory") 1) (func (export "malloc") (param i32) (result i32) i32.const 1024)
       (func (export "free") (param i32)) (func (export "f") (param i32) (result i32 i32) i32.const 0 local.get 0)`,
      { signatures: { f: '(u32) -> string' } },
    );
    for (const [hex, at] of BAD) {
      const bad = Buffer.from(hex.replaceAll(' ', ''), 'hex');
      for (const prefix of ['', 'a', 'a'.repeat(31), 'a'.repeat(32), 'é'.repeat(40), '漢'.repeat(33)]) {
        for (const suffix of ['', 'z', 'z'.repeat(70)]) {
          const bytes = Buffer.concat([Buffer.from(prefix), bad, Buffer.from(suffix)]);
          memory.write(0, bytes);
          const where = `at byte ${Buffer.byteLength(prefix) + at} of ${bytes.length}`;
          refuses(() => exports.f(bytes.length), 'ERR_RESULT_UTF8', { message: new RegExp(`${where} `) });
        }
      }
    }
  });
});
