'use strict';

// References of class Instance: what guest and JavaScript have both let go of is collected.

const { childPrints } = require('../helpers');

const options = { flags: ['--expose-gc', '--max-semi-space-size=2'], timeoutMs: 170000 };
const PRELUDE = `
const module_ = wg.Module.load(Buffer.from(\`(module
  (import "env" "make" (func $make (result externref)))
  (import "env" "see" (func $see (param externref)))
  (table $kept 1000 externref) (table $functions 4 funcref)
  (global $one (mut externref) (ref.null extern))
  (func (export "keep") (param i32 externref) (table.set $kept (local.get 0) (local.get 1)))
  (func (export "kept") (param i32) (result externref) (table.get $kept (local.get 0)))
  (func (export "forget") (table.fill $kept (i32.const 0) (ref.null extern) (i32.const 1000)))
  (func (export "hold") (param externref) (global.set $one (local.get 0)))
  (func $square (export "square") (param i32) (result i32) (i32.mul (local.get 0) (local.get 0)))
  (func $hidden (result i32) (i32.const 7))
  (elem (table $functions) (i32.const 0) func $square $hidden)
  (func (export "keepFunction") (param i32 funcref) (table.set $functions (local.get 0) (local.get 1)))
  (func (export "function") (param i32) (result funcref) (table.get $functions (local.get 0)))
  (func (export "show") (param externref) (call $see (local.get 0)))
  (func (export "gather") (param $times i32) (loop
    (table.set $kept (i32.rem_u (local.get $times) (i32.const 1000)) (call $make))
    (br_if 0 (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))))\`));
const open = (env) => new wg.Instance(module_, { imports: { env: { make: () => ({}), see() {}, ...env } } });
let seen = 0;
const registry = new FinalizationRegistry(() => seen++);
const settle = async (done) => { for (let i = 0; i < 300 && !done(); i++) { global.gc(); await new Promise(setImmediate); } };
const rss = () => { global.gc(); global.gc(); return process.memoryUsage().rss / 2 ** 20; };
/** \`pass(count)\` has the guest keep and forget that many objects of the registry. */
async function flat(total, pass, most = 24) {
  const round = 50000;
  let before;
  for (let done = round; done <= total; done += round) {
    pass(round);
    await settle(() => seen === done);
    if (done === 4 * round) before = rss();
  }
  const grown = rss() - before;
  console.log(seen === total || seen, grown <= most || 'grew by MiB: ' + grown);
}
`;
const run = (script, stdout) => childPrints(`${PRELUDE}(async () => { ${script} })();`, stdout, options);

/** What the engine is told of the guest having let go of all, so that it looks: see docs/externref.md. */
const LET_GO = 'guest.forget(); for (let i = 0; i < 1001; i++) guest.keep(0, undefined);';

describe('references leave memory flat', function () {
  this.timeout(180000);

  it('a million objects through a table: all are collected', () =>
    run(
      `const guest = open().exports;
       await flat(1e6, (count) => {
         for (let i = 0; i < count; i++) { const o = { i }; registry.register(o); guest.keep(i % 1000, o); if (guest.kept(i % 1000) !== o) throw 1; }
         ${LET_GO}
       });`,
      'true true\n',
    ));

  it('a million objects from a host function, 50,000 in each call: all are collected', () =>
    run(
      `const guest = open({ make: () => { const o = {}; registry.register(o); return o; } }).exports;
       await flat(1e6, (count) => { guest.gather(count); ${LET_GO} });`,
      'true true\n',
    ));

  it('values that are no objects, a million of each kind', () =>
    run(
      `const guest = open().exports;
       const values = [undefined, null, true, 1, 0.5, 'text', 5n, Symbol('s')];
       await flat(1e6, (count) => { for (const value of values) for (let i = 0; i < count; i++) guest.hold(value); seen += count; });`,
      'true true\n',
    ));

  it('functions, two million: exports, and others', () =>
    run(
      `const guest = open().exports;
       await flat(1e6, (count) => {
         for (let i = 0; i < count; i++) { guest.keepFunction(2, guest.function(i & 1)); if (guest.function(1)() !== 7) throw 1; }
         seen += count;
       });`,
      'true true\n',
    ));
});

/** Ways in which a value \`o\` that a guest keeps leads back to the guest: each makes \`o\` and returns it. */
const CYCLES = {
  'the instance': 'const guest = open(); const o = { guest }; guest.exports.hold(o); return o;',
  'its exports': 'const { exports } = open(); const o = { exports }; exports.keep(5, o); return o;',
  'one of its functions': 'const { hold, square } = open().exports; hold(square); return square;',
  'a function of the guest that is no export':
    'const guest = open().exports; const o = guest.function(1); guest.hold(o); o(); return o;',
  'a function in a table of functions':
    'const guest = open().exports; const o = guest.square; guest.keepFunction(3, o); guest.hold(guest.function(3)); return o;',
  'a host function that refers to the instance':
    'let guest; const o = {}; guest = open({ see: (value) => [guest, o, value] }); guest.exports.show(o); guest.exports.hold(o); return o;',
  'a caller': `const o = {}; const see = wg.hostFn('(externref) -> ()', (caller, value) => { value.caller = caller; caller.exports; }, { caller: true });
     const guest = open({ see }).exports; guest.show(o); guest.hold(o); return o;`,
  'another instance that keeps the first':
    'const a = open(), b = open(); a.exports.hold(b); b.exports.hold(a); return a;',
  'another instance, by host functions':
    'const a = open(); const b = open({ see: a.exports.hold }); const o = { b }; b.exports.show(o); b.exports.show(b.exports.hold); a.exports.keep(1, o); return o;',
  'an instance that is closed':
    'const guest = open(); const o = { guest }; guest.exports.hold(o); guest.close(); return o;',
};

describe('values of a guest that lead back to it are collected with it', function () {
  this.timeout(60000);

  for (const [name, make] of Object.entries(CYCLES)) {
    it(name, () =>
      run(
        `const make = () => { ${make} };
         for (let i = 0; i < 50; i++) registry.register(make());
         await settle(() => seen === 50 && load.live()[0] === 0);
         console.log(seen, load.live()[0]);`,
        '50 0\n',
      ),
    );
  }
});
