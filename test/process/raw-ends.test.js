'use strict';

// What raw modules do with the process and its threads, each case in a process of its own.

const path = require('node:path');
const { child, childPrints, root } = require('../helpers');
const assert = require('node:assert/strict');

const HANDMADE = `const { T, fn, handmade } = require(${JSON.stringify(path.join(root, 'test/fixtures/handmade'))});
const code = (f) => { try { return f() ?? 'done'; } catch (e) { return e.trap ?? e.code ?? e.name; } };
const told = (words) => words.map((word) => '(call $describe (i32.const ' + (word | 0) + '))').join(' ');
/** f() calls the import of that name; boom() traps. */
const calling = (more = {}) => handmade({
  names: { exports: [{ name: 'f', start: more.start }, { name: 'boom' }], imports: [{ shim: 'imp', name: 'imp', catch: more.catch }] },
  describe: { f: fn([]), boom: fn([]), imp: fn([]) },
  core: { imp: '' },
  text: '(func (export "f") ' + (more.body ?? '(call $imp)') + ') (func (export "boom") unreachable) (func (export "__wbindgen_exn_store") (param i32))',
});
const EXIT = { code: 7, signal: null };
`;
const GC = { flags: ['--expose-gc'] };
const ends = async (script, options) => {
  const { code, signal } = await child(HANDMADE + script, options);
  assert.deepEqual({ code, signal }, { code: 7, signal: null });
};

describe('raw modules in a process', function () {
  this.timeout(60000);

  it('closures that a failed start function gave away', () =>
    childPrints(
      `${HANDMADE}
       const module = wg.Module.load(handmade({
         names: { exports: [{ name: 'go', start: true }], imports: [{ shim: 'keep', name: 'keep' }] },
         describe: { go: fn([]), keep: fn([[T.EXTERNREF]]) },
         core: { __wbindgen_describe_closure: '(param i32 i32 i32) (result i32)', keep: '(param i32)' },
         text: '(table 8 funcref) (elem (i32.const 1) $shim $dtor $desc) (func $shim (param i32 i32)) (func $dtor (param i32 i32))' +
           '(func $desc ' + told([T.CLOSURE, 1, 2, T.REF, ...fn([])]) + ')' +
           '(func (export "go") (call $keep (call $__wbindgen_describe_closure (i32.const 8) (i32.const 8) (i32.const 3))) unreachable)',
       }));
       let kept = [];
       const codes = new Set();
       for (let i = 0; i < 200; i++) codes.add(code(() => new wg.Instance(module, { imports: { keep: (f) => kept.push(f) } })));
       for (const f of kept) codes.add(code(f));
       console.log(kept.length, [...codes].join());
       (async () => {
         kept = undefined;
         for (let i = 0; i < 10; i++) { gc(); await new Promise(setImmediate); }
         console.log(load.live().join());
       })();`,
      '200 unreachable,ERR_CLOSED\n0,1\n',
      GC,
    ));

  it('close() in an import after a call that it made has trapped', () =>
    childPrints(
      `${HANDMADE}
       let inner = [];
       const guest = new wg.Instance(calling(), { imports: { imp: () => inner.push(code(guest.exports.boom), guest.state, code(() => guest.close())) } });
       console.log(code(guest.exports.f), inner.join(), guest.state, code(() => guest.close()), guest.state);`,
      'ERR_POISONED unreachable,poisoned,ERR_BUSY poisoned done closed\n',
    ));

  for (const where of [
    'an import',
    'an import of a start function',
    'an import that the guest catches',
    'a nested call',
  ]) {
    const script = {
      'an import': `new wg.Instance(calling(), { imports: { imp: () => END } }).exports.f();`,
      'an import of a start function': `new wg.Instance(calling({ start: true }), { imports: { imp: () => END } });`,
      'an import that the guest catches': `new wg.Instance(calling({ catch: true, body: '(loop $l (call $imp) (br $l))' }), { imports: { imp: () => END } }).exports.f();`,
      'a nested call': `let n = 0; const guest = new wg.Instance(calling(), { imports: { imp: () => (n++ < 20 ? guest.exports.f() : END) } }); guest.exports.f();`,
    }[where];
    it(`process.exit in ${where}`, () => ends(script.replace('END', 'process.exit(7)')));

    it(`worker.terminate() and process.exit() of a thread in ${where}`, () =>
      ends(
        `const { Worker, isMainThread, parentPort } = require('node:worker_threads');
         const body = ${JSON.stringify(HANDMADE)} + ${JSON.stringify(script)}.replace('END', "(require('node:worker_threads').parentPort.postMessage(1), HOW)");
         const prelude = 'const wg = require(' + JSON.stringify(process.cwd()) + ');';
         const run = (how) => new Promise((resolve, reject) => {
           const worker = new Worker(prelude + body.replace('HOW', how), { eval: true });
           worker.on('exit', resolve);
           worker.on('error', reject);
           if (how !== 'process.exit(3)') worker.once('message', () => setTimeout(() => worker.terminate(), 30));
         });
         (async () => {
           for (const how of ['process.exit(3)', '(() => { for (;;); })()', 'new Int32Array(1e3).sort()']) {
             if (how.startsWith('new') && !${JSON.stringify(where)}.includes('catches')) continue;
             for (let i = 0; i < 3; i++) await run(how);
           }
           process.exit(7);
         })();`,
      ));
  }

  it('an uncaught error of an import, and one that a handler takes', async () => {
    const ended = await child(
      `${HANDMADE} new wg.Instance(calling(), { imports: { imp: () => { throw new Error('mine'); } } }).exports.f();`,
    );
    assert.equal(ended.code, 1);
    assert.match(ended.stderr, /Error: mine/);
    await ends(
      `process.on('uncaughtException', () => process.exit(7)); new wg.Instance(calling(), { imports: { imp: () => { throw 5; } } }).exports.f();`,
    );
  });

  it('finalisers of objects and closures run after close, after a panic, and never later', () =>
    childPrints(
      `(async () => {
         for (const end of ['close', 'panic', 'drop']) {
           const round = () => {
             const guest = new wg.Instance(wg.Module.load(fixtures.raw('types', '0.2.127')));
             for (let k = 0; k < 50; k++) { new guest.exports.Counter(k); guest.exports.make_adder(k)(1); }
             if (end === 'close') guest.close();
             if (end === 'panic') try { new guest.exports.Counter(1).incrementAndPanic(); } catch {}
           };
           for (let i = 0; i < 4; i++) round();
           for (let i = 0; i < 100 && load.live()[0] > 0; i++) { gc(); await new Promise(setImmediate); }
         }
         console.log(load.live()[0]);
       })();`,
      '0\n',
      GC,
    ));

  it('calls out of finalisation callbacks', () =>
    childPrints(
      `const { exports } = new wg.Instance(wg.Module.load(fixtures.raw('types', '0.2.127')));
       let sum = 0;
       const registry = new FinalizationRegistry((n) => { sum += exports.make_adder(n)(1) - n; new exports.Counter(1); });
       (async () => {
         for (let i = 0; i < 100; i++) registry.register({}, i);
         for (let i = 0; i < 100 && sum < 100; i++) { gc(); await new Promise(setImmediate); }
         console.log(sum);
       })();`,
      '100\n',
      GC,
    ));

  it('four workers with the same module, with classes and closures', () =>
    childPrints(
      `const { Worker } = require('node:worker_threads');
       const body = \`const wg = require(\${JSON.stringify(process.cwd())}); const { parentPort } = require('node:worker_threads');
         const { exports } = new wg.Instance(\${JSON.stringify(fixtures.raw('types', '0.2.127'))}, { imports: { js_map: (n, f) => f(n) } });
         let sum = 0;
         for (let i = 0; i < 3000; i++) { const c = new exports.Counter(i); sum += c.increment() - i; sum += exports.make_adder(1)(0); sum += exports.lend_fn(1, 1); if (i % 2) c.free(); }
         parentPort.postMessage(sum);\`;
       Promise.all(Array.from({ length: 4 }, () => new Promise((resolve, reject) => new Worker(body, { eval: true }).on('message', resolve).on('error', reject))))
         .then((sums) => console.log(sums.join()));`,
      '9000,9000,9000,9000\n',
    ));

  for (const stackSizeMb of [0, 1, 16]) {
    it(`JavaScript and guest call each other until the stack is full${stackSizeMb ? `, in a worker of ${stackSizeMb} MB` : ''}`, () =>
      childPrints(
        `const body = \`const wg = require(\${JSON.stringify(process.cwd())});\` + ${JSON.stringify(HANDMADE)} + \`
           let depth = 0;
           const module = wg.Module.load(\${JSON.stringify(fixtures.raw('types', '0.2.127'))});
           const imp = () => { if (++depth % 10 === 0) code(() => { const it = new wg.Instance(module); it.exports.make_adder(1)(2); it.close(); }); return guest.exports.f(); };
           let guest = new wg.Instance(calling(), { imports: { imp } });
           code(guest.exports.f);
           let left = 20;
           const again = () => { try { again(); } catch (error) { if (left-- > 0) code(() => { guest = new wg.Instance(calling(), { imports: { imp } }); guest.exports.f(); }); throw error; } };
           try { again(); } catch {}
           if (depth < 20) throw new Error('only ' + depth);\`;
         if (${stackSizeMb} === 0) { eval(body); console.log('end'); }
         else new (require('node:worker_threads').Worker)(body, { eval: true, resourceLimits: { stackSizeMb: ${stackSizeMb} } }).on('exit', (code) => console.log(code === 0 ? 'end' : code));`,
        'end\n',
      ));
  }
});
