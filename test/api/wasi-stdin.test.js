'use strict';

// Standard input of every kind.

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { Readable, PassThrough } = require('node:stream');
const { run, runSync } = require('../..');
const { child, refuses, rejects } = require('../helpers');
const { caller, directory, failsWith, tool } = require('./wasi-helpers');

const BINARY = Buffer.from(Array.from({ length: 1024 }, (_, i) => i & 255));
const LARGE = crypto.randomBytes(5 << 20);

/** Inputs that a test goes through, by name. */
const INPUTS = {
  'no bytes': Buffer.alloc(0),
  'one byte': Buffer.from([0]),
  text: Buffer.from('ünï 🦀\nline'),
  'binary data': BINARY,
  '5 MiB': LARGE,
};

describe('stdin', () => {
  const program = tool();
  const open = caller();
  let dir;
  before(() => (dir = directory('stdin')));
  const cat = (stdin) => runSync(program(), { args: ['cat'], stdin }).stdout;
  const catLater = async (stdin) => (await run(program(), { args: ['cat'], stdin })).stdout;
  const same = (got, wanted, what) => assert.ok(got.equals(wanted), `${what}: ${got.length} of ${wanted.length} bytes`);

  for (const [name, input] of Object.entries(INPUTS)) {
    it(`${name}: from a Uint8Array, an ArrayBuffer, a view`, async () => {
      const view = new Uint8Array(input.length + 7).subarray(3, 3 + input.length);
      view.set(input);
      const buffer = input.buffer.slice(input.byteOffset, input.byteOffset + input.length);
      for (const stdin of [input, buffer, view]) {
        same(cat(stdin), input, 'runSync');
        same(await catLater(stdin), input, 'run');
      }
    });

    it(`${name}: from a file and a pipe`, async () => {
      const file = path.join(dir, 'input');
      fs.writeFileSync(file, input);
      for (const give of [cat, catLater]) {
        const fd = fs.openSync(file, 'r');
        same(await give(fd), input, 'file');
        fs.fstatSync(fd); // still the host's
        fs.closeSync(fd);
      }
      const fifo = path.join(dir, 'fifo');
      if (!fs.existsSync(fifo)) execFileSync('mkfifo', [fifo]);
      const both = fs.openSync(fifo, 'r+');
      const reader = fs.openSync(fifo, 'r');
      const small = input.subarray(0, 60000);
      fs.writeSync(both, small);
      fs.closeSync(both);
      same(cat(reader), small, 'pipe');
      fs.closeSync(reader);
    });

    it(`${name}: from a Readable`, async () => {
      same(await catLater(Readable.from([input])), input, 'one piece');
      const pieces = Array.from({ length: 10 }, (_, i) =>
        input.subarray(i * 1000, i === 9 ? undefined : (i + 1) * 1000),
      );
      same(await catLater(Readable.from(pieces.filter((piece) => piece.length > 0))), input, 'pieces');
      const stdin = new PassThrough();
      setTimeout(() => stdin.end(input), 20);
      same(await catLater(stdin), input, 'late');
    });

    it(`${name}: from a function`, async () => {
      const pull = (limit) => {
        let at = 0;
        return (maxBytes) => {
          assert.ok(Number.isInteger(maxBytes) && maxBytes > 0, String(maxBytes));
          if (at === input.length) return null;
          const piece = input.subarray(at, at + Math.min(limit, maxBytes));
          at += piece.length;
          return piece;
        };
      };
      for (const limit of [10000, 65536, Infinity]) {
        same(cat(pull(limit)), input, `by ${limit}, runSync`);
        same(await catLater(pull(limit)), input, `by ${limit}, run`);
      }
    });
  }

  it('a string, as UTF-8', async () => {
    for (const text of ['', 'x', 'ünï 🦀\n', 'a\0b', 'x'.repeat(1 << 20)]) {
      assert.equal(cat(text).toString(), text);
      assert.equal((await catLater(text)).toString(), text);
    }
    assert.equal(cat('a\ud800b').toString(), 'a\ufffdb');
  });

  it('ignore, and nothing said: the end at once', async () => {
    assert.equal(cat('ignore').length, 0, 'ignore is a word, not a text');
    assert.equal(cat(undefined).length, 0);
    assert.equal((await catLater('ignore')).length, 0);
    assert.equal(open().read(0).length, 0);
    assert.deepEqual(open().poll([{ read: 0 }]).length, 1);
  });

  it('inherit', async () => {
    const script = `console.log(wg.runSync(fixtures.fixture('wasi_tool'), { args: ['count'], stdin: 'inherit', encoding: 'utf8' }).stdout);`;
    const { stdout } = await child(script, { shell: 'printf 12345 |' });
    assert.equal(stdout, '5\n\n');
  });

  it('bytes are taken as they were: changes after the call do not matter', async () => {
    const bytes = Buffer.from('before');
    const ended = catLater(bytes);
    bytes.fill('x');
    assert.equal((await ended).toString(), 'before');
  });

  it('a function: strings, empty pieces, pieces that are too long', async () => {
    const pieces = ['ünï', new Uint8Array([33]), '🦀', null];
    assert.equal(cat(() => pieces.shift()).toString(), 'ünï!🦀');
    let calls = 0;
    const long = (max) => (calls++ === 0 ? Buffer.alloc(max + 1, 'x') : null);
    try {
      const got = cat(long);
      assert.ok(got.length >= 1);
    } catch (error) {
      assert.match(error.code, /^ERR_/);
    }
  });

  it('a function that throws: the error comes out as it is', async () => {
    const mine = new Error('mine');
    const stdin = () => {
      throw mine;
    };
    for (const failed of [() => runSync(program(), { args: ['cat'], stdin }), () => open({ stdin }).read(0)]) {
      assert.throws(failed, (error) => error === mine);
    }
    await assert.rejects(catLater(stdin), (error) => error === mine);
    const nothing = () => {
      throw undefined;
    };
    await assert.rejects(catLater(nothing), (error) => error === undefined);
  });

  it('a function that gives wrong things', async () => {
    for (const value of [1, true, {}, [], Symbol('a'), 1n, () => 1, new Float64Array(1)]) {
      const stdin = () => value;
      assert.throws(
        () => runSync(program(), { args: ['cat'], stdin }),
        (error) => /^ERR_/.test(error.code),
        String(value),
      );
      await assert.rejects(catLater(stdin), (error) => /^ERR_/.test(error.code));
    }
  });

  it('an asynchronous function: for run alone', async () => {
    const pieces = () => ['one', 'two', null];
    const asynchronous = (list) => async () => {
      await new Promise(setImmediate);
      return list.shift();
    };
    assert.equal((await catLater(asynchronous(pieces()))).toString(), 'onetwo');
    refuses(() => runSync(program(), { args: ['cat'], stdin: asynchronous(pieces()) }), 'ERR_OPTION_TYPE');
    const mine = new Error('mine');
    await assert.rejects(
      catLater(() => Promise.reject(mine)),
      (error) => error === mine,
    );
  });

  it('a Readable that fails, is destroyed, was read to its end, speaks in texts, in objects', async () => {
    const failing = new Readable({
      read() {
        this.destroy(new Error('broken'));
      },
    });
    // What a program makes of a failed read is its own business; here it says so and exits.
    const failed = await run(program(), { args: ['cat'], stdin: failing, encoding: 'utf8' }).catch((error) => error);
    assert.ok(failed instanceof Error || failed.exitCode === 1, JSON.stringify(failed));
    const destroyed = new PassThrough();
    setTimeout(() => destroyed.destroy(), 10);
    const gone = await run(program(), { args: ['cat'], stdin: destroyed }).catch((error) => error);
    assert.ok(gone instanceof Error || [0, 1].includes(gone.exitCode));
    const texts = new PassThrough();
    texts.setEncoding('utf8');
    texts.end('ünï');
    assert.equal((await catLater(texts)).toString(), 'ünï');
    await assert.rejects(catLater(Readable.from([{ a: 1 }])), (error) => /^ERR_/.test(error.code));
  });

  it('a Readable is read no further than needed, and left as it is', async () => {
    const stdin = new PassThrough();
    stdin.write('first\nend\n');
    const { stdout } = await run(program(), { args: ['talk'], stdin, encoding: 'utf8' });
    assert.equal(stdout, 'you said first\nbye\n');
    for (const event of ['readable', 'data', 'end', 'error', 'close']) {
      assert.ok(stdin.listenerCount(event) <= 2, event);
    }
    stdin.destroy();
  });

  it('a conversation: the program answers before more is said', async () => {
    const stdin = new PassThrough();
    const heard = [];
    const stdout = (chunk) => {
      heard.push(chunk.toString());
      if (heard.join('') === 'you said one\n') stdin.write('two\n');
      if (heard.join('').endsWith('two\n')) stdin.end('end\n');
    };
    const ended = run(program(), { args: ['talk'], stdin, stdout });
    stdin.write('one\n');
    assert.equal((await ended).exitCode, 0);
    assert.equal(heard.join(''), 'you said one\nyou said two\nbye\n');
  });

  it('what cannot be standard input', async () => {
    for (const stdin of [null, true, {}, [], 1n, Symbol('a'), new Float64Array(2), new Map()]) {
      refuses(() => runSync(program(), { args: ['cat'], stdin }), 'ERR_OPTION_TYPE', { option: 'stdin' });
      await rejects(run(program(), { args: ['cat'], stdin }), 'ERR_OPTION_TYPE', { option: 'stdin' });
    }
    for (const stdin of [-1, 1.5, NaN, Infinity, 2 ** 40]) {
      assert.throws(() => runSync(program(), { args: ['cat'], stdin }), { option: 'stdin' }, String(stdin));
    }
    refuses(() => runSync(program(), { args: ['cat'], stdin: 987654 }), 'ERR_GRANT_INVALID', { option: 'stdin' });
    refuses(() => runSync(program(), { args: ['cat'], stdin: Readable.from(['x']) }), 'ERR_OPTION_TYPE', {
      option: 'stdin',
    });
  });

  it('a descriptor that is a directory, or only for writing: errors of the guest', () => {
    for (const fd of [fs.openSync(dir, 'r'), fs.openSync(path.join(dir, 'out'), 'w')]) {
      let result;
      try {
        result = runSync(program(), { args: ['cat'], stdin: fd }).exitCode;
      } catch (error) {
        result = error.code;
      }
      assert.ok([0, 1].includes(result) || /^ERR_/.test(result), String(result)); // Rust takes EBADF for the end
      fs.closeSync(fd);
    }
  });

  it('is not for writing, and outputs are not for reading', () => {
    const calls = open({ stdin: 'text', stdout: 'buffer', stderr: 'buffer' });
    failsWith(calls.write(0, 'x'), 'BADF', 'NOTCAPABLE', 'PERM', 'NOTSUP', 'ACCES');
    failsWith(calls.read(1), 'BADF', 'NOTCAPABLE', 'PERM', 'NOTSUP', 'ACCES');
    failsWith(calls.read(2), 'BADF', 'NOTCAPABLE', 'PERM', 'NOTSUP', 'ACCES');
    assert.equal(calls.read(0, 2).toString(), 'te');
    assert.equal(calls.read(0).toString(), 'xt');
    assert.equal(calls.read(0).length, 0);
    assert.equal(calls.close(0), true);
    failsWith(calls.read(0), 'BADF');
  });
});
