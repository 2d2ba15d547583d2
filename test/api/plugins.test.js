'use strict';

// Calls of plugins: values, guest memory, errors, data of an instance. The plugin is test/fixtures/plugins/kit.c.

const assert = require('node:assert/strict');
const { Instance, Plugin, runSync } = require('../..');
const { kit, kitModule, kitOptions } = require('../fixtures/plugins');
const { refuses, track, wat } = require('../helpers');

const MEMORY = '(memory (export "memory") 1 4)';
const counters = () => kit(['get_data_destroyed', 'get_order_wrong']).exports;

describe('plugins: values', () => {
  it('every type goes in and comes out, at its extremes', () => {
    const { exports } = kit(['i32', 'i64', 'f32', 'f64']);
    for (const v of [0, 1, -1, 2 ** 31 - 1, -(2 ** 31)]) assert.equal(exports.i32(v), v);
    for (const v of [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 0x0123456789abcdefn]) assert.equal(exports.i64(v), v);
    for (const v of [0, -0, 1.5, Infinity, -Infinity, NaN, 2 ** -149, Math.fround(3.1e38)]) {
      assert.ok(Object.is(exports.f32(v), v), `f32 ${v}`);
    }
    for (const v of [0, -0, 0.1, Infinity, NaN, Number.MIN_VALUE, Number.MAX_VALUE]) {
      assert.ok(Object.is(exports.f64(v), v), `f64 ${v}`);
    }
  });

  it('from inside the guest, with arguments and results on its own stack', () => {
    const { exports } = kit(
      ['swap', 'i32'],
      `(func (export "both") (param i32 i64 f32 f64) (result f64 f32 i64 i32)
         (call $swap (call $i32 (local.get 0)) (local.get 1) (local.get 2) (local.get 3)))`,
    );
    assert.deepEqual(exports.both(-7, 2n ** 40n, 0.5, -2.25), [-2.25, 0.5, 2n ** 40n, -7]);
  });

  it('several results, 32 parameters, 16 results', () => {
    const { exports } = kit(['swap', 'sum32', 'count16']);
    assert.deepEqual(exports.swap(1, 2n, 3.5, 4.25), [4.25, 3.5, 2n, 1]);
    const numbers = Array.from({ length: 32 }, (_, i) => i * i - 100);
    assert.equal(
      exports.sum32(...numbers),
      numbers.reduce((sum, n, i) => sum + n * (i + 1), 0),
    );
    assert.deepEqual(
      exports.count16(),
      Array.from({ length: 16 }, (_, i) => i),
    );
  });

  it('a result that the plugin does not write is 0, not an argument', () => {
    assert.equal(kit(['nothing']).exports.nothing(12345), 0n);
  });

  it('one callback for several functions tells them apart by their user data', () => {
    const { exports } = kit(['seven', 'eight']);
    assert.deepEqual([exports.seven(), exports.eight(), exports.seven()], [7, 8, 7]);
  });

  it('an import that the module has twice', () => {
    const text = `(import "kit" "seven" (func $a (result i32))) (import "kit" "seven" (func $b (result i32)))
      (func (export "both") (result i32) (i32.add (call $a) (call $b)))`;
    const module = Buffer.from(`(module ${text})`);
    assert.equal(track(new Instance(module, kitOptions())).exports.both(), 14);
  });

  it('metered and with a timeout, the same results', () => {
    const options = kitOptions({ metering: true, limits: { fuel: 1e6, timeoutMs: 10000 } });
    const instance = track(new Instance(kitModule(['swap', 'sum32']), options));
    assert.deepEqual(instance.exports.swap(1, 2n, 3, 4), [4, 3, 2n, 1]);
    assert.equal(instance.exports.sum32(...new Array(32).fill(1)), 528);
    assert.ok(instance.stats.calls === 2);
  });
});

describe('plugins: guest memory', () => {
  const PAGE = 65536n;

  it('is read and written, up to its last byte', () => {
    const instance = kit(['copy', 'fill', 'memory_bytes'], MEMORY);
    const { copy, fill, memory_bytes: bytes } = instance.exports;
    assert.equal(bytes(), PAGE);
    instance.memory.write(10, Buffer.from('hello'));
    copy(10n, PAGE - 5n, 5);
    assert.equal(Buffer.from(instance.memory.read(65531, 5)).toString(), 'hello');
    fill(0n, PAGE, 7);
    assert.deepEqual([...instance.memory.read(0, 2), ...instance.memory.read(65534, 2)], [7, 7, 7, 7]);
    copy(PAGE, 0n, 0); // nothing, at the very end
    fill(PAGE, 0n, 1);
  });

  it('ranges that do not lie in it are errors', () => {
    const { copy, fill } = kit(['copy', 'fill'], MEMORY).exports;
    const big = [2n ** 63n - 1n, -1n, 2n ** 32n, PAGE + 1n];
    for (const at of big) {
      refuses(() => copy(at, 0n, 1), 'ERR_PLUGIN', { import: 'kit.copy', status: 2, plugin: 'kit' });
      refuses(() => copy(0n, at, 1), 'ERR_PLUGIN');
      refuses(() => fill(at, 0n, 1), 'ERR_PLUGIN');
      refuses(() => fill(0n, at, 1), 'ERR_PLUGIN');
    }
    refuses(() => fill(1n, -1n, 1), 'ERR_PLUGIN'); // the end wraps around
    const error = refuses(() => copy(PAGE - 1n, 0n, 2), 'ERR_PLUGIN');
    assert.match(error.message, /^kit\.copy: 2 bytes at 65535 do not lie in the guest's memory of 65536 bytes/);
    assert.match(error.wasmStack ?? '', /^/);
  });

  it('memory that grows is seen', () => {
    const {
      grow,
      fill,
      memory_bytes: bytes,
    } = kit(['fill', 'memory_bytes'], `${MEMORY} (func (export "grow") (drop (memory.grow (i32.const 1))))`).exports;
    refuses(() => fill(PAGE, 1n, 1), 'ERR_PLUGIN');
    grow();
    fill(PAGE, PAGE, 1);
    assert.equal(bytes(), 2n * PAGE);
  });

  it('a failure that the plugin takes lightly is none', () => {
    const { probe } = kit(['probe'], MEMORY).exports;
    assert.deepEqual([probe(0n, PAGE), probe(0n, PAGE + 1n), probe(-1n, 1n)], [1, 0, 0]);
  });

  it('a guest without memory', () => {
    const { fill, memory_bytes: bytes, probe } = kit(['fill', 'memory_bytes', 'probe']).exports;
    assert.equal(bytes(), 0n);
    assert.equal(probe(0n, 0n), 0);
    refuses(() => fill(0n, 0n, 0), 'ERR_PLUGIN', { message: /the guest exports no memory/ });
  });

  it('is there while the start function runs', () => {
    const instance = kit(
      ['fill'],
      `${MEMORY} (func $go (call $fill (i64.const 8) (i64.const 2) (i32.const 9))) (start $go)`,
    );
    assert.deepEqual([...instance.memory.read(7, 4)], [0, 9, 9, 0]);
  });

  it('of 64 bits', () => {
    const { fill, memory_bytes: bytes } = kit(['fill', 'memory_bytes'], '(memory (export "memory") i64 1)').exports;
    fill(PAGE - 1n, 1n, 1);
    refuses(() => fill(2n ** 33n, 1n, 1), 'ERR_PLUGIN');
    assert.equal(bytes(), PAGE);
  });
});

describe('plugins: errors', () => {
  it('a text of the plugin comes out as it is, with the stack of the guest', () => {
    const { exports } = kit(['fail'], '(func $inner (call $fail (i32.const 0))) (func (export "outer") (call $inner))');
    const error = refuses(() => exports.outer(), 'ERR_PLUGIN', { plugin: 'kit', import: 'kit.fail', status: 1 });
    assert.equal(error.message, 'kit.fail: no "luck" \\ today: käse ☃ (ERR_PLUGIN)');
    assert.equal(error.wasmStack.split('\n').filter(Boolean).length, 2, error.wasmStack);
  });

  it('long texts are cut; no text, formats and bare statuses are fine', () => {
    const { fail } = kit(['fail']).exports;
    assert.equal(refuses(() => fail(1), 'ERR_PLUGIN').message, `kit.fail: ${'x'.repeat(1000)} (ERR_PLUGIN)`);
    refuses(() => fail(2), 'ERR_PLUGIN', { message: /^kit\.fail: failed / });
    refuses(() => fail(3), 'ERR_PLUGIN', { message: /^kit\.fail: %s %n / });
    for (const status of [42, -1, 2 ** 31 - 1]) {
      refuses(() => fail(status), 'ERR_PLUGIN', {
        status,
        message: new RegExp(`^kit\\.fail: the plugin's function failed with status ${status} `),
      });
    }
  });

  it('the instance can be called again, and text of an earlier failure is not told again', () => {
    const { fail, seven } = kit(['fail', 'seven']).exports;
    refuses(() => fail(0), 'ERR_PLUGIN');
    assert.equal(seven(), 7);
    refuses(() => fail(9), 'ERR_PLUGIN', { message: /status 9/ });
  });

  it('in the start function', () => {
    const text = '(func $go (call $fail (i32.const 0))) (start $go)';
    refuses(() => kit(['fail'], text), 'ERR_PLUGIN', { message: /luck/ });
  });
});

describe('plugins: data of an instance', () => {
  it('each instance has its own, which ends when it is closed', () => {
    const before = counters().get_data_destroyed();
    const [a, b] = [kit(['next']), kit(['next'])];
    assert.deepEqual([a.exports.next(), a.exports.next(), b.exports.next(), a.exports.next()], [1, 2, 1, 3]);
    a.close();
    assert.equal(counters().get_data_destroyed(), before + 1);
    assert.equal(b.exports.next(), 2);
    b.close();
    b.close();
    assert.equal(counters().get_data_destroyed(), before + 2);
  });

  it('what is replaced ends at once', () => {
    const before = counters().get_data_destroyed();
    const { next, renew } = kit(['next', 'renew']).exports;
    next();
    next();
    renew();
    assert.equal(counters().get_data_destroyed(), before + 1);
    assert.equal(next(), 1);
  });

  it('reset begins anew', () => {
    const instance = kit(['next']);
    assert.equal(instance.exports.next(), 1);
    assert.equal(instance.reset().exports.next(), 1);
  });

  it('objects end before it', () => {
    const instance = kit(
      ['next', 'box_new'],
      '(table $t 1 externref) (func (export "hold") (table.set $t (i32.const 0) (call $box_new (i32.const 1))))',
    );
    instance.exports.next();
    instance.exports.hold();
    instance.close();
    assert.equal(counters().get_order_wrong(), 0);
  });
});

describe('plugins: closed, busy, in programs', () => {
  it('a closed instance is not called', () => {
    const instance = kit(['seven']);
    const { seven } = instance.exports;
    instance.close();
    refuses(seven, 'ERR_CLOSED');
  });

  it('a context is of no use after its call', () => {
    const { keep, use_kept_context: use } = kit(['keep', 'use_kept_context'], MEMORY).exports;
    keep(null);
    assert.equal(use(), 1); // the same instance's call: a plain function has its context
    const other = kit(['use_kept_context'], MEMORY).exports;
    assert.equal(other.use_kept_context(), 0);
  });

  it('run and runSync: on their own thread, with pluginGrants', async () => {
    const program = kitModule(
      ['seven', 'fill'],
      `${MEMORY} (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (func (export "_start") (call $fill (i64.const 0) (i64.const 4) (i32.const 1)) (call $exit (call $seven)))`.replace(
        /^(.*?)(\(import.*?\)\)\))/s,
        '$2 $1',
      ),
    );
    const { plugins } = kitOptions();
    const { run } = require('../..');
    assert.equal(runSync(program, { plugins, pluginGrants: { kit: true } }).exitCode, 7);
    assert.equal((await run(program, { plugins, pluginGrants: { kit: ['seven', 'fill'] } })).exitCode, 7);
    refuses(() => runSync(program, { plugins, pluginGrants: { kit: ['seven'] } }), 'ERR_CAPABILITY', {
      imports: ['kit.fill'],
    });
  });

  it('a module without imports takes plugins as well', () => {
    assert.equal(wat('(func (export "f") (result i32) (i32.const 1))').exports.f(), 1);
    const instance = track(new Instance(Buffer.from('(module)'), kitOptions()));
    assert.deepEqual(Object.keys(instance.exports), []);
    assert.ok(Plugin.load(kitOptions().plugins[0]) instanceof Plugin);
  });
});
