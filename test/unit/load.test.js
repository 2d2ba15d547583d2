'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { version } = require('../../package.json');
const { child, root, scratch } = require('../helpers');

/** What comes of loading the package with WASMGATE_BINARY set to this file. */
async function loading(file, setup = '') {
  const script = `${setup}
    let error; try { require(process.cwd()); console.log('loaded'); } catch (e) { error = e; }
    if (error) console.log(JSON.stringify({ name: error.name, code: error.code, message: error.message, tried: error.tried }));`;
  const ended = await child(script, { prelude: '', env: { WASMGATE_BINARY: file } });
  assert.equal(ended.signal, null);
  assert.equal(ended.stderr, '');
  return ended.stdout === 'loaded\n' ? 'loaded' : JSON.parse(ended.stdout);
}

function stub(name, text) {
  fs.writeFileSync(scratch(name), text);
  return scratch(name);
}

/** The library, but with the number of another processor in its header. */
function otherProcessor() {
  const bytes = fs.readFileSync(path.join(root, 'build/Release/wasmgate.node'));
  bytes.writeUInt16LE(0xf3f3, 18); // e_machine of ELF; spoils Mach-O too
  return bytes;
}

describe('the native library', () => {
  it('is what WASMGATE_BINARY names', async () => {
    assert.equal(await loading(path.join(root, 'build/Release/wasmgate.node')), 'loaded');
    assert.equal(await loading('build/Release/wasmgate.node'), 'loaded', 'a relative path');
  });

  it('empty WASMGATE_BINARY is none', async () => {
    assert.equal(await loading(''), 'loaded');
  });

  it('that is not there: ERR_LOAD, with what was tried and nothing else', async () => {
    const file = scratch('missing.node');
    const error = await loading(file);
    assert.equal(error.code, 'ERR_LOAD');
    assert.equal(error.name, 'WasmError');
    assert.equal(error.tried.length, 1);
    assert.match(error.message, /cannot load the native library for \w+-\w+, Node\.js v\d+/);
    assert.match(error.message, /- WASMGATE_BINARY: not there/);
    assert.ok(error.message.includes(file), `names the file: ${error.message}`);
    assert.match(error.message, /\* this is a checkout: run "npm install" or "npm run build" in it/);
  });

  for (const [name, content] of Object.entries({
    'an empty file': '',
    text: 'this is no library',
    'a library for another processor': otherProcessor(),
    'a library without the entry point': null,
  })) {
    it(`that is ${name}: ERR_LOAD with the reason of the loader`, async () => {
      const file =
        content === null ? path.join(root, 'build/Release/libwasmgate.so') : stub(`bad${name.length}.node`, content);
      const at = content === null ? scratch('nolib.node') : file;
      if (content === null) fs.symlinkSync(file, at);
      const error = await loading(at);
      assert.equal(error.code, 'ERR_LOAD');
      assert.match(error.tried[0], /^WASMGATE_BINARY: ./);
      assert.ok(error.message.includes(error.tried[0]));
    });
  }

  it('that is a folder: ERR_LOAD', async () => {
    assert.equal((await loading(scratch('.'))).code, 'ERR_LOAD');
  });

  it('that needs a newer C library: the hint names it', async () => {
    const file = stub(
      'glibc.js',
      `throw new Error("/lib/libc.so.6: version \`GLIBC_2.99' not found (required by x)");`,
    );
    const error = await loading(file);
    assert.equal(error.code, 'ERR_LOAD');
    assert.match(error.message, /this system's C library is too old: GLIBC_2\.99 is needed/);
  });

  it('on a system with musl: the hint says that it cannot work', async () => {
    const error = await loading(scratch('missing.node'), `process.report.getReport = () => ({ header: {} });`);
    assert.match(error.message, /musl libc, which cannot load a Go library/);
  });

  it('for a platform that has no package: the hint lists those that do', async () => {
    const error = await loading(
      scratch('missing.node'),
      `Object.defineProperty(process, 'arch', { value: 'riscv64' });`,
    );
    assert.match(error.message, /there is no prebuilt package for \w+-riscv64 \(there is for linux-x64/);
  });

  it('whose packages were installed for another machine: the hint says so', async () => {
    const copy = scratch('elsewhere/node_modules/wasmgate');
    fs.cpSync(path.join(root, 'js'), path.join(copy, 'js'), { recursive: true });
    fs.copyFileSync(path.join(root, 'package.json'), path.join(copy, 'package.json'));
    fs.mkdirSync(scratch('elsewhere/node_modules/@wasmgate/darwin-arm64'), { recursive: true });
    const ended = await child(
      `try { require(${JSON.stringify(copy)}); } catch (e) { console.log(e.code); console.log(e.message); }`,
      { prelude: '' },
    );
    assert.match(ended.stdout, /^ERR_LOAD\n/);
    assert.match(ended.stdout, /packages for darwin-arm64 are installed: node_modules was made on another machine/);
    assert.match(ended.stdout, /- a build of this checkout: not there/);
    assert.match(ended.stdout, /- the package @wasmgate\/\w+-\w+: not there/);
    assert.match(ended.stdout, /add @wasmgate\/\w+-\w+/);
  });
});

describe('the handshake', () => {
  const answers = (list) =>
    stub(
      'handshake.js',
      `const nothing = () => {};
       module.exports = new Proxy({ handshake: () => ${list} }, { get: (target, key) => target[key] ?? nothing });`,
    );

  it('equal versions are accepted', async () => {
    assert.equal(await loading(answers(`[1, 1, ${JSON.stringify(version)}]`)), 'loaded');
  });

  for (const [what, list] of Object.entries({
    'another package version': `[1, 1, '0.0.1']`,
    'no package version': `[1, 1, undefined]`,
    'another ABI number': `[2, 1, ${JSON.stringify(version)}]`,
    'an older ABI number': `[1, 2, ${JSON.stringify(version)}]`,
  })) {
    it(`${what}: ERR_LOAD_VERSION, naming both and the file`, async () => {
      const file = answers(list);
      const error = await loading(file);
      assert.equal(error.code, 'ERR_LOAD_VERSION');
      assert.equal(error.name, 'WasmError');
      assert.ok(error.message.includes(`package ${version}`));
      assert.ok(error.message.includes(file));
    });
  }

  it('a library without a handshake: ERR_LOAD', async () => {
    assert.equal((await loading(stub('none.js', 'module.exports = {};'))).code, 'ERR_LOAD');
    assert.equal((await loading(stub('null.js', 'module.exports = null;'))).code, 'ERR_LOAD');
    assert.equal((await loading(answers('{ throw 1 }'))).code, 'ERR_LOAD');
  });
});
