'use strict';

const assert = require('node:assert/strict');
const { moduleOptions } = require('../../js/options');
const { refuses } = require('../helpers');

describe('moduleOptions', () => {
  it('copies what it is given', () => {
    const signatures = { f: '()' };
    const given = { maxModuleBytes: 5, signatures, sidecar: false };
    const parsed = moduleOptions(given);
    assert.deepEqual({ ...parsed, signatures: { ...parsed.signatures } }, given);
    signatures.f = 'changed';
    assert.equal(parsed.signatures.f, '()');
  });

  it('undefined is absent; false, 1 and {} are values', () => {
    assert.deepEqual(moduleOptions({ maxModuleBytes: undefined, sidecar: undefined }), {});
    assert.deepEqual(moduleOptions(undefined), {});
    assert.equal(moduleOptions({ sidecar: false }).sidecar, false);
    assert.equal(moduleOptions({ maxModuleBytes: 1 }).maxModuleBytes, 1);
    assert.deepEqual({ ...moduleOptions({ signatures: {} }).signatures }, {});
  });

  it('keeps signatures under any name', () => {
    const { signatures } = moduleOptions({
      signatures: JSON.parse('{"__proto__":"()","constructor":"(i32)","":"()"}'),
    });
    assert.equal(Object.getPrototypeOf(signatures), null);
    assert.deepEqual(Object.keys(signatures), ['__proto__', 'constructor', '']);
  });

  it('a class instance, a Map and a Date are objects: what they have as own keys counts', () => {
    class Options {
      sidecar = false;
    }
    assert.equal(moduleOptions(new Options()).sidecar, false);
    assert.deepEqual(moduleOptions(new Map([['nope', 1]])), {});
  });

  it('does not read more than it needs', () => {
    const reads = [];
    const proxy = new Proxy(
      { sidecar: true, maxModuleBytes: 7 },
      {
        get(target, key) {
          reads.push(key);
          return target[key];
        },
      },
    );
    moduleOptions(proxy);
    assert.deepEqual(reads, ['sidecar', 'maxModuleBytes']);
  });

  it('a revoked proxy throws what JavaScript throws', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    assert.throws(() => moduleOptions(proxy), TypeError);
    refuses(() => moduleOptions({ sidecar: proxy }), 'ERR_OPTION_TYPE', { message: /a Proxy/ });
  });

  it('symbols and bigints in messages', () => {
    refuses(() => moduleOptions({ sidecar: Symbol('a') }), 'ERR_OPTION_TYPE', { message: /got a symbol/ });
    refuses(() => moduleOptions({ maxModuleBytes: 5n }), 'ERR_OPTION_TYPE', { message: /got the bigint 5n/ });
    refuses(() => moduleOptions(Symbol('a')), 'ERR_OPTION_TYPE', { message: /got a symbol/ });
  });
});
