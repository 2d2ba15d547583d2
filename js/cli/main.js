#!/usr/bin/env node
'use strict';

// The command line tool: finds the command, lets it run, and turns what it
// throws into a line on standard error. The process ends by itself, so that
// whatever was written gets out.

const { version } = require('../../package.json');
const { nearest } = require('../errors');
const { COMMON, UsageError, parse } = require('./arguments');
const commands = require('./commands');
const { commandHelp, overview } = require('./help');
const { clean, oneLine, print } = require('./output');

/** Errors whose message is written for people, over several lines, or by the guest itself. */
const KEEP_LINES = new Set(['ERR_LOAD', 'ERR_PANIC', 'ERR_GUEST_ERROR']);

function commandOf(name) {
  if (commands.has(name)) return commands.get(name);
  const isOption = name.startsWith('-');
  const names = isOption ? Object.keys(COMMON).map((key) => `--${key}`) : [...commands.keys(), 'help'];
  const what = isOption ? 'option' : 'command';
  throw new UsageError(`there is no ${what} "${name}"${nearest(name, names)}`);
}

/** Runs the command line; resolves to the exit code. */
async function run([first, ...rest]) {
  switch (first) {
    case undefined:
      process.stderr.write(overview(commands));
      return 2;
    case '--version':
    case '-V':
      print(version);
      return 0;
    case '--verbose':
      return run(rest);
    case '--help':
    case '-h':
    case 'help':
      print(rest.length === 0 || rest[0] === 'help' ? overview(commands) : commandHelp(rest[0], commandOf(rest[0])));
      return 0;
  }
  const command = commandOf(first);
  const { values, positionals } = parse(first, command, rest);
  if (values.help) {
    print(commandHelp(first, command));
    return 0;
  }
  return (await command.run(values, positionals)) ?? 0;
}

/** A message with its lines, but for empty ones. */
const withoutGaps = (text) =>
  clean(text)
    .replace(/(?:[ \t]*\n)+/g, '\n')
    .replace(/\s+(?=\(ERR_\w+\)$)/, ' ');

/** Tells what went wrong; returns the exit code. */
function report(error, verbose) {
  const usage = error instanceof UsageError;
  const message = String(error?.message ?? error);
  process.stderr.write(`wasmgate: ${KEEP_LINES.has(error?.code) ? withoutGaps(message) : oneLine(message)}\n`);
  if (error?.wasmStack !== undefined) process.stderr.write(`${clean(error.wasmStack).replace(/^(?=.)/gm, '    ')}\n`);
  if (error?.goStack !== undefined) process.stderr.write(`${clean(error.goStack)}\n`);
  if (verbose) process.stderr.write(`${clean(String(error?.stack ?? ''))}\n`);
  else if (usage && error.command !== undefined) {
    process.stderr.write(`"wasmgate help ${error.command}" tells more\n`);
  }
  return usage ? 2 : 1;
}

async function main(argv) {
  let code;
  // Who reads us may stop early, as head does: that is no failure of ours.
  process.stdout.on('error', (error) => {
    if (error.code === 'EPIPE' || code === 1) return;
    process.exitCode = code = 1;
    process.stderr.write(`wasmgate: standard output: ${oneLine(error.message)}\n`);
  });
  process.stderr.on('error', () => {});
  let result;
  try {
    result = await run(argv);
  } catch (error) {
    const end = argv.indexOf('--');
    result = report(error, argv.slice(0, end < 0 ? undefined : end).includes('--verbose'));
  }
  process.exitCode = code ??= result;
}

main(process.argv.slice(2));
