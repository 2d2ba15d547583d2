'use strict';

const assert = require('node:assert/strict');
const { Instance, Module, inspect } = require('../..');
const { bytesOf, refuses, track } = require('../helpers');

const F = '(func (export "f") (param i32) (result i32) local.get 0)';
const section = (lines) => `(@custom "wasmgate" "${lines.replaceAll('\n', '\\0a')}")`;
const load = (lines, rest = F) => track(Module.load(bytesOf(`${rest} ${section(lines)}`)));

describe('guest crate: sections that are not as they should be', () => {
  for (const [name, lines, code, message] of [
    ['an unknown version', 'wasmgate 2\nexport f (a: u8) -> u8\n', 'ERR_MODULE_UNSUPPORTED', /version 2 /],
    [
      'an unknown version after what is not understood',
      'export f )(\nwasmgate 9\n',
      'ERR_MODULE_UNSUPPORTED',
      /version 9 /,
    ],
    ['not UTF-8', 'wasmgate 1\ndoc f \\ff\n', 'ERR_MODULE_INVALID', /UTF-8/],
    ['no line feed at the end', 'wasmgate 1\nexport f (a: u8) -> u8', 'ERR_MODULE_INVALID', /last line/],
    ['a bad signature', 'wasmgate 1\nexport f (a: nope) -> u8\n', 'ERR_MODULE_INVALID', /nope/],
    ['an export twice', 'export f (a: u8) -> u8\nexport f (a: u8) -> u8\n', 'ERR_MODULE_INVALID', /twice/],
  ]) {
    it(`${name}: ${code}`, () => refuses(() => load(lines), code, { message }));
  }

  it('a signature that does not fit: the export is not usable, the import is refused', () => {
    const module = load('wasmgate 1\nexport f (a: f64) -> u8\n');
    assert.match(inspect(module).exports.find(({ name }) => name === 'f').unsupported, /does not fit/);
    refuses(() => track(new Instance(module)).exports.f(1), 'ERR_EXPORT_UNSUPPORTED');
    const rest = `(import "env" "g" (func (param i32))) ${F}`;
    refuses(() => load('import env g (a: f64) -> ()\n', rest), 'ERR_MODULE_INVALID', { message: /env\.g/ });
  });

  it('what is not there, and lines of later versions, are ignored', () => {
    const module = load(
      'wasmgate 1\nmore x\n\nexport gone (a: nope) -> u8\nimport env g (a: u8) -> ()\nexport f (a: u8) -> u8\n',
    );
    const { exports } = track(new Instance(module));
    assert.deepEqual(Object.keys(exports), ['f']);
    assert.equal(exports.f(200), 200);
  });
});
