'use strict';

const assert = require('node:assert/strict');
const { child, childPrints } = require('../helpers');

const USED = `const { say } = new wg.Instance(fixtures.fixture('hello')).exports; say('x');
const trap = () => { try { new wg.Instance(Buffer.from('(module (func (export "f") unreachable))')).exports.f(); } catch {} }; trap();
`;

describe('signals after the package is loaded', () => {
  it('SIGPIPE stays ignored: a write to a closed pipe gives EPIPE', () =>
    childPrints(
      `${USED}
       const { spawn } = require('node:child_process');
       const deaf = spawn('sh', ['-c', 'exec 0<&-; echo closed; exec sleep 60'], { stdio: ['pipe', 'pipe', 'ignore'] });
       deaf.stdin.on('error', (e) => { console.log(e.code); deaf.kill(); });
       deaf.stdout.once('data', () => deaf.stdin.write(Buffer.alloc(65536)));`,
      'EPIPE\n',
    ));

  it('SIGPIPE stays ignored: a socket that the other side has reset', () =>
    childPrints(
      `${USED}
       const net = require('node:net');
       const server = net.createServer((s) => s.destroy()).listen(0, () => {
         const socket = net.connect(server.address().port);
         socket.on('error', (e) => { assert.match(e.code, /EPIPE|ECONNRESET/); });
         socket.on('close', () => { clearInterval(timer); server.close(() => console.log('closed')); });
         const timer = setInterval(() => socket.write(Buffer.alloc(65536)), 1);
       });`,
      'closed\n',
    ));

  it('SIGPIPE stays ignored: standard output that nobody reads', async () => {
    const ended = await child(
      `const { spawn } = require('node:child_process');
       const script = ${JSON.stringify(`const wg = require(process.cwd()); process.stdout.on('error', (e) => { process.stderr.write(e.code); process.exit(9); }); setInterval(() => process.stdout.write('x'.repeat(65536)), 1);`)};
       const inner = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
       inner.stdout.once('data', () => inner.stdout.destroy());
       inner.on('exit', (code, signal) => console.log(code, signal));`,
    );
    assert.deepEqual(ended, { code: 0, signal: null, stdout: '9 null\n', stderr: 'EPIPE' });
  });

  for (const signal of [
    'SIGTERM',
    'SIGINT',
    'SIGHUP',
    'SIGUSR2',
    'SIGWINCH',
    'SIGCONT',
    'SIGPIPE',
    'SIGURG',
    'SIGALRM',
  ]) {
    it(`${signal}: handlers set before and after the load run`, () =>
      childPrints(
        `let count = 0;
         const seen = () => { count++; if (count === 4) { clearTimeout(timer); console.log('4 times'); process.exit(0); } };
         process.on('${signal}', seen);
         const wg = require(process.cwd()); const fixtures = require('./test/fixtures');
         ${USED}
         process.on('${signal}', seen);
         const timer = setTimeout(() => { console.log('only ' + count); process.exit(1); }, 5000);
         process.kill(process.pid, '${signal}');
         setTimeout(() => { trap(); process.kill(process.pid, '${signal}'); }, 100);`,
        '4 times\n',
        { prelude: '' },
      ));
  }

  it('a handler that is taken away leaves the default', async () => {
    const ended = await child(
      `${USED} const f = () => {}; process.on('SIGUSR2', f); process.off('SIGUSR2', f);
       process.kill(process.pid, 'SIGUSR2'); setTimeout(() => {}, 5000);`,
    );
    assert.equal(ended.signal, 'SIGUSR2');
  });

  it('a handler runs between two long calls', () =>
    childPrints(
      `${USED} process.on('SIGUSR2', () => { console.log('seen'); process.exit(0); });
       require('node:child_process').spawn('sh', ['-c', 'sleep 0.2; kill -USR2 ' + process.pid], { stdio: 'ignore' });
       const busy = () => { for (let i = 0; i < 2000; i++) say('x'.repeat(1000)); setImmediate(busy); }; busy();`,
      'seen\n',
    ));

  it('child processes run and are waited for', () =>
    childPrints(
      `${USED}
       const { execFileSync, exec, fork } = require('node:child_process');
       assert.equal(execFileSync('echo', ['a']).toString(), 'a\\n');
       exec('exit 3', (error) => { assert.equal(error.code, 3); trap();
         exec('kill -9 $$', (again) => { assert.equal(again.signal, 'SIGKILL'); console.log('ok'); }); });`,
      'ok\n',
    ));

  it('signals sent to the whole group of threads: SIGTERM to a process in the middle of calls', async () => {
    const ended = await child(
      `${USED} process.on('SIGTERM', () => { console.log('term'); process.exit(0); });
       require('node:worker_threads');
       wg.Module.loadAsync(fixtures.fixture('panics_hook'));
       setTimeout(() => process.kill(process.pid, 'SIGTERM'), 10); setTimeout(() => {}, 5000);`,
    );
    assert.deepEqual(ended, { code: 0, signal: null, stdout: 'term\n', stderr: '' });
  });

  it('SIGQUIT and SIGABRT end the process as without the package, without a Go traceback', async () => {
    for (const signal of ['SIGQUIT', 'SIGABRT']) {
      const ended = await child(`${USED} process.kill(process.pid, '${signal}'); setTimeout(() => {}, 5000);`, {
        shell: 'ulimit -c 0;',
      });
      assert.deepEqual(ended, { code: null, signal, stdout: '', stderr: '' });
    }
  });

  it('the diagnostic report of Node.js works', () =>
    childPrints(`${USED} console.log(typeof process.report.getReport().javascriptStack);`, 'object\n'));
});
