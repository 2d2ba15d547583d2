'use strict';

// Limits where they meet each other: calls inside calls, functions of the host that take
// long, streams that are not drained, many engines.

const assert = require('node:assert/strict');
const { Writable } = require('node:stream');
const { Instance, Module, run } = require('../..');
const { refuses, rejects, track } = require('../helpers');

/** Writes a byte, or 64 KiB, or computes for ever. */
const TEXT = Buffer.from(`(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 3)
  (data (i32.const 0) "\\10\\00\\00\\00\\01\\00\\00\\00\\00\\00\\01\\00\\00\\00\\01\\00")
  (func $byte (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16))))
  (func (export "nothing"))
  (func $loop (export "loop") (loop (br 0)))
  (func (export "byte") (call $byte))
  (func (export "byteAndLoop") (call $byte) (call $loop))
  (func (export "flood")
    (loop (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 16))) (br 0)))
  (func (export "_start") (loop (call $byte) (br 0))))`);

/** Asserts that `action` runs into its time limit of 50 ms, and is stopped long before any other. */
function timesOut(action) {
  const start = performance.now();
  assert.match(refuses(action, 'ERR_TIMEOUT').message, / 50 ms /);
  const took = performance.now() - start;
  assert.ok(took >= 49 && took < 800, `${took} ms`);
}

describe('limits that meet', () => {
  let module;
  beforeEach(() => (module = track(Module.load(TEXT))));
  const make = (options) => track(new Instance(module, { grants: 'wasi', limits: { timeoutMs: 1000 }, ...options }));

  it('with() inside with(): the outer limits hold afterwards', () => {
    const instance = make();
    timesOut(() =>
      instance.with({ timeoutMs: 50 }, () => {
        instance.with({ timeoutMs: 900 }, () => instance.exports.nothing());
        instance.exports.loop();
      }),
    );
  });

  it('reset() inside with(): the limits hold for the fresh instance too', () => {
    const instance = make();
    timesOut(() => instance.with({ timeoutMs: 50 }, () => instance.reset().exports.loop()));
    assert.match(refuses(() => instance.exports.loop(), 'ERR_TIMEOUT').message, / 1000 ms /);
  });

  it('time that the first function of the host takes counts', () => {
    const wait = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    const instance = make({ grants: { wasi: true, stdout: wait }, limits: { timeoutMs: 200 } });
    const start = performance.now();
    refuses(() => instance.exports.byteAndLoop(), 'ERR_TIMEOUT');
    const took = performance.now() - start;
    assert.ok(took >= 299 && took < 450, `${took} ms: 300 in the host, none after it`);
  });

  it('a Writable that cannot drain holds a bounded number of bytes', () => {
    const slow = new Writable({ write: (chunk, encoding, done) => setImmediate(done) });
    const instance = make({ grants: { wasi: true, stdout: slow } });
    assert.match(refuses(() => instance.exports.flood(), 'ERR_OUTPUT_LIMIT').message, /stdout/);
    assert.ok(slow.writableLength > 2 ** 20 && slow.writableLength < 20 * 2 ** 20, String(slow.writableLength));
  });

  it('stats of streams outlast the instance', () => {
    const instance = make();
    instance.exports.byte();
    instance.close();
    assert.equal(instance.stats.stdoutBytes, 1);
  });

  it('a program that writes byte by byte leaves the event loop alone', async () => {
    let turns = 0;
    let bytes = 0;
    const timer = setInterval(() => turns++, 5);
    const stdout = (chunk) => void (bytes += chunk.length);
    const memory = process.memoryUsage.rss();
    await rejects(run(module, { stdout, limits: { timeoutMs: 1000 } }), 'ERR_TIMEOUT');
    clearInterval(timer);
    assert.ok(turns >= 10, `${turns} turns`);
    assert.ok(bytes > 1000, `${bytes} bytes`);
    assert.ok(process.memoryUsage.rss() - memory < 100 * 2 ** 20);
  });

  it('each of many engines has a clock', function many() {
    this.timeout(60000);
    for (let i = 1; i <= 70; i++) {
      const instance = new Instance(TEXT, { grants: 'wasi', stackBytes: (i + 1) * 65536 });
      if (i > 60) timesOut(() => instance.with({ timeoutMs: 50 }).exports.loop());
      instance.close();
      instance.module.close();
    }
  });
});
