'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { child, childPrints, root, scratch } = require('../helpers');

const SAY = `new Instance('./test/fixtures/wasm/hello/hello_bg.wasm').exports.say('Ada')`;

describe('ways to load the package', () => {
  it('import', () =>
    childPrints(
      `import wasmgate, { Module, Instance, VM, inspect, WasmError } from 'wasmgate';
       import { createRequire } from 'node:module';
       const cjs = createRequire(process.cwd() + '/x.js')('wasmgate');
       console.log(cjs === wasmgate, cjs.Module === Module, cjs.inspect === inspect, cjs.WasmError === WasmError, typeof VM, ${SAY});`,
      'true true true true function hello Ada\n',
      { prelude: '', flags: ['--input-type=module'] },
    ));

  it('dynamic import', () =>
    childPrints(`import('wasmgate').then(({ Instance }) => console.log(${SAY}));`, 'hello Ada\n', { prelude: '' }));

  it('require from two different paths: two copies of the JavaScript, one library', () => {
    const copy = scratch('copy');
    fs.cpSync(path.join(root, 'js'), path.join(copy, 'js'), { recursive: true });
    fs.copyFileSync(path.join(root, 'package.json'), path.join(copy, 'package.json'));
    fs.mkdirSync(path.join(copy, 'build'));
    fs.symlinkSync(path.join(root, 'build/Release'), path.join(copy, 'build/Release'));
    return childPrints(
      `const other = require(${JSON.stringify(copy)});
       const a = new wg.Instance(fixtures.fixture('hello'));
       const b = new other.Instance(fixtures.fixture('hello'));
       console.log(other.Instance !== wg.Instance, a.exports.say('a'), b.exports.say('b'));
       for (const [make, error] of [[() => a.exports.say(1), wg], [() => b.exports.say(1), other]]) {
         assert.throws(make, { code: 'ERR_ARG_TYPE' });
       }
       assert.throws(() => new other.Instance(a.module), { code: 'ERR_SOURCE_TYPE' });`,
      'true hello a hello b\n',
    );
  });

  it('require again after the cache was cleared', () =>
    childPrints(
      `for (let i = 0; i < 3; i++) {
         for (const key of Object.keys(require.cache)) if (!key.endsWith('.node')) delete require.cache[key];
         const { Instance } = require(process.cwd());
         console.log(${SAY});
       }`,
      'hello Ada\nhello Ada\nhello Ada\n',
      { prelude: '' },
    ));

  it('from a folder that is not the one of the package', () =>
    childPrints(
      `process.chdir('/'); console.log(new wg.Instance(fixtures.fixture('hello')).exports.say('x'));`,
      'hello x\n',
    ));

  it('in a vm context', () =>
    childPrints(
      `const vm = require('node:vm');
       const { exports } = new wg.Instance(fixtures.fixture('bytes'));
       const theirs = vm.runInNewContext('[new Uint8Array([1, 2]), new DataView(new ArrayBuffer(3)), new ArrayBuffer(4)]');
       console.log(theirs.map((v) => exports.echo(v).length).join());
       const text = vm.runInNewContext('say("x")', { say: new wg.Instance(fixtures.fixture('hello')).exports.say });
       console.log(text);
       wg.Module.load(vm.runInNewContext('Uint8Array.from(b)', { b: require('fs').readFileSync(fixtures.compressed('add.wasm')) })).close();`,
      '2,3,4\nhello x\n',
    ));

  it('deep imports are closed', async () => {
    const ended = await child(`require('wasmgate/js/load');`, { prelude: '' });
    assert.equal(ended.code, 1);
    assert.match(ended.stderr, /ERR_PACKAGE_PATH_NOT_EXPORTED/);
  });

  it('with frozen intrinsics, a policy against eval, and pending deprecations', async () => {
    for (const flag of [
      '--frozen-intrinsics',
      '--disallow-code-generation-from-strings',
      '--pending-deprecation',
      '--disable-proto=throw',
    ]) {
      const ended = await child(`console.log(new wg.Instance(fixtures.fixture('hello')).exports.say('x'));`, {
        flags: ['--no-warnings', flag],
      });
      assert.deepEqual({ flag, ...ended }, { flag, code: 0, signal: null, stdout: 'hello x\n', stderr: '' });
    }
  });
});
