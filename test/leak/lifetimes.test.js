'use strict';

const { childPrints } = require('../helpers');

const options = { flags: ['--expose-gc', '--max-semi-space-size=2'], timeoutMs: 110000 };
const SETTLE = `
const rss = () => { global.gc(); global.gc(); return process.memoryUsage().rss / 2 ** 20; };
const settle = async (done) => { for (let i = 0; i < 300 && !done(); i++) { global.gc(); await new Promise(setImmediate); } };
const hello = fixtures.compiled('hello');
`;
const run = (script, stdout) => childPrints(`${SETTLE}(async () => { ${script} })();`, stdout, options);

describe('lifetimes', function () {
  this.timeout(120000);

  it('ten thousand instances are opened and closed: flat', () =>
    run(
      `const round = (n) => { for (let i = 0; i < n; i++) { const it = new wg.Instance(hello); if (i % 50 === 0) it.exports.say('x'); it.close(); } };
       for (let i = 0; i < 4; i++) { round(4000); await new Promise(setImmediate); }
       const before = rss();
       round(4000); await new Promise(setImmediate); round(4000); await new Promise(setImmediate);
       const grown = rss() - before;
       console.log(load.live().join(), grown < 16 || grown);`,
      '0,1 true\n',
    ));

  it('two thousand instances are dropped without close: all are collected', () =>
    run(
      `for (let i = 0; i < 2000; i++) new wg.Instance(hello).exports.say('x');
       await settle(() => load.live()[0] === 0);
       console.log(load.live().join());`,
      '0,1\n',
    ));

  it('they are collected while a program runs that never calls the collector', () =>
    run(
      `global.gc = undefined;
       let most = 0;
       for (let i = 0; i < 3000; i++) {
         new wg.Instance(hello).exports.say('x');
         if (i % 100 === 0) { await new Promise(setImmediate); most = Math.max(most, load.live()[0]); }
       }
       console.log(most < 2500 || most);
       process.exit(0);`,
      'true\n',
    ));

  it('functions, memories and modules that were dropped are collected with their instances', () =>
    run(
      `const drop = () => {
         const it = new wg.Instance(fixtures.compressed('add.wasm'));
         it.cycle = [it.exports, it.raw, it.memory, it.module, it];
         it.exports.add(1, 2);
       };
       for (let i = 0; i < 300; i++) drop();
       await settle(() => load.live()[0] === 0 && load.live()[1] === 1);
       console.log(load.live().join());`,
      '0,1\n',
    ));

  it('closed instances do not hold their memory, though their functions are kept', () =>
    run(
      `const module = wg.Module.load(Buffer.from('(module (memory (export "memory") 160) (func (export "fill") (memory.fill (i32.const 0) (i32.const 1) (i32.const 10485760))))'));
       const kept = [];
       for (let i = 0; i < 100; i++) { const it = new wg.Instance(module); it.exports.fill(); kept.push(it.exports.fill); it.close(); }
       console.log(rss() < 700 || rss(), kept.length);`,
      'true 100\n',
    ));

  it('two hundred modules are loaded and closed: flat', () =>
    run(
      `const bytes = require('node:fs').readFileSync(fixtures.fixture('results'));
       const round = async () => { for (let i = 0; i < 50; i++) { const m = wg.Module.load(bytes); new wg.Instance(m).close(); m.close(); } await settle(() => load.live()[1] === 1); };
       await round(); await round();
       const before = rss();
       await round(); await round();
       const grown = rss() - before;
       console.log(load.live().join(), grown < 40 || grown);`,
      '0,1 true\n',
    ));

  it('modules that are dropped without close are collected, loaded asynchronously too', () =>
    run(
      `const text = Buffer.from('(module (func (export "f")))');
       for (let i = 0; i < 100; i++) { wg.Module.load(text); await wg.Module.loadAsync(text); }
       await settle(() => load.live()[1] === 1);
       console.log(load.live().join());`,
      '0,1\n',
    ));

  it('inspect, a thousand times: flat', () =>
    run(
      `const round = () => { for (let i = 0; i < 500; i++) wg.inspect(fixtures.fixture('hello')); };
       round(); const before = rss(); round();
       const grown = rss() - before;
       console.log(grown < 24 || grown);`,
      'true\n',
    ));

  it('each instance takes little beside its own memory', () =>
    run(
      `const module = wg.Module.load(Buffer.from('(module (memory 1) (func (export "f")))'));
       const open = []; for (let i = 0; i < 100; i++) open.push(new wg.Instance(module));
       const before = rss();
       for (let i = 0; i < 1000; i++) open.push(new wg.Instance(module));
       const each = ((rss() - before) / 1000) * 1024;
       open.forEach((i) => i.close());
       console.log(each < 128 || each + ' KiB each');`,
      'true\n',
    ));
});
