'use strict';

// Nothing outside of a granted directory can be reached: not by name, by link, by what changes meanwhile.

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { RIGHTS } = require('../fixtures/wasi-calls');
const { SECRET, caller, failsWith, sandbox } = require('./wasi-helpers');

const OUT = ['NOTCAPABLE', 'PERM', 'ACCES', 'NOENT', 'NOTDIR', 'LOOP', 'INVAL', 'ILSEQ', 'XDEV'];

/** Everything that can be done with a path, none of which may touch what is outside. `p` is below a directory. */
const DEEDS = {
  'reads a file': (calls, p) => calls.readFile(p, { follow: true }),
  'opens a directory': (calls, p) => calls.open(path.dirname(p), { follow: true, oflags: ['directory'] }),
  'writes a file': (calls, p) => calls.writeFile(p, 'overwritten', { follow: true }),
  'writes a file, not following': (calls, p) => calls.writeFile(p, 'overwritten'),
  'creates a file': (calls, p) => calls.writeFile(`${p}.new`, 'new', { follow: true }),
  'asks for a file': (calls, p) => calls.stat(p, { follow: true }),
  'creates a directory': (calls, p) => calls.mkdir(`${p}.dir`),
  'removes a file': (calls, p) => calls.unlink(p),
  'removes a directory': (calls, p) => calls.rmdir(path.dirname(p)),
  'renames a file to itself': (calls, p) => calls.rename(p, 'taken'),
  'renames a file away': (calls, p) => calls.rename('in.txt', p),
  'links to a file': (calls, p) => calls.link(p, 'linked'),
  'links to a file, following': (calls, p) => calls.link(p, 'linked2', { follow: true }),
  'links a file there': (calls, p) => calls.link('in.txt', `${p}.link`),
  'makes a symbolic link there': (calls, p) => calls.symlink('in.txt', `${p}.symlink`),
  'changes times': (calls, p) => calls.setTimes(p, 5n, { follow: true }),
};

/** Does all of it; each must fail, apart from what only goes through the parts in `allowed`. */
function tryAll(box, calls, p) {
  for (const [name, deed] of Object.entries(DEEDS)) {
    const result = deed(calls, p);
    if (Buffer.isBuffer(result)) assert.fail(`${name} "${p}" gave ${JSON.stringify(result.toString())}`);
    assert.ok(typeof result === 'string', `${name} "${p}" gave ${typeof result} ${String(result)}`);
    box.unharmed();
  }
}

describe('escapes: names', () => {
  const open = caller();
  let box;
  let calls;
  beforeEach(() => {
    box = sandbox();
    calls = open({ fs: [{ guest: '/', host: box.box, write: true }] });
  });

  it('what is inside can be reached', () => {
    assert.equal(calls.readFile('in.txt').toString(), 'inside');
    assert.equal(calls.readFile('sub/../in.txt').toString(), 'inside');
    assert.equal(calls.readFile('./sub/./deep/../../in.txt').toString(), 'inside');
    assert.equal(calls.readFile('sub/deep/leaf.txt').toString(), 'leaf');
    assert.deepEqual(calls.readdir().sort(), ['in.txt', 'sub']);
  });

  for (const p of [
    '../secret.txt',
    '../outside/secret.txt',
    'sub/../../secret.txt',
    'sub/deep/../../../secret.txt',
    './../secret.txt',
    './/..//secret.txt',
    '..//secret.txt',
    'sub/../sub/../../secret.txt',
    'missing/../../secret.txt',
    'in.txt/../../secret.txt',
    '../box/../secret.txt',
    '../box/../../../../../../../../etc/passwd',
    '/etc/passwd',
    '//etc/passwd',
    '/../etc/passwd',
    '/proc/self/environ',
    '/dev/null/x',
    '../box2/x',
  ]) {
    it(`${p}`, () => tryAll(box, calls, p));
  }

  it('absolute paths of the host', () => {
    for (const p of [box.at('secret.txt'), box.at('outside/secret.txt')]) tryAll(box, calls, p);
  });

  it('.. beside and at the end', () => {
    for (const p of ['..', '../', 'sub/../..', '../.', './..', '../..', 'sub/deep/../../..']) {
      failsWith(calls.open(p, { oflags: ['directory'] }), ...OUT);
      failsWith(calls.stat(p), ...OUT);
      assert.equal(typeof calls.rename(p, 'x'), 'string');
      assert.equal(typeof calls.rename('sub', p), 'string');
      assert.equal(typeof calls.rmdir(p), 'string');
      assert.equal(typeof calls.mkdir(p), 'string');
    }
    box.unharmed();
  });

  it('.. from a directory that is open', () => {
    const sub = calls.open('sub/deep', { oflags: ['directory'] });
    assert.equal(typeof sub, 'number');
    for (const p of ['..', '../..', '../../in.txt', '../../../secret.txt', '../deep/leaf.txt/../../..']) {
      failsWith(calls.readFile(p, { dir: sub }), ...OUT);
      failsWith(calls.stat(p, { dir: sub }), ...OUT);
      assert.equal(typeof calls.writeFile(`${p}/x`, 'x', { dir: sub }), 'string');
    }
    assert.equal(calls.readFile('leaf.txt', { dir: sub }).toString(), 'leaf');
    box.unharmed();
  });

  it('NUL in names', () => {
    for (const p of ['in.txt\0', '\0', 'in.txt\0.png', 'sub\0/../../secret.txt', '../secret.txt\0', 'new\0name']) {
      for (const [name, deed] of Object.entries(DEEDS)) {
        if (name === 'opens a directory' || name === 'removes a directory') continue;
        const result = deed(calls, p);
        assert.equal(typeof result, 'string', `${name} ${JSON.stringify(p)} gave ${String(result)}`);
      }
    }
    assert.equal(typeof calls.symlink('a\0b', 'made'), 'string');
    assert.deepEqual(fs.readdirSync(box.box).sort(), ['in.txt', 'sub']);
    box.unharmed();
  });

  it('names that are not UTF-8, empty ones, ones that are too long', () => {
    for (const p of [
      Buffer.from([0xff, 0xfe]),
      Buffer.from([0xc0, 0xae, 0xc0, 0xae, 0x2f]),
      Buffer.from('ed a0 80', 'hex'),
    ]) {
      assert.ok(['string', 'number'].includes(typeof calls.open(p, { oflags: ['creat'] })));
    }
    for (const p of ['', 'x'.repeat(256), 'x'.repeat(5000), 'x/'.repeat(3000), `${'x'.repeat(256)}/../in.txt`]) {
      assert.equal(typeof calls.readFile(p), 'string', p.slice(0, 20));
      assert.equal(typeof calls.mkdir(p), 'string', p.slice(0, 20));
    }
    box.unharmed();
  });

  it('tricks with case, dots, spaces, backslashes, device names: files like others', () => {
    for (const p of [
      'IN.TXT',
      'Sub',
      '. .',
      '...',
      '.. ',
      ' ..',
      '..\\secret.txt',
      'C:\\x',
      'CON',
      'in.txt:stream',
      '~',
      '~root',
    ]) {
      assert.equal(typeof calls.stat(p), 'string', p);
      assert.equal(calls.writeFile(p, 'mine'), true, p);
      assert.equal(calls.readFile(p).toString(), 'mine', p);
      assert.ok(fs.readdirSync(box.box).includes(p), p);
      assert.equal(calls.unlink(p), true, p);
    }
    assert.equal(calls.readFile('in.txt').toString(), 'inside');
    box.unharmed();
  });

  it('10,000 levels of directories', function () {
    this.timeout(60000);
    try {
      let dir = 3;
      for (let i = 0; i < 10000; i++) {
        assert.equal(calls.mkdir('d', dir), true, String(i));
        const next = calls.open('d', { dir, oflags: ['directory'] });
        assert.equal(typeof next, 'number', `${i}: ${next}`);
        if (dir !== 3) assert.equal(calls.close(dir), true);
        dir = next;
      }
      failsWith(calls.open('../'.repeat(10001), { dir, oflags: ['directory'] }), ...OUT, 'NAMETOOLONG');
      assert.equal(calls.writeFile('x', 'deep', { dir }), true);
      assert.equal(calls.readFile('x', { dir }).toString(), 'deep');
      assert.equal(typeof calls.open('d/'.repeat(10000), { oflags: ['directory'] }), 'string');
      assert.equal(typeof calls.stat('d/'.repeat(2000)), 'object');
      box.unharmed();
    } finally {
      execFileSync('rm', ['-rf', box.at('box/d')]); // fs.rmSync does not get so deep
    }
  });

  it('descriptors that were not given', () => {
    for (const dir of [0, 1, 2, 4, 5, 20, 1000]) {
      assert.equal(typeof calls.open('in.txt', { dir }), 'string', String(dir));
      assert.equal(typeof calls.open('../secret.txt', { dir }), 'string', String(dir));
    }
    for (let fd = 3; fd < 60; fd++) {
      const content = calls.read(fd, 100);
      assert.ok(typeof content === 'string', `${fd}: ${String(content)}`);
    }
  });
});

describe('escapes: several directories', () => {
  const open = caller();

  it('each stays apart: rights of one do not help in another', () => {
    const box = sandbox();
    const calls = open({
      fs: [
        { guest: '/ro', host: box.at('outside') },
        { guest: '/rw', host: box.box, write: true },
      ],
    });
    assert.deepEqual(calls.preopens(), [
      [3, '/ro'],
      [4, '/rw'],
    ]);
    assert.equal(calls.readFile('secret.txt').toString(), SECRET);
    assert.equal(calls.writeFile('x', 'y', { dir: 4 }), true);
    for (const result of [
      calls.rename('secret.txt', 'stolen', 3, 4),
      calls.rename('in.txt', 'planted', 4, 3),
      calls.rename('in.txt', 'secret.txt', 4, 3),
      calls.link('secret.txt', 'stolen', { dir: 3, toDir: 4 }),
      calls.link('in.txt', 'planted', { dir: 4, toDir: 3 }),
      calls.writeFile('../outside/secret.txt', 'x', { dir: 4 }),
    ]) {
      assert.equal(typeof result, 'string');
    }
    assert.equal(calls.make('fd_renumber', [4, 3]), true, 'a descriptor may take the place of another');
    assert.equal(typeof calls.writeFile('../outside/secret.txt', 'x'), 'string');
    box.unharmed();
  });

  it('one inside of another: the inner one is read-only by its own name only', () => {
    const box = sandbox();
    const calls = open({
      fs: [
        { guest: '/sub', host: box.at('box/sub') },
        { guest: '/', host: box.box, write: true },
      ],
    });
    assert.equal(typeof calls.writeFile('deep/leaf.txt', 'x', { dir: 3 }), 'string');
    assert.equal(calls.writeFile('sub/deep/leaf.txt', 'x', { dir: 4 }), true);
    box.unharmed();
  });

  it('fd_fdstat_set_rights gives nothing', () => {
    const box = sandbox();
    const calls = open({ fs: [{ guest: '/', host: box.box }] });
    const all = RIGHTS.all;
    calls.make('fd_fdstat_set_rights', [3, all, all]);
    calls.make('fd_fdstat_set_rights', [0, all, all]);
    assert.equal(typeof calls.writeFile('in.txt', 'x'), 'string');
    assert.equal(fs.readFileSync(box.at('box/in.txt'), 'utf8'), 'inside');
    box.unharmed();
  });
});
