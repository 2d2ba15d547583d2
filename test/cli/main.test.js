'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const commands = require('../../js/cli/commands');
const { version } = require('../../package.json');
const { fixture } = require('../fixtures');
const { root } = require('../helpers');
const { cli, fails, file, prints } = require('./helpers');

const WITHOUT_LIBRARY = { env: { WASMGATE_BINARY: file('missing', '') } };

describe('wasmgate', () => {
  it('is what package.json says', () => {
    const { bin } = require('../../package.json');
    assert.deepEqual(bin, { wasmgate: 'js/cli/main.js' });
    const target = path.join(root, bin.wasmgate);
    assert.match(fs.readFileSync(target, 'utf8'), /^#!\/usr\/bin\/env node\n/);
    assert.ok((fs.statSync(target).mode & 0o111) !== 0, 'executable');
  });

  it('--version', async () => {
    for (const word of ['--version', '-V']) assert.equal(await prints([word], WITHOUT_LIBRARY), `${version}\n`);
  });

  it('--help lists every command, without the native library', async () => {
    const text = await prints(['--help'], WITHOUT_LIBRARY);
    for (const [name, { summary }] of commands) assert.ok(text.includes(`  ${name} `) && text.includes(summary), name);
    for (const words of [['-h'], ['help'], ['help', 'help']]) assert.equal(await prints(words, WITHOUT_LIBRARY), text);
  });

  for (const [name, command] of commands) {
    it(`help ${name} tells its arguments and options`, async () => {
      const text = await prints(['help', name], WITHOUT_LIBRARY);
      assert.match(text, new RegExp(`^Usage: wasmgate ${name} \\[options\\] `));
      for (const option of Object.keys(command.options)) assert.ok(text.includes(`--${option}`), option);
      for (const example of command.examples) assert.ok(text.includes(`  ${example}\n`), example);
      for (const line of text.split('\n')) assert.ok(line.length <= 80, line);
      for (const words of [
        [name, '--help'],
        [name, '-h'],
        ['--help', name],
        [name, 'a', 'b', '--help'],
      ]) {
        assert.equal(await prints(words, WITHOUT_LIBRARY), text);
      }
    });

    it(`${name} without arguments is an error`, () => fails([name], 2, /<\w+> is missing/));
  }

  it('alone shows the help as an error', async () => {
    const { code, stdout, stderr } = await cli([]);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /^wasmgate .*\n[^]*Commands/);
  });

  it('an unknown command: the nearest one', async () => {
    await fails(['inspct', 'x'], 2, /no command "inspct" \(did you mean "inspect"\?\)$/);
    await fails(['help', 'tyeps'], 2, /no command "tyeps" \(did you mean "types"\?\)$/);
    await fails(['hlep'], 2, /\(did you mean "help"\?\)$/);
    await fails(['frobnicate'], 2, /no command "frobnicate"$/);
    await fails(['constructor'], 2, /no command "constructor"$/);
    await fails([''], 2, /no command ""$/);
  });

  it('an unknown option: the nearest one', async () => {
    await fails(['--vresion'], 2, /no option "--vresion" \(did you mean "--version"\?\)$/);
    const [hint] = await fails(['inspect', '--jsn', 'x'], 2, /no option "--jsn" \(did you mean "--json"\?\)$/);
    assert.equal(hint, '"wasmgate help inspect" tells more');
    await fails(['inspect', 'x', '-x'], 2, /inspect has no option "-x"/);
    await fails(['inspect', 'x', '--constructor'], 2, /inspect has no option "--constructor"$/);
    await fails(['inspect', 'x', '--version'], 2, /inspect has no option "--version"/);
  });

  it('options that are used wrongly', async () => {
    await fails(['inspect', 'x', '--json=yes'], 2, /--json takes no value, got "yes"/);
    await fails(['types', 'x', '-o'], 2, /-o needs a value: -o FILE/);
    await fails(['types', 'x', '--out', '--force'], 2, /--out needs a value: --out FILE/);
    await fails(['types', 'x', '-o', 'a', '-o', 'b'], 2, /-o is given twice/);
    await fails(['inspect', 'x', 'y'], 2, /"y" is one argument too many/);
  });

  it('files that are no modules: one line, with the code', async () => {
    const bad = file('bad.wat', '(module (func (export "f") (result i32) i32.cons 1))');
    for (const [source, pattern] of [
      ['missing.wasm', /^wasmgate: missing\.wasm: .*no such file.*\(ERR_SOURCE_READ\)$/],
      ['file:missing.wasm', /file:missing\.wasm: .*\(ERR_SOURCE_READ\)$/],
      [path.dirname(bad), /is a directory.*\(ERR_SOURCE_READ\)$/],
      ['', /\(ERR_SOURCE_TYPE\)$/],
      [file('text.wasm', '# just a text'), /text\.wasm: not WebAssembly.*\(ERR_SOURCE_FORMAT\)$/],
      [file('empty.wasm', ''), /\(ERR_SOURCE_FORMAT\)$/],
      [file('cut.wasm', fs.readFileSync(fixture('hello')).subarray(0, 5000)), /cut\.wasm: .*\(ERR_MODULE_INVALID\)$/],
      [file('cut.gz', Buffer.from('1f8b0800', 'hex')), /\(ERR_SOURCE_COMPRESSION\)$/],
      [bad, /bad\.wat: .*\(ERR_TEXT_SYNTAX\)$/],
    ]) {
      for (const command of ['inspect', 'types', 'run']) {
        assert.deepEqual(await fails([command, source], 1, pattern), [], command);
      }
    }
  });

  it('--verbose shows the stack as well', async () => {
    for (const words of [
      ['inspect', 'missing.wasm', '--verbose'],
      ['--verbose', 'inspect', 'missing.wasm'],
    ]) {
      const { code, stderr } = await cli(words);
      assert.equal(code, 1);
      assert.match(stderr, /^wasmgate: missing\.wasm: .*\n[^]*^ {4}at .*:\d+:\d+\)?$/m);
    }
  });

  it('says so if the native library is missing, over several lines', async () => {
    const { code, stdout, stderr } = await cli(['inspect', fixture('hello')], WITHOUT_LIBRARY);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^wasmgate: cannot load the native library.*\n {2}- WASMGATE_BINARY/);
  });

  it('messages do not control the terminal', async () => {
    const { code, stderr } = await cli(['inspect', 'a\x1b[31m\u202eb\x07.wasm']);
    assert.equal(code, 1);
    assert.doesNotMatch(stderr, /[^\n -~]/);
    assert.match(stderr, /a\\u\{1b\}\[31m\\u\{202e\}b\\u\{7\}\.wasm/);
  });

  it('survives a reader that stops', async () => {
    const exports = Array.from({ length: 30000 }, (_, i) => `(export "function_number_${i}" (func 0))`).join(' ');
    const big = file('big.wat', `(module (func) ${exports})`);
    for (const words of [
      ['inspect', big],
      ['inspect', big, '--json'],
      ['types', big],
    ]) {
      const shell = 'set -o pipefail; "$@" | head -1';
      const { code, stdout, stderr } = await cli(words, { shell });
      assert.deepEqual([code, stderr], [0, ''], words.join(' '));
      assert.equal(stdout.split('\n').length, 2);
    }
  });

  it('writes all of a long output to a pipe', async () => {
    const exports = Array.from({ length: 30000 }, (_, i) => `(export "f${i}" (func 0))`).join(' ');
    const text = await prints(['inspect', file('big.wat', `(module (func) ${exports})`), '--json'], {
      shell: '"$@" | (sleep 0.3; cat)',
    });
    assert.equal(JSON.parse(text).exports.length, 30000);
  });

  if (process.platform === 'linux') {
    it('fails if its output cannot be written', async () => {
      const { code, stderr } = await cli(['inspect', fixture('hello')], { shell: '"$@" > /dev/full' });
      assert.equal(code, 1);
      assert.match(stderr, /^wasmgate: standard output: ENOSPC.*\n$/);
    });
  }
});
