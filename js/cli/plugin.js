'use strict';

// Libraries with host functions: starting one, looking at one, finding the header.

const fs = require('node:fs');
const path = require('node:path');
const { nearest } = require('../errors');
const { UsageError } = require('./arguments');
const { checkName, prepare, write } = require('./new');
const { hasColors, print, styles, table, visible } = require('./output');

const TEMPLATES = path.join(__dirname, 'template-plugin');
const LANGUAGES = ['c', 'rust', 'go'];

const usage = (message) => new UsageError(message, 'plugin');

function make({ lang = 'c', name: given }, dir) {
  if (!LANGUAGES.includes(lang)) {
    throw usage(`there is no template for "${lang}": there is one for ${LANGUAGES.join(', ')}`);
  }
  const name = given ?? path.basename(path.resolve(dir));
  checkName(name, 'plugin');
  prepare(dir);
  const words = { name, crate: name.replaceAll('-', '_'), lang, version: require('../../package.json').version };
  const lines = [write(path.join(TEMPLATES, 'common'), dir, words), write(path.join(TEMPLATES, lang), dir, words)];
  const steps = [...(path.resolve(dir) === process.cwd() ? [] : [`cd ${dir}`]), 'npm install', 'npm test'];
  print(['Made', ...lines.flat().sort(), '', 'Next', ...steps.map((step) => `  ${step}`)].join('\n'));
}

function inspect({ json }, file) {
  const { Plugin } = require('..');
  const { path: real, name, version, functions } = Plugin.load(file.startsWith('file:') ? `./${file}` : file);
  if (json) {
    print(JSON.stringify({ path: real, name, version, functions }, null, 2));
    return;
  }
  const { stdout } = process;
  const style = styles(hasColors(stdout));
  const width = Math.max(40, stdout.isTTY ? (stdout.columns ?? 80) : 80);
  const sections = [`${style.bold(visible(name))} ${visible(version)}\n`];
  for (const grant of new Set(functions.map((entry) => entry.grant))) {
    const rows = functions
      .filter((entry) => entry.grant === grant)
      .map((entry) => [visible(`${entry.module}.${entry.name}`), visible(entry.signature)]);
    sections.push(`${style.bold('grant')} ${visible(grant)}\n${table(rows, width, { name: style.cyan })}`);
  }
  print(sections.join('\n'));
}

const ACTIONS = {
  new: [make, 'dir'],
  inspect: [inspect, 'library'],
  header: [() => print(path.join(require('..').Plugin.include, 'wasmgate_plugin.h'))],
};

function run(values, [action, target]) {
  if (!Object.hasOwn(ACTIONS, action)) {
    const names = Object.keys(ACTIONS);
    throw usage(`plugin has no "${action}"${nearest(action, names) || `: there is ${names.join(', ')}`}`);
  }
  const [start, needed] = ACTIONS[action];
  if (needed !== undefined && target === undefined) throw usage(`plugin ${action}: <${needed}> is missing`);
  if (needed === undefined && target !== undefined)
    throw usage(`plugin ${action}: "${target}" is one argument too many`);
  if (action === 'inspect' && !fs.existsSync(target)) throw new Error(`${target}: there is no such file`);
  start(values, target);
}

module.exports = {
  summary: 'start a library with host functions in C, Rust or Go, or look at one',
  about: [
    'new: makes a plugin in a directory, with a guest and a test. inspect: loads a plugin, which runs code of it, and ' +
      'lists its functions by the grants that they need. header: tells where wasmgate_plugin.h is.',
  ],
  positionals: [
    { name: 'action', help: 'new, inspect or header' },
    { name: 'target', help: 'the directory of a new one, or the library to look at', optional: true },
  ],
  options: {
    lang: { type: 'string', value: 'NAME', help: 'c (the default), rust or go' },
    name: { type: 'string', value: 'NAME', help: 'name of the plugin, if not that of the directory' },
    json: { type: 'boolean', help: 'print all that is known, as JSON' },
  },
  examples: ['wasmgate plugin new geo', 'wasmgate plugin new geo --lang rust', 'wasmgate plugin inspect ./libgeo.so'],
  run,
};
