'use strict';

// What a guest may take: memory, table elements, instances, stack.

const assert = require('node:assert/strict');
const { Instance, Module, run, runSync } = require('../..');
const { wat } = require('../fixtures/endless');
const { refuses, rejects, track } = require('../helpers');

const PAGE = 65536;
const load = (text, options) => track(Module.load(wat(text), options));
const open = (text, limits, options) => track(new Instance(load(text, options), { limits }));

const GROWING = `(memory (export "memory") 1)
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "pages") (result i32) (memory.size))
  (func (export "bomb") (result i32)
    (loop (br_if 0 (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) (memory.size))
  (func (export "touch") (local $at i32)
    (loop (i32.store8 (local.get $at) (i32.const 1))
      (local.set $at (i32.add (local.get $at) (i32.const 4096)))
      (br_if 0 (i32.lt_u (local.get $at) (i32.shl (memory.size) (i32.const 16))))))`;

const TABLE = `(table (export "table") 1 funcref)
  (func (export "grow") (param i32) (result i32) (table.grow 0 (ref.null func) (local.get 0)))
  (func (export "size") (result i32) (table.size 0))
  (func (export "bomb") (result i32)
    (loop (br_if 0 (i32.ne (table.grow 0 (ref.null func) (i32.const 1000)) (i32.const -1)))) (table.size 0))`;

describe('memoryBytes', () => {
  it('page by page, to the last one and no further', () => {
    const { exports, memory } = open(GROWING, { memoryBytes: 64 * PAGE });
    assert.equal(exports.bomb(), 64);
    exports.touch();
    assert.equal(memory.byteLength, 64 * PAGE);
    assert.equal(exports.grow(1), -1);
    assert.equal(exports.grow(0), 64);
  });

  it('all at once', () => {
    const { exports } = open(GROWING, { memoryBytes: 64 * PAGE });
    for (const pages of [64, 65, 1000, 65535, 65536, -1]) assert.equal(exports.grow(pages), -1, String(pages));
    assert.equal(exports.pages(), 1);
    assert.equal(exports.grow(63), 1);
    assert.equal(exports.grow(1), -1);
  });

  it('a limit between two pages counts whole pages', () => {
    for (const [memoryBytes, pages] of [
      [2 * PAGE - 1, 1],
      [2 * PAGE, 2],
      [2 * PAGE + 1, 2],
    ]) {
      assert.equal(open(GROWING, { memoryBytes }).exports.bomb(), pages);
    }
  });

  it('applies to the memory that a module begins with: ERR_LIMIT', () => {
    const module = load('(memory 4)');
    refuses(() => new Instance(module, { limits: { memoryBytes: 4 * PAGE - 1 } }), 'ERR_LIMIT');
    track(new Instance(module, { limits: { memoryBytes: 4 * PAGE } }));
  });

  it('applies to all memories of an instance together or each', () => {
    const module = load(`(memory $a 1) (memory $b 1)
      (func (export "a") (param i32) (result i32) (memory.grow $a (local.get 0)))
      (func (export "b") (param i32) (result i32) (memory.grow $b (local.get 0)))`);
    const { exports } = track(new Instance(module, { limits: { memoryBytes: 4 * PAGE } }));
    assert.equal(exports.a(4), -1);
    assert.equal(exports.b(4), -1);
  });

  it('belongs to an instance, not to the module', () => {
    const module = load(GROWING);
    const [small, large] = [2, 20].map((n) => track(new Instance(module, { limits: { memoryBytes: n * PAGE } })));
    assert.deepEqual([small.exports.bomb(), large.exports.bomb(), small.exports.pages()], [2, 20, 2]);
  });

  it('in the start function', () => {
    const module = load(`(memory (export "memory") 1) (global $got (mut i32) (i32.const 0))
      (func $s (global.set $got (memory.grow (i32.const 10)))) (start $s)
      (func (export "got") (result i32) (global.get $got))`);
    assert.equal(track(new Instance(module, { limits: { memoryBytes: 5 * PAGE } })).exports.got(), -1);
    assert.equal(track(new Instance(module, { limits: { memoryBytes: 11 * PAGE } })).exports.got(), 1);
  });

  it('of a command', async () => {
    const text = wat(`(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))) ${GROWING}
      (func (export "_start") (loop (br_if 0 (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) (call $exit (memory.size)))`);
    const limits = { memoryBytes: 33 * PAGE };
    assert.equal(runSync(text, { limits }).exitCode, 33);
    assert.equal((await run(text, { limits })).exitCode, 33);
  });

  it('what may be given', () => {
    const module = load(GROWING);
    for (const value of ['1', null, true, 1n, {}]) {
      refuses(() => new Instance(module, { limits: { memoryBytes: value } }), 'ERR_OPTION_TYPE', {
        option: 'limits.memoryBytes',
      });
    }
    for (const value of [-1, 0.5, NaN, Infinity, 2 ** 60]) {
      refuses(() => new Instance(module, { limits: { memoryBytes: value } }), 'ERR_OPTION_RANGE', {
        option: 'limits.memoryBytes',
      });
    }
  });
});

describe('trapOnGrowFailure', () => {
  it('makes a failure to grow an error, ERR_LIMIT, that leaves other instances alone', () => {
    const module = load(GROWING, { trapOnGrowFailure: true });
    const limits = { memoryBytes: 8 * PAGE, trapOnGrowFailure: true };
    const [guest, other] = [1, 2].map(() => track(new Instance(module, { limits })));
    assert.equal(guest.exports.grow(3), 1);
    refuses(() => guest.exports.grow(5), 'ERR_LIMIT');
    refuses(() => other.exports.bomb(), 'ERR_LIMIT');
    assert.equal(other.exports.pages(), 8);
  });

  it('of tables too', () => {
    const guest = open(TABLE, { tableElements: 10, trapOnGrowFailure: true }, { trapOnGrowFailure: true });
    assert.equal(guest.exports.grow(9), 1);
    refuses(() => guest.exports.grow(1), 'ERR_LIMIT');
  });

  it('goes to the load with a source, must equal that of a module', () => {
    const limits = { memoryBytes: PAGE, trapOnGrowFailure: true };
    const instance = track(new Instance(wat(GROWING), { limits }));
    track(instance.module);
    refuses(() => instance.exports.grow(1), 'ERR_LIMIT');
    refuses(() => new Instance(load(GROWING), { limits }), 'ERR_PROFILE');
    refuses(
      () => new Instance(load(GROWING, { trapOnGrowFailure: true }), { limits: { trapOnGrowFailure: false } }),
      'ERR_PROFILE',
    );
  });
});

describe('tableElements and instances', () => {
  it('a table bomb stops growing at the limit', () => {
    const { exports } = open(TABLE, { tableElements: 10000 });
    const size = exports.bomb();
    assert.ok(size > 8000 && size <= 10000, String(size));
    assert.equal(exports.grow(10001 - size), -1);
    assert.equal(exports.grow(10000 - size), size);
    assert.equal(exports.grow(1), -1);
    for (const n of [-1, 2 ** 31 - 1]) assert.equal(exports.grow(n), -1);
  });

  it('the table that a module begins with: ERR_LIMIT', () => {
    const module = load('(table 100 funcref)');
    refuses(() => new Instance(module, { limits: { tableElements: 99 } }), 'ERR_LIMIT');
    track(new Instance(module, { limits: { tableElements: 100 } }));
  });

  it('a table bomb without a limit ends too', () => {
    const { exports } = open(TABLE.replace('(i32.const 1000)', '(i32.const 10000000)'), { timeoutMs: 20000 });
    assert.ok(exports.bomb() >= 1);
    assert.equal(exports.size() >= 1, true);
  });

  it('instances: one fits', () => {
    const module = load(GROWING);
    assert.equal(track(new Instance(module, { limits: { instances: 1 } })).exports.pages(), 1);
  });
});

describe('stackBytes', () => {
  const DEEP = `(func $down (export "down") (param i32) (result i32)
    (if (result i32) (local.get 0) (then (i32.add (i32.const 1) (call $down (i32.sub (local.get 0) (i32.const 1))))) (else (i32.const 0))))
    (func $endless (export "endless") (result i32) (i32.add (i32.const 1) (call $endless)))
    (type $t (func (result i32))) (table 1 funcref) (elem (i32.const 0) $indirect)
    (func $indirect (export "indirect") (result i32) (i32.add (i32.const 1) (call_indirect (type $t) (i32.const 0))))`;

  /** How deep `down` can go, to the next thousand. */
  function depth(exports) {
    let n = 1000;
    for (;;) {
      try {
        exports.down(n);
      } catch (error) {
        assert.equal(error.code, 'ERR_TRAP');
        return n;
      }
      n += 1000;
    }
  }

  it('unbounded recursion is a trap, direct and indirect', () => {
    const { exports } = open(DEEP);
    for (let i = 0; i < 100; i++) {
      refuses(() => exports.endless(), 'ERR_TRAP', { trap: 'stack_overflow' });
      refuses(() => exports.indirect(), 'ERR_TRAP', { trap: 'stack_overflow' });
    }
    assert.equal(exports.down(1000), 1000);
  });

  it('more is deeper', () => {
    const [small, middle, large] = [65536, 524288, 4 << 20].map((stackBytes) =>
      depth(open(DEEP, undefined, { stackBytes }).exports),
    );
    assert.ok(small < middle / 4 && middle < large / 4, `${small} ${middle} ${large}`);
  });

  it('64 MiB of it are there for programs; a call on a thread that has less says so', async () => {
    const stackBytes = 64 << 20;
    const { exports } = open(DEEP, undefined, { stackBytes });
    refuses(() => exports.down(1), 'ERR_TRAP', {
      trap: 'stack_overflow',
      message: /no room left for the 67108864 bytes/,
    });
    const program = (n) => wat(`${DEEP} (func (export "_start") (drop (call $down (i32.const ${n}))))`);
    assert.equal((await run(program(1000000), { stackBytes })).exitCode, 0);
    await rejects(run(program(-1), { stackBytes }), 'ERR_TRAP', { trap: 'stack_overflow' });
    refuses(() => runSync(program(1), { stackBytes }), 'ERR_TRAP', { trap: 'stack_overflow' });
  });

  it('of an instance must be that of its module', () => {
    refuses(() => new Instance(load(DEEP), { limits: { stackBytes: 1 << 20 } }), 'ERR_PROFILE');
    const module = load(DEEP, { stackBytes: 1 << 20 });
    track(new Instance(module, { limits: { stackBytes: 1 << 20 } }));
    for (const stackBytes of [0, 65535, (64 << 20) + 1, 1.5]) {
      refuses(() => Module.load(wat(DEEP), { stackBytes }), 'ERR_OPTION_RANGE', { option: 'stackBytes' });
    }
  });

  it('recursion in a start function', () => {
    const text = wat('(func $s (call $s) (call $s)) (start $s)');
    refuses(() => new Instance(text), 'ERR_START', { trap: 'stack_overflow' });
  });
});
