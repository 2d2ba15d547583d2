'use strict';

// What is published must work without the checkout: no script runs when it is
// installed, nothing of it is missing.

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { root } = require('../helpers');

const npm = (cwd, ...args) => execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

describe('the package', function () {
  this.timeout(120000);
  let dir;

  before(() => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'wasmgate-package-'));
    npm(root, 'pack', '--ignore-scripts', '--pack-destination', dir);
  });

  after(() => fs.rmSync(dir, { recursive: true, force: true }));

  it('holds the API, its declarations, the documents and the binaries', () => {
    const [{ files }] = JSON.parse(npm(root, 'pack', '--ignore-scripts', '--dry-run', '--json'));
    const names = files.map((file) => file.path).filter((name) => !name.startsWith('js/'));
    const js = fs
      .readdirSync(path.join(root, 'js'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(root, path.join(entry.parentPath ?? entry.path, entry.name)));
    const docs = fs.readdirSync(path.join(root, 'docs')).map((name) => `docs/${name}`);
    assert.deepEqual(
      files
        .map((file) => file.path)
        .filter((name) => name.startsWith('js/'))
        .sort(),
      js.sort(),
    );
    const binary = { darwin: 'libwasmgate.dylib' }[process.platform] ?? 'libwasmgate.so';
    assert.deepEqual(names.sort(), [
      'LICENSE',
      'README.md',
      `build/Release/${binary}`,
      'build/Release/wasmgate.node',
      ...docs.sort(),
      'go/plugin/wasmgate_plugin.h',
      'go/plugin/wasmgate_plugin.rs',
      'package.json',
    ]);
  });

  it('can be installed and required, under its own name and as ssvm', () => {
    const tarball = fs.readdirSync(dir).find((name) => name.endsWith('.tgz'));
    const manifest = { private: true, dependencies: { wasmgate: `file:${tarball}`, ssvm: `file:${tarball}` } };
    fs.writeFileSync(path.join(dir, 'package.json'), JSON.stringify(manifest));
    npm(dir, 'install', '--offline', '--no-audit', '--no-fund');
    const script = `
      const { Instance } = require('wasmgate');
      const wat = '(module (func (export "f") (result i32) i32.const 5))';
      const { VM } = require('ssvm');
      console.log(new Instance(Buffer.from(wat)).exports.f(), typeof VM, typeof require('wasmgate/ssvm').VM);
      const bytes = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
      console.log(require('wasmgate/install') === WebAssembly, WebAssembly.validate(bytes));`;
    const output = execFileSync(process.execPath, ['-e', script], { cwd: dir, encoding: 'utf8' });
    assert.equal(output, '5 function function\ntrue true\n');
  });
});
