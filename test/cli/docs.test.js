'use strict';

// docs/cli.md shows what the tool prints: each "$ wasmgate …" there is run, in
// one directory, and what follows it is what comes out, but for times.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { fixture } = require('../fixtures');
const { root, scratch } = require('../helpers');
const { cli } = require('./helpers');

/** [{ line, expected }] of every block of console output. */
function examples(text) {
  const blocks = [...text.matchAll(/^```console\n([^]*?)^```$/gm)].map((match) => match[1]);
  return blocks.flatMap((block) =>
    block
      .split(/^\$ /m)
      .filter((part) => part !== '')
      .map((part) => {
        const end = part.indexOf('\n');
        return { line: part.slice(0, end), expected: part.slice(end + 1) };
      }),
  );
}

/** The words of a line, with 'quoted' ones. */
const words = (line) => [...line.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2]);

/** Times are never the same twice. */
const timeless = (text) => text.replace(/(?<="\w+Ns":)\d+/g, 'N');

describe('docs/cli.md', () => {
  const dir = scratch(`docs-${process.pid}`);
  let last;

  before(() => {
    fs.mkdirSync(path.join(dir, 'data'), { recursive: true });
    fs.copyFileSync(fixture('hello'), path.join(dir, 'app_bg.wasm'));
    fs.copyFileSync(path.join(path.dirname(fixture('hello')), 'hello.d.ts'), path.join(dir, 'app.d.ts'));
    fs.copyFileSync(fixture('wasi_command'), path.join(dir, 'tool.wasm'));
    fs.writeFileSync(path.join(dir, 'data/in.txt'), 'drawer');
  });

  const all = examples(fs.readFileSync(path.join(root, 'docs/cli.md'), 'utf8'));

  for (const { line, expected } of all) {
    it(line, async () => {
      const [program, ...rest] = words(line);
      if (program === 'echo') {
        assert.equal(`${last.code}\n`, expected);
      } else if (program === 'cat') {
        assert.equal(`${fs.readFileSync(path.join(dir, rest[0]), 'utf8').trimEnd()}\n`, expected);
      } else {
        assert.equal(program, 'wasmgate');
        last = await cli(rest, { cwd: dir });
        assert.equal(timeless(last.stdout + last.stderr), timeless(expected));
      }
    });
  }

  it('shows every command', () => {
    const shown = new Set(all.map(({ line }) => words(line)[1]));
    for (const name of require('../../js/cli/commands').keys()) assert.ok(shown.has(name), name);
  });
});
