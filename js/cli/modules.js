'use strict';

// Modules that the command line names: always files, never URLs, and errors
// name them.

const path = require('node:path');

/** A path that the package takes as one, whatever it begins with. */
const pathOf = (file) => (file.startsWith('file:') ? `./${file}` : file);

/** Runs `action` with the package and a path; its errors say "module" where the file is meant. */
function withFile(file, action) {
  const wasmgate = require('..');
  try {
    return action(wasmgate, pathOf(file));
  } catch (error) {
    if (error instanceof Error) error.message = error.message.replace(/^module: /, () => `${file || '""'}: `);
    throw error;
  }
}

const describeFile = (file) => withFile(file, ({ inspect }, source) => inspect(source));

/** The compiled module; describing it costs nothing more. */
const loadFile = (file, options) => withFile(file, ({ Module }, source) => Module.load(source, options));

const isProgram = ({ kind, name, type }) =>
  kind === 'function' && name === '_start' && type.parameters.length === 0 && type.results.length === 0;

/** Whether a module is a program, as WASI calls a command. */
const isCommand = ({ exports }) => exports.some(isProgram);

/** What a program sees as its own name. */
const programName = (file) => path.basename(file);

module.exports = { describeFile, loadFile, isCommand, programName };
