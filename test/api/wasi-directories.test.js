'use strict';

// Directories as WASI shows them: reading them in pieces while they change, and names that end with slashes.

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const { AT } = require('../fixtures/wasi-calls');
const { refuses } = require('../helpers');
const { caller, directory, failsWith } = require('./wasi-helpers');

const MEMORY_BYTES = 64 * 65536;
const TYPES = ['unknown', 'block', 'char', 'directory', 'file', 'dgram', 'stream', 'symlink'];

/** One call of fd_readdir: the bytes that it gave, or the errno's name. */
function piece(calls, fd, length, cookie = 0n) {
  return calls.make('fd_readdir', [fd, AT.data, length, cookie, AT.result], () =>
    Buffer.from(calls.memory.read(AT.data, calls.u32())),
  );
}

/** The entries that are whole in such bytes. */
function entries(bytes) {
  if (typeof bytes === 'string') assert.fail(`fd_readdir gave ${bytes}`);
  const found = [];
  for (let at = 0; at + 24 <= bytes.length;) {
    const end = at + 24 + bytes.readUInt32LE(at + 16);
    if (end > bytes.length) break;
    found.push({
      name: bytes.toString('utf8', at + 24, end),
      next: bytes.readBigUInt64LE(at),
      inode: bytes.readBigUInt64LE(at + 8),
      type: TYPES[bytes[at + 20]],
    });
    at = end;
  }
  return found;
}

const namesOf = (list) => list.map(({ name }) => name).sort();
const all = (calls, fd, cookie) => entries(piece(calls, fd, 1 << 20, cookie));
const openDir = (calls, path, dir) => calls.open(path, { dir, oflags: ['directory'] });

/** Fills a host directory with `count` empty files; returns their names, sorted. */
function fill(host, count, prefix = 'file') {
  const names = Array.from({ length: count }, (_, i) => `${prefix}${i}`);
  for (const name of names) fs.writeFileSync(`${host}/${name}`, '');
  return names.sort();
}

describe('fd_readdir', () => {
  const open = caller();
  let host;
  let calls;
  beforeEach(() => {
    host = directory('readdir');
    calls = open({ fs: [{ guest: '/', host, write: true }] });
  });

  it('gives names, types, and the inodes that fd_filestat_get and path_filestat_get give', () => {
    fs.mkdirSync(`${host}/dir`);
    fs.writeFileSync(`${host}/ünï`, 'x');
    fs.symlinkSync('nowhere', `${host}/link`);
    execFileSync('mkfifo', [`${host}/pipe`]);
    const found = Object.fromEntries(all(calls, 3).map((entry) => [entry.name, entry]));
    assert.deepEqual(Object.keys(found).sort(), ['.', '..', 'dir', 'link', 'pipe', 'ünï']);
    const types = Object.fromEntries(Object.entries(found).map(([name, { type }]) => [name, type]));
    const expected = {
      '.': 'directory',
      '..': 'directory',
      dir: 'directory',
      link: 'symlink',
      pipe: 'unknown',
      ünï: 'file',
    };
    assert.deepEqual(types, expected);
    for (const name of ['dir', 'ünï', 'link']) assert.equal(found[name].inode, calls.stat(name).inode, name);
    assert.equal(found['.'].inode, calls.fstat(3).inode);
    assert.equal(found['..'].inode, found['.'].inode, 'nothing about what is above');
  });

  it('gives names that are not UTF-8 byte for byte', () => {
    fs.writeFileSync(Buffer.concat([Buffer.from(`${host}/`), Buffer.of(0xff, 0x61)]), '');
    assert.ok(piece(calls, 3, 4096).includes(Buffer.of(0xff, 0x61)));
  });

  it('counts entries with its cookies', () => {
    fill(host, 40);
    assert.deepEqual(
      all(calls, 3).map(({ next }) => next),
      Array.from({ length: 42 }, (_, i) => BigInt(i + 1)),
    );
  });

  it('cuts the last entry at the end of the buffer, wherever that is', () => {
    fill(host, 10, 'some-longer-name-');
    const whole = piece(calls, 3, 4096);
    for (let length = 0; length <= whole.length + 1; length++) {
      assert.deepEqual(piece(calls, 3, length), whole.subarray(0, length), `${length} bytes`);
    }
  });

  it('gives each entry once, whatever the size of the pieces', () => {
    const names = fill(host, 200);
    for (const length of [280, 281, 300, 511, 4096, 65536]) {
      assert.deepEqual(calls.readdir(3, length).sort(), names, `pieces of ${length} bytes`);
    }
  });

  it('goes on from any cookie, also backwards and on a descriptor that was not read before', () => {
    fill(host, 100);
    const list = all(calls, 3);
    for (const from of [0, 50, 7, 100, 101, 8, 102, 1]) {
      assert.deepEqual(all(calls, 3, BigInt(from)), list.slice(from), `from ${from}`);
    }
    for (const from of [60, 0, 99]) assert.deepEqual(all(calls, openDir(calls, '.'), BigInt(from)), list.slice(from));
  });

  it('gives nothing for cookies behind the end', () => {
    fill(host, 3);
    for (const cookie of [5n, 6n, 1000n, 1n << 32n, (1n << 63n) - 1n, -1n]) assert.deepEqual(all(calls, 3, cookie), []);
    assert.equal(all(calls, 3).length, 5);
  });

  it('misses nothing when what was read is removed', () => {
    const names = fill(host, 600);
    const removed = [];
    for (let cookie = 0n; ;) {
      const bytes = piece(calls, 3, 300, cookie);
      for (const { name, next } of entries(bytes)) {
        cookie = next;
        if (name.startsWith('.')) continue;
        assert.equal(calls.unlink(name), true, name);
        removed.push(name);
      }
      if (bytes.length < 300) break;
    }
    assert.deepEqual(removed.sort(), names);
    assert.deepEqual(fs.readdirSync(host), []);
  });

  it('misses nothing when entries are added, and sees them when it begins anew', () => {
    const names = fill(host, 300);
    const first = entries(piece(calls, 3, 500));
    const more = fill(host, 300, 'more');
    const rest = all(calls, 3, first.at(-1).next);
    const seen = [...first, ...rest].map(({ name }) => name).filter((name) => name.startsWith('file'));
    assert.deepEqual(seen.sort(), names);
    assert.deepEqual(calls.readdir(3).sort(), [...names, ...more].sort());
  });

  it('every descriptor has a place of its own', () => {
    fill(host, 100);
    const list = all(calls, 3);
    const fds = [3, openDir(calls, '.'), openDir(calls, '.')];
    const cookies = fds.map(() => 0n);
    const seen = fds.map(() => []);
    for (let round = 0; round < 40; round++) {
      fds.forEach((fd, i) => {
        const found = entries(piece(calls, fd, 300 + 50 * i, cookies[i]));
        seen[i].push(...found);
        cookies[i] = found.at(-1)?.next ?? cookies[i];
      });
    }
    for (const found of seen) assert.deepEqual(found, list);
  });

  it('a descriptor that is closed and opened again is another directory', () => {
    for (const name of ['a', 'b']) fs.mkdirSync(`${host}/${name}`);
    fs.writeFileSync(`${host}/a/of-a`, '');
    fs.writeFileSync(`${host}/b/of-b`, '');
    const fd = openDir(calls, 'a');
    assert.deepEqual(calls.readdir(fd), ['of-a']);
    assert.equal(calls.close(fd), true);
    failsWith(piece(calls, fd, 100), 'BADF');
    assert.equal(openDir(calls, 'b'), fd, 'numbers are used again');
    assert.deepEqual(
      namesOf(all(calls, fd, 2n))
        .concat(calls.readdir(fd))
        .includes('of-a'),
      false,
    );
    assert.deepEqual(calls.readdir(fd), ['of-b']);
  });

  it('fd_renumber: the place goes along, that of the other is forgotten', () => {
    fs.mkdirSync(`${host}/other`);
    fs.writeFileSync(`${host}/other/one`, '');
    fs.mkdirSync(`${host}/many`);
    const names = fill(`${host}/many`, 50);
    const other = openDir(calls, 'other');
    const many = openDir(calls, 'many');
    assert.deepEqual(calls.readdir(other), ['one']);
    const first = entries(piece(calls, many, 400));
    for (const { name } of first) if (!name.startsWith('.')) assert.equal(calls.unlink(name, many), true);
    assert.equal(calls.make('fd_renumber', [many, other]), true);
    failsWith(piece(calls, many, 100), 'BADF');
    const rest = all(calls, other, first.at(-1).next);
    assert.deepEqual(namesOf([...first, ...rest].filter(({ name }) => !name.startsWith('.'))), names);
    assert.equal(calls.make('fd_renumber', [other, other]), true);
    assert.equal(calls.readdir(other).length, 50 - first.filter(({ name }) => !name.startsWith('.')).length);
  });

  it('a directory that is moved, and one that is removed', () => {
    fs.mkdirSync(`${host}/dir`);
    const fd = openDir(calls, 'dir');
    fs.writeFileSync(`${host}/dir/one`, '');
    fs.renameSync(`${host}/dir`, `${host}/moved`);
    assert.deepEqual(calls.readdir(fd), ['one']);
    assert.equal(calls.unlink('one', fd), true);
    assert.equal(calls.rmdir('moved'), true);
    assert.deepEqual([].concat(all(calls, fd, 2n)), []);
    const unread = openDir(calls, '.');
    assert.deepEqual(calls.readdir(unread), []);
  });

  it('what is no directory: an errno', () => {
    fs.writeFileSync(`${host}/file`, '');
    const file = calls.open('file');
    for (const fd of [file, 0, 1, 2, 99, -1]) failsWith(piece(calls, fd, 100), 'BADF', 'NOTDIR');
  });

  it('a buffer that is not in memory is refused', () => {
    for (const [at, length, told] of [
      [MEMORY_BYTES - 10, 11, 0],
      [-4, 8, 0],
      [0, 100, MEMORY_BYTES - 3],
    ]) {
      refuses(() => calls.exports.fd_readdir(3, at, length, 0n, told), 'ERR_TRAP');
    }
    assert.equal(calls.exports.fd_readdir(3, MEMORY_BYTES - 10, 10, 0n, 0), 0);
  });

  it('the guest’s memory is as it was, apart from the buffer', () => {
    fill(host, 5);
    calls.memory.write(0, Buffer.alloc(AT.data, 0xa5));
    const bytes = piece(calls, 3, 4096);
    const expected = Buffer.alloc(AT.data, 0xa5);
    expected.writeUInt32LE(bytes.length, AT.result);
    assert.ok(expected.equals(Buffer.from(calls.memory.read(0, AT.data))));
  });

  it('read-only grants are read like others', () => {
    const names = fill(host, 30);
    for (const write of [false, 'files']) {
      assert.deepEqual(
        open({ fs: [{ guest: '/', host, write }] })
          .readdir(3, 300)
          .sort(),
        names,
      );
    }
  });
});

describe('fd_readdir: many entries, many directories', () => {
  const open = caller();
  const COUNT = 10000;
  let host;
  before(() => fill((host = directory('many')), COUNT));

  it('takes as long per entry as for few', () => {
    const calls = open({ fs: [{ guest: '/', host }] }, { timeoutMs: 20000 });
    assert.equal(new Set(calls.readdir(3, 300)).size, COUNT);
  });

  it('is stopped in the middle, and can be read afterwards', () => {
    const calls = open({ fs: [{ guest: '/', host }] });
    refuses(() => piece(calls.limited({ timeoutMs: 3 }), 3, 1 << 20), 'ERR_TIMEOUT');
    assert.equal(calls.readdir(3).length, COUNT);
  });

  it('of 256 directories at a time: MFILE for more, until one is closed', () => {
    const calls = open({ fs: [{ guest: '/', host: directory('dirs') }] });
    const fds = Array.from({ length: 300 }, () => openDir(calls, '.'));
    const results = fds.map((fd) => piece(calls, fd, 1000));
    assert.ok(results.slice(0, 256).every(Buffer.isBuffer));
    for (const result of results.slice(256)) failsWith(result, 'MFILE');
    assert.equal(calls.close(fds[7]), true);
    assert.equal(all(calls, fds[299]).length, 2);
    failsWith(piece(calls, fds[298], 1000), 'MFILE');
  });

  it('leaves no descriptors of the process behind', () => {
    const count = () => fs.readdirSync('/dev/fd').length;
    const was = count();
    for (let round = 0; round < 3; round++) {
      const calls = open({ fs: [{ guest: '/', host }] });
      for (let i = 0; i < 50; i++) piece(calls, openDir(calls, '.'), 1000);
      assert.ok(count() >= was + 100, 'one of the guest’s and one to read');
      for (let fd = 3; fd < 28; fd++) calls.close(fd);
      assert.ok(count() < was + 60);
      calls.instance.close();
    }
    assert.ok(count() <= was + 2, `${count()} descriptors after, ${was} before`);
  });
});

/** A directory with an empty one, one that is not, a file and links. */
function tree() {
  const host = directory('slashes');
  for (const dir of ['dir', 'dir2', 'full', 'full/inner']) fs.mkdirSync(`${host}/${dir}`);
  for (const file of ['file', 'file2']) fs.writeFileSync(`${host}/${file}`, file);
  for (const [link, to] of Object.entries({ toDir: 'dir', toFile: 'file', dangling: 'none', loop: 'loop' })) {
    fs.symlinkSync(to, `${host}/${link}`);
  }
  return host;
}

describe('names that end with slashes', () => {
  const open = caller();
  let host;
  let calls;
  const listing = () => fs.readdirSync(host, { recursive: true }).sort();
  beforeEach(() => {
    host = tree();
    calls = open({ fs: [{ guest: '/', host, write: true }] });
  });

  for (const name of ['dir/', 'dir//', './dir///', 'full/../dir/', 'full/inner/']) {
    it(`path_remove_directory removes ${name}`, () => {
      assert.equal(calls.rmdir(name), true);
      assert.equal(fs.existsSync(`${host}/${name}`), false);
    });
  }

  for (const [name, ...errnos] of [
    ['full/', 'NOTEMPTY'],
    ['file/', 'NOTDIR'],
    ['toDir/', 'NOTDIR'],
    ['toFile//', 'NOTDIR'],
    ['dangling/', 'NOTDIR'],
    ['loop/', 'NOTDIR'],
    ['none/', 'NOENT'],
    ['./', 'INVAL'],
    ['dir/../', 'INVAL', 'NOTEMPTY'],
    ['/', 'PERM', 'NOTCAPABLE'],
    ['///', 'PERM', 'NOTCAPABLE'],
    ['../', 'PERM', 'NOTCAPABLE'],
    ['', 'NOENT', 'INVAL'],
  ]) {
    it(`path_remove_directory of ${JSON.stringify(name)}: ${errnos.join(' or ')}`, () => {
      const was = listing();
      failsWith(calls.rmdir(name), ...errnos);
      assert.deepEqual(listing(), was);
    });
  }

  for (const target of ['file/', 'dir/', 'toDir/', 'toFile/', 'dangling/', 'loop/', 'none/', 'none//', 'full/inner/']) {
    it(`path_rename of what is no directory to ${target}: NOTDIR, nothing is lost`, () => {
      const was = listing();
      for (const source of ['file2', 'toFile', 'toDir', 'dangling']) {
        failsWith(calls.rename(source, target), 'NOTDIR');
      }
      assert.deepEqual(listing(), was);
      assert.equal(fs.readFileSync(`${host}/file`, 'utf8'), 'file');
    });
  }

  it('path_rename of a directory may have them', () => {
    assert.equal(calls.rename('dir', 'renamed/'), true);
    assert.equal(calls.rename('renamed/', 'again//'), true);
    assert.equal(calls.rename('full/', 'again/'), true);
    assert.deepEqual(fs.readdirSync(`${host}/again`), ['inner']);
    failsWith(calls.rename('dir2', 'again/'), 'NOTEMPTY', 'EXIST');
    failsWith(calls.rename('dir2', 'file/'), 'NOTDIR');
    failsWith(calls.rename('none', 'other/'), 'NOENT');
    failsWith(calls.rename('file/', 'other'), 'NOTDIR');
  });

  it('path_rename from one directory to another looks where the old name is', () => {
    const full = openDir(calls, 'full');
    failsWith(calls.rename('file', 'new/', 3, full), 'NOTDIR');
    assert.equal(calls.rename('inner', 'new/', full, 3), true);
    assert.deepEqual(fs.readdirSync(`${host}/new`), []);
  });

  it('without the right to write: nothing happens', () => {
    const was = listing();
    for (const write of [false, 'files']) {
      calls = open({ fs: [{ guest: '/', host, write }] });
      failsWith(calls.rmdir('dir/'), 'PERM', 'ACCES', 'ROFS', 'NOTCAPABLE');
      failsWith(calls.rename('dir', 'new/'), 'PERM', 'ACCES', 'ROFS', 'NOTCAPABLE');
    }
    assert.deepEqual(listing(), was);
  });

  for (const [where, at] of Object.entries({ beginning: 0, 'first words': 12, end: MEMORY_BYTES - 5 })) {
    it(`names at the ${where} of memory, which stays as it was`, () => {
      calls.memory.write(0, Buffer.alloc(4096, 0x5a));
      calls.memory.write(MEMORY_BYTES - 4096, Buffer.alloc(4096, 0x5a));
      calls.name('file2', at);
      const target = calls.name('none/', AT.other);
      const was = Buffer.from(calls.memory.read(0, MEMORY_BYTES));
      failsWith(calls.make('path_rename', [3, at, 5, 3, ...target]), 'NOTDIR');
      assert.equal(calls.make('path_open', [3, 0, at, 5, 0, 2n, 0n, 0, AT.data]), true);
      was.writeUInt32LE(calls.u32(AT.data), AT.data);
      assert.ok(was.equals(Buffer.from(calls.memory.read(0, MEMORY_BYTES))));
    });
  }

  it('names that fill memory, or reach past its end, are refused', () => {
    calls.memory.write(0, Buffer.alloc(MEMORY_BYTES, 'a/../'));
    calls.memory.write(MEMORY_BYTES - 1, Buffer.from('/'));
    const results = [
      calls.make('path_open', [3, 0, 0, MEMORY_BYTES, 0, 2n, 0n, 0, 0]),
      calls.make('path_remove_directory', [3, 0, MEMORY_BYTES]),
      calls.make('path_rename', [3, 0, MEMORY_BYTES, 3, MEMORY_BYTES - 1, 1]),
    ];
    for (const result of results) failsWith(result, 'NAMETOOLONG', 'NOENT', 'INVAL');
    for (const [name, args] of [
      ['path_open', [3, 0, MEMORY_BYTES - 1, 2, 0, 2n, 0n, 0, 0]],
      ['path_remove_directory', [3, MEMORY_BYTES - 1, 2]],
      ['path_rename', [3, 0, 1, 3, MEMORY_BYTES - 1, 2]],
      ['path_rename', [3, MEMORY_BYTES - 1, 2, 3, MEMORY_BYTES - 1, 1]],
    ]) {
      refuses(() => calls.make(name, args), 'ERR_TRAP');
    }
  });
});
