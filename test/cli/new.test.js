'use strict';

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { fixture } = require('../fixtures');
const { root, scratch } = require('../helpers');
const { version } = require('../../package.json');
const { fails, file, prints } = require('./helpers');

let made = 0;

/** A directory of its own; nothing is there yet. */
const fresh = (name) => scratch(`new-${process.pid}-${made++}`, name);

/** All files of a directory, by path. */
function tree(dir) {
  const files = {};
  for (const name of fs.readdirSync(dir, { recursive: true }).sort()) {
    const full = path.join(dir, name);
    if (fs.statSync(full).isFile()) files[name] = fs.readFileSync(full, 'utf8');
  }
  return files;
}

const FILES = {
  bindgen: ['src/lib.rs'],
  wasi: ['src/lib.rs', 'src/main.rs'],
};
const COMMON = [
  '.gitignore',
  'Cargo.toml',
  'README.md',
  'package.json',
  'rust-toolchain.toml',
  'server.js',
  'test/server.test.js',
];

/** Runs the project's own mocha tests with a fixture in place of what Cargo would build. */
function test(dir, target, fixtures) {
  fs.mkdirSync(path.join(dir, target), { recursive: true });
  for (const [name, from] of Object.entries(fixtures)) fs.copyFileSync(from, path.join(dir, target, name));
  const modules = path.join(dir, 'node_modules');
  fs.mkdirSync(modules);
  fs.symlinkSync(root, path.join(modules, 'wasmgate'));
  for (const name of ['express', 'mocha'])
    fs.symlinkSync(path.join(root, 'node_modules', name), path.join(modules, name));
  const mocha = path.join(modules, 'mocha/bin/mocha.js');
  return execFileSync(process.execPath, [mocha, '--reporter', 'dot'], { cwd: dir, encoding: 'utf8' });
}

describe('wasmgate new', function () {
  this.timeout(60000);

  for (const template of ['bindgen', 'wasi']) {
    it(`--template ${template}: all files, with the name in place`, async () => {
      const dir = fresh('word-tool');
      const output = await prints(['new', dir, '--template', template]);
      const files = tree(dir);
      assert.deepEqual(Object.keys(files), [...COMMON, ...FILES[template]].sort());
      for (const [name, text] of Object.entries(files)) {
        assert.doesNotMatch(text, /\{\{|\}\}|undefined/, name);
        assert.ok(output.includes(`  ${path.join(dir, name)}\n`), name);
      }
      assert.ok(output.endsWith(`Next\n  cd ${dir}\n  npm install\n  npm test\n  npm start\n`), output);
      const manifest = JSON.parse(files['package.json']);
      assert.equal(manifest.name, 'word-tool');
      assert.equal(manifest.dependencies.wasmgate, `^${version}`);
      assert.match(files['Cargo.toml'], /^name = "word-tool"$/m);
      assert.match(files['Cargo.toml'], /^name = "word_tool"$/m);
      assert.match(files['server.js'], /release\/word_tool\.wasm'/);
      assert.match(files['src/lib.rs'], /#\[test\]/);
      assert.equal(files['.gitignore'], 'node_modules/\ntarget/\n');
      for (const name of ['server.js', 'test/server.test.js']) {
        execFileSync(process.execPath, ['--check', path.join(dir, name)]);
      }
    });
  }

  it('bindgen is what is made without --template; the crate uses wasm-bindgen 0.2', async () => {
    const dir = fresh('greeter');
    await prints(['new', dir]);
    assert.match(fs.readFileSync(path.join(dir, 'Cargo.toml'), 'utf8'), /^wasm-bindgen = "0\.2"$/m);
    assert.match(
      fs.readFileSync(path.join(dir, 'server.js'), 'utf8'),
      /wasm32-unknown-unknown\/release\/greeter\.wasm/,
    );
  });

  // Building the crate needs Rust; these fixtures have the functions of the templates.

  it('bindgen: server and tests work', async () => {
    const dir = fresh('greeter');
    await prints(['new', dir]);
    const hello = fixture('hello');
    const output = test(dir, 'target/wasm32-unknown-unknown/release', {
      'greeter.wasm': hello,
      'greeter.d.ts': path.join(path.dirname(hello), 'hello.d.ts'),
    });
    assert.match(output, /3 passing/);
  });

  it('wasi: server and tests work', async () => {
    const dir = fresh('reverser');
    await prints(['new', dir, '--template', 'wasi']);
    const output = test(dir, 'target/wasm32-wasip1/release', { 'reverser.wasm': fixture('wasi_command') });
    assert.match(output, /2 passing/);
  });

  it('in the working directory, if that is empty', async () => {
    const dir = fresh('here');
    fs.mkdirSync(dir, { recursive: true });
    const output = await prints(['new', '.'], { cwd: dir });
    assert.match(output, /\nNext\n {2}npm install\n/);
    assert.ok(fs.existsSync(path.join(dir, 'src/lib.rs')));
  });

  it('with another name than the directory', async () => {
    const dir = fresh('My Project');
    await fails(['new', dir], 2, /"My Project" cannot be the name of a project: .*--name/);
    assert.ok(!fs.existsSync(dir));
    await prints(['new', dir, '--name', 'other']);
    assert.match(fs.readFileSync(path.join(dir, 'Cargo.toml'), 'utf8'), /^name = "other"$/m);
  });

  it('refuses a directory that is not empty, and a file', async () => {
    const used = file('used', 'content');
    await fails(['new', path.dirname(used), '--name', 'x'], 1, /: is not empty$/);
    assert.deepEqual(fs.readdirSync(path.dirname(used)), ['used']);
    await fails(['new', used], 1, /used: cannot be made: /);
    await fails(['new', path.join(used, 'sub')], 1, /sub: cannot be made: ENOTDIR/);
    assert.equal(fs.readFileSync(used, 'utf8'), 'content');
  });

  for (const name of [
    ...['', 'A', 'ü', '1a', 'a b', 'a--b', 'a-', '-a', '_a', 'a.b', '../x', 'a/b', 'a\n', '@a/b', 'a'.repeat(65)],
    ...['fn', 'async', 'self', 'test', 'core', 'std', 'con', 'express', 'wasmgate', 'wasm_bindgen', 'fs', 'build'],
  ]) {
    it(`refuses the name ${JSON.stringify(name)}`, async () => {
      const dir = fresh('x');
      await fails(['new', dir, `--name=${name}`], 2, /cannot be the name of a project/);
      assert.ok(!fs.existsSync(dir));
    });
  }

  it('refuses a template that is not there, with the nearest', async () => {
    const dir = fresh('x');
    await fails(['new', dir, '--template', 'bindgne'], 2, /no template "bindgne" \(did you mean "bindgen"\?\)$/);
    await fails(['new', dir, '--template', 'react'], 2, /no template "react": there is bindgen and wasi$/);
    await fails(['new', dir, '--template', '..'], 2, /no template "\.\."/);
  });

  it('the templates are part of the package', () => {
    const [{ files }] = JSON.parse(
      execFileSync('npm', ['pack', '--ignore-scripts', '--dry-run', '--json'], {
        cwd: root,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    );
    const packed = files.map((entry) => entry.path).filter((name) => name.startsWith('js/cli/'));
    const there = fs
      .readdirSync(path.join(root, 'js/cli'), { recursive: true })
      .map((name) => path.posix.join('js/cli', name))
      .filter((name) => fs.statSync(path.join(root, name)).isFile());
    assert.deepEqual(packed.sort(), there.sort());
  });
});
