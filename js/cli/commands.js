'use strict';

// The table of commands, in the order of the help text. Each is one file with
//
//   summary      half a sentence for the list of commands
//   about        what else there is to know, in paragraphs
//   positionals  [{ name, help, rest?, optional? }]
//   options      name -> { type, short?, multiple?, value?, help }
//   examples     command lines
//   run          (values, positionals) -> exit code, 0 if undefined; or a promise of it
//
// Parsing, checks and help texts are made from these. A command loads what it
// needs in `run`: help works where the native library does not.

module.exports = new Map([
  ['inspect', require('./inspect')],
  ['types', require('./types')],
  ['run', require('./run')],
  ['new', require('./new')],
  ['plugin', require('./plugin')],
]);
