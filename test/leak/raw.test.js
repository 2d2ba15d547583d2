'use strict';

// As calls.test.js, for what raw modules make: objects, values, closures.

const { childPrints } = require('../helpers');

const FLAT = `
const rss = () => { global.gc(); global.gc(); return process.memoryUsage().rss / 2 ** 20; };
const rest = async () => { for (let i = 0; i < 3; i++) { global.gc(); await new Promise(setImmediate); } };
const code = (fn) => { try { return fn(); } catch (e) { return e.code; } };
const guest = new wg.Instance(fixtures.raw('types', '0.2.127'), { imports: { js_map: (n, f) => f(n) } });
const e = guest.exports;
async function flat(count, once, most = 12) {
  const round = async () => { for (let i = 0; i < count; i++) { once(i); if (i % 2000 === 0) await new Promise(setImmediate); } await rest(); };
  await round(); await round();
  const before = rss();
  const seen = [];
  for (let i = 0; i < 3; i++) { await round(); seen.push(Math.round(rss() - before)); }
  console.log(seen[2] <= most || seen[2] <= seen[1] ? 'flat' : 'grew by MiB: ' + seen.join());
}
`;
const CASES = {
  'objects that are dropped': 'await flat(20000, (i) => new e.Counter(i)); assert.equal(e.live_counters(), 0);',
  'values, in and out': 'const o = {}; await flat(100000, () => { if (e.echo_value(o) !== o) throw 1; });',
  'lists of values': `await flat(10000, (i) => e.vec_value([{}, 'x', i]));`,
  'closures of the guest': 'await flat(10000, (i) => e.make_adder(i)(1));',
  'closures that are lent': 'await flat(20000, (i) => e.lend_fn(1, i));',
  'functions for the guest': 'await flat(20000, (i) => e.call_function(() => i, null));',
  'values that are thrown, both ways':
    'await flat(10000, (i) => code(() => e.call_function(() => { throw { i }; }, null)));',
  'values for an instance that is poisoned':
    'code(() => new e.Counter(1).incrementAndPanic()); await flat(50000, (i) => code(() => e.echo_value({ i })));',
  'values for an instance that is closed': 'guest.close(); await flat(50000, (i) => code(() => e.echo_value({ i })));',
};

describe('memory stays flat: raw modules', function () {
  this.timeout(60000);

  for (const [name, script] of Object.entries(CASES)) {
    it(name, () =>
      childPrints(`${FLAT}(async () => { ${script} })();`, 'flat\n', {
        flags: ['--expose-gc', '--max-semi-space-size=2'],
        timeoutMs: 50000,
      }),
    );
  }
});
