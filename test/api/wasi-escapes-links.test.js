'use strict';

// Links that lead out of a granted directory lead nowhere, whoever made them and whenever.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { Worker } = require('node:worker_threads');
const { runSync } = require('../..');
const { SECRET, caller, failsWith, sandbox, tool } = require('./wasi-helpers');

const OUT = ['NOTCAPABLE', 'PERM', 'ACCES', 'NOENT', 'NOTDIR', 'LOOP', 'INVAL', 'XDEV', 'EXIST', 'ROFS', 'ISDIR'];

describe('escapes: links', () => {
  const open = caller();
  const program = tool();
  let box;
  let calls;
  beforeEach(() => {
    box = sandbox();
    calls = open({ fs: [{ guest: '/', host: box.box, write: true }] });
  });

  /** Uses a link `name` to a file outside, in all ways. */
  function useFile(name) {
    failsWith(calls.readFile(name, { follow: true }), ...OUT);
    failsWith(calls.readFile(name, { follow: false }), ...OUT);
    failsWith(calls.writeFile(name, 'x', { follow: true }), ...OUT);
    failsWith(calls.writeFile(name, 'x', { follow: false }), ...OUT);
    failsWith(calls.open(name, { follow: true, oflags: ['creat'] }), ...OUT);
    failsWith(calls.stat(name, { follow: true }), ...OUT);
    failsWith(calls.setTimes(name, 7n, { follow: true }), ...OUT);
    failsWith(calls.link(name, `${name}-hard`, { follow: true }), ...OUT, 'NOTSUP');
    box.unharmed();
  }

  /** The same for a link `name` to a directory outside. */
  function useDirectory(name) {
    failsWith(calls.open(name, { follow: true, oflags: ['directory'] }), ...OUT);
    failsWith(calls.open(`${name}/`, { follow: true, oflags: ['directory'] }), ...OUT);
    failsWith(calls.open(`${name}/.`, { follow: true, oflags: ['directory'] }), ...OUT);
    failsWith(calls.readFile(`${name}/secret.txt`), ...OUT);
    failsWith(calls.writeFile(`${name}/planted`, 'x'), ...OUT);
    failsWith(calls.mkdir(`${name}/planted`), ...OUT);
    failsWith(calls.unlink(`${name}/secret.txt`), ...OUT);
    failsWith(calls.rmdir(`${name}/sub`), ...OUT);
    failsWith(calls.rename(`${name}/secret.txt`, 'stolen'), ...OUT);
    failsWith(calls.rename('in.txt', `${name}/planted`), ...OUT);
    failsWith(calls.link(`${name}/secret.txt`, 'stolen'), ...OUT);
    failsWith(calls.link('in.txt', `${name}/planted`), ...OUT);
    failsWith(calls.symlink('x', `${name}/planted`), ...OUT);
    failsWith(calls.stat(`${name}/secret.txt`), ...OUT);
    box.unharmed();
  }

  const links = {
    'by a relative way': ['../secret.txt', '../outside'],
    'by an absolute path': [() => box.at('secret.txt'), () => box.at('outside')],
    'by a way through itself': ['sub/../../secret.txt', 'sub/../../outside'],
    'by /proc/self/cwd': [() => `/proc/self/cwd/../../../../../../../..${box.at('secret.txt')}`, '/proc/self/root'],
  };
  for (const [name, targets] of Object.entries(links)) {
    const [file, directory] = targets.map((target) => (typeof target === 'function' ? target : () => target));

    it(`that the host made before, ${name}`, () => {
      fs.symlinkSync(file(), box.at('box/file'));
      fs.symlinkSync(directory(), box.at('box/dir'));
      useFile('file');
      useDirectory('dir');
    });

    it(`in a directory below, ${name}`, () => {
      fs.symlinkSync(`../${file()}`.replace('..//', '/'), box.at('box/sub/file'));
      fs.symlinkSync(`../${directory()}`.replace('..//', '/'), box.at('box/sub/dir'));
      useFile('sub/file');
      useDirectory('sub/dir');
    });

    it(`that the guest makes itself, ${name}: refused, or leads nowhere`, () => {
      for (const [target, use, made] of [
        [file(), useFile, 'file'],
        [directory(), useDirectory, 'dir'],
      ]) {
        if (calls.symlink(target, made) === true) use(made);
        if (calls.symlink(`../${target}`.replace('..//', '/'), `sub/${made}`) === true) use(`sub/${made}`);
      }
      box.unharmed();
    });
  }

  it('a link of the guest that only leads out after it was moved', () => {
    assert.equal(calls.mkdir('a'), true);
    assert.equal(calls.mkdir('a/b'), true);
    if (calls.symlink('../../secret.txt', 'a/b/file') !== true) return box.unharmed();
    assert.equal(calls.rename('a/b/file', 'a/file'), true);
    useFile('a/file');
    assert.equal(calls.rename('a/file', 'file'), true);
    return useFile('file');
  });

  it('a link of the guest to a directory that it moves later', () => {
    assert.equal(calls.mkdir('a'), true);
    assert.equal(calls.symlink('sub/../..', 'up') === true || true, true);
    failsWith(calls.readFile('up/secret.txt'), ...OUT);
    assert.equal(calls.symlink('../in.txt', 'a/in'), true);
    assert.equal(calls.readFile('a/in', { follow: true }).toString(), 'inside');
    assert.equal(calls.rename('a/in', 'in2'), true);
    failsWith(calls.readFile('in2', { follow: true }), ...OUT);
    box.unharmed();
  });

  it('chains and circles', () => {
    for (let i = 0; i < 50; i++) fs.symlinkSync(i === 0 ? '../secret.txt' : `l${i - 1}`, box.at(`box/l${i}`));
    for (const i of [0, 1, 5, 30, 39, 40, 41, 49]) useFile(`l${i}`);
    fs.symlinkSync('circle', box.at('box/circle'));
    fs.symlinkSync('b', box.at('box/a'));
    fs.symlinkSync('a', box.at('box/b'));
    for (const name of ['circle', 'a', 'circle/x', 'a/b/c']) {
      failsWith(calls.readFile(name, { follow: true }), 'LOOP', 'NOENT', 'NOTDIR', 'NOTCAPABLE');
    }
  });

  it('links inside lead on; a link itself can be read, renamed, removed', () => {
    assert.equal(calls.symlink('sub/deep', 'short'), true);
    assert.equal(calls.readFile('short/leaf.txt').toString(), 'leaf');
    assert.equal(calls.readlink('short'), 'sub/deep');
    assert.equal(calls.stat('short').type, 'symlink');
    assert.equal(calls.stat('short', { follow: true }).type, 'directory');
    fs.symlinkSync(box.at('secret.txt'), box.at('box/abs'));
    assert.equal(calls.rename('abs', 'abs2'), true);
    assert.equal(calls.unlink('abs2'), true);
    assert.equal(calls.unlink('short'), true);
    box.unharmed();
  });

  it('/proc/self/fd by way of a link', () => {
    const outside = fs.openSync(box.at('secret.txt'), 'r');
    const directory = fs.openSync(box.at('outside'), 'r');
    fs.symlinkSync('/proc/self/fd', box.at('box/fds'));
    fs.symlinkSync(`/proc/self/fd/${outside}`, box.at('box/fd'));
    fs.symlinkSync(`/proc/${process.pid}/fd/${directory}`, box.at('box/dir'));
    fs.symlinkSync('/dev/stdin', box.at('box/stdin'));
    useFile('fd');
    useDirectory('dir');
    for (const name of [`fds/${outside}`, `fds/${directory}/secret.txt`, 'stdin', 'fds/0']) {
      failsWith(calls.readFile(name, { follow: true }), ...OUT);
    }
    fs.closeSync(outside);
    fs.closeSync(directory);
  });

  it('of the granted directory itself are followed: the host said so', () => {
    fs.symlinkSync(box.box, box.at('box/sub/way'));
    const other = open({ fs: [{ guest: '/', host: box.at('box/sub/way') }] });
    assert.equal(other.readFile('in.txt').toString(), 'inside');
    failsWith(other.readFile('../secret.txt'), ...OUT);
    failsWith(other.readFile('../sub/deep/leaf.txt'), ...OUT);
  });

  it('hard links that the host made are files like others; the guest makes none to what it cannot reach', () => {
    fs.linkSync(box.at('box/in.txt'), box.at('box/hard'));
    assert.equal(calls.readFile('hard').toString(), 'inside');
    failsWith(calls.link('../secret.txt', 'mine'), ...OUT);
    failsWith(calls.link('in.txt', '../planted'), ...OUT);
    assert.equal(calls.link('in.txt', 'own'), true);
    assert.equal(typeof calls.link('sub', 'own2'), 'string');
    assert.equal(calls.stat('own').links, 3n);
    box.unharmed();
  });

  it('a program sees the same', () => {
    fs.symlinkSync('../secret.txt', box.at('box/file'));
    fs.symlinkSync('..', box.at('box/up'));
    const grants = { fs: [{ guest: '/d', host: box.box, write: true }], encoding: 'utf8' };
    for (const p of ['/d/file', '/d/up/secret.txt', '/d/../secret.txt', '/etc/passwd', '../secret.txt', 'file']) {
      const { exitCode, stdout } = runSync(program(), { args: ['read', p], ...grants });
      assert.deepEqual([exitCode, stdout], [1, ''], p);
    }
    assert.equal(runSync(program(), { args: ['write', '/d/up/secret.txt', 'x'], ...grants }).exitCode, 1);
    assert.equal(runSync(program(), { args: ['copy', '/d/file', '/d/mine'], ...grants }).exitCode, 1);
    box.unharmed();
  });
});

/** Runs `body` over and over in a thread, with `fs` and `at`, until the function that is returned is called. */
async function meanwhile(root, body) {
  const worker = new Worker(
    `const fs = require('node:fs'); const path = require('node:path');
     const { parentPort, workerData } = require('node:worker_threads');
     const at = (name) => path.join(workerData, name);
     parentPort.postMessage(1);
     for (;;) { try { ${body} } catch {} }`,
    { eval: true, workerData: root },
  );
  await new Promise((resolve) => worker.once('message', resolve));
  return () => worker.terminate();
}

describe('escapes: what changes while the guest runs', () => {
  const open = caller();
  const MS = 1000;

  const changes = {
    'a directory and a link to one outside take turns': `fs.renameSync(at('box/sub'), at('box/parked')); fs.symlinkSync('../outside', at('box/sub'));
       fs.unlinkSync(at('box/sub')); fs.renameSync(at('box/parked'), at('box/sub'));`,
    'a file and a link to one outside take turns': `fs.symlinkSync('../secret.txt', at('box/tmp')); fs.renameSync(at('box/tmp'), at('box/in.txt'));
       fs.writeFileSync(at('box/tmp2'), 'inside'); fs.renameSync(at('box/tmp2'), at('box/in.txt'));`,
    'a directory moves up and down': `fs.renameSync(at('box/sub/deep'), at('box/deep')); fs.renameSync(at('box/deep'), at('box/sub/deep'));`,
    'a directory leaves and returns': `fs.renameSync(at('box/sub'), at('sub')); fs.renameSync(at('sub'), at('box/sub'));`,
    'a link changes its target': `fs.symlinkSync('in.txt', at('box/tmp')); fs.renameSync(at('box/tmp'), at('box/link'));
       fs.symlinkSync('../secret.txt', at('box/tmp')); fs.renameSync(at('box/tmp'), at('box/link'));`,
  };
  for (const [name, body] of Object.entries(changes)) {
    it(`${name}: never the secret`, async () => {
      const box = sandbox();
      fs.writeFileSync(box.at('outside/leaf.txt'), SECRET);
      fs.mkdirSync(box.at('outside/deep'));
      fs.writeFileSync(box.at('outside/deep/leaf.txt'), SECRET);
      const calls = open({ fs: [{ guest: '/', host: box.box, write: true }] });
      const stop = await meanwhile(box.root, body);
      const ways = ['in.txt', 'link', 'sub/deep/leaf.txt', 'sub/../in.txt', 'sub/deep/../../in.txt', 'sub/secret.txt'];
      ways.push(
        'sub/deep/../../../secret.txt',
        'sub/../../secret.txt',
        'deep/../../secret.txt',
        'sub/deep/../../secret.txt',
      );
      const seen = new Set();
      for (const start = performance.now(); performance.now() - start < MS;) {
        for (const way of ways) {
          const content = calls.readFile(way, { follow: true });
          seen.add(String(content));
          calls.writeFile(`${path.posix.dirname(way)}/planted`, 'x', { follow: true });
          calls.unlink(`${path.posix.dirname(way)}/planted`);
        }
      }
      await stop();
      assert.ok(!seen.has(SECRET), [...seen].join());
      assert.ok(seen.has('inside') || seen.has('leaf'), [...seen].join());
      for (const dir of ['.', 'outside', 'outside/sub', 'outside/deep', 'box2']) {
        assert.ok(!fs.existsSync(box.at(dir, 'planted')), `planted in ${dir}`);
      }
    });
  }

  it('a parent is renamed out while a directory is open: what was open stays, .. does not lead out', () => {
    const box = sandbox();
    const calls = open({ fs: [{ guest: '/', host: box.box, write: true }] });
    const deep = calls.open('sub/deep', { oflags: ['directory'] });
    fs.renameSync(box.at('box/sub'), box.at('outside/sub/moved'));
    for (const p of ['../../secret.txt', '../../../secret.txt', '..', '../..', '../../../../secret.txt']) {
      failsWith(calls.readFile(p, { dir: deep }), 'NOTCAPABLE', 'PERM', 'ACCES');
    }
    assert.equal(calls.readFile('leaf.txt', { dir: deep }).toString(), 'leaf');
    failsWith(calls.readFile('sub/deep/leaf.txt'), 'NOENT');
  });

  it('the granted directory itself is moved, removed, replaced: the guest keeps the one it was given', () => {
    const box = sandbox();
    const calls = open({ fs: [{ guest: '/', host: box.box, write: true }] });
    fs.renameSync(box.box, box.at('moved'));
    fs.symlinkSync('outside', box.box);
    assert.equal(calls.readFile('in.txt').toString(), 'inside');
    failsWith(calls.readFile('secret.txt'), 'NOENT');
    failsWith(calls.readFile('../secret.txt'), 'NOTCAPABLE', 'PERM', 'ACCES');
    fs.rmSync(box.at('moved'), { recursive: true });
    failsWith(calls.readFile('in.txt'), 'NOENT');
    failsWith(calls.writeFile('new', 'x'), 'NOENT');
    assert.deepEqual(fs.readdirSync(box.at('outside')).sort(), ['secret.txt', 'sub']);
  });
});
