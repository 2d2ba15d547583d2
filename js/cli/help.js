'use strict';

// Help texts, made from the table of commands.

const { version, description } = require('../../package.json');
const { COMMON, optionsOf } = require('./arguments');
const { table, wrap } = require('./output');

const WIDTH = 80;

const section = (title, rows) => (rows.length === 0 ? '' : `\n${title}\n${table(rows, WIDTH)}`);

const optionRow = ([name, { short, value, help, multiple }]) => [
  `${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`,
  multiple ? `${help}; may be repeated` : help,
];

const positionalWord = ({ name, rest, optional }) => (rest ? `[${name}…]` : optional ? `[${name}]` : `<${name}>`);

/** What `wasmgate --help` shows. */
function overview(commands) {
  const { help, version: own } = COMMON;
  return [
    `${wrap(`wasmgate ${version}: ${description}`, WIDTH).join('\n')}\n`,
    '\nUsage: wasmgate <command> [options]\n',
    section(
      'Commands',
      [...commands].map(([name, { summary }]) => [name, summary]),
    ),
    section('Options', Object.entries({ help, version: own }).map(optionRow)),
    '\n"wasmgate help <command>" tells more about a command.\n',
  ].join('');
}

/** What `wasmgate help <command>` shows. */
function commandHelp(name, command) {
  const words = command.positionals.map(positionalWord);
  const paragraphs = [`${command.summary[0].toUpperCase()}${command.summary.slice(1)}.`, ...command.about];
  return [
    `Usage: wasmgate ${name} [options] ${words.join(' ')}\n`,
    ...paragraphs.map((text) => `\n${wrap(text, WIDTH).join('\n')}\n`),
    section(
      'Arguments',
      command.positionals.map((positional) => [positional.name, positional.help]),
    ),
    section('Options', Object.entries(optionsOf(command)).map(optionRow)),
    `\nExamples\n${command.examples.map((line) => `  ${line}\n`).join('')}`,
  ].join('');
}

module.exports = { overview, commandHelp };
