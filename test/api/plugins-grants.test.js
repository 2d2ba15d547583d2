'use strict';

// The options plugins and grants.plugins: what an instance gets of the plugins that it is given.

const assert = require('node:assert/strict');
const { Instance, Module, Plugin } = require('../..');
const { compile, fixturePlugin, kitModule, pluginSource } = require('../fixtures/plugins');
const { refuses, track } = require('../helpers');

const path = () => fixturePlugin('kit');
const opened = (module, options) => track(new Instance(module, options));

describe('plugins: grants', () => {
  it('nothing is granted by default: every import is named', () => {
    for (const grants of [
      undefined,
      {},
      { plugins: {} },
      { plugins: { kit: false } },
      { plugins: { kit: [] } },
      { wasi: true },
    ]) {
      refuses(
        () => new Instance(kitModule(['seven', 'fail', 'i64']), { plugins: [path()], grants }),
        'ERR_CAPABILITY',
        {
          imports: ['kit.seven', 'kit.fail', 'kit.i64'],
          grants: [
            { import: 'kit.seven', grant: 'plugins.kit.seven' },
            { import: 'kit.fail', grant: 'plugins.kit.fail' },
            { import: 'kit.i64', grant: 'plugins.kit.same' },
          ],
          message:
            'the module imports from kit what is not granted; it needs plugins.kit.seven (for seven), ' +
            'plugins.kit.fail (for fail), plugins.kit.same (for i64), or plugins.kit for all of it (ERR_CAPABILITY)',
        },
      );
    }
  });

  it('a grant gives the functions that go by it, and no others', () => {
    const module = kitModule(['i32', 'i64']);
    const options = (grants) => ({ plugins: [path()], grants: { plugins: { kit: grants } } });
    assert.equal(opened(module, options(['same'])).exports.i32(5), 5);
    refuses(() => new Instance(kitModule(['i32', 'seven', 'eight']), options(['same', 'eight'])), 'ERR_CAPABILITY', {
      imports: ['kit.seven'],
    });
    assert.equal(opened(kitModule(['seven']), options(true)).exports.seven(), 7);
  });

  it('each instance has its own', () => {
    const module = track(Module.load(kitModule(['seven'])));
    const options = { plugins: [path()] };
    const allowed = { ...options, grants: { plugins: { kit: ['seven'] } } };
    assert.equal(opened(module, allowed).exports.seven(), 7);
    refuses(() => new Instance(module, options), 'ERR_CAPABILITY');
    assert.equal(opened(module, allowed).reset().exports.seven(), 7);
  });

  it('decisions are told to onAudit, also if the instance is refused', () => {
    const seen = [];
    const options = { plugins: [path()], onAudit: (decision) => seen.push(decision) };
    refuses(
      () => new Instance(kitModule(['i32', 'seven']), { ...options, grants: { plugins: { kit: ['same'] } } }),
      'ERR_CAPABILITY',
    );
    assert.deepEqual(seen, [
      { import: 'kit.i32', grant: 'plugins.kit.same', allowed: true, reason: 'plugins.kit.same is granted' },
      { import: 'kit.seven', grant: 'plugins.kit.seven', allowed: false, reason: 'not granted' },
    ]);
  });

  it('with grants of WASI, in one error', () => {
    const text = kitModule(['seven'])
      .toString()
      .replace('(module', '(module (import "wasi_snapshot_preview1" "random_get" (func (param i32 i32) (result i32)))');
    refuses(() => new Instance(Buffer.from(text), { plugins: [path()] }), 'ERR_CAPABILITY', {
      imports: ['wasi_snapshot_preview1.random_get', 'kit.seven'],
    });
  });

  it('a name that no plugin has is a mistake', () => {
    const module = kitModule(['seven']);
    const wrong = (plugins, message, given = [path()]) =>
      refuses(() => new Instance(module, { plugins: given, grants: { plugins } }), 'ERR_GRANT_INVALID', { message });
    wrong({ kti: true }, /grants\.plugins\.kti: no such plugin is among the option plugins \(did you mean "kit"\?\)/);
    wrong({ kit: true }, /no such plugin/, []);
    refuses(() => new Instance(module, { grants: { plugins: { kit: true } } }), 'ERR_GRANT_INVALID');
    wrong({ kit: ['sevn'] }, /grants\.plugins\.kit: the plugin has no grant "sevn" \(did you mean "seven"\?\)/);
    wrong({ kit: ['seven', 'seven.x'] }, /has no grant "seven\.x"/);
    wrong({ 'kit.seven': true }, /no plugin can have that name/);
  });

  it('options of the wrong kind', () => {
    const module = kitModule(['seven']);
    for (const plugins of [path(), {}, 1, null, [1], [null], [{}], [[]]]) {
      refuses(() => new Instance(module, { plugins }), 'ERR_OPTION_TYPE');
    }
    refuses(() => new Instance(module, { plugins: ['./nowhere.so'] }), 'ERR_PLUGIN_LOAD');
    for (const plugins of [true, [], 'kit', { kit: 1 }, { kit: 'seven' }, { kit: [1] }, { kit: null }]) {
      refuses(() => new Instance(module, { plugins: [path()], grants: { plugins } }), 'ERR_OPTION_TYPE');
    }
    refuses(() => new Instance(module, { plugins: [path()], grants: { plugins: { kit: [''] } } }), 'ERR_OPTION_RANGE');
    refuses(() => new Instance(module, { plugin: [path()] }), 'ERR_OPTION_UNKNOWN', {
      message: /did you mean "plugins"/,
    });
  });
});

describe('plugins: what stands behind an import', () => {
  const other = (rows, name) =>
    Plugin.load(
      compile(
        `other-${name}`,
        pluginSource(rows, {
          name,
          before:
            'static int one(wasmgate_ctx *c, const wasmgate_value *a, wasmgate_value *r) { (void)c, (void)a; r[0].i32 = 1; return 0; }',
        }),
      ),
    );
  const SEVEN = '.module = "kit", .name = "seven", .signature = "() -> i32", .callback = one';

  it('JavaScript comes first, and needs no grant', () => {
    const { exports } = opened(kitModule(['seven', 'eight']), {
      plugins: [path()],
      grants: { plugins: { kit: ['eight'] } },
      imports: { kit: { seven: () => 70 } },
    });
    assert.deepEqual([exports.seven(), exports.eight()], [70, 8]);
  });

  it('without any plugin, or one that has it not, it is missing', () => {
    const text = '(module (import "kit" "nowhere" (func)) (import "kit" "seven" (func (result i32))))';
    refuses(() => new Instance(Buffer.from(text)), 'ERR_IMPORT_MISSING', { imports: ['kit.nowhere', 'kit.seven'] });
    refuses(() => new Instance(Buffer.from(text), { plugins: [path()] }), 'ERR_IMPORT_MISSING', {
      imports: ['kit.nowhere'],
    });
  });

  it('of another type than the plugin has it', () => {
    const module = Buffer.from('(module (import "kit" "i32" (func (param i64) (result i32))))');
    refuses(
      () => new Instance(module, { plugins: [path()], grants: { plugins: { kit: true } } }),
      'ERR_SIGNATURE_MISMATCH',
      {
        import: 'kit.i32',
        message:
          'kit.i32: the module imports it as (i64) -> i32, the function of the plugin kit is (i32) -> i32 (ERR_SIGNATURE_MISMATCH)',
      },
    );
  });

  it('two plugins for it, or of one name: which would be a matter of order', () => {
    const second = other([SEVEN], 'second');
    const grants = { plugins: { kit: true, second: true } };
    refuses(() => new Instance(kitModule(['seven']), { plugins: [path(), second], grants }), 'ERR_OPTION_RANGE', {
      message: /^plugins: both kit and second provide kit\.seven/,
    });
    const { exports } = opened(kitModule(['eight']), { plugins: [path(), second], grants });
    assert.equal(exports.eight(), 8);
    const twin = other(['.module = "x", .name = "y", .signature = "() -> i32", .callback = one'], 'kit');
    refuses(() => new Instance(kitModule(['seven']), { plugins: [path(), twin] }), 'ERR_OPTION_RANGE', {
      message: /^plugins: two of them are called kit/,
    });
  });

  it('the same plugin twice is no matter', () => {
    const options = { plugins: [path(), Plugin.load(path())], grants: { plugins: { kit: true } } };
    assert.equal(opened(kitModule(['seven']), options).exports.seven(), 7);
  });
});
