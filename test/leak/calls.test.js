'use strict';

// Each case runs in a process of its own: `round()` is repeated, and the memory
// that the process occupies must stop growing after the first rounds. What V8 keeps for
// young objects grows in large steps, so that it is kept small.

const { childPrints } = require('../helpers');

/** Prelude of the children: flat(round, mib) prints "flat", or by how much memory grew. */
const FLAT = `
const rss = () => { global.gc(); global.gc(); return process.memoryUsage().rss / 2 ** 20; };
async function flat(round, most = 4, warm = 2, rounds = 4) {
  const turn = async () => { await round(); for (let i = 0; i < 4; i++) { global.gc(); await new Promise(setImmediate); } };
  for (let i = 0; i < warm; i++) await turn();
  const before = rss();
  const seen = [];
  for (let i = 0; i < rounds; i++) { await turn(); seen.push(Math.round(rss() - before)); }
  // Memory may come and go; a leak grows in every round.
  console.log(Math.min(seen.at(-1), seen.at(-2)) <= most ? 'flat' : 'grew by MiB: ' + seen.join(', '));
}
const code = (fn) => { try { fn(); } catch (e) { return e.code; } };
`;
const options = { flags: ['--expose-gc', '--max-semi-space-size=2'], timeoutMs: 110000 };

const isFlat = (script) => childPrints(`${FLAT}(async () => { ${script} })();`, 'flat\n', options);

describe('memory stays flat', function () {
  this.timeout(120000);

  it('a million calls with text', () =>
    isFlat(
      `const { say } = new wg.Instance(fixtures.fixture('hello')).exports;
       const texts = ['Ada', 'é'.repeat(20), '漢字', 'x'.repeat(2000), 'Ж'.repeat(1500)];
       await flat(() => { for (let i = 0; i < 170000; i++) say(texts[i % 40 === 0 ? 3 + (i & 1) : i % 3]); });`,
    ));

  it('a million calls with numbers', () =>
    isFlat(
      `const { add, lcm } = new wg.Instance(fixtures.fixture('hello')).exports;
       await flat(() => { for (let i = 0; i < 170000; i++) add(i, 1) + Number(lcm(BigInt(i), 2n)); });`,
    ));

  it('bytes of 1 MiB, in and out, 1,200 times', () =>
    isFlat(
      `const { echo } = new wg.Instance(fixtures.fixture('bytes')).exports;
       const bytes = new Uint8Array(1 << 20);
       await flat(() => { for (let i = 0; i < 200; i++) echo(bytes); }, 24);`,
    ));

  it('long text of every kind, 600 times', () =>
    isFlat(
      `const { echo } = new wg.Instance(fixtures.fixture('strings')).exports;
       const texts = ['x', 'é', '漢', '🦀'].map((c) => c.repeat(200000));
       await flat(() => { for (let i = 0; i < 100; i++) echo(texts[i & 3]); }, 24);`,
    ));

  it('memory reads and writes, 600,000 times', () =>
    isFlat(
      `const { memory } = new wg.Instance(fixtures.fixture('strings'));
       const bytes = new Uint8Array(100);
       await flat(() => { for (let i = 0; i < 100000; i++) { memory.read(0, 100); memory.write(64, bytes.subarray(0, 0)); } });`,
    ));
});

/** Kinds of failure: a set-up, and the call that fails with the code. 100,000 calls of each. */
const FAILURES = {
  ERR_ARG_TYPE: [`const { say } = new wg.Instance(fixtures.fixture('hello')).exports;`, 'say(5)'],
  ERR_ARG_RANGE: [`const { add } = new wg.Instance(fixtures.fixture('hello')).exports;`, 'add(0.5, 1)'],
  ERR_ARG_COUNT: [`const { add } = new wg.Instance(fixtures.fixture('hello')).exports;`, 'add(1)'],
  ERR_EXPORT_MISSING: [`const instance = new wg.Instance(fixtures.fixture('hello'));`, `instance.call('nope')`],
  ERR_EXPORT_UNSUPPORTED: [
    `const { take_any } = new wg.Instance(fixtures.fixture('exports_js')).exports;`,
    'take_any(1)',
  ],
  ERR_TRAP: [
    `const { f } = new wg.Instance(Buffer.from('(module (func $f (export "f") unreachable))')).exports;`,
    'f()',
  ],
  ERR_GUEST_ERROR: [`const { parse_i32 } = new wg.Instance(fixtures.fixture('results')).exports;`, `parse_i32('x')`],
  ERR_RESULT_UTF8: [`const { invalid_utf8 } = new wg.Instance(fixtures.fixture('strings')).exports;`, 'invalid_utf8()'],
  ERR_RESULT_BOUNDS: [
    `const { f } = new wg.Instance(Buffer.from('(module (memory (export "memory") 1) (func (export "malloc") (param i32) (result i32) i32.const 8) (func (export "free") (param i32)) (func (export "f") (result i32 i32) i32.const 0 i32.const -1))'), { signatures: { f: '() -> string' } }).exports;`,
    'f()',
  ],
  ERR_ALLOCATOR: [
    `const { f } = new wg.Instance(Buffer.from('(module (memory (export "memory") 1) (func (export "malloc") (param i32) (result i32) i32.const 0) (func (export "f") (param i32 i32)))'), { signatures: { f: '(string) -> ()' } }).exports;`,
    `f('x'.repeat(2000))`,
  ],
  ERR_POISONED: [
    `const { ok, unwrap_none } = new wg.Instance(fixtures.fixture('panics')).exports; code(unwrap_none);`,
    'ok()',
  ],
  ERR_CLOSED: [
    `const kept = new wg.Instance(fixtures.fixture('hello')); const closed = new wg.Instance(kept.module);
     const { say } = closed.exports; closed.close();`,
    `say('x')`,
  ],
  ERR_MEMORY_BOUNDS: [`const { memory } = new wg.Instance(fixtures.fixture('hello'));`, 'memory.read(2 ** 40, 1)'],
};

describe('100,000 failing calls leave memory flat', function () {
  this.timeout(120000);

  for (const [name, [setup, call]] of Object.entries(FAILURES)) {
    it(name, () =>
      isFlat(
        `${setup}
         assert.equal(code(() => ${call}), '${name}');
         await flat(() => { for (let i = 0; i < 17000; i++) code(() => ${call}); });`,
      ),
    );
  }

  it('ERR_IMPORT_MISSING, ERR_SOURCE_FORMAT, ERR_MODULE_INVALID, ERR_OPTION_UNKNOWN: 6,000 loads', () =>
    isFlat(
      `const missing = wg.Module.load(Buffer.from('(module (import "a" "b" (func)))'));
       const bad = [Buffer.from('bad'), Buffer.from([0, 97, 115, 109, 1, 0, 0, 0, 99])];
       await flat(() => {
         for (let i = 0; i < 1000; i++) {
           code(() => new wg.Instance(missing)); code(() => wg.Module.load(bad[i & 1])); code(() => wg.Module.load(bad[0], { a: 1 }));
         }
       });`,
    ));

  it('panics: 1,200 instances that end by one', () =>
    isFlat(
      `const module = wg.Module.load(fixtures.fixture('panics_hook'));
       await flat(() => {
         for (let i = 0; i < 200; i++) { const it = new wg.Instance(module); assert.equal(code(it.exports.unwrap_none), 'ERR_PANIC'); it.close(); }
       });`,
    ));

  it('a million objects through a table of the guest, and as results of imports', () =>
    isFlat(
      `const source = '(module (import "env" "make" (func $make (param i32) (result externref))) (table $t 10 externref) ' +
         '(func (export "put") (param i32 externref) (table.set $t (local.get 0) (local.get 1))) ' +
         '(func (export "get") (param i32) (result externref) (table.get $t (local.get 0))) ' +
         '(func (export "fill") (param i32) (loop (table.set $t (i32.rem_u (local.get 0) (i32.const 10)) (call $make (local.get 0))) ' +
         '(br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))';
       const { put, get, fill } = new wg.Instance(Buffer.from(source), { imports: { env: { make: (i) => ({ i, some: [i] }) } } }).exports;
       await flat(() => {
         for (let i = 0; i < 170000; i++) put(i % 10, { i, some: [i] });
         if (get(9).some.length !== 1) throw new Error('lost');
         fill(170000);
       });`,
    ));

  it('a million calls of host functions, with numbers, text and views', () =>
    isFlat(
      `const source = '(module (import "env" "n" (func $n (param i32) (result i32))) (import "env" "t" (func $t (param i32 i32))) ' +
         '(import "env" "c" (func $c (param i32))) (memory (export "memory") 1) (data (i32.const 0) "hello there") ' +
         '(func (export "run") (param i32) (loop (drop (call $n (local.get 0))) (call $t (i32.const 0) (i32.const 11)) (call $c (local.get 0)) ' +
         '(br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))';
       const t = wg.hostFn('(string)', (text) => { if (text.length !== 11) throw new Error('lost'); });
       const c = wg.hostFn('(i32)', ({ memory }, n) => { if (n % 10 === 0) memory.view(0, 100); }, { caller: true });
       const { run } = new wg.Instance(Buffer.from(source), { imports: { env: { n: (i) => i + 1, t, c } } }).exports;
       await flat(() => run(60000));`,
    ));

  it('instances with imports that are never closed, 4,000 times', () =>
    isFlat(
      `const module = wg.Module.load(Buffer.from('(module (import "env" "f" (func $f (param externref) (result funcref))) (func (export "g") (param externref) (result funcref) (call $f (local.get 0))) (func $h (export "h")))'));
       await flat(() => { for (let i = 0; i < 700; i++) { const x = new wg.Instance(module, { imports: { env: { f: () => x.exports.h } } }); if (x.exports.g({}) !== x.exports.h) throw new Error('other'); } }, 8);`,
    ));
});
