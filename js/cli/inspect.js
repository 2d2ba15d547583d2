'use strict';

const fs = require('node:fs');
const { describeFile, isCommand } = require('./modules');
const { hasColors, print, styles, table, visible } = require('./output');

const PAGE_BYTES = 65536;

const count = (number) => number.toLocaleString('en-US');
const plural = (number, noun) => `${count(number)} ${noun}${number === 1 ? '' : 's'}`;

/** Wasm types as a signature shows them. */
const list = (types) => `(${types.join(', ')})`;
const results = (types) => (types.length === 1 ? types[0] : list(types));

const pages = (number) => `${plural(number, 'page')} (${count(number * PAGE_BYTES)} bytes)`;

function memoryText({ minimum, maximum, shared, address }) {
  const notes = [shared && 'shared', address === 'i64' && '64-bit addresses'].filter(Boolean);
  const most = maximum === undefined ? 'no maximum' : `at most ${pages(maximum)}`;
  return [`${pages(minimum)} at least`, most, ...notes].join(', ');
}

function tableText({ element, minimum, maximum, address }) {
  const most = maximum === undefined ? 'no maximum' : `at most ${count(maximum)}`;
  const notes = address === 'i64' ? ['64-bit indices'] : [];
  return [`table of ${element}, ${count(minimum)} at least`, most, ...notes].join(', ');
}

function typeText({ kind, type, signature }) {
  switch (kind) {
    case 'function':
      return signature ?? `${list(type.parameters)} -> ${results(type.results)}`;
    case 'memory':
      return `memory of ${memoryText(type)}`;
    case 'table':
      return tableText(type);
    case 'global':
      return `${type.mutable ? 'mutable ' : ''}global ${type.value}`;
    default:
      return `${kind} ${list(type?.parameters ?? [])}`;
  }
}

function kindText({ kind, needs, exports }) {
  const made = kind === 'wasm' ? 'WebAssembly module' : `${kind} module`;
  if (isCommand({ exports })) return `${made}, a program (it exports _start)`;
  return needs.wasi ? `${made} for WASI` : made;
}

const producersText = (producers) =>
  Object.entries(producers)
    .map(([name, version]) => visible(`${name} ${version.split(' ')[0]}`.trim()))
    .join(', ');

/** What each grant is for. */
const PURPOSES = {
  args: 'arguments of the program',
  env: 'environment variables',
  fs: 'directories of the host',
  stdin: 'what it reads as its input',
  stdout: 'what it prints',
  stderr: 'what it prints as errors',
  clock: 'the time, and waiting',
  random: 'random numbers',
  wasi: 'the usual set, with nothing of the host in reach',
};

/** What somebody has to give an instance, in words. */
function grantsText({ needs }) {
  const grants = [...needs.grants, ...needs.missing.map(visible)];
  return grants.length === 0 ? 'none' : grants.join(', ');
}

/** The grants with what they are for, and the one that covers them all. */
function grantRows({ needs }) {
  if (needs.grants.length === 0) return [];
  const rest = needs.wasi && !needs.grants.includes('wasi') ? ['wasi'] : [];
  return [...needs.grants, ...rest].map((name) => [
    name,
    (rest.includes(name) ? 'or instead of them ' : '') + (PURPOSES[name] ?? ''),
  ]);
}

/** Rows of the memories: what the description says of the first, or else those that can be seen from outside. */
function memoryRows({ memory, imports, exports }) {
  const imported = imports.filter(({ kind }) => kind === 'memory');
  if (imported.length > 0) return imported.map(({ type }) => ['memory, imported', memoryText(type)]);
  if (memory !== undefined) return memory === null ? [] : [['memory', memoryText(memory)]];
  return exports.filter(({ kind }) => kind === 'memory').map(({ type }) => ['memory', memoryText(type)]);
}

function sizeText(bytes, { bytes: binary = bytes }) {
  return plural(bytes, 'byte') + (binary === bytes ? '' : ` (as a binary module ${count(binary)})`);
}

function summary(description, bytes) {
  const rows = [
    ['kind', kindText(description)],
    ['size', sizeText(bytes, description)],
    ['made by', producersText(description.producers)],
    ...memoryRows(description),
    ['features', (description.features ?? []).map(visible).join(', ')],
    ['grants', grantsText(description)],
  ];
  return rows.filter(([, text]) => text !== '');
}

function exportRows({ exports }, style) {
  const rows = [];
  for (const entry of exports) {
    if (entry.internal) continue;
    const { name, unsupported } = entry;
    const text = unsupported === undefined ? typeText(entry) : `cannot be called: ${unsupported}`;
    rows.push([visible(name), visible(text), unsupported === undefined ? String : style.yellow]);
  }
  return rows;
}

/** [heading, rows] for each module that something is imported from. */
function importGroups({ imports, needs, kind }) {
  const groups = new Map();
  for (const entry of imports) {
    const { module, name } = entry;
    const missing = needs.missing.includes(`${module}.${name}`);
    const by = /^wasi_/.test(module) && !missing ? 'needs grants' : missing ? 'nobody provides it' : '';
    const heading = `${visible(module)}${by !== '' ? `: ${by}` : kind === 'wasm-bindgen' ? ': JavaScript, as far as wasmgate has it' : ''}`;
    if (!groups.has(heading)) groups.set(heading, []);
    groups.get(heading).push([visible(name), typeText(entry)]);
  }
  return groups;
}

/** Names that do not fit a terminal are cut; anywhere else they come out whole. */
function cut(rows, width) {
  return rows.map(([name, ...rest]) => [name.length > width ? `${name.slice(0, width - 1)}…` : name, ...rest]);
}

/** The text for people. */
function render(file, bytes, description, { width, colored, terminal }) {
  const style = styles(colored);
  const columns = (rows, indent = 2) =>
    table(terminal ? cut(rows, width - indent) : rows, width, { name: style.cyan, indent });
  const internal = description.exports.filter((entry) => entry.internal).length;
  const sections = [`${style.bold(visible(file))}\n${table(summary(description, bytes), width)}`];

  const grants = grantRows(description);
  if (grants.length > 0) sections.push(`${style.bold('grants')}\n${columns(grants)}`);
  const exported = exportRows(description, style);
  if (exported.length > 0) sections.push(`${style.bold('exports')}\n${columns(exported)}`);
  if (internal > 0) sections.push(style.dim(`${plural(internal, 'more export')} of plumbing: see --json`) + '\n');

  for (const [heading, rows] of importGroups(description)) {
    sections.push(`${style.bold('imports')} from ${heading}\n${columns(rows)}`);
  }
  return sections.join('\n');
}

function run({ json }, [file]) {
  const description = describeFile(file);
  if (json) {
    print(JSON.stringify(description, null, 2));
    return;
  }
  const { stdout } = process;
  const width = Math.max(40, stdout.isTTY ? (stdout.columns ?? 80) : 80);
  const terminal = stdout.isTTY === true;
  print(render(file, fs.statSync(file).size, description, { width, colored: hasColors(stdout), terminal }));
}

module.exports = {
  summary: 'tell what a module exports, imports and needs',
  about: [
    'Nothing of the module is compiled or run. Signatures come from the .d.ts beside it, if there is one; ' +
      'without a signature the WebAssembly type is shown.',
    '"grants" is what an instance asks for: keys of the option "grants", and imports that nobody provides as ' +
      'module.name.',
  ],
  positionals: [{ name: 'module', help: 'a .wasm or .wat file, as it is or compressed with gzip or zstd' }],
  options: { json: { type: 'boolean', help: 'print all that is known, as JSON' } },
  examples: ['wasmgate inspect app.wasm', "wasmgate inspect app.wasm --json | jq '.exports[].name'"],
  run,
  render,
};
