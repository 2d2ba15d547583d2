'use strict';

const assert = require('node:assert/strict');
const { VM } = require('../..');
const { fixture } = require('../fixtures');
const { MESSAGE, fails, watVM, allocator, echoes } = require('./vm-helpers');

const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const TYPE = [1, 4, 1, 0x60, 0, 0];
const FUNCTION = [3, 2, 1, 0];
const binary = (...sections) => Uint8Array.from([...HEADER, ...sections.flat()]);
const body = (...code) => binary(TYPE, FUNCTION, [10, code.length + 4, 1, code.length + 2, 0, ...code, 0x0b]);

describe('VM: modules that are refused', () => {
  for (const [what, bytes, code = 'ERR_MODULE_INVALID'] of [
    ['nothing after the magic number', Uint8Array.from(HEADER.slice(0, 4))],
    ['another version', Uint8Array.from([...HEADER.slice(0, 4), 2, 0, 0, 0])],
    ['a component', Uint8Array.from([...HEADER.slice(0, 4), 13, 0, 1, 0]), 'ERR_MODULE_UNSUPPORTED'],
    ['a truncated section', binary([1, 5, 1])],
    ['an unknown section', binary([99, 0])],
    ['sections out of order', binary(TYPE, TYPE)],
    ['a section that is too long', binary([1, 5, 1, 0x60, 0, 0, 0])],
    ['an endless number', binary([1, 0x80, 0x80, 0x80, 0x80, 0x80, 0])],
    ['a name that is not UTF-8', binary([0, 2, 1, 0xff])],
    ['functions without code', binary(TYPE, FUNCTION)],
    ['an unknown instruction', body(0xff)],
    ['an unknown vector instruction', body(0xfd, 0xff, 0x0b)],
    ['a function without an end', body(0x02, 0x40)],
    ['an ELF file', Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 0, 0]), 'ERR_SOURCE_FORMAT'],
  ]) {
    it(`as malformed: ${what}`, () => {
      fails(() => new VM(bytes).Run('f'), MESSAGE.load, code);
    });
  }

  for (const [what, bytes] of [
    ['a function that leaves a value', body(0x41, 0)],
    ['a function that takes a value from nowhere', body(0x1a)],
    ['a call of a function that is not there', body(0x10, 7)],
    ['an export of a function that is not there', binary([7, 5, 1, 1, 0x61, 0, 0])],
    ['two exports of one name', binary(TYPE, FUNCTION, [7, 9, 2, 1, 97, 0, 0, 1, 97, 0, 0], [10, 4, 1, 2, 0, 0x0b])],
    ['a memory with its limits the wrong way round', binary([5, 4, 1, 1, 2, 1])],
    [
      'a start function with a wrong type',
      binary([1, 5, 1, 0x60, 1, 0x7f, 0], FUNCTION, [8, 1, 0], [10, 4, 1, 2, 0, 11]),
    ],
  ]) {
    it(`as invalid: ${what}`, () => {
      fails(() => new VM(bytes).Run('f'), MESSAGE.validate, 'ERR_MODULE_INVALID');
    });
  }

  for (const [what, text, code] of [
    ['an unknown import', '(import "env" "f" (func))', 'ERR_IMPORT_MISSING'],
    ['WASI under its old name', '(import "wasi_unstable" "proc_exit" (func (param i32)))', 'ERR_IMPORT_MISSING'],
    ['an unknown WASI function', '(import "wasi_snapshot_preview1" "f" (func))', 'ERR_IMPORT_MISSING'],
    ['a WASI function of another type', '(import "wasi_snapshot_preview1" "proc_exit" (func))', 'ERR_IMPORT_MISSING'],
    ['an imported memory', '(import "env" "memory" (memory 1))', 'ERR_IMPORT_MISSING'],
    ['a start function that traps', '(func $s unreachable) (start $s)', 'ERR_START'],
    ['a data segment out of range', '(memory 1) (data (i32.const 65536) "x")', 'ERR_START'],
    ['an element segment out of range', '(table 1 funcref) (func $f) (elem (i32.const 1) $f)', 'ERR_START'],
  ]) {
    it(`at instantiation: ${what}`, () => {
      const vm = watVM(`${text} (func (export "f"))`);
      fails(() => vm.Run('f'), MESSAGE.instantiate, code);
      fails(() => vm.Run('f'), MESSAGE.instantiate, code);
    });
  }
});

describe('VM: calls that fail', () => {
  const guest = `${allocator()} ${echoes}
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "divide") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
    (func $deep (export "deep") (call $deep))
    (func (export "reference") (param externref))
    (func (export "vector") (param v128))
    (global (export "global") i32 (i32.const 0))`;

  for (const [what, call, code] of [
    ['a trap', (vm) => vm.RunInt('divide', 1, 0), 'ERR_TRAP'],
    ['endless recursion', (vm) => vm.Run('deep'), 'ERR_TRAP'],
    ['a missing export', (vm) => vm.Run('nothing'), 'ERR_EXPORT_MISSING'],
    ['a missing export, called with text', (vm) => vm.RunString('nothing', 'x'), 'ERR_EXPORT_MISSING'],
    ['an empty name', (vm) => vm.Run(''), 'ERR_EXPORT_MISSING'],
    ['a name with a NUL', (vm) => vm.Run('add\0'), 'ERR_EXPORT_MISSING'],
    ['a name of Object.prototype', (vm) => vm.Run('toString'), 'ERR_EXPORT_MISSING'],
    ['an export that is no function', (vm) => vm.RunInt('global'), 'ERR_EXPORT_MISSING'],
    ['too few arguments', (vm) => vm.RunInt('add', 1), 'ERR_ARG_COUNT'],
    ['too many arguments', (vm) => vm.RunInt('add', 1, 2, 3), 'ERR_ARG_COUNT'],
    ['a text too many', (vm) => vm.RunInt('add', 1, 'x'), 'ERR_ARG_COUNT'],
    ['a method that passes a pointer too many', (vm) => vm.RunString('add', 1, 2), 'ERR_ARG_COUNT'],
    ['halves for whole numbers', (vm) => vm.RunInt64('add', 1, 2), 'ERR_ARG_COUNT'],
    ['a parameter that is a reference', (vm) => vm.Run('reference', 1), 'ERR_ARG_COUNT'],
    ['a parameter that is a vector', (vm) => vm.Run('vector', 1), 'ERR_ARG_COUNT'],
    ['no name', (vm) => vm.Run(), 'ERR_ARG_TYPE'],
    ['a number as the name', (vm) => vm.RunInt(1), 'ERR_ARG_TYPE'],
    ['a symbol as the name', (vm) => vm.RunInt(Symbol('add'), 1, 2), 'ERR_ARG_TYPE'],
    ['a String object as the name', (vm) => vm.RunInt(new String('add'), 1, 2), 'ERR_ARG_TYPE'],
  ]) {
    it(`${what}, and works again after`, () => {
      const vm = watVM(guest);
      fails(() => call(vm), MESSAGE.run, code);
      assert.equal(vm.RunInt('add', 1, 2), 3);
    });
  }

  it('the cause says what the guest did', () => {
    const cause = fails(() => watVM(guest).RunInt('divide', 1, 0), MESSAGE.run, 'ERR_TRAP');
    assert.equal(cause.name, 'WasmError');
    assert.equal(cause.trap, 'integer_division_by_zero');
    assert.match(cause.wasmStack, /^0: /);
  });

  it('a Rust guest that panicked works again after', () => {
    const vm = new VM(fixture('panics'));
    const calls = [
      ['unwrap_none', 'ERR_PANIC'],
      ['divide', 'ERR_PANIC', 1, 0],
      ['index', 'ERR_PANIC', 3],
    ];
    for (const [name, code, ...args] of calls) {
      fails(() => vm.RunInt(name, ...args), MESSAGE.run, code);
      assert.equal(vm.RunUInt('ok'), 7);
    }
  });

  it('arguments are looked at before the name', () => {
    fails(() => watVM(guest).Run('nothing', null), MESSAGE.argument, 'ERR_ARG_TYPE');
  });

  it('the module is looked at before the arguments', () => {
    fails(() => new VM(body(0x1a)).Run('f', null), MESSAGE.validate, 'ERR_MODULE_INVALID');
  });
});

describe('VM: helper functions that fail', () => {
  const malloc = (type, code = '') => `(memory (export "memory") 1) (func (export "__wbindgen_malloc") ${type} ${code})
    (func (export "f") (param i32 i32) (result i32) (local.get 1)) (func (export "five") (result i32) (i32.const 5))`;
  for (const [what, text, code] of [
    ['missing', malloc('(param i32) (result i32)', '(i32.const 64)').replace('__wb', '__'), 'ERR_EXPORT_MISSING'],
    ['trapping', malloc('(param i32) (result i32)', 'unreachable'), 'ERR_TRAP'],
    ['of another type', malloc('(param i64) (result i32)', '(i32.const 64)'), 'ERR_EXPORT_UNSUPPORTED'],
    ['without a result', malloc('(param i32)'), 'ERR_EXPORT_UNSUPPORTED'],
    ['giving the end of memory', malloc('(param i32) (result i32)', '(i32.const 65536)'), 'ERR_MEMORY_BOUNDS'],
    ['giving a place that is too small', malloc('(param i32) (result i32)', '(i32.const 65534)'), 'ERR_MEMORY_BOUNDS'],
    ['giving a negative address', malloc('(param i32) (result i32)', '(i32.const -1)'), 'ERR_MEMORY_BOUNDS'],
  ]) {
    it(`__wbindgen_malloc ${what}`, () => {
      const vm = watVM(text);
      fails(() => vm.RunInt('f', 'abc'), MESSAGE.malloc, code);
      fails(() => vm.RunInt('f', Uint8Array.of(1, 2, 3)), MESSAGE.malloc, code);
      assert.equal(vm.RunInt('five'), 5);
    });
  }

  it('__wbindgen_malloc exiting', () => {
    const vm = watVM(`(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      ${malloc('(param i32) (result i32)', '(call $exit (i32.const 0)) unreachable')}`);
    fails(() => vm.RunInt('f', 'abc'), MESSAGE.malloc, 'ERR_EXIT');
  });

  const free = (declaration) => `(memory (export "memory") 1) ${echoes} ${declaration}
    (func (export "f") (param i32) (call $slice (local.get 0) (i32.const 64) (i32.const 1)))
    (func (export "five") (result i32) (i32.const 5))`;
  for (const [what, text, code] of [
    ['missing', free(''), 'ERR_EXPORT_MISSING'],
    ['trapping', free('(func (export "__wbindgen_free") (param i32 i32) unreachable)'), 'ERR_TRAP'],
    ['of another type', free('(func (export "__wbindgen_free") (param i32))'), 'ERR_EXPORT_UNSUPPORTED'],
  ]) {
    it(`__wbindgen_free ${what}`, () => {
      const vm = watVM(text);
      fails(() => vm.RunString('f'), MESSAGE.free, code);
      fails(() => vm.RunUint8Array('f'), MESSAGE.free, code);
      assert.equal(vm.RunInt('five'), 5);
    });
  }
});

describe('VM: guests without memory', () => {
  it('work as long as no text or bytes pass', () => {
    const vm = watVM(`(func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
      (func (export "wide") (param i64) (result i64) (local.get 0)) (func (export "_start"))`);
    assert.equal(vm.RunInt('add', 1, 2), 3);
    assert.equal(vm.RunInt64('wide', -3), -3);
    assert.equal(vm.Start(), 0);
  });

  it('fail as soon as they do', () => {
    const vm = watVM(`(func (export "__wbindgen_malloc") (param i32) (result i32) (i32.const 64))
      (func (export "f") (param i32 i32) (result i32) (local.get 1))`);
    fails(() => vm.RunInt('f', 'abc'), MESSAGE.run, 'ERR_MEMORY_BOUNDS');
    assert.equal(vm.RunInt('f', 1, 2), 2);
  });
});
