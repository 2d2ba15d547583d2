'use strict';

const { childPrints } = require('../helpers');

const PREPARED = `
const { createWebAssembly } = wg;
const rss = () => { global.gc(); global.gc(); return process.memoryUsage().rss / 2 ** 20; };
const turn = () => new Promise(setImmediate);
const settle = async (done) => { for (let i = 0; i < 300 && !done(); i++) { global.gc(); await turn(); } };
const wat = (text) => new wg.WebAssembly.Module(load.assemble('(module ' + text + ')'));
const start = (namespace, module, imports) => new namespace.Instance(module, imports).exports;
`;
const run = (script, stdout) =>
  childPrints(`${PREPARED}(async () => { ${script} })();`, stdout, {
    flags: ['--expose-gc', '--max-semi-space-size=2'],
    timeoutMs: 110000,
  });

describe('lifetimes of WebAssembly namespaces', function () {
  this.timeout(120000);

  it('a thousand are made, used and closed: flat', () =>
    run(
      `const module = wat('(import "" "f" (func (param externref))) (memory (export "m") 16) (table (export "t") 10 externref) (tag (export "e")) (func (export "g") (param externref) (call 0 (local.get 0)))');
       const round = async (n) => {
         for (let i = 0; i < n; i++) {
           const namespace = createWebAssembly({ limits: { timeoutMs: 1000 } });
           const { m, t, g } = start(namespace, module, { '': { f() {} } });
           new Uint8Array(m.buffer).fill(1);
           t.set(3, { i });
           g({ i });
           namespace.close();
         }
         await turn();
       };
       await round(300);
       const before = rss();
       for (let i = 0; i < 7; i++) await round(100);
       const grown = rss() - before;
       console.log(load.live().join(), grown < 24 || grown);`,
      '0,1 true\n',
    ));

  it('three hundred with 16 MiB each are dropped without close: all are collected', () =>
    run(
      `const module = wat('(memory (export "m") 256) (func (export "f") (memory.fill (i32.const 0) (i32.const 1) (i32.const 16777216)))');
       let most = 0;
       const drop = () => {
         const { m, f } = start(createWebAssembly(), module);
         f();
         m.buffer;
       };
       for (let i = 0; i < 300; i++) {
         drop();
         if (i % 10 === 0) { await settle(() => load.live()[0] < 5); most = Math.max(most, rss()); }
       }
       await settle(() => load.live()[0] === 0);
       console.log(load.live().join(), most < 600 || most);`,
      '0,1 true\n',
    ));

  it('a million objects go through a table and a host function: flat', () =>
    run(
      `let count = 0;
       const { t, g } = start(createWebAssembly(), wat('(import "" "f" (func (param externref) (result externref))) (table (export "t") 100 externref) (func (export "g") (param i32 externref) (table.set 0 (local.get 0) (call 0 (local.get 1))))'), { '': { f: (value) => (count++, { value }) } });
       const round = async (n) => { for (let i = 0; i < n; i++) { g(i % 100, { i }); if (i % 10000 === 0) await turn(); } };
       await round(200000);
       const before = rss();
       await round(800000);
       const grown = rss() - before;
       console.log(count, t.get(99).value.i, grown < 40 || grown);`,
      '1000000 799999 true\n',
    ));

  it('a hundred thousand structs are held and dropped: flat', () =>
    run(
      `const { make, get } = start(createWebAssembly(), wat('(type $s (struct (field i32))) (func (export "make") (param i32) (result (ref $s)) (struct.new $s (local.get 0))) (func (export "get") (param (ref $s)) (result i32) (struct.get $s 0 (local.get 0)))'));
       let sum = 0;
       const round = async (n) => { for (let i = 0; i < n; i++) { sum += get(make(i % 10)); if (i % 1000 === 0) { global.gc(); await turn(); } } };
       await round(20000);
       const before = rss();
       await round(80000);
       const grown = rss() - before;
       console.log(sum, grown < 40 || grown);`,
      '450000 true\n',
    ));

  it('two hundred thousand exceptions are thrown and caught: flat', () =>
    run(
      `const namespace = createWebAssembly();
       const tag = new namespace.Tag({ parameters: ['i32', 'externref'] });
       const imports = { '': { t: tag, f(i) { throw new namespace.Exception(tag, [i, { i }]); } } };
       const { run } = start(namespace, wat('(import "" "f" (func $f (param i32))) (import "" "t" (tag $t (param i32 externref))) (func (export "run") (param i32) (result i32) (block $h (result i32 externref) (try_table (catch $t $h) (call $f (local.get 0))) (unreachable)) drop)'), imports);
       let sum = 0;
       const round = async (n) => { for (let i = 0; i < n; i++) { sum += run(1); if (i % 10000 === 0) await turn(); } };
       await round(50000);
       const before = rss();
       await round(150000);
       const grown = rss() - before;
       console.log(sum, grown < 40 || grown);`,
      '200000 true\n',
    ));
});
