'use strict';

// Options documents and path names made at random, always the same ones: no crash, no escape, only coded errors.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { Instance, Module, run, runSync } = require('../..');
const { wat } = require('../fixtures/endless');
const { callsModule, FUNCTIONS } = require('../fixtures/wasi-calls');
const { closeTracked, track } = require('../helpers');
const { SECRET, caller, sandbox, shared } = require('./wasi-helpers');

/** Numbers from 0 to 1, always the same for a seed (mulberry32). */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const picker = (random) => (list) => list[Math.floor(random() * list.length)];

/** Something of any kind. */
function anything(random, depth = 0) {
  const pick = picker(random);
  const kinds = [
    () => undefined,
    () => null,
    () => pick([true, false]),
    () => pick([0, -0, 1, -1, 0.5, 50, 65536, 1e9, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 31), NaN, Infinity, -Infinity]),
    () => pick([0n, 1n, -1n, 2n ** 63n, 2n ** 64n, 2n ** 200n]),
    () =>
      pick([
        '',
        'x',
        'wasi',
        'ignore',
        'buffer',
        'inherit',
        'real',
        'secure',
        'files',
        '\0',
        '\ud800',
        '/',
        '..',
        '🦀',
        '__proto__',
      ]),
    () => Symbol('s'),
    () => () => anything(random, 3),
    () => new Uint8Array(pick([0, 1, 33])),
    () => new Date(pick([0, NaN])),
    () =>
      pick([
        new Map(),
        new Proxy({}, {}),
        Object.create(null),
        new (class X {})(),
        /x/,
        new Error('x'),
        Promise.resolve(),
      ]),
  ];
  if (depth < 3) {
    kinds.push(
      () => Array.from({ length: Math.floor(random() * 4) }, () => anything(random, depth + 1)),
      () =>
        Object.fromEntries(
          Array.from({ length: Math.floor(random() * 4) }, () => [word(random), anything(random, depth + 1)]),
        ),
    );
  }
  return pick(kinds)();
}

const WORDS = `wasi args env fs preopens stdin stdout stderr clock random start stepNs seed guest host write memoryBytes
  tableElements instances stdoutBytes stderrBytes timeoutMs fuel stackBytes trapOnGrowFailure grants limits imports
  onAudit onMeter metering interruptible signal encoding name everyMs call __proto__ constructor toString x`.split(
  /\s+/,
);
const word = (random) => picker(random)(WORDS);

/** A valid document, of which some places are then replaced by something. */
function document(random, dir) {
  const pick = picker(random);
  const grants = {
    wasi: true,
    args: ['a', 'b'],
    env: { A: 'b' },
    fs: [{ guest: '/d', host: dir, write: pick([true, false, 'files']) }],
    stdin: pick(['text', 'ignore', new Uint8Array(3)]),
    stdout: pick(['ignore', 'buffer']),
    stderr: pick(['ignore', 'buffer']),
    clock: pick(['real', { start: 5, stepNs: 7n }]),
    random: pick(['secure', { seed: 'x' }]),
  };
  const limits = { memoryBytes: 1 << 24, tableElements: 100, timeoutMs: 2000, stdoutBytes: 1000 };
  return [grants, limits];
}

/** Replaces, adds or deletes a few places of an object, at any depth. */
function spoil(random, object) {
  const pick = picker(random);
  const times = Math.floor(random() * 3);
  for (let i = 0; i < times; i++) {
    let at = object;
    while (random() < 0.4) {
      const below = Object.values(at).filter(
        (value) => typeof value === 'object' && value !== null && !ArrayBuffer.isView(value),
      );
      if (below.length === 0) break;
      at = pick(below);
    }
    const key = random() < 0.8 && Object.keys(at).length > 0 ? pick(Object.keys(at)) : word(random);
    if (random() < 0.2) delete at[key];
    else at[key] = anything(random);
  }
  return object;
}

/** Descriptors 0 to 2 are the terminal of who runs the tests: nothing may be read from there. */
function harmless(value) {
  for (const key of ['stdin', 'stdout', 'stderr']) {
    if (value?.[key] === 'inherit' || typeof value?.[key] === 'number') value[key] = 'ignore';
  }
  return value;
}

/** What a failure must be: an error with a code of ours. */
function coded(error, what) {
  assert.ok(
    /^ERR_[A-Z_0-9]+$/.test(error?.code) && error.code !== 'ERR_INTERNAL',
    `${what()}: ${error?.stack ?? String(error)}`,
  );
}

const show = (value) =>
  JSON.stringify(value, (key, item) =>
    typeof item === 'bigint' || typeof item === 'symbol' || typeof item === 'function' ? String(item) : item,
  );

describe('fuzz: options documents', () => {
  const program = shared(
    wat(`(import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1) (func (export "_start") (i32.store (i32.const 4) (i32.const 5))
      (drop (call $w (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))) (func (export "f"))`),
  );

  it('of new Instance', async function () {
    this.timeout(30000);
    const { box } = sandbox();
    const random = generator(1);
    let opened = 0;
    let refused = 0;
    for (let i = 0; i < 3000; i++) {
      const [grants, limits] = document(random, box);
      const options = spoil(random, { grants, limits, imports: {} });
      harmless(options.grants);
      try {
        track(new Instance(program(), options)).exports.f();
        opened++;
      } catch (error) {
        coded(error, () => show(options));
        refused++;
      }
      if (i % 50 === 0) {
        closeTracked();
        await new Promise(setImmediate);
      }
    }
    assert.ok(opened > 300 && refused > 300, `${opened} opened, ${refused} refused`);
  });

  it('of run and runSync', async function () {
    this.timeout(30000);
    const { box } = sandbox();
    const random = generator(2);
    let ended = 0;
    let refused = 0;
    for (let i = 0; i < 1500; i++) {
      const [{ wasi, ...grants }, limits] = document(random, box);
      assert.equal(wasi, true);
      const options = harmless(spoil(random, { ...grants, limits }));
      try {
        assert.equal(runSync(program(), options).exitCode, 0);
        ended++;
      } catch (error) {
        coded(error, () => show(options));
        refused++;
      }
      if (i % 5 === 0) {
        await run(program(), options).catch((error) => coded(error, () => show(options)));
      }
    }
    assert.ok(ended > 150 && refused > 150, `${ended} ended, ${refused} refused`);
  });

  it('of Module.load', () => {
    const random = generator(3);
    const text = wat('(func (export "f"))');
    for (let i = 0; i < 500; i++) {
      const options = spoil(random, {
        metering: random() < 0.5,
        interruptible: random() < 0.5,
        stackBytes: 1 << 17,
        trapOnGrowFailure: false,
      });
      try {
        Module.load(text, options).close();
      } catch (error) {
        coded(error, () => show(options));
      }
    }
  });

  it('getters and proxies that throw: what they throw, or a coded error', () => {
    const mine = new Error('mine');
    const throwing = new Proxy(
      {},
      {
        get() {
          throw mine;
        },
        ownKeys() {
          throw mine;
        },
      },
    );
    for (const options of [
      throwing,
      { grants: throwing },
      { limits: throwing },
      { grants: { fs: throwing } },
      { grants: { env: throwing } },
      { grants: { clock: throwing } },
    ]) {
      assert.throws(
        () => new Instance(program(), options),
        (error) => error === mine || /^ERR_/.test(error.code),
      );
    }
    const circle = {};
    circle.grants = circle;
    assert.throws(() => new Instance(program(), circle), { code: /^ERR_OPTION_/ });
  });

  it('what is given is copied: later changes mean nothing', () => {
    const { box, at } = sandbox();
    const grants = { wasi: true, fs: [{ guest: '/', host: box, write: false }] };
    const calls = open(grants);
    grants.fs[0].write = true;
    grants.fs.push({ guest: '/x', host: at('outside') });
    calls.instance.reset();
    assert.equal(calls.instance.exports.fd_prestat_get(4, 0), 8);
    assert.equal(typeof open({ ...grants, fs: [{ guest: '/', host: box }] }).writeFile('x', 'y'), 'string');
  });
  const open = caller();
});

/** A path name: parts that matter, in any order. */
function name(random) {
  const pick = picker(random);
  const parts = [
    '..',
    '.',
    '',
    'sub',
    'deep',
    'in.txt',
    'leaf.txt',
    'link',
    'up',
    'out',
    'secret.txt',
    'outside',
    'box',
    '...',
    '.. ',
    'x'.repeat(260),
    '\0',
    '\u202e',
    'Sub',
    '~',
    'etc',
    'passwd',
    'proc',
    'self',
    'root',
    'made',
    'a',
    'b',
  ];
  const count = 1 + Math.floor(random() * 6);
  let text = Array.from({ length: count }, () => pick(parts)).join('/');
  if (random() < 0.15) text = `/${text}`;
  if (random() < 0.1) text += '/';
  if (random() < 0.03) return Buffer.concat([Buffer.from(text), Buffer.from([0xff, 0x2f, 0x2e, 0x2e])]);
  return text;
}

/** One call at random, of those that take names. */
function deed(random, calls, dirs) {
  const pick = picker(random);
  const dir = pick(dirs);
  const follow = random() < 0.7;
  const oflags = ['creat', 'trunc', 'excl', 'directory'].filter(() => random() < 0.25);
  const deeds = [
    () => calls.readFile(name(random), { dir, follow }),
    () => calls.readFile(name(random), { dir, follow }),
    () => calls.writeFile(name(random), 'written', { dir, follow }),
    () => calls.open(name(random), { dir, follow, oflags }),
    () => calls.mkdir(name(random), dir),
    () => calls.rmdir(name(random), dir),
    () => calls.unlink(name(random), dir),
    () => calls.rename(name(random), name(random), dir, pick(dirs)),
    () => calls.link(name(random), name(random), { dir, toDir: pick(dirs), follow }),
    () => calls.symlink(name(random), name(random), dir),
    () =>
      calls.symlink(
        pick(['../secret.txt', '..', '../outside', '/', '../../secret.txt', 'sub/../..']),
        name(random),
        dir,
      ),
    () => calls.readlink(name(random), dir),
    () => calls.stat(name(random), { dir, follow }),
    () => calls.setTimes(name(random), 9n, { dir, follow }),
  ];
  return pick(deeds)();
}

describe('fuzz: path names', () => {
  const open = caller();

  for (const write of [true, false, 'files']) {
    it(`never lead out, with write: ${write}`, function () {
      this.timeout(30000);
      const random = generator(7);
      for (let round = 0; round < 6; round++) {
        const box = sandbox();
        fs.symlinkSync('../secret.txt', box.at('box/link'));
        fs.symlinkSync('..', box.at('box/up'));
        fs.symlinkSync(box.at('outside'), box.at('box/out'));
        fs.symlinkSync('../../outside', box.at('box/sub/out'));
        const calls = open({ fs: [{ guest: '/', host: box.box, write }] }, { timeoutMs: 10000 });
        const dirs = [3];
        for (const way of ['sub', 'sub/deep']) {
          const fd = calls.open(way, { oflags: ['directory'] });
          if (typeof fd === 'number') dirs.push(fd);
        }
        for (let i = 0; i < 600; i++) {
          const result = deed(random, calls, dirs);
          assert.ok(!String(result).includes(SECRET), `round ${round}, deed ${i}`);
        }
        box.unharmed();
        if (write !== true) assert.deepEqual(fs.readdirSync(box.box).sort(), ['in.txt', 'link', 'out', 'sub', 'up']);
        if (write === false) assert.equal(fs.readFileSync(path.join(box.box, 'in.txt'), 'utf8'), 'inside');
        calls.instance.close();
      }
    });
  }

  it('calls with numbers at random', function () {
    this.timeout(30000);
    const box = sandbox();
    const random = generator(11);
    const pick = picker(random);
    const module = track(Module.load(callsModule()));
    const numbers = [0, 1, 2, 3, 4, 5, 8, 16, 1024, 65536, 4 << 20, 2 ** 31 - 1, -1, -8, -(2 ** 31)];
    const names = Object.keys(FUNCTIONS).filter((entry) => entry !== 'proc_exit' && entry !== 'proc_raise');
    let trapped = 0;
    for (let i = 0; i < 40; i++) {
      const grants = { wasi: true, fs: [{ guest: '/', host: box.box, write: true }], stdin: 'x', stdout: 'buffer' };
      const guest = track(new Instance(module, { grants, limits: { timeoutMs: 200 } }));
      for (let k = 0; k < 150; k++) {
        const entry = pick(names);
        const args = [...FUNCTIONS[entry]].map((letter) => (letter === 'l' ? BigInt(pick(numbers)) : pick(numbers)));
        try {
          const number = guest.exports[entry](...args);
          assert.ok(Number.isInteger(number) && number >= 0 && number < 77, `${entry}(${args}): ${number}`);
        } catch (error) {
          coded(error, () => `${entry}(${args})`);
          trapped++;
        }
      }
      guest.close();
    }
    assert.ok(trapped < 6000, String(trapped));
    box.unharmed();
  });
});
