'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { UsageError } = require('./arguments');
const { declarations, isGenerated } = require('./declarations');
const { apiOf } = require('./fallback');
const { describeFile } = require('./modules');
const { print } = require('./output');

/** Replaces a file that this command wrote, not one that somebody else did. */
function write(file, text, force) {
  const says = (error) => new Error(`${file}: cannot be written: ${error.message}`, { cause: error });
  let old;
  try {
    old = fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code !== 'ENOENT') throw says(error);
  }
  if (old !== undefined && !force && !isGenerated(old)) {
    throw new Error(`${file}: is there and not from this command; --force replaces it`);
  }
  try {
    fs.writeFileSync(file, text);
  } catch (error) {
    throw says(error);
  }
}

function run({ out, force = false }, [file]) {
  if (force && out === undefined) throw new UsageError('--force needs --out', 'types');
  const text = declarations(apiOf(describeFile(file)), path.basename(file));
  if (out === undefined || out === '-') print(text);
  else write(out, text, force);
}

module.exports = {
  summary: "write TypeScript declarations of a module's exports",
  about: [
    "They are for new Instance<typeof import('./app')>(Module.load('app.wasm')). What cannot be called is there as " +
      'a comment with the reason.',
  ],
  positionals: [{ name: 'module', help: 'a .wasm or .wat file, as it is or compressed with gzip or zstd' }],
  options: {
    out: { type: 'string', short: 'o', value: 'FILE', help: 'write to a file, not to standard output' },
    force: { type: 'boolean', help: 'replace FILE although something else wrote it, such as wasm-bindgen' },
  },
  examples: ['wasmgate types app.wasm -o app.d.ts'],
  run,
};
