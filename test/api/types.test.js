'use strict';

// That the declarations are those of the code. What they say about types is tested by test/types.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const ts = require('@tsd/typescript');
const wasmgate = require('../..');
const codes = require('../../js/codes');
const { Memory } = require('../../js/memory');
const { moduleOptions } = require('../../js/options');

const root = path.join(__dirname, '../..');

function parse(name) {
  const file = path.join(root, 'js', name);
  return ts.createSourceFile(file, fs.readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
}

const index = parse('index.d.ts');
const ssvm = parse('ssvm.d.ts');
const statements = [...index.statements, ...ssvm.statements];

const has = (node, kind) => node.modifiers?.some((modifier) => modifier.kind === kind) ?? false;
const isPrivate = (node) => has(node, ts.SyntaxKind.PrivateKeyword);
const isStatic = (node) => has(node, ts.SyntaxKind.StaticKeyword);

/** The class, interface or type of that name. */
function declared(name) {
  const found = statements.find((node) => node.name?.text === name);
  assert.ok(found !== undefined, `${name} is not declared`);
  return found;
}

/** Names of the instance members, or the static ones, of a class or interface. */
function members(name, wantStatic = false) {
  const list = declared(name).members.filter(
    (node) => node.name !== undefined && !isPrivate(node) && isStatic(node) === wantStatic,
  );
  return [...new Set(list.map((node) => node.name.getText()))].sort();
}

/** The texts of a union of string literals. */
const union = (name) => declared(name).type.types.map((node) => node.literal.text);

/** What a class has at run time, spelt as in TypeScript. */
function actual(object, without) {
  const keys = Reflect.ownKeys(object).filter((key) => !without.includes(key));
  return keys.map((key) => (key === Symbol.dispose ? '[Symbol.dispose]' : String(key))).sort();
}

const FUNCTIONS = ['createWebAssembly', 'hostFn', 'inspect', 'run', 'runSync'];
const STATICS = ['length', 'name', 'prototype'];

describe('declarations', () => {
  it('are of every export, and of no other value', () => {
    const values = [];
    for (const node of index.statements) {
      if (ts.isExportDeclaration(node) && !node.isTypeOnly) {
        values.push(...node.exportClause.elements.map((element) => element.name.text));
      } else if (ts.isClassDeclaration(node) || ts.isFunctionDeclaration(node)) {
        assert.ok(has(node, ts.SyntaxKind.ExportKeyword), node.name.text);
        values.push(node.name.text);
      }
    }
    assert.deepEqual([...new Set(values)].sort(), Object.keys(wasmgate).sort());
  });

  it('are the same for the module that is imported', async () => {
    const imported = await import('../../js/index.mjs');
    assert.deepEqual(Object.keys(imported).sort(), [...Object.keys(wasmgate), 'default'].sort());
    for (const [name, value] of Object.entries(wasmgate)) assert.equal(imported[name], value);
  });

  it('of wasmgate/ssvm are of every export', () => {
    const values = ssvm.statements.filter(ts.isClassDeclaration).map((node) => node.name.text);
    assert.deepEqual(values, Object.keys(require('../../js/ssvm')));
  });

  for (const [name, type] of [...Object.entries(wasmgate), ['Memory', Memory]]) {
    if (type.prototype === undefined || FUNCTIONS.includes(name) || name === 'WasmError') continue;
    it(`are of every member of ${name}, and of no other`, () => {
      assert.deepEqual(members(name), actual(type.prototype, ['constructor']));
      assert.deepEqual(members(name, true), actual(type, STATICS));
    });
  }

  it('are of every member of the caller of a host function, and of no other', () => {
    let seen;
    const f = wasmgate.hostFn('()', (caller) => void (seen = caller), { caller: true });
    const source = Buffer.from(
      '(module (import "env" "f" (func $f)) (export "f" (func $f)) (memory (export "memory") 1))',
    );
    const fill = wasmgate.hostFn('()', ({ memory }) => {
      const prototype = Object.getPrototypeOf(memory);
      const more = actual(prototype, ['constructor']).filter((key) => !key.startsWith('Symbol('));
      assert.deepEqual(members('CallerMemory'), more);
    }, { caller: true }); // prettier-ignore
    for (const host of [f, fill]) new wasmgate.Instance(source, { imports: { env: { f: host } } }).exports.f();
    const all = actual(Object.getPrototypeOf(seen), ['constructor']).filter((key) => !key.startsWith('Symbol('));
    assert.deepEqual(members('Caller'), all);
    assert.deepEqual(members('HostFnOptions'), ['caller']);
  });

  it('of WasmError have every detail', () => {
    assert.deepEqual(members('WasmError'), [...members('ErrorDetails'), 'name'].sort());
    assert.deepEqual(actual(wasmgate.WasmError.prototype, ['constructor']), ['name']);
  });

  it('have every error code, and no other', () => {
    assert.deepEqual(
      union('ErrorCode').sort(),
      codes
        .slice(1)
        .map(([name]) => name)
        .sort(),
    );
  });

  it('have every trap, and no other', () => {
    const text = fs.readFileSync(path.join(root, 'go/engine/fail.c'), 'utf8');
    const table = text.slice(text.indexOf('} traps[] = {'), text.indexOf('};', text.indexOf('} traps[] = {')));
    const names = [...table.matchAll(/\{"(\w+)", "/g)].map((match) => match[1]);
    assert.ok(names.length > 10);
    assert.deepEqual(union('TrapName').sort(), [...names, 'other'].sort());
  });

  it('have every option of a module, and no other', () => {
    const samples = {
      interruptible: false,
      maxModuleBytes: 1,
      metering: true,
      sidecar: true,
      signatures: {},
      stackBytes: 1 << 20,
      trapOnGrowFailure: true,
    };
    assert.deepEqual(members('ModuleOptions'), Object.keys(samples));
    for (const [key, value] of Object.entries(samples)) {
      assert.equal(JSON.stringify(moduleOptions({ [key]: value })), JSON.stringify({ [key]: value }));
    }
    const text = fs.readFileSync(path.join(root, 'js/options.js'), 'utf8');
    const keys = ['MODULE', 'PROFILE'].flatMap((name) => {
      const table = new RegExp(`const ${name} = \\{([^}]*)\\}`).exec(text)[1].replace(/\.\.\.\w+/g, '');
      return [...table.matchAll(/(\w+)(?=[:,]|\s*$)/g)].map((match) => match[1]);
    });
    for (const key of Object.keys(samples)) assert.ok(keys.includes(key), key);
  });

  it('are documented, each of them', () => {
    const documented = (node) => (node.jsDoc?.length ?? 0) > 0;
    for (const node of statements) {
      if (!has(node, ts.SyntaxKind.ExportKeyword)) continue;
      assert.ok(documented(node), node.name.text);
      if (node.name.text === 'WasmError' || !ts.isClassDeclaration(node)) continue;
      for (const member of node.members) {
        assert.ok(isPrivate(member) || documented(member), `${node.name.text}: ${member.getText()}`);
      }
    }
  });

  it('show examples of five lines at most', () => {
    for (const file of [index, ssvm]) {
      for (const [, example] of file.text.matchAll(/@example\n((?: \* .*\n)+)/g)) {
        assert.ok(example.trimEnd().split('\n').length <= 5, example);
      }
    }
  });
});
