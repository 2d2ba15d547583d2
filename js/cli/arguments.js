'use strict';

const { parseArgs } = require('node:util');
const { nearest } = require('../errors');

/** What whoever typed the command line did wrong. */
class UsageError extends Error {
  constructor(message, command) {
    super(message);
    this.command = command;
  }
}

/** Options of every command; `version` only stands alone. */
const COMMON = {
  help: { type: 'boolean', short: 'h', help: 'show this text' },
  verbose: { type: 'boolean', help: 'show the JavaScript stack of an error' },
  version: { type: 'boolean', short: 'V', help: 'show the version' },
};

/** Numbers below zero are values, although they begin like options. */
const NEGATIVE = /^-(?:\d[\d_]*\.?\d*|\.\d+)(?:e[+-]?\d+)?n?$|^-0x[\da-f]+n?$|^-Infinity$/i;

/** Options of a command, with those that all have. */
function optionsOf(command) {
  const { help, verbose } = COMMON;
  return { ...command.options, help, verbose };
}

/** Reads the words after a command's name by its table. */
function parse(name, command, args) {
  const table = optionsOf(command);
  const options = {};
  for (const [key, { type, short, multiple = false }] of Object.entries(table)) {
    options[key] = short === undefined ? { type, multiple } : { type, short, multiple };
  }
  const { tokens } = parseArgs({ args, options, strict: false, allowPositionals: true, tokens: true });
  const values = {};
  const positionals = [];
  let negative = -1; // a token for each digit, all of one word
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option' || token.index === negative) continue;
    if (NEGATIVE.test(args[token.index])) {
      positionals.push(args[token.index]);
      negative = token.index;
    } else {
      take(values, token, table, name);
    }
  }
  if (!values.help) checkPositionals(name, command.positionals, positionals);
  return { values, positionals };
}

function take(values, { name, rawName, value, inlineValue }, table, command) {
  const fail = (message) => new UsageError(message, command);
  if (!Object.hasOwn(table, name)) {
    const names = Object.keys(table).map((key) => `--${key}`);
    throw fail(`${command} has no option "${rawName}"${nearest(rawName, names)}`);
  }
  const { type, multiple } = table[name];
  if (type === 'boolean') {
    if (value !== undefined) throw fail(`${rawName} takes no value, got "${value}"`);
    values[name] = true;
    return;
  }
  if (value === undefined || (!inlineValue && /^-./.test(value))) {
    throw fail(`${rawName} needs a value: ${rawName} ${table[name].value}`);
  }
  if (multiple) {
    (values[name] ??= []).push(value);
  } else {
    if (values[name] !== undefined) throw fail(`${rawName} is given twice`);
    values[name] = value;
  }
}

function checkPositionals(command, expected, got) {
  const needed = expected.filter(({ optional, rest }) => !optional && !rest);
  if (got.length < needed.length) {
    throw new UsageError(`${command}: <${needed[got.length].name}> is missing`, command);
  }
  if (got.length > expected.length && !expected.at(-1)?.rest) {
    throw new UsageError(`${command}: "${got[expected.length]}" is one argument too many`, command);
  }
}

module.exports = { COMMON, UsageError, optionsOf, parse };
