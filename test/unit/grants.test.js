'use strict';

const assert = require('node:assert/strict');
const { Readable, Writable, Duplex } = require('node:stream');
const { instanceOptions, runOptions } = require('../../js/options');
const { refuses } = require('../helpers');

const parse = (grants) => instanceOptions({ grants });
const document = (grants) => parse(grants).document?.grants;

/** An object whose every property is read at most once. */
function once(target) {
  const reads = new Set();
  return new Proxy(target, {
    get(of, key) {
      if (typeof key === 'string' && Object.hasOwn(of, key) && key !== 'length') {
        assert.ok(!reads.has(key), `${key} is read twice`);
        reads.add(key);
      }
      return of[key];
    },
  });
}

describe('grants: what they become', () => {
  it('nothing', () => {
    for (const options of [undefined, {}, { grants: undefined }, { grants: {} }, { grants: { wasi: undefined } }]) {
      assert.deepEqual(instanceOptions(options), {
        imports: undefined,
        document: undefined,
        input: undefined,
        hooks: {},
        onAudit: undefined,
        onMeter: undefined,
      });
    }
  });

  it('the usual set, in a word or as a key', () => {
    assert.deepEqual(document('wasi'), { wasi: true });
    assert.deepEqual(document({ wasi: true }), { wasi: true });
    assert.deepEqual(document({ wasi: false }), { wasi: false });
  });

  it('arguments and variables; empty ones are granted', () => {
    assert.deepEqual(document({ args: [], env: {} }), { args: [], env: [] });
    const env = { B: '1', A: '', 'x y': '=', C: undefined };
    assert.deepEqual(document({ args: ['p', '', 'ö'], env }), {
      args: ['p', '', 'ö'],
      env: [
        ['B', '1'],
        ['A', ''],
        ['x y', '='],
      ],
    });
    assert.deepEqual(document({ env: JSON.parse('{"__proto__":"1","constructor":"2"}') }).env, [
      ['__proto__', '1'],
      ['constructor', '2'],
    ]);
  });

  it('the environment of the process as it is', () => {
    assert.deepEqual(document({ env: process.env }).env, Object.entries(process.env));
  });

  it('inherited keys and symbols do not count', () => {
    assert.deepEqual(document({ env: Object.create({ A: '1' }), [Symbol('a')]: 1 }), { env: [] });
    assert.deepEqual(document(Object.assign(Object.create({ nope: 1 }), { wasi: true })), { wasi: true });
    assert.deepEqual(document(Object.assign(Object.create(null), { wasi: true })), { wasi: true });
  });

  it('directories: read only, files, everything; preopens are those of fs with everything', () => {
    const fs = [
      { guest: '/a', host: '/x' },
      { guest: '/b', host: '/x', write: false },
      { guest: '/c', host: '/x', write: true },
      { guest: '.', host: '/x/../y', write: 'files' },
    ];
    assert.deepEqual(document({ fs, preopens: { '/p': '/x', d: '/x' } }).fs, [
      { guest: '/a', host: '/x', write: 'none', option: 'grants.fs[0].host' },
      { guest: '/b', host: '/x', write: 'none', option: 'grants.fs[1].host' },
      { guest: '/c', host: '/x', write: 'all', option: 'grants.fs[2].host' },
      { guest: '.', host: '/x/../y', write: 'files', option: 'grants.fs[3].host' },
      { guest: '/p', host: '/x', write: 'all', option: 'grants.preopens["/p"]' },
      { guest: 'd', host: '/x', write: 'all', option: 'grants.preopens.d' },
    ]);
    assert.deepEqual(document({ fs: [] }), { fs: [] });
    assert.deepEqual(document({ preopens: {} }), { fs: [] });
  });

  it('a relative directory is that of now, whatever becomes of the working directory', () => {
    const [{ host }] = document({ fs: [{ guest: '/', host: 'a/../b' }] }).fs;
    assert.equal(host, `${process.cwd()}/a/../b`);
  });

  it('streams by name, by number, as text and bytes', () => {
    assert.deepEqual(document({ stdin: 'ignore', stdout: 'inherit', stderr: 'buffer' }), {
      stdin: { kind: 'ignore' },
      stdout: { kind: 'inherit' },
      stderr: { kind: 'buffer' },
    });
    assert.deepEqual(document({ stdin: 0, stdout: 1, stderr: -0 }), {
      stdin: { kind: 'fd', fd: 0 },
      stdout: { kind: 'fd', fd: 1 },
      stderr: { kind: 'fd', fd: 0 },
    });
    const of = (stdin) => {
      const { document: made, input, hooks } = parse({ stdin });
      assert.deepEqual([made.grants, hooks], [{ stdin: { kind: 'bytes' } }, {}]);
      assert.equal(Object.getPrototypeOf(input), Uint8Array.prototype);
      return [...input];
    };
    assert.deepEqual(of('aö\ud800'), [0x61, 0xc3, 0xb6, 0xef, 0xbf, 0xbd]);
    assert.deepEqual(of(''), []);
    assert.deepEqual(of(Uint8Array.of(1, 0, 255).subarray(1)), [0, 255]);
    assert.deepEqual(of(Buffer.from('hi')), [0x68, 0x69]);
    assert.deepEqual(of(Uint8Array.of(7, 8).buffer), [7, 8]);
    assert.deepEqual(of(new Uint8Array(new SharedArrayBuffer(2))), [0, 0]);
  });

  it('bytes are copied', () => {
    for (const make of [(bytes) => bytes, (bytes) => bytes.buffer]) {
      const bytes = Uint8Array.of(1, 2);
      const { input } = parse({ stdin: make(bytes) });
      bytes.fill(9);
      assert.deepEqual([...input], [1, 2]);
    }
  });

  it('functions and streams go beside the document, as they are', () => {
    const [stdin, stdout, stderr] = [() => null, () => {}, new Writable()];
    const { document: made, hooks, input } = parse({ stdin, stdout, stderr });
    const host = { kind: 'host' };
    assert.deepEqual(made.grants, { stdin: host, stdout: host, stderr: host });
    assert.ok(hooks.stdin === stdin && hooks.stdout === stdout && hooks.stderr === stderr);
    assert.equal(input, undefined);
    const duplex = new Duplex();
    assert.equal(parse({ stdout: duplex }).hooks.stdout, duplex);
  });

  it('clocks', () => {
    assert.deepEqual(document({ clock: 'real' }), { clock: { kind: 'real' } });
    assert.deepEqual(document({ clock: false }), { clock: { kind: 'none' } });
    const of = (clock) => {
      const { kind, startNs, stepNs } = document({ clock }).clock;
      assert.equal(kind, 'virtual');
      return [startNs, stepNs];
    };
    assert.deepEqual(of({}), ['0', '1000000']);
    assert.deepEqual(of({ start: 1_700_000_000_000 }), ['1700000000000000000', '1000000']);
    assert.deepEqual(of({ start: 1.5, stepNs: 0 }), ['1500000', '0']);
    assert.deepEqual(of({ start: -0, stepNs: -0 }), ['0', '0']);
    assert.deepEqual(of({ start: new Date(86_400_000), stepNs: 2n ** 64n - 1n }), [
      '86400000000000',
      '18446744073709551615',
    ]);
    assert.deepEqual(of({ start: 2n ** 64n - 1n, stepNs: 5 }), ['18446744073709551615', '5']);
    assert.deepEqual(of({ start: 18446744073709 }), ['18446744073709000000', '1000000']);
  });

  it('random numbers: a seed is at most 32 bytes; 1, 1n and "1" are the same', () => {
    assert.deepEqual(document({ random: 'secure' }), { random: { kind: 'secure' } });
    assert.deepEqual(document({ random: false }), { random: { kind: 'none' } });
    const of = (seed) => {
      const { kind, seed: hex } = document({ random: { seed } }).random;
      assert.equal(kind, 'seeded');
      assert.match(hex, /^([0-9a-f]{2}){0,32}$/);
      return hex;
    };
    for (const seed of [1, 1n, '1', Uint8Array.of(0x31)]) assert.equal(of(seed), '31');
    for (const seed of ['', new Uint8Array()]) assert.equal(of(seed), '');
    assert.equal(of(-5), of('-5'));
    assert.equal(of(-0), of(0));
    assert.equal(of('a'.repeat(32)), '61'.repeat(32));
    assert.equal(of('a'.repeat(33)), '852785c805c77e71a22340a54e9d95933ed49121e7d2bf3c2d358854bc1359ea');
    assert.notEqual(of('a'.repeat(33)), of('a'.repeat(34)));
    assert.equal(of(2n ** 255n - 1n).length, 64);
  });

  it('each property is read once', () => {
    const fs = once([once({ guest: '/', host: '/x', write: true })]);
    const grants = once({
      wasi: true,
      args: once(['a']),
      env: once({ A: '1' }),
      fs,
      preopens: once({ '/b': '/y' }),
      clock: once({ start: 1, stepNs: 2 }),
      random: once({ seed: 1 }),
    });
    assert.deepEqual(Object.keys(document(grants)), ['wasi', 'args', 'env', 'clock', 'random', 'fs']);
  });

  it('neither kept nor changed', () => {
    const grants = Object.freeze({ args: Object.freeze(['a']), env: Object.freeze({ A: '1' }) });
    const made = document(grants);
    made.args.push('b');
    assert.deepEqual(grants.args, ['a']);
  });
});

const [TYPE, RANGE, UNKNOWN, INVALID] = [
  'ERR_OPTION_TYPE',
  'ERR_OPTION_RANGE',
  'ERR_OPTION_UNKNOWN',
  'ERR_GRANT_INVALID',
];

function detached(view) {
  structuredClone(0, { transfer: [view.buffer] });
  return view;
}

/** A view that is out of the bounds of its buffer. */
function shrunk() {
  const buffer = new ArrayBuffer(8, { maxByteLength: 8 });
  const view = new Uint8Array(buffer, 4);
  buffer.resize(2);
  return view;
}

const dir = (more) => ({ fs: [{ guest: '/', host: '/x' }, more] });

/** [grants, code, option, what the message has] */
const BAD = [
  [null, TYPE, 'grants', /'wasi' or an object, got null/],
  [true, TYPE, 'grants'],
  [1, TYPE, 'grants'],
  [['wasi'], TYPE, 'grants', /got an array/],
  [() => {}, TYPE, 'grants'],
  [new Map([['wasi', true]]), TYPE, 'grants', /got a Map/],
  [new Date(), TYPE, 'grants', /got a Date/],
  [Object('wasi'), TYPE, 'grants'],
  ['', RANGE, 'grants'],
  ['WASI', RANGE, 'grants', /got the string "WASI"/],
  [{ stdn: 1 }, UNKNOWN, 'grants.stdn', /no such grant \(did you mean "stdin"\?\)/],
  [{ arg: undefined }, UNKNOWN, 'grants.arg', /"args"/],
  [{ grants: {} }, UNKNOWN, 'grants.grants'],
  [JSON.parse('{"__proto__":1}'), UNKNOWN, 'grants.__proto__'],
  [{ wasi: 1 }, TYPE, 'grants.wasi'],
  [{ wasi: null }, TYPE, 'grants.wasi'],

  [{ args: 'a' }, TYPE, 'grants.args'],
  [{ args: { 0: 'a', length: 1 } }, TYPE, 'grants.args'],
  [{ args: ['a', 1] }, TYPE, 'grants.args[1]', /expected a string, got the number 1/],
  [{ args: [undefined] }, TYPE, 'grants.args[0]'],
  [{ args: new Array(2 ** 32 - 1) }, TYPE, 'grants.args[0]'],
  [{ args: [Object('a')] }, TYPE, 'grants.args[0]'],
  [{ args: ['a', 'b\0c'] }, INVALID, 'grants.args[1]', /NUL/],

  [{ env: 'A=1' }, TYPE, 'grants.env'],
  [{ env: ['A=1'] }, TYPE, 'grants.env'],
  [{ env: new Map([['A', '1']]) }, TYPE, 'grants.env', /got a Map/],
  [{ env: new Uint8Array(2) }, TYPE, 'grants.env'],
  [{ env: { A: 1 } }, TYPE, 'grants.env.A'],
  [{ env: { A: null } }, TYPE, 'grants.env.A'],
  [{ env: { 'A B': 1 } }, TYPE, 'grants.env["A B"]'],
  [{ env: { 'A=B': '1' } }, INVALID, 'grants.env["A=B"]', /"="/],
  [{ env: { '': '1' } }, INVALID, 'grants.env[""]'],
  [{ env: { 'A\0': '1' } }, INVALID, 'grants.env["A\\u0000"]'],
  [{ env: { A: '\0' } }, INVALID, 'grants.env.A', /NUL/],

  [{ fs: { guest: '/', host: '.' } }, TYPE, 'grants.fs'],
  [{ fs: '/x' }, TYPE, 'grants.fs'],
  [{ fs: ['/x'] }, TYPE, 'grants.fs[0]'],
  [{ fs: [undefined] }, TYPE, 'grants.fs[0]'],
  [dir(['/', '/x']), TYPE, 'grants.fs[1]'],
  [dir({}), TYPE, 'grants.fs[1].guest', /got undefined/],
  [dir({ guest: '/a' }), TYPE, 'grants.fs[1].host', /got undefined/],
  [dir({ guest: '/a', host: undefined }), TYPE, 'grants.fs[1].host'],
  [dir({ guest: 1, host: '/x' }), TYPE, 'grants.fs[1].guest'],
  [dir({ guest: '/a', hots: '/x' }), UNKNOWN, 'grants.fs[1].hots', /did you mean "host"\?/],
  [dir({ guest: '/a', host: '/x', write: 1 }), TYPE, 'grants.fs[1].write'],
  [dir({ guest: '/a', host: '/x', write: null }), TYPE, 'grants.fs[1].write'],
  [dir({ guest: '/a', host: '/x', write: 'all' }), RANGE, 'grants.fs[1].write', /a boolean or 'files'/],
  [dir({ guest: '', host: '/x' }), INVALID, 'grants.fs[1].guest', /empty/],
  [dir({ guest: '/a', host: '' }), INVALID, 'grants.fs[1].host', /empty/],
  [dir({ guest: '/a\0', host: '/x' }), INVALID, 'grants.fs[1].guest', /NUL/],
  [dir({ guest: '/a', host: '/x\0' }), INVALID, 'grants.fs[1].host', /NUL/],
  [dir({ guest: '/\ud800', host: '/x' }), INVALID, 'grants.fs[1].guest', /well-formed/],
  [dir({ guest: '/a', host: '/\udc00' }), INVALID, 'grants.fs[1].host', /well-formed/],
  [dir({ guest: '/', host: '/y' }), INVALID, 'grants.fs[1].guest', /"\/" is where grants\.fs\[0\]\.guest is/],
  [dir({ guest: '//', host: '/y' }), INVALID, 'grants.fs[1].guest'],
  [dir({ guest: '/a/..', host: '/y' }), INVALID, 'grants.fs[1].guest'],
  [
    { fs: [{ guest: 'a', host: '/x' }], preopens: { './a/': '/x' } },
    INVALID,
    'grants.preopens["./a/"]',
    /grants\.fs\[0\]/,
  ],
  [{ preopens: { '.': '/x', './': '/x' } }, INVALID, 'grants.preopens["./"]'],
  [{ preopens: [['/', '/x']] }, TYPE, 'grants.preopens'],
  [{ preopens: '/x' }, TYPE, 'grants.preopens'],
  [{ preopens: { '/d': 1 } }, TYPE, 'grants.preopens["/d"]'],
  [{ preopens: { '/d': '' } }, INVALID, 'grants.preopens["/d"]'],
  [{ preopens: { '': '/x' } }, INVALID, 'grants.preopens[""]'],

  [{ stdin: true }, TYPE, 'grants.stdin'],
  [{ stdin: null }, TYPE, 'grants.stdin'],
  [{ stdin: {} }, TYPE, 'grants.stdin'],
  [{ stdin: ['a'] }, TYPE, 'grants.stdin'],
  [{ stdin: 0n }, TYPE, 'grants.stdin'],
  [{ stdin: new Uint16Array(2) }, TYPE, 'grants.stdin', /a Uint16Array/],
  [{ stdin: new DataView(new ArrayBuffer(1)) }, TYPE, 'grants.stdin'],
  [{ stdin: new SharedArrayBuffer(1) }, TYPE, 'grants.stdin'],
  [{ stdin: new Writable() }, TYPE, 'grants.stdin'],
  [{ stdin: Readable.from([]) }, TYPE, 'grants.stdin', /a Readable needs run\(\)/],
  [{ stdin: detached(new Uint8Array(4)) }, INVALID, 'grants.stdin', /detached/],
  [{ stdin: detached(new Uint8Array(4)).buffer }, INVALID, 'grants.stdin', /detached/],
  [{ stdin: shrunk() }, INVALID, 'grants.stdin'],
  [{ stdin: -1 }, RANGE, 'grants.stdin'],
  [{ stdin: 0.5 }, RANGE, 'grants.stdin'],
  [{ stdin: NaN }, RANGE, 'grants.stdin'],
  [{ stdin: Infinity }, RANGE, 'grants.stdin'],
  [{ stdin: 2 ** 31 }, RANGE, 'grants.stdin'],
  [{ stdin: 2 ** 31 - 1 }, INVALID, 'grants.stdin', /no open file descriptor/],
  [{ stdout: 'stdout' }, RANGE, 'grants.stdout', /'ignore', 'buffer', 'inherit'/],
  [{ stdout: '' }, RANGE, 'grants.stdout'],
  [{ stdout: new Uint8Array(1) }, TYPE, 'grants.stdout'],
  [{ stdout: Readable.from([]) }, TYPE, 'grants.stdout'],
  [{ stderr: {} }, TYPE, 'grants.stderr'],
  [{ stderr: 99999 }, INVALID, 'grants.stderr'],

  [{ clock: true }, TYPE, 'grants.clock'],
  [{ clock: null }, TYPE, 'grants.clock'],
  [{ clock: 0 }, TYPE, 'grants.clock'],
  [{ clock: new Date() }, TYPE, 'grants.clock', /'real', \{ start, stepNs \} or false, got a Date/],
  [{ clock: 'Real' }, RANGE, 'grants.clock'],
  [{ clock: { step: 1 } }, UNKNOWN, 'grants.clock.step', /"stepNs"/],
  [{ clock: { start: '0' } }, TYPE, 'grants.clock.start'],
  [{ clock: { start: -1 } }, RANGE, 'grants.clock.start'],
  [{ clock: { start: NaN } }, RANGE, 'grants.clock.start'],
  [{ clock: { start: Infinity } }, RANGE, 'grants.clock.start'],
  [{ clock: { start: 2 ** 53 } }, RANGE, 'grants.clock.start'],
  [{ clock: { start: -1n } }, RANGE, 'grants.clock.start'],
  [{ clock: { start: 2n ** 64n } }, RANGE, 'grants.clock.start'],
  [{ clock: { start: new Date(NaN) } }, RANGE, 'grants.clock.start'],
  [{ clock: { start: new Date(-1) } }, RANGE, 'grants.clock.start'],
  [{ clock: { stepNs: 0.5 } }, RANGE, 'grants.clock.stepNs'],
  [{ clock: { stepNs: -1 } }, RANGE, 'grants.clock.stepNs'],
  [{ clock: { stepNs: 2 ** 53 } }, RANGE, 'grants.clock.stepNs', /larger ones as a bigint/],
  [{ clock: { stepNs: 2n ** 64n } }, RANGE, 'grants.clock.stepNs'],
  [{ clock: { stepNs: '1' } }, TYPE, 'grants.clock.stepNs'],

  [{ random: true }, TYPE, 'grants.random'],
  [{ random: 5 }, TYPE, 'grants.random'],
  [{ random: 'insecure' }, RANGE, 'grants.random'],
  [{ random: {} }, TYPE, 'grants.random.seed', /got undefined/],
  [{ random: { sed: 1 } }, UNKNOWN, 'grants.random.sed', /"seed"/],
  [{ random: { seed: null } }, TYPE, 'grants.random.seed'],
  [{ random: { seed: {} } }, TYPE, 'grants.random.seed'],
  [{ random: { seed: new ArrayBuffer(1) } }, TYPE, 'grants.random.seed'],
  [{ random: { seed: 0.5 } }, RANGE, 'grants.random.seed'],
  [{ random: { seed: NaN } }, RANGE, 'grants.random.seed'],
  [{ random: { seed: 2 ** 53 } }, RANGE, 'grants.random.seed'],
  [{ random: { seed: 2n ** 300n } }, RANGE, 'grants.random.seed'],
  [{ random: { seed: detached(new Uint8Array(1)) } }, INVALID, 'grants.random.seed'],
];

describe('grants that are refused', () => {
  for (const [grants, code, option, message = /./] of BAD) {
    it(`${option}: ${code}${message.source === '.' ? '' : ` ${message}`}`, () => {
      refuses(() => parse(grants), code, { option, message });
    });
  }

  it('the same at the top level of run', () => {
    for (const [grants, code, option] of BAD) {
      if (typeof grants !== 'object' || grants === null || option === 'grants' || code === UNKNOWN) continue;
      if (grants.wasi !== undefined || grants.stdin instanceof Readable) continue;
      const path = option.replace(/^grants\./, '');
      refuses(() => runOptions('x.wasm', grants, {}), code, { option: path });
    }
  });

  it('what a getter or a trap throws comes out as it is', () => {
    const thrown = { not: 'even an Error' };
    const throwing = (key) => ({
      get [key]() {
        throw thrown;
      },
    });
    const trap = new Proxy({}, { ownKeys: () => throwing('x').x });
    const list = [throwing('args'), { env: throwing('A') }, { fs: [throwing('guest')] }, { clock: throwing('start') }];
    for (const grants of [...list, trap, { env: trap }, { stdin: throwing('read') }]) {
      assert.throws(
        () => parse(grants),
        (error) => error === thrown,
      );
    }
  });

  it('a revoked proxy throws what JavaScript throws', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    for (const grants of [proxy, { env: proxy }, { args: proxy }, { stdin: proxy }, { random: { seed: proxy } }]) {
      assert.throws(() => parse(grants), TypeError);
    }
  });
});
