'use strict';

const assert = require('node:assert/strict');
const { child, childPrints } = require('../helpers');

const OPEN = `
const instances = ['hello', 'strings', 'growth'].map((name) => new wg.Instance(fixtures.fixture(name)));
instances[0].exports.say('x');
instances[2].exports.grow_and_say('x', 1);
`;

describe('a process ends', () => {
  it('by itself, with open instances', () => childPrints(`${OPEN} console.log('end');`, 'end\n'));

  it('with process.exit, with open instances', async () => {
    const ended = await child(`${OPEN} process.exit(7);`);
    assert.deepEqual(ended, { code: 7, signal: null, stdout: '', stderr: '' });
  });

  it('with process.exit inside a chain of calls', async () => {
    const script = `${OPEN}
      const dive = (n) => (n === 0 ? process.exit(5) : instances[0].exports.say(String(n)) && dive(n - 1));
      dive(500);`;
    assert.deepEqual(await child(script), { code: 5, signal: null, stdout: '', stderr: '' });
  });

  it('with process.exit in an exit handler that calls guests', () =>
    childPrints(`${OPEN} process.on('exit', () => console.log(instances[0].exports.say('exit')));`, 'hello exit\n'));

  it('with an uncaught error of ours: its message and code on stderr', async () => {
    const ended = await child(`${OPEN} instances[0].exports.say(5);`);
    assert.equal(ended.code, 1);
    assert.equal(ended.signal, null);
    assert.match(ended.stderr, /say: argument 1: expected a string, got the number 5 \(ERR_ARG_TYPE\)/);
    assert.match(ended.stderr, /code: 'ERR_ARG_TYPE'/);
  });

  it('with an uncaught trap', async () => {
    const ended = await child(
      `new wg.Instance(Buffer.from('(module (func $boom (export "f") unreachable))')).exports.f();`,
    );
    assert.equal(ended.code, 1);
    assert.equal(ended.signal, null);
    assert.match(ended.stderr, /WasmError: unreachable instruction executed \(ERR_TRAP\)/);
    assert.match(ended.stderr, /wasmStack: .*boom/);
  });

  it('with an unhandled rejection of loadAsync', async () => {
    const ended = await child(`wg.Module.loadAsync('missing');`);
    assert.equal(ended.code, 1);
    assert.equal(ended.signal, null);
    assert.match(ended.stderr, /ERR_SOURCE_READ/);
  });

  for (const delay of [0, 1, 5, 20, 60]) {
    it(`with process.exit ${delay} ms into loadAsync`, async () => {
      const script = `for (let i = 0; i < 8; i++) wg.Module.loadAsync(fixtures.fixture('panics_hook'));
        setTimeout(() => process.exit(3), ${delay});`;
      assert.deepEqual(await child(script), { code: 3, signal: null, stdout: '', stderr: '' });
    });
  }

  it('with process.exit at once after loadAsync', async () => {
    const script = `wg.Module.loadAsync(fixtures.fixture('panics_hook')); process.exit(3);`;
    for (let i = 0; i < 5; i++)
      assert.deepEqual(await child(script), { code: 3, signal: null, stdout: '', stderr: '' });
  });

  it('not before loadAsync has settled', () =>
    childPrints(
      `wg.Module.loadAsync(fixtures.fixture('hello')).then((m) => console.log(m.exports.length > 0));`,
      'true\n',
    ));

  it('with process.abort and process.kill as without the package', async () => {
    assert.equal(
      (await child(`${OPEN} process.kill(process.pid, 'SIGTERM'); setTimeout(() => {}, 9999);`)).signal,
      'SIGTERM',
    );
    assert.equal(
      (await child(`${OPEN} process.kill(process.pid, 'SIGINT'); setTimeout(() => {}, 9999);`)).signal,
      'SIGINT',
    );
    const aborted = await child('process.abort();', { shell: 'ulimit -c 0;' });
    assert.equal(aborted.signal, 'SIGABRT');
  });

  it('while finalizers of thousands of functions are due', () =>
    childPrints(
      `const module = fixtures.compiled('strings');
       for (let i = 0; i < 300; i++) { const { exports, raw } = new wg.Instance(module); exports.say('x'); raw.empty(); }
       console.log('end');`,
      'end\n',
    ));
});
