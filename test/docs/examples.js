'use strict';

// Examples of a document, run as a reader would: blocks that begin with the name of a file in a
// comment are files of a directory, and of console blocks each line after "$ " is a command,
// with what it prints below it.

const { execFile } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { assemble } = require('../../js/load');
const { root, scratch } = require('../helpers');

const NAME = /^(?:;;|\/\/|\/\*) ([\w/-]+\.[a-z]+)(?:, continued)?(?: \*\/)?\n/;

/** { files, sections } of a document: contents by name, and of each console block the [{ line, expected }]. */
function examplesOf(text) {
  const files = new Map();
  const sections = [];
  for (const [, language, body] of text.matchAll(/^```(\w+)\n([^]*?)^```$/gm)) {
    const name = NAME.exec(body)?.[1];
    if (language === 'console') sections.push(commandsOf(body));
    else if (name !== undefined) files.set(name, (files.get(name) ?? '') + body);
    else throw new Error(`a block of ${language} begins with no name of a file: ${body.slice(0, 60)}`);
  }
  return { files, sections };
}

function commandsOf(body) {
  const parts = body.split(/^\$ /m).filter((part) => part !== '');
  return parts.map((part) => {
    const end = part.indexOf('\n');
    return { line: part.slice(0, end), expected: part.slice(end + 1) };
  });
}

/** A directory with the files of a document, in which the package can be required. */
function directoryOf(title, files) {
  const dir = scratch(`${title}-${process.pid}`);
  fs.mkdirSync(path.join(dir, 'node_modules'), { recursive: true });
  fs.symlinkSync(root, path.join(dir, 'node_modules/wasmgate'), 'dir');
  for (const [name, content] of files) {
    fs.mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    fs.writeFileSync(path.join(dir, name), content);
  }
  return dir;
}

/** Runs a command there; what it prints. wasm-tools, which not everybody has, is done here. */
function run(line, dir) {
  const parse = /^wasm-tools parse (\S+) -o (\S+)$/.exec(line);
  if (parse) {
    const text = fs.readFileSync(path.join(dir, parse[1]), 'utf8');
    fs.writeFileSync(path.join(dir, parse[2]), Buffer.from(assemble(text)));
    return Promise.resolve('');
  }
  const env = { ...process.env, PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env.PATH}` };
  return new Promise((resolve, reject) => {
    execFile('/bin/sh', ['-c', line], { cwd: dir, env, timeout: 60000 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${line}: ${error.message}`));
      else resolve(stdout + stderr);
    });
  });
}

module.exports = { examplesOf, directoryOf, run };
