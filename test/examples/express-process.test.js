'use strict';

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const http = require('node:http');
const net = require('node:net');
const path = require('node:path');
const { root } = require('../helpers');

const URL_LINE = /^wasmgate demo: (http:\/\/127\.0\.0\.1:(\d+)\/)\n$/;

const running = new Set();

/** Starts the server; killed if the test leaves it behind. */
function start(env) {
  const child = spawn(process.execPath, [path.join(root, 'examples/express/server.js')], {
    env: { ...process.env, ...env },
  });
  const run = { child, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => (run.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (run.stderr += text));
  run.ended = once(child, 'close').then(([code, signal]) => ({ code, signal, stdout: run.stdout, stderr: run.stderr }));
  running.add(child);
  run.ended.then(() => running.delete(child));
  return run;
}

/** The same, once it listens. */
async function started(env = { PORT: '0' }) {
  const run = start(env);
  await Promise.race([once(run.child.stdout, 'data'), run.ended]);
  const [, url, port] = URL_LINE.exec(run.stdout) ?? assert.fail(`no URL: ${run.stdout}${run.stderr}`);
  return { ...run, url, port: Number(port) };
}

describe('examples/express/server.js as a program', function () {
  this.timeout(30000);

  afterEach(() => running.forEach((child) => child.kill('SIGKILL')));

  for (const signal of ['SIGTERM', 'SIGINT']) {
    it(`prints its URL, answers, and ends well on ${signal}`, async () => {
      const { child, ended, url } = await started();
      assert.equal(await (await fetch(`${url}say?name=Ada`)).text(), 'hello Ada');
      child.kill(signal);
      const end = await ended;
      assert.match(end.stdout, URL_LINE);
      assert.deepEqual({ ...end, stdout: '' }, { code: 0, signal: null, stdout: '', stderr: '' });
    });
  }

  it('finishes what is under way when told to end, and takes nothing new', async () => {
    const { child, ended, port } = await started();
    const request = http.request({
      port,
      host: '127.0.0.1',
      path: '/reverse',
      method: 'POST',
      headers: { 'content-length': 3 },
    });
    request.write('a');
    await new Promise((resolve) => setTimeout(resolve, 200));
    child.kill('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 200));
    await assert.rejects(fetch(`http://127.0.0.1:${port}/`));
    request.end('bc');
    const [response] = await once(request, 'response');
    assert.equal((await response.setEncoding('utf8').toArray()).join(''), 'cba');
    const answered = performance.now();
    assert.equal((await ended).code, 0);
    assert.ok(performance.now() - answered < 3000, 'waits for no idle connection');
  });

  it('ends at once at the second signal', async () => {
    const { child, ended, port } = await started();
    const socket = net.connect(port, '127.0.0.1').on('error', () => {});
    socket.write('POST /words HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\na');
    await new Promise((resolve) => setTimeout(resolve, 200));
    child.kill('SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 200));
    child.kill('SIGINT');
    assert.equal((await ended).signal, 'SIGINT');
    socket.destroy();
  });

  it('ends after some seconds although a client never finishes', async () => {
    const { child, ended, port } = await started();
    const socket = net.connect(port, '127.0.0.1').on('error', () => {});
    socket.write('POST /words HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\na');
    await new Promise((resolve) => setTimeout(resolve, 200));
    child.kill('SIGTERM');
    const end = await ended;
    assert.deepEqual([end.code, end.stderr], [0, '']);
    socket.destroy();
  });

  for (const PORT of ['', 'http', '-1', '65536', '3000x', '1e3', '99999999999']) {
    it(`refuses PORT=${JSON.stringify(PORT)}`, async () => {
      assert.deepEqual(await start({ PORT }).ended, {
        code: 1,
        signal: null,
        stdout: '',
        stderr: `wasmgate demo: PORT: expected an integer from 0 to 65535, got ${JSON.stringify(PORT)}\n`,
      });
    });
  }

  it('says that a port is taken', async () => {
    const other = net.createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const PORT = String(other.address().port);
    try {
      assert.deepEqual(await start({ PORT }).ended, {
        code: 1,
        signal: null,
        stdout: '',
        stderr: `wasmgate demo: port ${PORT} is taken (EADDRINUSE); try another one: PORT=8080 npm start\n`,
      });
    } finally {
      other.close();
    }
  });

  it('says that an address is not of this machine', async () => {
    const { code, stdout, stderr } = await start({ PORT: '0', HOST: '192.0.2.1' }).ended;
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^wasmgate demo: cannot listen on 192\.0\.2\.1, port 0: .*EADDRNOTAVAIL.*\n$/);
  });
});
