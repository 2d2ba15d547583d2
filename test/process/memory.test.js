'use strict';

const assert = require('node:assert/strict');
const { child, childPrints } = require('../helpers');

/** Address space in MiB that a process of Node.js itself and the package need, and a little. */
const TIGHT = 6000;

describe('when memory runs out', function () {
  this.timeout(120000);

  it('no address space for an instance: ERR_OUT_OF_MEMORY, again and again, and the process goes on', () =>
    childPrints(
      `const module = wg.Module.load(Buffer.from('(module (memory (export "memory") 1) (func (export "f") (result i32) i32.const 7))'));
       const open = []; const codes = new Set();
       for (let i = 0; i < 40; i++) {
         try { open.push(new wg.Instance(module)); } catch (e) { codes.add(e.code + ' ' + e.name); }
       }
       console.log(open.length < 10, [...codes].join());
       for (const i of open) { assert.equal(i.exports.f(), 7); i.close(); }
       if (open.length > 0) console.log(new wg.Instance(module).exports.f());
       else console.log(7);
       console.log('ok', load.live()[0] <= 1);`,
      'true ERR_OUT_OF_MEMORY WasmError\n7\nok true\n',
      { shell: `ulimit -v ${TIGHT * 1024};` },
    ));

  it('no address space at all for more: whatever is asked for fails with a code or works', async () => {
    for (const mib of [4500, 6000, 12000]) {
      const ended = await child(
        `const codes = {}; const count = (k) => { codes[k] = (codes[k] ?? 0) + 1; };
         const open = [];
         for (let i = 0; i < 30; i++) {
           try { open.push(new wg.Instance(fixtures.fixture(['hello', 'strings', 'bytes'][i % 3]))); count('open'); }
           catch (e) { if (!e.code) throw e; count(e.code); }
         }
         for (const i of open) try { (i.exports.say ?? i.exports.reverse)(i.exports.say ? 'x' : Buffer.from('x')); count('call'); } catch (e) { if (!e.code) throw e; count(e.code); }
         open.forEach((i) => i.close());
         console.log('end');`,
        { shell: `ulimit -v ${mib * 1024};` },
      );
      assert.deepEqual({ mib, ...ended }, { mib, code: 0, signal: null, stdout: 'end\n', stderr: '' });
    }
  });

  it('a guest that grows to 4 GiB and asks for more', () =>
    childPrints(
      `const { exports, memory } = new wg.Instance(Buffer.from(\`(module (memory (export "memory") 0)
         (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
         (func (export "poke") (param i32) (i32.store8 (local.get 0) (i32.const 1))))\`));
       for (let i = 0; i < 64; i++) assert.equal(exports.grow(1024), i * 1024);
       assert.equal(memory.byteLength, 2 ** 32);
       assert.equal(exports.grow(1), -1);
       assert.equal(exports.grow(-1), -1);
       exports.poke(-1);
       assert.equal(memory.read(2 ** 32 - 1, 1)[0], 1);
       console.log('ok');`,
      'ok\n',
    ));

  it('a Rust guest that has filled its memory: its allocator traps, and says so', () =>
    childPrints(
      `const instance = new wg.Instance(fixtures.fixture('growth'));
       for (let i = 0; i < 2; i++) assert.ok(instance.raw.__wbindgen_malloc(2e9, 1) !== 0);
       let error; try { instance.exports.grow_and_say('x'.repeat(4e8), 0); } catch (e) { error = e; }
       console.log(error.code, error.trap, /malloc/.test(error.wasmStack), instance.state);`,
      'ERR_TRAP unreachable true poisoned\n',
    ));

  it('a result that does not fit the heap of JavaScript is refused, the process goes on', () =>
    childPrints(
      `const { fill, next } = new wg.Instance(fixtures.fixture('growth')).exports;
       const { repeat } = new wg.Instance(fixtures.fixture('strings')).exports;
       let code; try { repeat('x'.repeat(1 << 20), 1000); } catch (e) { code = e.code; }
       console.log(code, fill(5e8, 1).length, next());`,
      'ERR_RESULT_TOO_LARGE 500000000 1\n',
    ));

  it('a hundred instances of 1 GiB each that touch none of it', () =>
    childPrints(
      `const module = wg.Module.load(Buffer.from('(module (memory 16384) (func (export "f") (result i32) i32.const 7))'));
       const open = Array.from({ length: 100 }, () => new wg.Instance(module));
       assert.ok(open.every((i) => i.exports.f() === 7));
       open.forEach((i) => i.close());
       console.log('ok', process.memoryUsage().rss < 1e9);`,
      'ok true\n',
    ));
});
