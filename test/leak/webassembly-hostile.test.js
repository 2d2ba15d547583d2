'use strict';

const path = require('node:path');
const { childPrints, root } = require('../helpers');

const options = { flags: ['--expose-gc', '--max-semi-space-size=2'], timeoutMs: 110000 };
const SETUP = `
const { assemble } = require(${JSON.stringify(path.join(root, 'js/load'))});
const make = (W, text, imports) => new W.Instance(new W.Module(new Uint8Array(assemble('(module ' + text + ')'))), imports).exports;
const tick = async () => { global.gc(); await new Promise(setImmediate); global.gc(); await new Promise(setImmediate); };
const rss = async () => { await tick(); await tick(); return process.memoryUsage().rss / 2 ** 20; };
const mapped = () => process.platform !== 'linux' ? 0 : Number(/VmSize:\\s+(\\d+)/.exec(require('node:fs').readFileSync('/proc/self/status', 'utf8'))[1]) / 2 ** 20;
const settle = async (done) => { for (let i = 0; i < 300 && !done(); i++) await tick(); };
`;
const run = (script, stdout) => childPrints(`${SETUP}(async () => { ${script} })();`, stdout, options);

describe('WebAssembly namespaces', function () {
  this.timeout(120000);

  it('a million values go through a table: flat', () =>
    run(
      `const W = wg.createWebAssembly();
       const t = new W.Table({ element: 'externref', initial: 100 });
       const round = async (n) => { for (let i = 0; i < n; i++) { t.set(i % 100, { i }); if (i % 50000 === 0) await tick(); } };
       await round(200000);
       const before = await rss();
       await round(1000000);
       const grown = (await rss()) - before;
       console.log(t.get(99).i, grown < 24 || grown);`,
      '999999 true\n',
    ));

  it('objects of the engine that JavaScript drops: flat', () =>
    run(
      `const W = wg.createWebAssembly();
       const { make: object } = make(W, '(type $s (struct (field i32) (field i64))) (func (export "make") (result (ref $s)) (struct.new_default $s))');
       const round = async (n) => { for (let i = 0; i < n; i++) { object(); if (i % 5000 === 0) await tick(); } };
       await round(50000);
       const before = await rss();
       await round(150000);
       const grown = (await rss()) - before;
       console.log(grown < 24 || grown);`,
      'true\n',
    ));

  // What is asked about addresses is in /proc.
  const linux = process.platform === 'linux';
  it(`two hundred are opened and closed: memory${linux ? ' and addresses' : ''} come back`, function () {
    return run(
      `const round = async (n) => {
         for (let i = 0; i < n; i++) {
           const W = wg.createWebAssembly();
           const m = new W.Memory({ initial: 16 });
           new Uint8Array(m.buffer).fill(1);
           new W.Table({ element: 'externref', initial: 1000 }, {});
           make(W, '(memory 1) (func (export "f"))').f();
           W.close();
         }
         await tick();
       };
       await round(30);
       const before = await rss(), addresses = mapped();
       for (let i = 0; i < 10; i++) await round(20);
       const grown = (await rss()) - before, more = mapped() - addresses;
       console.log(load.live()[0], grown < 24 || grown, more < 9 || more);`,
      '0 true true\n',
    );
  });

  it('two hundred are dropped without close: all are collected', () =>
    run(
      `const drop = (i) => {
         const W = wg.createWebAssembly();
         const m = new W.Memory({ initial: 1 });
         new W.Table({ element: 'externref', initial: 10 }, W);
         const e = make(W, '(import "m" "h" (func $h (param externref))) (import "m" "m" (memory 1))' +
           '(func (export "f") (param externref) (call $h (local.get 0)))', { m: { m, h: (x) => x } });
         e.f({ W, e, b: m.buffer });
       };
       for (let i = 0; i < 200; i++) { drop(i); if (i % 50 === 0) await tick(); }
       await settle(() => load.live()[0] === 0);
       console.log(load.live()[0]);`,
      '0\n',
    ));
});
