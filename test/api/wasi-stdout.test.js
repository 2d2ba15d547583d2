'use strict';

// Standard output and standard error to every kind of place.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { PassThrough, Writable } = require('node:stream');
const { run, runSync } = require('../..');
const { child, refuses, rejects } = require('../helpers');
const { caller, directory, failsWith, tool } = require('./wasi-helpers');

const BINARY = Buffer.from(Array.from({ length: 70000 }, (_, i) => (i * 7) & 255));

describe('stdout and stderr', () => {
  const program = tool();
  const open = caller();

  it('buffer, the default of run: Buffers, or texts with encoding', async () => {
    const options = { args: ['print', 'öut', 'érr'] };
    for (const result of [runSync(program(), options), await run(program(), options)]) {
      assert.deepEqual([result.stdout, result.stderr], [Buffer.from('öut'), Buffer.from('érr')]);
    }
    for (const result of [
      runSync(program(), { ...options, encoding: 'utf8' }),
      await run(program(), { ...options, encoding: 'utf8' }),
    ]) {
      assert.deepEqual([result.stdout, result.stderr], ['öut', 'érr']);
    }
    refuses(() => runSync(program(), { ...options, encoding: 'latin7' }), 'ERR_OPTION_RANGE', { option: 'encoding' });
  });

  it('binary data is whole; text that is not UTF-8 becomes U+FFFD', async () => {
    const options = { args: ['cat'], stdin: BINARY };
    assert.ok(runSync(program(), options).stdout.equals(BINARY));
    assert.ok((await run(program(), options)).stdout.equals(BINARY));
    const text = runSync(program(), { args: ['cat'], stdin: Buffer.from([65, 255, 66]), encoding: 'utf8' }).stdout;
    assert.equal(text, 'A\ufffdB');
  });

  it('a function gets Buffers of its own, in order', async () => {
    for (const way of [runSync, run]) {
      const chunks = [];
      const result = await way(program(), { args: ['cat'], stdin: BINARY, stdout: (chunk) => void chunks.push(chunk) });
      assert.ok(chunks.every(Buffer.isBuffer));
      assert.ok(Buffer.concat(chunks).equals(BINARY));
      assert.equal(result.exitCode, 0);
      assert.ok(result.stdout === undefined || result.stdout === null || result.stdout.length === 0);
    }
  });

  it('a function that throws: the error comes out as it is, the guest is stopped', async () => {
    const mine = new Error('mine');
    let calls = 0;
    const stdout = () => {
      calls++;
      throw mine;
    };
    assert.throws(
      () => runSync(program(), { args: ['flood'], stdout, limits: { timeoutMs: 10000 } }),
      (error) => error === mine,
    );
    assert.equal(calls, 1);
    await assert.rejects(
      run(program(), { args: ['flood'], stdout, limits: { timeoutMs: 10000 } }),
      (error) => error === mine,
    );
    const calling = open({ stdout });
    assert.throws(
      () => calling.write(1, 'x'),
      (error) => error === mine,
    );
  });

  it('a function that calls the instance: ERR_BUSY, or a call like others', () => {
    const seen = [];
    const calls = open({
      stdout: () => {
        try {
          seen.push(calls.exports.sched_yield());
        } catch (error) {
          seen.push(error.code);
        }
      },
    });
    assert.equal(calls.write(1, 'x'), 1);
    assert.ok(seen[0] === 0 || seen[0] === 'ERR_BUSY', String(seen[0]));
  });

  it('a function that closes the instance: no crash', () => {
    const calls = open({ stdout: () => calls.instance.close() });
    try {
      calls.write(1, 'x');
    } catch (error) {
      assert.match(error.code, /^ERR_(BUSY|CLOSED|STOPPED)$/);
    }
  });

  it('a function that gives a promise which fails: not the guest’s business, or its error', async () => {
    const stdout = () => Promise.resolve(1);
    assert.equal((await run(program(), { args: ['print', 'x', ''], stdout })).exitCode, 0);
  });

  it('a file by its descriptor, shared by both streams', async () => {
    const file = path.join(directory('stdout'), 'out');
    for (const way of [runSync, run]) {
      const fd = fs.openSync(file, 'w');
      await way(program(), { args: ['print', 'one', 'two'], stdout: fd, stderr: fd });
      fs.writeSync(fd, 'three');
      fs.closeSync(fd);
      const text = fs.readFileSync(file, 'utf8');
      assert.ok(text === 'onetwothree' || text === 'twoonethree', text);
    }
    const reader = fs.openSync(file, 'r');
    const { exitCode } = runSync(program(), { args: ['print', 'x', ''], stdout: reader });
    assert.ok([0, 1].includes(exitCode));
    assert.throws(() => runSync(program(), { args: ['print', 'x', ''], stdout: 987654 }), { option: 'stdout' });
    fs.closeSync(reader);
  });

  it('inherit', async () => {
    const script = `wg.runSync(fixtures.fixture('wasi_tool'), { args: ['print', 'öut', 'érr'], stdout: 'inherit', stderr: 'inherit' });
      wg.run(fixtures.fixture('wasi_tool'), { args: ['print', '2', '3'], stdout: 'inherit', stderr: 'inherit' });`;
    assert.deepEqual(await child(script), { code: 0, signal: null, stdout: 'öut2', stderr: 'érr3' });
  });

  it('a pipe whose reader is gone: an error of the guest, no signal', async () => {
    const script = `
      const { spawnSync } = require('node:child_process'); const fs = require('node:fs'); const os = require('node:os');
      const dir = fs.mkdtempSync(os.tmpdir() + '/wasmgate-test-');
      spawnSync('mkfifo', [dir + '/fifo']);
      const reader = fs.openSync(dir + '/fifo', fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
      const writer = fs.openSync(dir + '/fifo', 'w');
      fs.closeSync(reader); fs.rmSync(dir, { recursive: true });
      const program = wg.Module.load(fixtures.fixture('wasi_tool'));
      (async () => {
        const options = { args: ['fill', '100000'], stdout: writer, encoding: 'utf8' };
        const results = [wg.runSync(program, options), await wg.run(program, options)];
        for (const { exitCode, stderr } of results) console.log(exitCode, /[Bb]roken pipe|os error 64/.test(stderr));
      })();`;
    assert.deepEqual(await child(script), { code: 0, signal: null, stdout: '1 true\n1 true\n', stderr: '' });
  });

  it('a Writable: all bytes, with backpressure, and it is not ended', async () => {
    let most = 0;
    const chunks = [];
    const stdout = new Writable({
      highWaterMark: 1000,
      write(chunk, encoding, done) {
        most = Math.max(most, this.writableLength);
        chunks.push(chunk);
        setTimeout(done, 1);
      },
    });
    const { exitCode } = await run(program(), { args: ['cat'], stdin: BINARY, stdout });
    assert.equal(exitCode, 0);
    assert.ok(Buffer.concat(chunks).equals(BINARY), 'all of it is written when run() is done');
    assert.equal(stdout.writableEnded, false);
    assert.ok(most <= 1 << 20, String(most));
    for (const event of ['drain', 'error', 'close', 'finish']) assert.equal(stdout.listenerCount(event), 0, event);
    stdout.end();
  });

  it('a Writable that fails, at once or later', async () => {
    for (const after of [0, 1, 5]) {
      let writes = 0;
      const stdout = new Writable({
        write(chunk, encoding, done) {
          if (writes++ < after) done();
          else setImmediate(done, new Error('disk full'));
        },
      });
      stdout.on('error', () => {});
      const ended = run(program(), { args: ['flood'], stdout, limits: { timeoutMs: 15000 } });
      const failed = await ended.catch((error) => error);
      assert.ok(
        failed.exitCode === 1 || failed.message === 'disk full' || failed.cause?.message === 'disk full',
        String(failed.stack),
      );
    }
  });

  it('a Writable that is destroyed or ended, before or while the program writes', async () => {
    const kinds = {
      'destroyed before': (stream) => stream.destroy(),
      'ended before': (stream) => stream.end(),
      'destroyed while': (stream) => setTimeout(() => stream.destroy(), 10),
      'ended while': (stream) => setTimeout(() => stream.end(), 10),
    };
    for (const [name, spoil] of Object.entries(kinds)) {
      const stdout = new PassThrough();
      stdout.on('error', () => {});
      stdout.resume();
      spoil(stdout);
      const failed = await run(program(), { args: ['flood'], stdout, limits: { timeoutMs: 15000 } }).catch(
        (error) => error,
      );
      assert.ok(failed.exitCode === 1 || failed instanceof Error, name);
      assert.notEqual(failed.code, 'ERR_TIMEOUT', name);
    }
  });

  it('a Writable of runSync gets all at once; one that is over takes nothing', async () => {
    const chunks = [];
    const stdout = new Writable({
      write(chunk, encoding, done) {
        chunks.push(chunk);
        setImmediate(done);
      },
    });
    assert.equal(runSync(program(), { args: ['cat'], stdin: BINARY, stdout }).exitCode, 0);
    await new Promise((resolve) => stdout.end(resolve));
    assert.ok(Buffer.concat(chunks).equals(BINARY));
    const { exitCode, stderr } = runSync(program(), { args: ['flood'], stdout, encoding: 'utf8' });
    assert.equal(exitCode, 1);
    assert.match(stderr, /[Bb]roken pipe|os error 64/);
  });

  it('what cannot be an output', async () => {
    for (const key of ['stdout', 'stderr']) {
      for (const value of [null, true, {}, [], 1n, Buffer.alloc(1)]) {
        refuses(() => runSync(program(), { args: ['clock'], [key]: value }), 'ERR_OPTION_TYPE', { option: key });
        await rejects(run(program(), { args: ['clock'], [key]: value }), 'ERR_OPTION_TYPE', { option: key });
      }
      for (const value of ['buffered', '', 'pipe', -1, 1.5, NaN]) {
        assert.throws(() => runSync(program(), { args: ['clock'], [key]: value }), { option: key }, String(value));
      }
    }
  });

  it('of an instance: ignored by default, takeOutput otherwise', () => {
    assert.equal(open().write(1, 'x'), 1);
    assert.equal(open().instance.takeOutput().stdout.length, 0);
    const calls = open({ stdout: 'buffer', stderr: 'buffer' });
    assert.equal(calls.write(1, BINARY), BINARY.length);
    assert.equal(calls.write(2, 'e'), 1);
    const { stdout, stderr } = calls.instance.takeOutput();
    assert.ok(stdout.equals(BINARY));
    assert.equal(stderr.toString(), 'e');
    assert.equal(calls.close(1), true);
    failsWith(calls.write(1, 'x'), 'BADF');
  });

  it('output before a trap, an exit, a stop is delivered', async () => {
    const chunks = [];
    const stdout = (chunk) => void chunks.push(chunk.toString());
    runSync(program(), { args: ['print', 'a', ''], stdout });
    const stderr = (chunk) => void chunks.push(chunk.toString());
    refuses(() => runSync(program(), { args: ['panic', 'oh no'], stdout, stderr }), 'ERR_PANIC');
    assert.match(chunks.join(''), /^a.*oh no/s);
  });
});
