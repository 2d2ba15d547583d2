'use strict';

// grants.fs[].write: false changes nothing, 'files' changes contents, true changes all. Of every call of WASI.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { RIGHTS } = require('../fixtures/wasi-calls');
const { caller, directory, failsWith } = require('./wasi-helpers');

const DENIED = ['NOTCAPABLE', 'PERM', 'ACCES', 'ROFS', 'BADF', 'EXIST', 'NOTSUP', 'INVAL'];

/** A directory with a file, an empty directory and a link. */
function filled() {
  const root = directory('rights');
  fs.writeFileSync(path.join(root, 'file'), 'content');
  fs.mkdirSync(path.join(root, 'empty'));
  fs.mkdirSync(path.join(root, 'full'));
  fs.writeFileSync(path.join(root, 'full/leaf'), 'leaf');
  fs.symlinkSync('file', path.join(root, 'link'));
  for (const name of ['file', 'full/leaf']) fs.utimesSync(path.join(root, name), 1000, 1000);
  for (const name of ['full', 'empty', '.']) fs.utimesSync(path.join(root, name), 2000, 2000);
  return root;
}

/** All of a directory: names, kinds, contents, times of change. */
function snapshot(root) {
  const seen = {};
  const visit = (dir) => {
    const { mtimeMs, mode } = fs.lstatSync(dir);
    seen[path.relative(root, dir) || '.'] = [mode, mtimeMs];
    for (const entry of fs.readdirSync(dir, { withFileTypes: true })) {
      const file = path.join(dir, entry.name);
      if (entry.isDirectory()) visit(file);
      else {
        const stat = fs.lstatSync(file);
        const content = entry.isSymbolicLink() ? fs.readlinkSync(file) : fs.readFileSync(file, 'utf8');
        seen[path.relative(root, file)] = [stat.mode, stat.mtimeMs, stat.size, stat.nlink, content];
      }
    }
  };
  visit(root);
  return seen;
}

/** Changes of entries: what makes, removes, renames. Each works if write is true. */
const ENTRIES = {
  'path_open with O_CREAT': (calls) => calls.open('new', { oflags: ['creat'] }),
  'path_open with O_CREAT and O_EXCL': (calls) => calls.open('new2', { oflags: ['creat', 'excl'] }),
  'path_open with O_CREAT, for reading': (calls) => calls.open('new3', { oflags: ['creat'], rights: RIGHTS.read }),
  path_create_directory: (calls) => calls.mkdir('dir'),
  path_remove_directory: (calls) => calls.rmdir('empty'),
  path_rename: (calls) => calls.rename('file', 'renamed'),
  'path_rename over another': (calls) => calls.rename('full/leaf', 'renamed'),
  path_link: (calls) => calls.link('link', 'hard'),
  path_symlink: (calls) => calls.symlink('full', 'symlink'),
  path_unlink_file: (calls) => calls.unlink('link'),
};

/** Changes of contents. Each works if write is 'files' or true. */
const CONTENTS = {
  'path_open with O_TRUNC': (calls) => calls.open('file', { oflags: ['trunc'] }),
  fd_write: (calls) => viaFile(calls, (fd) => calls.write(fd, 'x')),
  'fd_write, appending': (calls) => viaFile(calls, (fd) => calls.write(fd, 'x'), { fdflags: ['append'] }),
  fd_pwrite: (calls) => viaFile(calls, (fd) => calls.make('fd_pwrite', [fd, ...calls.vector(3), 0n, 0])),
  fd_filestat_set_size: (calls) => viaFile(calls, (fd) => calls.make('fd_filestat_set_size', [fd, 3n])),
  'fd_filestat_set_size to more': (calls) => viaFile(calls, (fd) => calls.make('fd_filestat_set_size', [fd, 30n])),
};

/** Changes of times. */
const TIMES = {
  fd_filestat_set_times: (calls) =>
    viaFile(calls, (fd) => calls.make('fd_filestat_set_times', [fd, 5000000000n, 5000000000n, 5])),
  'fd_filestat_set_times to now': (calls) =>
    viaFile(calls, (fd) => calls.make('fd_filestat_set_times', [fd, 0n, 0n, 10])),
  path_filestat_set_times: (calls) => calls.setTimes('file', 5000000000n),
  'path_filestat_set_times, following': (calls) => calls.setTimes('link', 5000000000n, { follow: true }),
};

/** Opens the file for writing, or if that fails as a reader would; uses it. */
function viaFile(calls, use, options = {}) {
  for (const rights of [RIGHTS.all, RIGHTS.read | RIGHTS.write, RIGHTS.read, 0n]) {
    const fd = calls.open('file', { rights, ...options });
    if (typeof fd === 'number') return use(fd);
  }
  return 'ACCES';
}

/** What can be done without changing anything. */
function readable(calls, root) {
  assert.equal(calls.readFile('full/leaf').toString(), 'leaf');
  assert.equal(typeof calls.stat('full'), 'object');
  assert.deepEqual(calls.readdir().sort(), fs.readdirSync(root).sort());
  assert.equal(typeof calls.open('full', { oflags: ['directory'] }), 'number');
}

describe('fs grants: read-only', () => {
  const open = caller();

  for (const [name, change] of Object.entries({ ...ENTRIES, ...CONTENTS, ...TIMES })) {
    for (const write of [false, undefined]) {
      it(`${name}: denied with write: ${write}, nothing changes`, () => {
        const root = filled();
        const was = snapshot(root);
        const calls = open({ fs: [{ guest: '/', host: root, write }] });
        failsWith(change(calls), ...DENIED);
        assert.deepEqual(snapshot(root), was);
        readable(calls, root);
        assert.deepEqual(snapshot(root), was);
      });
    }
  }

  it('fd_allocate, fd_datasync, fd_sync, fd_fdstat_set_flags, fd_advise change nothing', () => {
    const root = filled();
    const was = snapshot(root);
    const calls = open({ fs: [{ guest: '/', host: root }] });
    const fd = calls.open('file', { rights: RIGHTS.read });
    calls.make('fd_allocate', [fd, 0n, 1000n]);
    calls.make('fd_datasync', [fd]);
    calls.make('fd_sync', [fd]);
    calls.make('fd_fdstat_set_flags', [fd, 1]);
    calls.make('fd_advise', [fd, 0n, 7n, 4]);
    calls.make('fd_renumber', [fd, fd]);
    failsWith(calls.write(fd, 'x'), ...DENIED);
    calls.make('fd_fdstat_set_rights', [fd, RIGHTS.all, RIGHTS.all]);
    failsWith(calls.write(fd, 'x'), ...DENIED);
    assert.deepEqual(snapshot(root), was);
  });

  it('in directories below, by a descriptor of one, through a link', () => {
    const root = filled();
    fs.symlinkSync('full', path.join(root, 'way'));
    fs.utimesSync(root, 2000, 2000);
    const was = snapshot(root);
    const calls = open({ fs: [{ guest: '/', host: root }] });
    const full = calls.open('full', { oflags: ['directory'] });
    assert.equal(typeof full, 'number');
    failsWith(calls.writeFile('leaf', 'x', { dir: full }), ...DENIED);
    failsWith(calls.writeFile('new', 'x', { dir: full }), ...DENIED);
    failsWith(calls.unlink('leaf', full), ...DENIED);
    failsWith(calls.rename('leaf', 'leaf2', full), ...DENIED);
    failsWith(calls.mkdir('dir', full), ...DENIED);
    failsWith(calls.setTimes('leaf', 1n, { dir: full }), ...DENIED);
    for (const name of ['way/leaf', 'full/../full/leaf']) {
      failsWith(calls.writeFile(name, 'x'), ...DENIED);
      failsWith(calls.unlink(name), ...DENIED);
      failsWith(calls.rename(name, 'x'), ...DENIED);
    }
    assert.equal(typeof calls.make('fd_filestat_set_times', [full, 5n, 5n, 5]), 'string');
    assert.equal(typeof calls.make('fd_filestat_set_times', [3, 5n, 5n, 5]), 'string');
    assert.deepEqual(snapshot(root), was);
  });

  it('rights that fd_fdstat_get tells do not promise writing', () => {
    const root = filled();
    const calls = open({ fs: [{ guest: '/', host: root }] });
    const fd = calls.open('file', { rights: RIGHTS.read });
    assert.equal(calls.make('fd_fdstat_get', [fd, 0]), true);
    assert.equal(calls.u64(8) & RIGHTS.write, 0n);
  });
});

describe("fs grants: write: 'files'", () => {
  const open = caller();
  const grants = (root) => ({ fs: [{ guest: '/', host: root, write: 'files' }] });

  for (const [name, change] of Object.entries(ENTRIES)) {
    it(`${name}: denied, nothing changes`, () => {
      const root = filled();
      const was = snapshot(root);
      const calls = open(grants(root));
      failsWith(change(calls), ...DENIED);
      assert.deepEqual(snapshot(root), was);
      readable(calls, root);
    });
  }

  for (const [name, change] of Object.entries(CONTENTS)) {
    it(`${name}: works, no entry appears`, () => {
      const root = filled();
      const names = Object.keys(snapshot(root));
      const result = change(open(grants(root)));
      assert.ok(result === true || typeof result === 'number', String(result));
      assert.notEqual(fs.readFileSync(path.join(root, 'file'), 'utf8'), 'content');
      assert.deepEqual(Object.keys(snapshot(root)), names);
    });
  }

  it('O_CREAT of a file that exists opens it', () => {
    const root = filled();
    const calls = open(grants(root));
    const fd = calls.open('file', { oflags: ['creat'] });
    if (typeof fd === 'number') assert.equal(calls.write(fd, 'C'), 1);
    else failsWith(fd, ...DENIED);
    assert.equal(typeof calls.open('other', { oflags: ['creat'] }), 'string');
    assert.ok(!fs.existsSync(path.join(root, 'other')));
  });
});

describe('fs grants: write: true', () => {
  const open = caller();

  for (const [name, change] of Object.entries({ ...ENTRIES, ...CONTENTS, ...TIMES })) {
    it(`${name}: works`, () => {
      const root = filled();
      const was = snapshot(root);
      const result = change(open({ fs: [{ guest: '/', host: root, write: true }] }));
      assert.ok(result === true || typeof result === 'number', `${name}: ${result}`);
      assert.notDeepEqual(snapshot(root), was);
    });
  }

  it('preopens are the same', () => {
    const root = filled();
    const calls = open({ preopens: { '/data': root } });
    assert.deepEqual(calls.preopens(), [[3, '/data']]);
    assert.equal(calls.writeFile('new', 'x'), true);
    assert.equal(fs.readFileSync(path.join(root, 'new'), 'utf8'), 'x');
  });
});
