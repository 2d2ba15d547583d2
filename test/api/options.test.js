'use strict';

const assert = require('node:assert/strict');
const { Module, Instance, inspect } = require('../..');
const { compiled, compressed } = require('../fixtures');
const { refuses, rejects, track } = require('../helpers');

const FILE = compressed('add.wasm');

/** Everything that takes module options. */
const TAKERS = {
  'Module.load': (options) => track(Module.load(FILE, options)),
  'new Instance': (options) => {
    const instance = new Instance(FILE, options);
    track(instance.module);
    return track(instance);
  },
  inspect: (options) => inspect(FILE, options),
};

for (const [name, take] of Object.entries(TAKERS)) {
  describe(`options of ${name}`, () => {
    it('none, undefined and an empty object are the same', () => {
      for (const options of [undefined, {}, Object.create(null), { sidecar: undefined, signatures: undefined }])
        take(options);
    });

    it('anything but a plain object is refused', () => {
      for (const value of [null, 1, 0, '', 'text', true, false, 1n, Symbol('a'), [], [{}], () => {}]) {
        refuses(() => take(value), 'ERR_OPTION_TYPE', {
          option: 'options',
          message: /^options: expected an object, got /,
        });
      }
    });

    it('an unknown one names the nearest known one', () => {
      const cases = {
        maxModulesBytes: 'maxModuleBytes',
        MaxModuleBytes: 'maxModuleBytes',
        signature: 'signatures',
        signatuers: 'signatures',
        sideCar: 'sidecar',
        sidcar: 'sidecar',
      };
      for (const [key, near] of Object.entries(cases)) {
        const error = refuses(() => take({ [key]: 1 }), 'ERR_OPTION_UNKNOWN', { option: key });
        assert.ok(error.message.includes(`(did you mean "${near}"?)`), error.message);
      }
    });

    it('an unknown one that is near to nothing names nothing', () => {
      for (const key of ['wasi', 'x', '', 'path', 'toString', 'constructor', '🦀', 'a'.repeat(1000)]) {
        const error = refuses(() => take({ [key]: 1 }), 'ERR_OPTION_UNKNOWN', { option: key });
        assert.ok(!error.message.includes('did you mean'), error.message);
      }
      refuses(() => take(JSON.parse('{"__proto__":1}')), 'ERR_OPTION_UNKNOWN', { option: '__proto__' });
    });

    it('an unknown one is an error even if it is undefined', () => {
      refuses(() => take({ nope: undefined }), 'ERR_OPTION_UNKNOWN');
    });

    it('wrong types', () => {
      const wrong = {
        sidecar: [0, 1, '', 'true', null, {}, [], 1n, Symbol('a')],
        maxModuleBytes: ['1', null, true, {}, [], 1n, Symbol('a')],
        signatures: ['()', null, 1, true, [], ['()'], Symbol('a'), () => {}],
      };
      for (const [option, values] of Object.entries(wrong)) {
        for (const value of values) {
          refuses(() => take({ [option]: value }), 'ERR_OPTION_TYPE', {
            option,
            message: new RegExp(`^${option}: expected `),
          });
        }
      }
      for (const value of [1, null, undefined, true, {}, ['()'], Object('()')]) {
        refuses(() => take({ signatures: { add: value } }), 'ERR_OPTION_TYPE', { option: 'signatures.add' });
      }
    });

    it('ranges', () => {
      for (const value of [0, -1, 0.5, NaN, Infinity, -Infinity, 2 ** 53, -0]) {
        refuses(() => take({ maxModuleBytes: value }), 'ERR_OPTION_RANGE', { option: 'maxModuleBytes' });
      }
      take({ maxModuleBytes: 41 });
    });

    it('what a getter throws comes out as it is', () => {
      const thrown = { not: 'even an Error' };
      const getter = (key) => ({
        get [key]() {
          throw thrown;
        },
      });
      for (const options of [getter('sidecar'), getter('signatures'), { signatures: getter('add') }]) {
        assert.throws(
          () => take(options),
          (error) => error === thrown,
        );
      }
    });

    it('what the traps of a proxy throw comes out as it is', () => {
      const thrown = new Error('mine');
      for (const trap of ['ownKeys', 'get', 'getOwnPropertyDescriptor']) {
        const proxy = new Proxy(
          { sidecar: true },
          {
            [trap]() {
              throw thrown;
            },
          },
        );
        assert.throws(
          () => take(proxy),
          (error) => error === thrown,
        );
      }
    });

    it('a proxy that answers is an object like any other', () => {
      take(new Proxy({ sidecar: false, signatures: {} }, {}));
    });

    it('each getter runs once; what it gave is checked and used', () => {
      let runs = 0;
      const options = {
        get signatures() {
          runs++;
          return runs === 1 ? { add: '(u32, u32) -> u32' } : 'nonsense';
        },
      };
      take(options);
      assert.equal(runs, 1);
    });

    it('inherited and symbol properties do not count', () => {
      take(Object.create({ nope: 1 }));
      take({ [Symbol('nope')]: 1 });
    });

    it('toJSON is not called', () => {
      refuses(() => take({ toJSON: () => ({}) }), 'ERR_OPTION_UNKNOWN');
      refuses(() => take({ signatures: { toJSON: '()' } }), 'ERR_SIGNATURE_UNKNOWN');
    });

    it('the object is not changed nor kept', () => {
      const options = Object.freeze({ signatures: Object.freeze({ add: '(i32, i32) -> i32' }), sidecar: false });
      take(options);
    });
  });
}

describe('options of Module.loadAsync', () => {
  it('are refused by a rejection', async () => {
    await rejects(Module.loadAsync(FILE, { sidecarr: true }), 'ERR_OPTION_UNKNOWN');
    const thrown = new Error('mine');
    const options = {
      get sidecar() {
        throw thrown;
      },
    };
    await assert.rejects(Module.loadAsync(FILE, options), (error) => error === thrown);
  });
});

describe('options of an instance of a loaded module', () => {
  it('are refused, module options too', () => {
    const module = compiled('hello');
    for (const key of ['sidecar', 'signatures', 'maxModuleBytes', 'wasi']) {
      refuses(() => new Instance(module, { [key]: undefined }), 'ERR_OPTION_UNKNOWN', { option: key });
    }
    for (const value of [null, 1, 'x', []]) refuses(() => new Instance(module, value), 'ERR_OPTION_TYPE');
    track(new Instance(module, {}));
    track(new Instance(module, undefined));
  });
});
