'use strict';

const { fixturePlugin, kitModule } = require('../fixtures/plugins');
const { childPrints } = require('../helpers');

const TEXT = `(table $t 1000 externref)
  (func (export "fill") (param i32) (local i32) (loop
    (table.set $t (i32.rem_u (local.get 1) (i32.const 1000)) (call $box_new (local.get 1)))
    (br_if 0 (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (local.get 0)))))`;

describe('plugins: memory', function () {
  this.timeout(120000);

  it('a million native objects through tables, half a million through JavaScript, a thousand instances: flat', () => {
    const options = { plugins: [fixturePlugin('kit')], grants: { plugins: { kit: true } } };
    const text = kitModule(['box_new', 'box_get', 'next', 'get_objects_alive'], TEXT).toString();
    return childPrints(
      `const module = wg.Module.load(Buffer.from(${JSON.stringify(text)}));
       const options = ${JSON.stringify(options)};
       const rss = () => { global.gc(); global.gc(); return process.memoryUsage().rss / 2 ** 20; };
       const turn = () => new Promise(setImmediate);
       const kept = new wg.Instance(module, options);
       const round = async () => {
         kept.exports.fill(100000);
         for (let i = 0; i < 50; i++) {
           for (let k = 0; k < 1000; k++) kept.exports.box_get(kept.exports.box_new(k));
           global.gc({ type: 'minor' });
           await turn();
         }
         for (let i = 0; i < 100; i++) {
           const instance = new wg.Instance(module, options);
           instance.exports.fill(100);
           instance.exports.next();
           instance.close();
         }
       };
       (async () => {
         for (let i = 0; i < 3; i++) await round();
         const before = rss();
         for (let i = 0; i < 10; i++) await round();
         const grown = rss() - before;
         const alive = kept.exports.get_objects_alive();
         kept.close();
         console.log(grown < 24 || grown, alive < 120000 || alive);
       })();`,
      'true true\n',
      { flags: ['--expose-gc', '--max-semi-space-size=2'], timeoutMs: 110000 },
    );
  });
});
