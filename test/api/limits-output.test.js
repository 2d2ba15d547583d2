'use strict';

// Limits on what a guest writes, exact to the byte.

const assert = require('node:assert/strict');
const { Writable } = require('node:stream');
const { run, runSync } = require('../..');
const { refuses, rejects } = require('../helpers');
const { caller, tool } = require('./wasi-helpers');

const MIB = 1 << 20;

describe('stdoutBytes and stderrBytes', () => {
  const program = tool();
  const open = caller();

  for (const [stream, flood] of [
    ['stdout', 'flood'],
    ['stderr', 'flood-error'],
  ]) {
    it(`${stream}: a flood ends, whatever it goes to`, async () => {
      const limits = { [`${stream}Bytes`]: 100000 };
      let taken = 0;
      const count = (chunk) => (taken += chunk.length);
      const ways = {
        buffer: 'buffer',
        ignore: 'ignore',
        function: (chunk) => {
          count(chunk);
        },
      };
      for (const [name, way] of Object.entries(ways)) {
        const options = { args: [flood], [stream]: way, limits };
        refuses(() => runSync(program(), options), 'ERR_OUTPUT_LIMIT', { message: new RegExp(stream) });
        await rejects(run(program(), options), 'ERR_OUTPUT_LIMIT');
        assert.ok(taken <= 200000, `${name}: ${taken}`);
      }
      const writable = new Writable({
        write(chunk, encoding, done) {
          count(chunk);
          setImmediate(done);
        },
      });
      await rejects(run(program(), { args: [flood], [stream]: writable, limits }), 'ERR_OUTPUT_LIMIT');
      assert.ok(taken <= 300000, String(taken));
    });
  }

  it('a flood into a buffer ends without a limit being given', async () => {
    refuses(() => runSync(program(), { args: ['flood'] }), 'ERR_OUTPUT_LIMIT');
    await rejects(run(program(), { args: ['flood-error'] }), 'ERR_OUTPUT_LIMIT');
  });

  it('a flood into nothing ends by time', () => {
    const options = { args: ['flood'], stdout: 'ignore', limits: { timeoutMs: 50 } };
    refuses(() => runSync(program(), options), 'ERR_TIMEOUT');
  });

  for (const bytes of [1, 2, 4095, 4096, 4097, 65536, 100000]) {
    it(`${bytes} bytes are within a limit of ${bytes}, one more is not`, async () => {
      const limits = { stdoutBytes: bytes };
      const all = runSync(program(), { args: ['fill', String(bytes)], limits });
      assert.deepEqual([all.exitCode, all.stdout.length], [0, bytes]);
      assert.equal((await run(program(), { args: ['fill', String(bytes)], limits })).stdout.length, bytes);
      refuses(() => runSync(program(), { args: ['fill', String(bytes + 1)], limits }), 'ERR_OUTPUT_LIMIT');
      await rejects(run(program(), { args: ['fill', String(bytes + 1)], limits }), 'ERR_OUTPUT_LIMIT');
    });
  }

  it('16 MiB fit a buffer by default, one byte more does not', () => {
    assert.equal(runSync(program(), { args: ['fill', String(16 * MIB)] }).stdout.length, 16 * MIB);
    refuses(() => runSync(program(), { args: ['fill', String(16 * MIB + 1)] }), 'ERR_OUTPUT_LIMIT');
    const limits = { stdoutBytes: 17 * MIB };
    assert.equal(runSync(program(), { args: ['fill', String(17 * MIB)], limits }).stdout.length, 17 * MIB);
  });

  it('are counted apart', () => {
    const limits = { stdoutBytes: 3, stderrBytes: 5 };
    const { stdout, stderr } = runSync(program(), { args: ['print', 'abc', 'defgh'], limits, encoding: 'utf8' });
    assert.deepEqual([stdout, stderr], ['abc', 'defgh']);
    refuses(() => runSync(program(), { args: ['print', 'abcd', ''], limits }), 'ERR_OUTPUT_LIMIT');
    refuses(() => runSync(program(), { args: ['print', '', 'defghi'], limits }), 'ERR_OUTPUT_LIMIT');
  });

  it('0: not one byte', () => {
    const limits = { stdoutBytes: 0 };
    assert.equal(runSync(program(), { args: ['fill', '0'], limits }).exitCode, 0);
    refuses(() => runSync(program(), { args: ['fill', '1'], limits }), 'ERR_OUTPUT_LIMIT');
  });

  it('of an instance: what it wrote before is there, up to the limit', () => {
    const calls = open({ stdout: 'buffer' }, { stdoutBytes: 10 });
    assert.equal(calls.write(1, '12345678'), 8);
    refuses(() => calls.write(1, 'abcdef'), 'ERR_OUTPUT_LIMIT');
    const { stdout } = calls.instance.takeOutput();
    assert.ok('12345678ab'.startsWith(stdout.toString()) && stdout.length >= 8, stdout.toString());
  });

  it('a function sees no byte beyond the limit', () => {
    const chunks = [];
    const options = { args: ['fill', '1000'], stdout: (chunk) => void chunks.push(chunk), limits: { stdoutBytes: 10 } };
    refuses(() => runSync(program(), options), 'ERR_OUTPUT_LIMIT');
    assert.ok(Buffer.concat(chunks).length <= 10);
  });

  it('takeOutput empties the buffer, and makes room again or not: never more than the limit at once', () => {
    const calls = open({ stdout: 'buffer', stderr: 'buffer' }, { stdoutBytes: 1000 });
    assert.equal(calls.write(1, 'one'), 3);
    assert.equal(calls.write(2, 'two'), 3);
    const { stdout, stderr } = calls.instance.takeOutput();
    assert.deepEqual([stdout.toString(), stderr.toString()], ['one', 'two']);
    assert.equal(calls.instance.takeOutput().stdout.length, 0);
    assert.equal(calls.write(1, 'three'), 5);
    assert.equal(calls.instance.takeOutput().stdout.toString(), 'three');
  });

  it('what may be given', () => {
    for (const key of ['stdoutBytes', 'stderrBytes']) {
      for (const value of ['1', null, true, 1n, {}]) {
        refuses(() => runSync(program(), { args: ['clock'], limits: { [key]: value } }), 'ERR_OPTION_TYPE', {
          option: `limits.${key}`,
        });
      }
      for (const value of [-1, 0.5, NaN, Infinity]) {
        refuses(() => runSync(program(), { args: ['clock'], limits: { [key]: value } }), 'ERR_OPTION_RANGE', {
          option: `limits.${key}`,
        });
      }
    }
  });
});
