'use strict';

// The plugins of examples/plugins, built as their files say, all with the same guest and the same output.

const assert = require('node:assert/strict');
const { execFile, execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { promisify } = require('node:util');
const { Plugin } = require('../..');
const { child, root, scratch } = require('../helpers');

const run = promisify(execFile);
const dir = path.join(root, 'examples/plugins');
const expected = fs.readFileSync(path.join(dir, 'main.out'), 'utf8');

/** A copy of the sources, in which to build; it is not made in the checkout. */
function copied(language) {
  const to = scratch('plugin-examples', language);
  fs.cpSync(path.join(dir, language), to, { recursive: true });
  return to;
}

const has = (command, args) => {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

async function prints(library) {
  const { stdout, stderr } = await run(process.execPath, [path.join(dir, 'main.js'), library]);
  assert.deepEqual({ stdout, stderr }, { stdout: expected, stderr: '' });
}

describe('examples: plugins', function () {
  this.timeout(300000);

  it('in C', async () => {
    const to = copied('c');
    execFileSync('make', ['-s', `WASMGATE=${root}`], { cwd: to, stdio: ['ignore', 'inherit', 'inherit'] });
    await prints(path.join(to, 'libtexts.so'));
  });

  const rust = has('rustc', ['--version']);
  (rust ? it : it.skip)(`in Rust${rust ? '' : ' (there is no rustc)'}`, async () => {
    const to = copied('rust');
    const [, command] = /^\/\/! {5}(rustc .*)$/m.exec(fs.readFileSync(path.join(to, 'texts.rs'), 'utf8'));
    const env = { ...process.env, WASMGATE_INCLUDE: Plugin.include };
    execFileSync('sh', ['-c', command], { cwd: to, env, stdio: ['ignore', 'inherit', 'inherit'] });
    await prints(path.join(to, 'libtexts.so'));
  });

  describe('in Go', () => {
    let library;

    before(() => {
      const to = copied('go');
      const env = { ...process.env, CGO_ENABLED: '1', CGO_CFLAGS: `-O2 -I${Plugin.include}` };
      execFileSync('go', ['build', '-buildmode=c-shared', '-o', 'libtexts.so', '.'], {
        cwd: to,
        env,
        stdio: ['ignore', 'inherit', 'inherit'],
      });
      library = path.join(to, 'libtexts.so');
    });

    it('does the same', () => prints(library));

    // Two Go runtimes, wasmtime and V8 share the signals of the process.
    it('traps of guests, in calls of the plugin too, and those of V8; signals stay as they are', async () => {
      const guest = `(module (import "texts" "each" (func $each (param funcref i32 i32))) (memory (export "memory") 1)
        (data (i32.const 0) "a b c") (elem declare func $v) (func $v (param i32 i32) (drop (i32.load (i32.const -1))))
        (func (export "inside") (call $each (ref.func $v) (i32.const 0) (i32.const 5)))
        (func (export "divide") (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0))))`;
      const ended = await child(
        `const { Worker, isMainThread } = require('node:worker_threads');
         const fs = require('node:fs');
         const status = () => fs.readFileSync('/proc/self/status', 'utf8').match(/Sig(Ign|Cgt):.*/g).join();
         const V8 = new WebAssembly.Module(new Uint8Array([0,97,115,109,1,0,0,0,1,5,1,96,0,1,127,3,2,1,0,5,3,1,0,1,7,5,1,1,102,0,0,10,9,1,7,0,65,127,40,2,0,11]));
         const work = (wg) => {
           const options = { plugins: [${JSON.stringify(library)}], grants: { plugins: { texts: true } } };
           const counts = [0, 0, 0];
           for (let i = 0; i < 200; i++) {
             const instance = new wg.Instance(Buffer.from(${JSON.stringify(guest)}), options);
             try { instance.exports.inside(); } catch ({ trap }) { counts[0] += trap === 'memory_out_of_bounds'; }
             try { instance.exports.divide(0); } catch ({ trap }) { counts[1] += trap === 'integer_division_by_zero'; }
             try { new WebAssembly.Instance(V8).exports.f(); } catch (error) { counts[2] += error instanceof WebAssembly.RuntimeError; }
             instance.close();
           }
           return counts.join();
         };
         new wg.Instance(Buffer.from('(module)')).close();
         const before = status();
         console.log(work(wg), before === status());
         const body = 'const { parentPort, workerData } = require("node:worker_threads"); const V8 = workerData;' +
           'parentPort.postMessage((' + work + ')(require(' + JSON.stringify(process.cwd()) + ')));';
         const one = () => new Promise((resolve, reject) => new Worker(body, { eval: true, workerData: V8 }).on('error', reject).on('message', resolve));
         Promise.all([one(), one(), one()]).then((all) => console.log(all.join(' '), before === status()));`,
      );
      const all = '200,200,200';
      assert.deepEqual(ended, {
        code: 0,
        signal: null,
        stdout: `${all} true\n${all} ${all} ${all} true\n`,
        stderr: '',
      });
    });
  });
});
