'use strict';

// What one call may cost in boundary crossings. Counted by the debug build.

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const path = require('node:path');
const { fixturePlugin, kitModule } = require('./fixtures/plugins');
const { child, root } = require('./helpers');

const DEBUG = path.join(root, 'build/Debug/wasmgate.node');

/** Differences of the counters over one call, after 100 calls to warm up. */
async function cost(setup, call) {
  const script = `${setup}
    for (let i = 0; i < 100; i++) ${call};
    const before = load.counters();
    ${call};
    const after = load.counters();
    console.log(JSON.stringify(Object.fromEntries(Object.keys(after).map((key) => [key, after[key] - before[key]]))));`;
  const ended = await child(script, { env: { WASMGATE_BINARY: DEBUG } });
  assert.equal(ended.stderr, '');
  assert.equal(ended.code, 0);
  return JSON.parse(ended.stdout);
}

describe('budget of a call', function () {
  this.timeout(60000);

  before(function () {
    this.timeout(600000);
    // Takes no time if it is up to date; a stale one would prove nothing.
    execFileSync(process.execPath, [path.join(root, 'scripts/build.js'), '--debug'], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  });

  const HELLO = `const { say, add, reverse, lcm } = new wg.Instance(fixtures.fixture('hello')).exports;
    const bytes = new Uint8Array(100);`;

  const SHORT = { nativeEntries: 1, copies: 2, guestEntries: 1, goEntries: 0 };
  const LONG = { ...SHORT, guestEntries: 3 };

  it('short text in, text out: 1 native entry, 1 guest entry, 2 copies, none into Go', async () => {
    assert.deepEqual(await cost(HELLO, `say('Ada')`), SHORT);
    assert.deepEqual(await cost(HELLO, `say('é'.repeat(256))`), SHORT, '512 bytes');
  });

  it('long text: 3 guest entries, for memory, the call and the release', async () => {
    assert.deepEqual(await cost(HELLO, `say('é'.repeat(257))`), LONG, '514 bytes');
    assert.deepEqual(await cost(HELLO, `say('é'.repeat(5000))`), LONG);
  });

  it('bytes in, bytes out: the same', async () => {
    assert.deepEqual(await cost(HELLO, 'reverse(bytes)'), SHORT);
    assert.deepEqual(await cost(HELLO, 'reverse(new Uint8Array(513))'), LONG);
  });

  it('functions of a plugin, with references and back into the guest too: none into Go, no more into native code', async () => {
    const text = kitModule(
      ['i32', 'box_new', 'box_get', 'call_export', 'bytes_sum'],
      `(memory (export "memory") 1)
      (func (export "inc") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
      (func (export "all") (result i32) (drop (call $bytes_sum (i32.const 0) (i32.const 100)))
        (call $call_export (call $box_get (call $box_new (call $i32 (i32.const 40))))))`,
    );
    const setup = `const { all } = new wg.Instance(Buffer.from(${JSON.stringify(text.toString())}),
        { plugins: [${JSON.stringify(fixturePlugin('kit'))}], grants: { plugins: { kit: true } } }).exports;
      assert.equal(all(), 42);`;
    // The plugin calls "inc" twice.
    assert.deepEqual(await cost(setup, 'all()'), { nativeEntries: 1, copies: 0, guestEntries: 3, goEntries: 0 });
  });

  it('a host function: nothing but the call of the export, whatever it takes', async () => {
    const host = `const source = '(module (import "env" "n" (func $n (param i32) (result i32))) (import "env" "t" (func $t (param i32 i32))) ' +
        '(import "env" "x" (func $x (param externref) (result externref))) (memory (export "memory") 1) (export "n" (func $n)) ' +
        '(func (export "t") (call $t (i32.const 0) (i32.const 5))) (func (export "x") (param externref) (result externref) (call $x (local.get 0))))';
      const env = { n: (n) => n + 1, t: wg.hostFn('(string)', () => {}), x: (value) => value };
      const { n, t, x } = new wg.Instance(Buffer.from(source), { imports: { env } }).exports;`;
    const one = { nativeEntries: 1, copies: 0, guestEntries: 1, goEntries: 0 };
    assert.deepEqual(await cost(host, 'n(5)'), one);
    assert.deepEqual(await cost(host, 't()'), { ...one, copies: 1 });
    assert.deepEqual(await cost(host, 'x({})'), one);
  });

  it('a result that is owed is freed before any other call: 1 guest entry more', async () => {
    assert.deepEqual(await cost(HELLO, `(say('Ada'), add(1, 2))`), { ...LONG, nativeEntries: 2 });
  });

  it('numbers only: 1 native entry, 1 guest entry', async () => {
    const expected = { nativeEntries: 1, copies: 0, guestEntries: 1, goEntries: 0 };
    assert.deepEqual(await cost(HELLO, 'add(1, 2)'), expected);
    assert.deepEqual(
      await cost(
        `const f = new wg.Instance(Buffer.from('(module (func (export "f") (param i64 f64 f32)))')).exports.f;`,
        'f(1n, 2, 3)',
      ),
      expected,
    );
  });

  it('a result in a return area costs no more: 1 guest entry', async () => {
    const setup = `const { opt_string } = new wg.Instance(fixtures.fixture('abi', '0.2.83'), { signatures: { opt_string: '(string?) -> string?' } }).exports;`;
    assert.deepEqual(await cost(setup, `opt_string('x')`), SHORT);
    assert.deepEqual(await cost(setup, `opt_string(undefined)`), {
      nativeEntries: 1,
      copies: 0,
      guestEntries: 1,
      goEntries: 0,
    });
  });

  it('a wrong argument does not reach the guest', async () => {
    const expected = { nativeEntries: 1, copies: 0, guestEntries: 0, goEntries: 0 };
    assert.deepEqual(await cost(`${HELLO} const refused = () => { try { say(5); } catch {} };`, 'refused()'), expected);
  });

  it('the release build does not count', async () => {
    const { counters } = require('../js/load');
    assert.equal(counters(), undefined);
  });
});
