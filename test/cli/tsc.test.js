'use strict';

// That TypeScript takes the generated declarations, and refuses wrong uses of them.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const ts = require('@tsd/typescript');
const { inspect } = require('../..');
const { declarations } = require('../../js/cli/declarations');
const { apiOf } = require('../../js/cli/fallback');
const { fixture } = require('../fixtures');
const { bytesOf, root } = require('../helpers');
const { file } = require('./helpers');
const shapes = require('./golden/shapes.json');

const IMPORTS = `import { Instance, Module } from 'wasmgate';
const open = (name: string) => new Instance<typeof import('./app')>(Module.load(name)).exports;
`;

/** Compiles a program beside app.d.ts; what is wrong, as texts. */
function check(types, program, options = {}) {
  const app = file('app.d.ts', types);
  const main = path.join(path.dirname(app), 'main.ts');
  fs.writeFileSync(main, program);
  const settings = {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    lib: ['lib.es2022.d.ts'],
    types: [],
    paths: { wasmgate: [path.join(root, 'js/index.d.ts')] },
    ...options,
  };
  const diagnostics = ts.getPreEmitDiagnostics(ts.createProgram([app, main], settings));
  return diagnostics.map(({ file: where, start, messageText }) => {
    const line = where === undefined ? 0 : where.getLineAndCharacterOfPosition(start).line + 1;
    return `${path.basename(where?.fileName ?? '')}:${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}

const hello = () => declarations(apiOf(inspect(fixture('hello'))), 'hello_bg.wasm');
const shapesText = () => declarations(shapes, 'shapes_bg.wasm');

describe('generated declarations', function () {
  this.timeout(60000);

  it('type an instance', () => {
    const program = `${IMPORTS}
      const guest = open('app.wasm');
      const text: string = guest.say('Ada');
      const sum: number = guest.add(1, 2);
      const common: bigint = guest.lcm(4n, 6n);
      const bytes: Uint8Array = guest.reverse(new Uint8Array(3));
      new Instance<typeof import('./app')>(Module.load('app.wasm')).call('say', 'Ada').length;
      void [text, sum, common, bytes];`;
    assert.deepEqual(check(hello(), program), []);
    assert.deepEqual(check(hello(), program, { isolatedModules: true, verbatimModuleSyntax: false }), []);
  });

  it('refuse wrong uses of it, each by itself', () => {
    const program = `${IMPORTS}
      const guest = open('app.wasm');
      // @ts-expect-error
      guest.say(1);
      // @ts-expect-error
      guest.say();
      // @ts-expect-error
      guest.say('a', 'b');
      // @ts-expect-error
      guest.sya('Ada');
      // @ts-expect-error
      guest.lcm(4, 6);
      // @ts-expect-error
      const text: number = guest.say('Ada');
      // @ts-expect-error
      guest.reverse('text');
      // @ts-expect-error
      guest.say = (name: string) => name;
      // @ts-expect-error
      new Instance<typeof import('./app')>(Module.load('app.wasm')).call('sya', 'Ada');
      void text;`;
    assert.deepEqual(check(hello(), program), []);
  });

  it('a mistake is found where it is', () => {
    const [problem, ...others] = check(hello(), `${IMPORTS}\nopen('app.wasm').say(1);`);
    assert.match(problem, /^main\.ts:4: Argument of type 'number' is not assignable to parameter of type 'string'/);
    assert.deepEqual(others, []);
  });

  // What Instance's type parameter has to take as well: classes, enums and namespaces among the exports.
  const SHAPES = `
    import type * as App from './app';
    declare const guest: Readonly<typeof App>;
  `;

  it('type classes, enums, namespaces and everything else', () => {
    const program = `${SHAPES}
      {
        using counter: App.Counter = new guest.Counter(3);
        const next: number = counter.increment() + counter.value;
        counter.step = 2;
        const all: App.Counter = guest.Counter.of(1, 'two');
        const made: bigint = guest.Counter.made;
        all.free();
        void [next, made];
      }
      const color: App.Color = guest.next_color(guest.Color.Red);
      const ten: 10 = guest.Color.Green;
      const negative: -1 = guest.Color.Other;
      const name: string = guest.Color[0];
      guest.next_color(10);
      const unit: App.Unit = "it's";
      guest.make_point(unit).x = 1;
      const pending: Promise<string> = guest.fetch_it('/', null);
      const number: Promise<number> = guest.already();
      const sum: number = guest.sum(1, 2, 3);
      const joined: string = guest.text.join('a', 'b');
      guest.text.edit.delete('a', undefined, 1);
      const buffer: App.text.edit.Buffer = guest.edit(1);
      guest.default();
      guest.secret()?.free();
      const options: App.Options = { depth: 1 };
      guest.configure();
      guest.configure(options);
      void [color, ten, negative, name, pending, number, sum, joined, buffer];`;
    assert.deepEqual(check(shapesText(), program), []);
  });

  it('refuse wrong uses of these', () => {
    const program = `${SHAPES}
      // @ts-expect-error
      new guest.Counter('3');
      // @ts-expect-error
      new guest.Point();
      // @ts-expect-error
      new guest.text.edit.Buffer();
      // @ts-expect-error
      new guest.Counter(1).value = 2;
      // @ts-expect-error
      guest.Counter.made = 1n;
      // @ts-expect-error
      new guest.Counter(1).on(() => {});
      // @ts-expect-error
      guest.next_color('Red');
      // @ts-expect-error
      guest.next_color(7);
      // @ts-expect-error
      guest.Color.Red = 1;
      // @ts-expect-error
      guest.Color.Blue;
      // @ts-expect-error
      guest.make_point('mile');
      // @ts-expect-error
      guest.sum(1, '2');
      // @ts-expect-error
      guest.text.edit.delete('a', 1);
      // @ts-expect-error
      guest.with_closure(() => {});
      // @ts-expect-error
      guest.Hidden;
      // @ts-expect-error
      guest._default();
      // @ts-expect-error
      guest.edit('A');
      // @ts-expect-error
      guest.Inner;
      // @ts-expect-error
      guest.text.Inner;
      // @ts-expect-error
      const outside: App.Buffer = guest.edit(1);
      // @ts-expect-error
      guest.configure({ deep: 1 });
      // @ts-expect-error
      const text: string = guest.fetch_it('/');
      void [text, outside];`;
    assert.deepEqual(check(shapesText(), program), []);
  });

  it('take exports of any name', () => {
    const names = ['a-b', "it's", '', 'class', 'default', 'any', 'ü', '$', 'a\\b', '\n', '🦀', '__proto__', 'then'];
    const wat = names.map((name) => {
      const bytes = [...Buffer.from(name)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
      return `(func (export "${bytes}") (result i32) i32.const 1)`;
    });
    const types = declarations(apiOf(inspect(bytesOf(wat.join(' ')))), 'x.wasm');
    const uses = names.map((name) => `const _${names.indexOf(name)}: number = guest[${JSON.stringify(name)}]();`);
    assert.deepEqual(check(types, `${IMPORTS}\nconst guest = open('app.wasm');\n${uses.join('\n')}`), []);
  });

  it('of every fixture are valid', () => {
    const names = ['bytes', 'numbers', 'results', 'panics', 'growth', 'exports_js', 'wasi_command', 'wasi_lib', 'ssvm'];
    for (const name of names) {
      const types = declarations(apiOf(inspect(fixture(name))), name);
      assert.deepEqual(check(types, `import type * as App from './app';\nexport type T = typeof App;`), [], name);
    }
  });
});
