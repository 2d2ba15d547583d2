'use strict';

const assert = require('node:assert/strict');
const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const wasmgate = require('../..');
const { root, scratch } = require('../helpers');
const { fixture } = require('../fixtures');

const generated = path.join(__dirname, '../fixtures/ssvm-generated');

/** A project as they were: generated files in pkg/, the package under the name that they require. */
function project(alias = 'ssvm') {
  const dir = scratch(`ssvm-${process.pid}-${alias}`);
  fs.mkdirSync(path.join(dir, 'pkg'), { recursive: true });
  fs.mkdirSync(path.join(dir, 'node_modules', alias), { recursive: true });
  const entry = JSON.stringify(path.join(root, 'js/ssvm.js'));
  fs.writeFileSync(path.join(dir, 'node_modules', alias, 'index.js'), `module.exports = require(${entry});\n`);
  for (const name of ['ssvm', 'wasi_command']) {
    const code = fs.readFileSync(path.join(generated, `${name}.js`), 'utf8');
    fs.writeFileSync(path.join(dir, 'pkg', `${name}.js`), code.replace("require('ssvm')", `require('${alias}')`));
    fs.copyFileSync(fixture(name), path.join(dir, 'pkg', `${name}_bg.wasm`));
  }
  return dir;
}

const run = (dir, script, args = [], env = {}) =>
  spawnSync(process.execPath, ['-e', script, '--', ...args], { cwd: dir, env, encoding: 'utf8' });

describe('the entry for generated files', () => {
  it('is the class VM and nothing else', () => {
    assert.deepEqual(require('../../js/ssvm'), { VM: wasmgate.VM });
    assert.equal(require('wasmgate/ssvm').VM, wasmgate.VM);
  });

  for (const alias of ['ssvm', 'ssvm-extensions', 'wasmedge', 'wasmedge-core', 'wasmedge-extensions']) {
    it(`serves a generated file that requires ${alias}`, () => {
      const script = `const g = require('./pkg/ssvm.js');
        const bytes = Buffer.from([1, 2, 3]);
        g.noop();
        console.log(JSON.stringify([
          g.say('wörld'), g.say({ a: 1 }), g.obfusticate('abc'), [...g.reverse(bytes)], g.reverse(bytes).constructor.name,
          g.reverse(Buffer.alloc(10000, 7)).length, g.lcm_s32(123, 7), g.lcm_u32(2147483647, 2),
          g.lcm_s64(2147483647, 2), g.lcm_u64(9223372036854775807, 2) == 18446744073709551614,
        ]));`;
      const ended = run(project(alias), script);
      assert.equal(ended.stderr, '');
      const results = ['hello wörld', 'hello {"a":1}', 'nop', [3, 2, 1], 'Uint8Array'];
      assert.deepEqual(JSON.parse(ended.stdout), [...results, 10000, 861, 4294967294, 4294967294, true]);
    });
  }

  it('passes process.argv and process.env on', () => {
    const dir = project();
    const ended = run(dir, "require('./pkg/ssvm.js').print_env()", ['one', 'two'], { A: '1', B: '' });
    const expected = ['The env vars are as follows.', 'A: 1', 'B: ', 'The args are as follows.', 'print_env'];
    assert.equal(ended.stderr, '');
    assert.deepEqual(ended.stdout.split('\n'), [...expected, process.execPath, 'one', 'two', '']);
  });

  it('serves a program, which starts when its file is loaded', () => {
    const dir = project();
    fs.mkdirSync(path.join(dir, 'pkg/data'));
    fs.writeFileSync(path.join(dir, 'pkg/data/in.txt'), 'abc');
    fs.writeFileSync(path.join(dir, 'main.js'), "process.exitCode = require('./pkg/wasi_command.js').status;\n");
    const options = { cwd: dir, env: { NAME: 'ada' }, encoding: 'utf8' };
    assert.throws(
      () => execFileSync(process.execPath, ['main.js', '7', 'two'], { ...options, stdio: 'pipe' }),
      (error) => {
        assert.equal(error.status, 7);
        assert.equal(error.stdout, 'arg 1: 7\narg 2: two\nNAME: ada\n');
        assert.equal(error.stderr, '');
        return true;
      },
    );
    assert.equal(fs.readFileSync(path.join(dir, 'pkg/data/out.txt'), 'utf8'), 'cba');
  });

  it('works in workers', () => {
    const script = `const { Worker } = require('node:worker_threads');
      const file = require.resolve('./pkg/ssvm.js');
      for (let i = 0; i < 4; i++) {
        new Worker(\`require('node:worker_threads').parentPort.postMessage(require(\${JSON.stringify(file)}).say('\${i}'))\`,
          { eval: true }).on('message', (text) => console.log(text));
      }`;
    const ended = run(project(), script);
    assert.equal(ended.stderr, '');
    assert.deepEqual(ended.stdout.trim().split('\n').sort(), ['hello 0', 'hello 1', 'hello 2', 'hello 3']);
  });
});
