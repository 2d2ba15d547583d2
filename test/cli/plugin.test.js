'use strict';

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { Plugin } = require('../..');
const { fixturePlugin } = require('../fixtures/plugins');
const { root, scratch } = require('../helpers');
const { fails, file, prints } = require('./helpers');

let made = 0;
const fresh = (name) => scratch(`plugin-new-${process.pid}-${made++}`, name);

const COMMON = ['.gitignore', 'Makefile', 'README.md', 'guest.wat', 'package.json', 'plugin.test.js'];
const FILES = { c: ['plugin.c'], rust: ['plugin.rs'], go: ['entry.c', 'go.mod', 'plugin.go'] };

/** Builds a plugin with its Makefile and runs its own test. */
function build(dir) {
  const modules = path.join(dir, 'node_modules');
  fs.mkdirSync(modules);
  fs.symlinkSync(root, path.join(modules, 'wasmgate'));
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
  return execFileSync('npm', ['test', '--silent'], { cwd: dir, encoding: 'utf8', env });
}

const has = (command) => {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

describe('wasmgate plugin', function () {
  this.timeout(300000);

  for (const lang of Object.keys(FILES)) {
    const able = lang !== 'rust' || has('rustc');
    (able ? it : it.skip)(
      `new --lang ${lang}: builds, and its test passes${able ? '' : ' (there is no rustc)'}`,
      async () => {
        const dir = fresh('geo-tools');
        const output = await prints(['plugin', 'new', dir, '--lang', lang]);
        const files = fs.readdirSync(dir).sort();
        assert.deepEqual(files, [...COMMON, ...FILES[lang]].sort());
        for (const name of files) {
          assert.doesNotMatch(fs.readFileSync(path.join(dir, name), 'utf8'), /\{\{|\}\}\}|undefined/, name);
          assert.ok(output.includes(`  ${path.join(dir, name)}\n`), name);
        }
        assert.ok(output.endsWith(`Next\n  cd ${dir}\n  npm install\n  npm test\n`), output);
        assert.match(build(dir), /^# pass 2$/m);
        const { name, functions } = Plugin.load(path.join(dir, 'libgeo_tools.so'));
        assert.deepEqual([name, functions.map((entry) => entry.grant)], ['geo-tools', ['add', 'sum']]);
      },
    );
  }

  it('new refuses what is in use, and what is no language or name', async () => {
    const used = file('used', 'content');
    await fails(['plugin', 'new', path.dirname(used), '--name', 'x'], 1, /is not empty$/);
    await fails(
      ['plugin', 'new', fresh('x'), '--lang', 'zig'],
      2,
      /no template for "zig": there is one for c, rust, go$/,
    );
    await fails(['plugin', 'new', fresh('Geo')], 2, /cannot be the name of a project/);
    await fails(['plugin', 'new'], 2, /plugin new: <dir> is missing$/);
  });

  it('inspect lists functions by their grants', async () => {
    const text = await prints(['plugin', 'inspect', fixturePlugin('kit')]);
    assert.match(text, /^kit 0\.1\n\ngrant swap\n {2}kit\.swap {2}\(i32, i64, f32, f64\) -> \(f64, f32, i64, i32\)\n/);
    assert.match(text, /grant same\n {2}kit\.i32 {2}\(i32\) -> i32\n {2}kit\.i64 {2}\(i64\) -> i64\n/);
    const {
      name,
      functions,
      path: real,
    } = JSON.parse(await prints(['plugin', 'inspect', '--json', fixturePlugin('kit')]));
    assert.equal(name, 'kit');
    assert.deepEqual(functions, Plugin.load(fixturePlugin('kit')).functions);
    assert.equal(real, fs.realpathSync(fixturePlugin('kit')));
  });

  it('inspect tells what is wrong with a file', async () => {
    await fails(['plugin', 'inspect', './nowhere.so'], 1, /nowhere\.so: there is no such file$/);
    await fails(
      ['plugin', 'inspect', file('text.so', 'text')],
      1,
      /is no shared library: it begins with "text" \(ERR_PLUGIN_LOAD\)$/,
    );
    await fails(['plugin', 'inspect'], 2, /plugin inspect: <library> is missing$/);
  });

  it('header tells where it is', async () => {
    const header = (await prints(['plugin', 'header'])).trim();
    assert.equal(header, path.join(Plugin.include, 'wasmgate_plugin.h'));
    assert.ok(fs.existsSync(header));
    await fails(['plugin', 'header', 'x'], 2, /one argument too many$/);
  });

  it('there is nothing else', async () => {
    await fails(['plugin', 'inspekt', 'x'], 2, /no "inspekt" \(did you mean "inspect"\?\)$/);
    await fails(['plugin', 'zzzzzzzzz'], 2, /there is new, inspect, header$/);
  });
});
