'use strict';

const assert = require('node:assert/strict');
const diagnostics = require('node:diagnostics_channel');
const { Readable } = require('node:stream');
const { pathToFileURL } = require('node:url');
const { bothOptions, callOptions, instanceOptions, moduleOptions, runOptions } = require('../../js/options');
const { refuses } = require('../helpers');

const [TYPE, RANGE, UNKNOWN] = ['ERR_OPTION_TYPE', 'ERR_OPTION_RANGE', 'ERR_OPTION_UNKNOWN'];

describe('options of a load: the profile', () => {
  it('is taken as it is', () => {
    const given = { metering: true, interruptible: false, stackBytes: 65536, trapOnGrowFailure: true };
    assert.deepEqual(moduleOptions(given), given);
    assert.deepEqual(moduleOptions({ stackBytes: 64 << 20 }), { stackBytes: 67108864 });
  });

  for (const [options, code, option] of [
    [{ metering: 1 }, TYPE, 'metering'],
    [{ interruptible: null }, TYPE, 'interruptible'],
    [{ trapOnGrowFailure: 'yes' }, TYPE, 'trapOnGrowFailure'],
    [{ stackBytes: 65535 }, RANGE, 'stackBytes'],
    [{ stackBytes: 67108865 }, RANGE, 'stackBytes'],
    [{ stackBytes: 65536.5 }, RANGE, 'stackBytes'],
    [{ stackBytes: 65536n }, TYPE, 'stackBytes'],
    [{ meterring: true }, UNKNOWN, 'meterring'],
  ]) {
    it(`${option} (${Object.values(options)}): ${code}`, () => {
      refuses(() => moduleOptions(options), code, { option });
    });
  }
});

describe('limits', () => {
  const document = (limits) => instanceOptions({ limits }).document?.limits;

  it('none', () => {
    assert.equal(document(undefined), undefined);
    assert.equal(document({}), undefined);
    assert.equal(document({ fuel: undefined, timeoutMs: undefined }), undefined);
  });

  it('all of them; fuel is text in the document', () => {
    const limits = {
      memoryBytes: 2 ** 53 - 1,
      tableElements: 0,
      instances: 1,
      stdoutBytes: 0,
      stderrBytes: 5,
      timeoutMs: 0.5,
      stackBytes: 65536,
      trapOnGrowFailure: false,
    };
    assert.deepEqual(document({ ...limits, fuel: 2n ** 64n - 1n }), { ...limits, fuel: '18446744073709551615' });
    assert.deepEqual(document({ fuel: 0 }), { fuel: '0' });
    assert.deepEqual(document({ fuel: 2 ** 53 - 1 }), { fuel: '9007199254740991' });
    assert.deepEqual(JSON.stringify(document({ memoryBytes: -0 })), '{"memoryBytes":0}');
    assert.deepEqual(document({ timeoutMs: 8553600000 }), { timeoutMs: 8553600000 });
  });

  for (const [limits, code, option, message = /./] of [
    [null, TYPE, 'limits'],
    [5, TYPE, 'limits'],
    [[], TYPE, 'limits'],
    [new Map(), TYPE, 'limits'],
    [{ memory: 1 }, UNKNOWN, 'limits.memory', /there is no such limit/],
    [{ timeoutMS: 1 }, UNKNOWN, 'limits.timeoutMS', /"timeoutMs"/],
    [{ memoryBytes: -1 }, RANGE, 'limits.memoryBytes', /an integer from 0 to 9007199254740991, got the number -1/],
    [{ memoryBytes: 2 ** 53 }, RANGE, 'limits.memoryBytes'],
    [{ memoryBytes: Infinity }, RANGE, 'limits.memoryBytes'],
    [{ memoryBytes: NaN }, RANGE, 'limits.memoryBytes'],
    [{ memoryBytes: 1n }, TYPE, 'limits.memoryBytes'],
    [{ memoryBytes: '1' }, TYPE, 'limits.memoryBytes'],
    [{ tableElements: 2 ** 32 }, RANGE, 'limits.tableElements'],
    [{ instances: 0 }, RANGE, 'limits.instances'],
    [{ stdoutBytes: 0.1 }, RANGE, 'limits.stdoutBytes'],
    [{ stderrBytes: null }, TYPE, 'limits.stderrBytes'],
    [{ stackBytes: 1 }, RANGE, 'limits.stackBytes'],
    [{ trapOnGrowFailure: 0 }, TYPE, 'limits.trapOnGrowFailure'],
    [{ timeoutMs: 0 }, RANGE, 'limits.timeoutMs', /above 0/],
    [{ timeoutMs: -0 }, RANGE, 'limits.timeoutMs'],
    [{ timeoutMs: -5 }, RANGE, 'limits.timeoutMs'],
    [{ timeoutMs: NaN }, RANGE, 'limits.timeoutMs'],
    [{ timeoutMs: Infinity }, RANGE, 'limits.timeoutMs'],
    [{ timeoutMs: 8553600001 }, RANGE, 'limits.timeoutMs'],
    [{ timeoutMs: 5n }, TYPE, 'limits.timeoutMs'],
    [{ fuel: -1 }, RANGE, 'limits.fuel'],
    [{ fuel: 1.5 }, RANGE, 'limits.fuel'],
    [{ fuel: 2 ** 53 }, RANGE, 'limits.fuel', /as a bigint/],
    [{ fuel: -1n }, RANGE, 'limits.fuel'],
    [{ fuel: 2n ** 64n }, RANGE, 'limits.fuel', /2\^64-1/],
    [{ fuel: '5' }, TYPE, 'limits.fuel'],
  ]) {
    it(`${option}: ${code}${message.source === '.' ? '' : ` ${message}`}`, () => {
      refuses(() => instanceOptions({ limits }), code, { option, message });
      refuses(() => runOptions('x', { limits }, {}), code, { option });
    });
  }

  it('of a call', () => {
    assert.deepEqual(callOptions({ timeoutMs: 5, fuel: 7 }), { timeoutMs: 5, fuel: 7n });
    assert.deepEqual(callOptions(undefined), {});
    assert.deepEqual(callOptions({ timeoutMs: undefined }), {});
    refuses(() => callOptions({ timeout: 5 }), UNKNOWN, { option: 'timeout', message: /a call has no such option/ });
    refuses(() => callOptions({ timeoutMs: 0 }), RANGE, { option: 'timeoutMs' });
    refuses(() => callOptions(5), TYPE, { option: 'options' });
    refuses(() => callOptions({ memoryBytes: 5 }), UNKNOWN, { option: 'memoryBytes' });
  });
});

describe('who observes an instance', () => {
  it('onMeter: a function, or one with its interval', () => {
    const call = () => {};
    const of = (onMeter) => instanceOptions({ onMeter });
    assert.deepEqual(of(call).onMeter, { everyMs: 100, call });
    assert.deepEqual(of({ call }).onMeter, { everyMs: 100, call });
    assert.deepEqual(of({ call, everyMs: 1 }).onMeter, { everyMs: 1, call });
    assert.deepEqual(of({ call, everyMs: 3600000 }).document, { meterMs: 3600000 });
    for (const [onMeter, code, option] of [
      [5, TYPE, 'onMeter'],
      [null, TYPE, 'onMeter'],
      [{}, TYPE, 'onMeter.call'],
      [{ everyMs: 5 }, TYPE, 'onMeter.call'],
      [{ call: 'f' }, TYPE, 'onMeter.call'],
      [{ call, everyMs: 0 }, RANGE, 'onMeter.everyMs'],
      [{ call, everyMs: 3600001 }, RANGE, 'onMeter.everyMs'],
      [{ call, everyMs: '5' }, TYPE, 'onMeter.everyMs'],
      [{ call, everMs: 5 }, UNKNOWN, 'onMeter.everMs'],
    ]) {
      refuses(() => of(onMeter), code, { option });
    }
  });

  it('onAudit: a function; or a subscriber of the channel', () => {
    const onAudit = () => {};
    assert.equal(instanceOptions({ onAudit }).onAudit, onAudit);
    assert.deepEqual(instanceOptions({ onAudit }).document, { audit: true });
    for (const wrong of [1, null, {}, 'f']) {
      refuses(() => instanceOptions({ onAudit: wrong }), TYPE, { option: 'onAudit' });
    }
    diagnostics.subscribe('wasmgate:audit', onAudit);
    try {
      assert.deepEqual(instanceOptions({}).document, { audit: true });
    } finally {
      diagnostics.unsubscribe('wasmgate:audit', onAudit);
    }
    assert.equal(instanceOptions({}).document, undefined);
  });
});

describe('options of an instance that loads its module', () => {
  it('go where they belong; limits that are compiled in are options of the load too', () => {
    const limits = { fuel: 5, stackBytes: 65536, trapOnGrowFailure: true };
    const [module, instance] = bothOptions({ metering: true, sidecar: false, limits, grants: 'wasi' });
    assert.deepEqual(module, { sidecar: false, metering: true, stackBytes: 65536, trapOnGrowFailure: true });
    assert.deepEqual(instance.document, { grants: { wasi: true }, limits: { ...limits, fuel: '5' } });
  });

  it('twice the same is fine, two different ones are not', () => {
    const [module] = bothOptions({ stackBytes: 65536, limits: { stackBytes: 65536 } });
    assert.deepEqual(module, { stackBytes: 65536 });
    refuses(() => bothOptions({ stackBytes: 65537, limits: { stackBytes: 65536 } }), 'ERR_PROFILE', {
      option: 'limits.stackBytes',
      message: /is 65536, but the option stackBytes is 65537/,
    });
    refuses(() => bothOptions({ trapOnGrowFailure: true, limits: { trapOnGrowFailure: false } }), 'ERR_PROFILE', {
      option: 'limits.trapOnGrowFailure',
    });
  });

  it('a loaded module takes none of a load', () => {
    for (const key of ['metering', 'stackBytes', 'sidecar', 'args']) {
      refuses(() => instanceOptions({ [key]: undefined }), UNKNOWN, {
        option: key,
        message: /an instance of a loaded module has no such option/,
      });
    }
  });
});

describe('options of run', () => {
  const USUAL = { wasi: true, args: ['main.wasm'], stdout: { kind: 'buffer' }, stderr: { kind: 'buffer' } };
  const grants = (options, source = new Uint8Array()) => runOptions(source, options, {}).instance.document.grants;

  it('none: the usual set, the name, collected output', () => {
    assert.deepEqual(runOptions(new Uint8Array(), undefined, {}), {
      module: {},
      instance: {
        imports: undefined,
        document: { grants: USUAL },
        input: undefined,
        hooks: {},
        onAudit: undefined,
        onMeter: undefined,
      },
      signal: undefined,
      encoding: undefined,
    });
    assert.equal(runOptions({}, {}, { loaded: true }).module, undefined);
  });

  it('the name of a program is that of its file', () => {
    const argv = (source, options) => grants(options, source).args;
    assert.deepEqual(argv('/a/tool.wasm'), ['tool.wasm']);
    assert.deepEqual(argv('tool.wasm', { args: ['x', ''] }), ['tool.wasm', 'x', '']);
    assert.deepEqual(argv(pathToFileURL('/a/ö b.wasm')), ['ö b.wasm']);
    assert.deepEqual(argv('file:///a/b%20c.wasm'), ['b c.wasm']);
    for (const odd of ['', '/', 'file://%', 'http://x/y', '\0', null, {}]) assert.equal(argv(odd).length, 1);
    assert.deepEqual(argv('/a/b', { name: 'c', args: ['d'] }), ['c', 'd']);
    assert.deepEqual(argv('/a/b', { name: '' }), ['']);
    refuses(() => grants({ name: 'a\0' }), 'ERR_GRANT_INVALID', { option: 'name' });
    refuses(() => grants({ name: 5 }), TYPE, { option: 'name' });
  });

  it('grants stand at the top', () => {
    assert.deepEqual(grants({ env: { A: '1' }, stdout: 'ignore', clock: false, fs: [{ guest: '/', host: '/x' }] }), {
      ...USUAL,
      env: [['A', '1']],
      stdout: { kind: 'ignore' },
      clock: { kind: 'none' },
      fs: [{ guest: '/', host: '/x', write: 'none', option: 'fs[0].host' }],
    });
    refuses(() => grants({ grants: { args: [] } }), UNKNOWN, { option: 'grants', message: /stands beside/ });
    refuses(() => grants({ wasi: true }), UNKNOWN, { option: 'wasi' });
    refuses(() => grants({ preopens: { '/d': '' } }), 'ERR_GRANT_INVALID', { option: 'preopens["/d"]' });
  });

  it('options of the load, for a module that is not loaded', () => {
    const options = { metering: true, limits: { fuel: 5 } };
    assert.deepEqual(runOptions('x', options, {}).module, { metering: true });
    refuses(() => runOptions('x', options, { loaded: true }), UNKNOWN, { option: 'metering' });
  });

  it('a Readable and a signal, where there is an event loop to wait on', () => {
    const stdin = Readable.from(['a']);
    const { signal } = new AbortController();
    const { instance, ...rest } = runOptions('x', { stdin, signal, encoding: 'utf8' }, {});
    assert.equal(instance.hooks.stdin, stdin);
    assert.deepEqual(instance.document.grants.stdin, { kind: 'host' });
    assert.equal(rest.signal, signal);
    assert.equal(rest.encoding, 'utf8');
    refuses(() => runOptions('x', { stdin }, { sync: true }), TYPE, { option: 'stdin' });
    refuses(() => runOptions('x', { signal }, { sync: true }), UNKNOWN, { option: 'signal', message: /runSync/ });
    for (const wrong of [null, true, {}, new AbortController(), 'abort']) {
      refuses(() => runOptions('x', { signal: wrong }, {}), TYPE, { option: 'signal' });
    }
    refuses(() => runOptions('x', { encoding: 'utf16' }, {}), RANGE, { option: 'encoding' });
    refuses(() => runOptions('x', { encoding: true }, {}), TYPE, { option: 'encoding' });
  });
});
