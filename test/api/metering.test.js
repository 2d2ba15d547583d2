'use strict';

// What instances tell of what they used: stats, receipts, prices, meters while a call runs.

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const { Instance, Module, run, runSync } = require('../..');
const { fixture } = require('../fixtures');
const { importingCounting } = require('../fixtures/endless');
const { bytesOf, refuses, rejects, track } = require('../helpers');
const { watVM } = require('./vm-helpers');

/** Counts down from its argument: 5 instructions a turn, and 2 around. */
const COUNT = `(func (export "count") (param i32) (result i32)
  (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) i32.const 7)`;
const SPIN = '(func (export "spin") (loop br 0))';
const WORK = `(memory (export "memory") 1 10) ${COUNT} ${SPIN}
  (func (export "divide") (param i32) (result i32) (i32.div_u (i32.const 9) (local.get 0)))
  (func (export "fill") (param i32) (memory.fill (i32.const 0) (i32.const 1) (local.get 0)))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))`;

const open = (text, options) => track(new Instance(bytesOf(text), { metering: true, ...options }));

/** The instructions of a call. */
function instructionsOf(guest, name, ...args) {
  const before = guest.stats.instructions;
  guest.exports[name](...args);
  assert.equal(guest.stats.instructions - before, guest.receipt.instructions);
  return guest.receipt.instructions;
}

describe('metering', () => {
  it('counts each instruction, and each function that is entered', () => {
    const guest = open(WORK);
    assert.equal(instructionsOf(guest, 'count', 1), 1 + 5 + 1);
    assert.equal(instructionsOf(guest, 'count', 1000), 1 + 5 * 1000 + 1);
    assert.equal(instructionsOf(guest, 'divide', 3), 4);
  });

  it('charges bulk operations by their size, growth by its pages', () => {
    const guest = open(WORK);
    const base = instructionsOf(guest, 'fill', 0);
    assert.equal(instructionsOf(guest, 'fill', 63), base);
    assert.equal(instructionsOf(guest, 'fill', 64), base + 1);
    assert.equal(instructionsOf(guest, 'fill', 65536), base + 1024);
    const none = instructionsOf(guest, 'grow', 0);
    assert.equal(instructionsOf(guest, 'grow', 3), none + 3);
    assert.equal(instructionsOf(guest, 'grow', 1000), none, 'what was refused is free');
  });

  it('counts a start function, which runs as it would', () => {
    const guest = open(
      '(global $g (export "g") (mut i32) (i32.const 0)) (func $s (global.set $g (i32.const 5))) (start $s)',
    );
    assert.equal(guest.stats.instructions, 3);
    assert.equal(guest.stats.calls, 0);
    refuses(() => open(`(func $s ${'(loop br 0)'}) (start $s)`, { limits: { fuel: 1000 } }), 'ERR_FUEL');
  });

  it('takes prices', () => {
    const costs = { division: 100, entry: 7, simple: 0 };
    const guest = open(WORK, { metering: { costs } });
    assert.equal(instructionsOf(guest, 'divide', 3), 107);
    assert.deepEqual(guest.receipt.costs, costs);
    for (const [wrong, code] of [
      [{ division: 1001 }, 'ERR_OPTION_RANGE'],
      [{ division: -1 }, 'ERR_OPTION_RANGE'],
      [{ division: 1.5 }, 'ERR_OPTION_RANGE'],
      [{ division: '1' }, 'ERR_OPTION_TYPE'],
      [{ divisions: 1 }, 'ERR_OPTION_UNKNOWN'],
    ]) {
      refuses(() => open(WORK, { metering: { costs: wrong } }), code);
    }
  });

  it('gives the same results as without, and the same count each time', () => {
    const file = fixture('strings');
    const [plain, first, second] = [{}, { metering: true }, { metering: true }].map((o) =>
      track(new Instance(file, o)),
    );
    for (const text of ['', 'Ada', 'Ünïcode 🦀'.repeat(200)]) {
      assert.equal(first.exports.say(text), plain.exports.say(text));
      second.exports.say(text);
      assert.equal(first.receipt.instructions, second.receipt.instructions);
      assert.ok(first.receipt.instructions > 10);
      assert.equal(first.receipt.inputBytes, Buffer.byteLength(text));
    }
  });

  it('refuses a module that has a name of ours', () => {
    refuses(() => open('(global (export "wasmgate:fuel") i64 (i64.const 0))'), 'ERR_MODULE_UNSUPPORTED');
  });

  it('without it there are no instructions, times and receipts', () => {
    const guest = track(new Instance(bytesOf(WORK)));
    guest.exports.count(5);
    const { stats } = guest;
    assert.equal(guest.receipt, undefined);
    assert.deepEqual(
      [stats.calls, stats.instructions, stats.wallNs, stats.memoryBytes],
      [1, undefined, undefined, 65536],
    );
  });
});

describe('receipts', () => {
  it('say what a call was, and survive JSON', () => {
    const bytes = bytesOf(WORK);
    const guest = track(new Instance(bytes, { metering: true }));
    assert.equal(guest.receipt, undefined);
    guest.exports.count(10);
    const { receipt } = guest;
    assert.deepEqual(JSON.parse(JSON.stringify(receipt)), receipt);
    assert.ok(Object.isFrozen(receipt));
    assert.match(receipt.module, /^sha256:[0-9a-f]{64}$/);
    assert.deepEqual(
      { ...receipt, module: '' },
      {
        version: 1,
        module: '',
        export: 'count',
        inputBytes: 0,
        instructions: 52,
        memoryPeakBytes: 65536,
        outcome: 'ok',
      },
    );
  });

  it('have the hash of the binary module', () => {
    const binary = Buffer.from('0061736d0100000001040160000003020100070501016600000a040102000b', 'hex');
    const guest = track(new Instance(binary, { metering: true }));
    guest.exports.f();
    assert.equal(guest.receipt.module, `sha256:${crypto.createHash('sha256').update(binary).digest('hex')}`);
  });

  it('tell how it ended', () => {
    const guest = open(WORK, { limits: { timeoutMs: 30 } });
    refuses(() => guest.exports.divide(0), 'ERR_TRAP');
    assert.equal(guest.receipt.outcome, 'ERR_TRAP');
    refuses(() => guest.exports.spin(), 'ERR_TIMEOUT');
    assert.equal(guest.receipt.outcome, 'ERR_TIMEOUT');
    assert.ok(guest.receipt.instructions > 100000, 'a loop that was stopped is billed');
    refuses(() => guest.exports.count('x'), 'ERR_ARG_TYPE');
    assert.deepEqual([guest.receipt.outcome, guest.receipt.instructions], ['ERR_ARG_TYPE', 0]);
    refuses(() => guest.with({ fuel: 100 }).exports.count(1000), 'ERR_FUEL', { fuelUsed: 101 });
    assert.deepEqual([guest.receipt.outcome, guest.receipt.instructions], ['ERR_FUEL', 101]);
  });

  it('of programs, also on the error of one that failed', async () => {
    const program = bytesOf(
      `(memory (export "memory") 1) ${COUNT} (func (export "_start") (drop (call 0 (i32.const 9))))`,
    );
    const here = runSync(program, { metering: true });
    const there = await run(program, { metering: true });
    assert.equal(here.receipt.instructions, 3 + 47);
    assert.deepEqual(there.receipt, here.receipt);
    assert.equal(there.receipt.export, '_start');
    const error = await rejects(run(program, { metering: true, limits: { fuel: 20 } }), 'ERR_FUEL');
    assert.equal(error.receipt.outcome, 'ERR_FUEL');
    assert.equal(error.stats.calls, 1);
  });
});

describe('meters', () => {
  it('tell time in the guest and in the host', () => {
    const text = `(import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1) (data (i32.const 24) "\\80\\c3\\c9\\01")
      (func (export "sleep") (result i32) (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)))`;
    const guest = open(text, { grants: 'wasi' }); // 30 ms
    assert.equal(guest.exports.sleep(), 0);
    const { wallNs, hostNs, wasmNs, cpuNs } = guest.stats;
    assert.ok(hostNs >= 29e6 && wallNs >= hostNs && wasmNs === wallNs - hostNs, JSON.stringify(guest.stats));
    assert.ok(cpuNs < wallNs, 'waiting is no work');
  });

  it('run while a call does', () => {
    const seen = [];
    const call = (stats) => {
      seen.push(stats);
      if (seen.length === 3) throw new RangeError('enough');
    };
    const guest = open(SPIN, { onMeter: { everyMs: 5, call } });
    assert.throws(() => guest.exports.spin(), RangeError);
    assert.equal(seen.length, 3);
    assert.ok(seen.every(({ running }) => running));
    assert.ok(seen[0].instructions < seen[1].instructions && seen[1].instructions < seen[2].instructions);
  });

  it('let nobody into the instance meanwhile', () => {
    const codes = new Set();
    const call = () => {
      for (const use of [() => guest.exports.count(1), () => guest.close(), () => guest.reset()])
        codes.add(refuses(use, 'ERR_BUSY').code);
      assert.equal(guest.state, 'calling');
      assert.ok(guest.stats.running && guest.memory.read(0, 1).length === 1);
    };
    const guest = open(WORK, { onMeter: { everyMs: 1, call }, limits: { timeoutMs: 30 } });
    refuses(() => guest.exports.spin(), 'ERR_TIMEOUT');
    assert.deepEqual([...codes], ['ERR_BUSY']);
    assert.equal(guest.exports.count(3), 7);
  });

  it('of a program on another thread reach this one while it runs', async () => {
    const seen = [];
    const program = bytesOf('(func (export "_start") (loop br 0))');
    const onMeter = { everyMs: 5, call: (stats) => seen.push(stats.instructions) };
    await rejects(run(program, { metering: true, onMeter, limits: { timeoutMs: 200 } }), 'ERR_TIMEOUT');
    assert.ok(seen.length >= 3 && seen.at(-1) > seen[0], String(seen));
  });

  it('what onMeter throws ends a program', async () => {
    const program = bytesOf('(func (export "_start") (loop br 0))');
    const call = () => {
      throw new SyntaxError('mine');
    };
    await assert.rejects(run(program, { metering: true, onMeter: { everyMs: 5, call } }), SyntaxError);
  });

  it('can be read by id', () => {
    const guest = open(WORK);
    guest.exports.count(100);
    assert.equal(Instance.stats(guest.id).instructions, guest.stats.instructions);
    const { id } = guest;
    guest.close();
    assert.equal(Instance.stats(id), undefined);
    assert.equal(Instance.stats(0n), undefined);
    for (const wrong of [1, '1', undefined, null]) refuses(() => Instance.stats(wrong), 'ERR_ARG_TYPE');
  });

  it('can be read when it is closed', () => {
    const guest = open(WORK);
    guest.exports.count(100);
    const before = guest.stats;
    guest.close();
    assert.deepEqual(guest.stats, before);
  });
});

describe('with(limits, action)', () => {
  it('holds for what the action calls, and for nothing after it', () => {
    const guest = open(WORK, { limits: { fuel: 1000 } });
    assert.equal(
      guest.with({ fuel: 100000 }, () => guest.exports.count(1000)),
      7,
    );
    refuses(() => guest.exports.count(1000), 'ERR_FUEL');
    refuses(() => guest.with({ fuel: 10 }, () => guest.exports.count(10)), 'ERR_FUEL');
    assert.throws(
      () =>
        guest.with({ fuel: 10 }, () => {
          throw new URIError('mine');
        }),
      URIError,
    );
    assert.equal(guest.exports.count(10), 7);
    refuses(() => guest.with({ fuel: 10 }, 5), 'ERR_ARG_TYPE');
  });
});

describe('limits of calls inside of calls', () => {
  for (const [what, inner] of [
    ['a function of with()', (guest) => guest.with({ fuel: 20 }).exports.count(1000)],
    ['an action of with()', (guest) => guest.with({ fuel: 20 }, () => guest.exports.count(1000))],
  ]) {
    it(`hold for ${what} that an import calls`, () => {
      const seen = [];
      const work = () => seen.push(refuses(() => inner(guest), 'ERR_FUEL').code);
      const guest = track(new Instance(importingCounting, { metering: true, imports: { work } }));
      assert.equal(guest.exports.count(10), 7);
      refuses(() => guest.exports.f(), 'ERR_POISONED'); // the guest is Rust's: what stopped inside leaves it unknown
      assert.deepEqual(seen, ['ERR_FUEL']);
    });
  }
});

describe('VM: statistics', () => {
  const KEYS = [
    'TotalExecutionTime',
    'WasmExecutionTime',
    'HostFunctionExecutionTime',
    'InstructionCount',
    'TotalGasCost',
  ];

  it('are those of the last call', () => {
    const vm = watVM(WORK, { EnableMeasurement: true });
    const before = vm.GetStatistics();
    assert.deepEqual(before, {
      Measure: true,
      ...Object.fromEntries(KEYS.map((k) => [k, 0])),
      InstructionPerSecond: 0,
    });
    assert.equal(vm.RunInt('count', 1000), 7);
    const long = vm.GetStatistics();
    assert.equal(long.InstructionCount, 5002);
    assert.equal(long.TotalGasCost, 5002);
    assert.equal(long.TotalExecutionTime, long.WasmExecutionTime + long.HostFunctionExecutionTime);
    assert.ok(long.InstructionPerSecond > 0);
    vm.RunInt('count', 1);
    assert.equal(vm.GetStatistics().InstructionCount, 7);
    assert.throws(() => vm.RunInt('divide', 0));
    assert.ok(vm.GetStatistics().InstructionCount < 7);
  });

  it('are absent without EnableMeasurement', () => {
    const vm = watVM(WORK, {});
    vm.RunInt('count', 1);
    assert.deepEqual(vm.GetStatistics(), { Measure: false });
  });
});

describe('profiles', () => {
  it('a module that cannot be interrupted takes no timeoutMs, but fuel', () => {
    const module = track(Module.load(bytesOf(WORK), { interruptible: false, metering: true }));
    refuses(() => new Instance(module, { limits: { timeoutMs: 5 } }), 'ERR_PROFILE', { option: 'limits.timeoutMs' });
    const guest = track(new Instance(module, { limits: { fuel: 5000 } }));
    refuses(() => guest.exports.spin(), 'ERR_FUEL');
    refuses(() => guest.with({ timeoutMs: 5 }), 'ERR_PROFILE', { option: 'timeoutMs' });
  });
});
