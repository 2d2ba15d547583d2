'use strict';

const fs = require('node:fs');
const { builtinModules } = require('node:module');
const path = require('node:path');
const { nearest } = require('../errors');
const { UsageError } = require('./arguments');
const { print, visible } = require('./output');

const TEMPLATES = path.join(__dirname, 'template');

/** What a name must not be: Cargo, Rust, npm or Node.js give it a meaning, or the project depends on it. */
const TAKEN = new Set([
  ...'abstract as async await become box break const continue crate do dyn else enum extern false final fn for gen if impl'.split(
    ' ',
  ),
  ...'in let loop macro match mod move mut override priv pub ref return self static struct super trait true try'.split(
    ' ',
  ),
  ...'type typeof unsafe unsized use virtual where while yield'.split(' '),
  ...'alloc core proc-macro std test build deps examples incremental'.split(' '),
  ...'aux com1 com2 con lpt1 lpt2 nul prn favicon.ico node-modules'.split(' '),
  ...'express mocha wasmgate wasm-bindgen'.split(' '),
  ...builtinModules,
]);

const MAX_NAME = 64;

function checkName(name, command = 'new') {
  const wrong = (why) => new UsageError(`"${visible(name)}" cannot be the name of a project: ${why}`, command);
  if (!/^[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*$/.test(name)) {
    throw wrong('expected small letters, digits, and single "-" or "_" between them, a letter first (see --name)');
  }
  if (name.length > MAX_NAME) throw wrong(`it has ${name.length} characters, more than ${MAX_NAME}`);
  if (TAKEN.has(name) || TAKEN.has(name.replaceAll('_', '-'))) throw wrong('the name is taken (see --name)');
}

/** Makes the directory, or finds it empty. */
function prepare(dir) {
  try {
    fs.mkdirSync(dir, { recursive: true });
    if (fs.readdirSync(dir).length === 0) return;
  } catch (error) {
    throw new Error(`${dir}: cannot be made: ${error.message}`, { cause: error });
  }
  throw new Error(`${dir}: is not empty`);
}

/** Paths of the files of a template, inside it. */
const filesOf = (dir) =>
  fs
    .readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(dir, path.join(entry.parentPath ?? entry.path, entry.name)))
    .sort();

/** npm leaves out files of this name, so the template has it without the dot. */
const targetOf = (file) => file.replace(/^gitignore$/, '.gitignore');

/** Writes the files of a template with these words in their places; returns lines that tell which. */
function write(from, dir, words) {
  return filesOf(from).map((file) => {
    const text = fs.readFileSync(path.join(from, file), 'utf8');
    const target = path.join(dir, targetOf(file));
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(
      target,
      text.replace(/\{\{(\w+)\}\}/g, (_, word) => words[word]),
      { flag: 'wx' },
    );
    return `  ${target}`;
  });
}

function run({ template = 'bindgen', name: given }, [dir]) {
  const templates = fs.readdirSync(TEMPLATES);
  if (!templates.includes(template)) {
    const hint = nearest(template, templates) || `: there is ${templates.join(' and ')}`;
    throw new UsageError(`there is no template "${template}"${hint}`, 'new');
  }
  const name = given ?? path.basename(path.resolve(dir));
  checkName(name);
  prepare(dir);

  const words = { name, crate: name.replaceAll('-', '_'), version: require('../../package.json').version };
  const lines = write(path.join(TEMPLATES, template), dir, words);
  const steps = [...(path.resolve(dir) === process.cwd() ? [] : [`cd ${dir}`]), 'npm install', 'npm test', 'npm start'];
  print(['Made', ...lines, '', 'Next', ...steps.map((step) => `  ${step}`)].join('\n'));
}

module.exports = {
  summary: 'start a project: a Rust crate, an Express server that calls it, tests',
  about: [
    'bindgen: a library with wasm-bindgen, called like JavaScript. wasi: a program that reads and writes files, run ' +
      'for each request with a directory of its own.',
    'The project is named after the directory. Building it needs Rust; rustup gets the target by itself.',
  ],
  positionals: [{ name: 'dir', help: 'a directory that is empty or not there yet' }],
  options: {
    template: { type: 'string', value: 'NAME', help: 'bindgen (the default) or wasi' },
    name: { type: 'string', value: 'NAME', help: 'name of the project, if not that of the directory' },
  },
  examples: ['wasmgate new greeter', 'wasmgate new reverser --template wasi'],
  run,
  checkName,
  prepare,
  write,
};
