'use strict';

// `npm test`: builds what is not up to date, then runs every test there is and
// closes with the counts. Exits non-zero if a test failed or a step ran none.

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { root, run, requireTools } = require('./tools');

const at = (...parts) => path.join(root, ...parts);
const bin = (name) => at('node_modules/.bin', name);

/** Runs a command, shows its output and returns it with the exit status. */
function tee(command, args, { filter = (line) => line } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      for (const line of lines) {
        const shown = filter(line);
        if (shown !== null) console.log(shown);
      }
    });
    child.on('error', reject);
    child.on('close', (status) => resolve({ output, status }));
  });
}

const number = (text, pattern) => Number(pattern.exec(text)?.[1] ?? 0);

async function goTests() {
  const counts = { pass: 0, fail: 0 };
  // One JSON event a line; only those of whole tests and what failed are of interest.
  const filter = (line) => {
    const event = JSON.parse(line);
    if (event.Test === undefined)
      return event.Action === 'output' && /^(ok|FAIL|---)/.test(event.Output) ? event.Output.trimEnd() : null;
    if (event.Action in counts) counts[event.Action]++;
    return event.Action === 'output' && /^\s+\S+\.go:\d+:|^\s*--- FAIL/.test(event.Output)
      ? event.Output.trimEnd()
      : null;
  };
  const { status } = await tee('go', ['test', '-json', './go/...'], { filter });
  return { passed: counts.pass, failed: counts.fail, status };
}

/** C++ tests that need no Node: each is a program with a main of its own, counted as one test whatever it checks. */
async function nativeTests({ cxx }) {
  const total = { passed: 0, failed: 0, status: 0 };
  const programs = { utf_test: ['utf.cc', 'utf_x86.cc'], plan_test: ['plan.cc'] };
  fs.mkdirSync(at('build/test'), { recursive: true });
  const prefix = path.resolve(path.dirname(fs.realpathSync(process.execPath)), '../include/node');
  for (const [name, sources] of Object.entries(programs)) {
    const program = at('build/test', name);
    const inputs = [at('test/native', `${name}.cc`), ...sources.map((file) => at('binding', file))];
    const flags = [
      '-std=c++17',
      '-O2',
      '-fno-exceptions',
      '-fno-rtti',
      `-I${at('go/cabi')}`,
      `-I${at('binding')}`,
      `-I${prefix}`,
    ];
    run(cxx, [...flags, ...inputs, '-o', program]);
    const { status } = await tee(program, name === 'utf_test' ? ['--quick'] : []);
    total.passed += status === 0 ? 1 : 0;
    total.failed += status === 0 ? 0 : 1;
    total.status ||= status;
  }
  return total;
}

/** All files of .mocharc.json, or those named: mocha itself would add the two. */
async function mochaTests() {
  const named = process.argv.slice(2);
  const only = ['--no-config', '--require', 'test/setup.js', '--expose-gc', '--timeout', '20000', ...named];
  const args = [bin('mocha'), '--no-color', '--reporter', named.length > 0 ? 'spec' : 'dot'];
  const { output, status } = await tee(process.execPath, [...args, ...(named.length > 0 ? only : [])]);
  return { passed: number(output, /(\d+) passing/), failed: number(output, /(\d+) failing/), status };
}

async function typeTests() {
  const { status } = await tee(process.execPath, [bin('tsd'), '--files', 'test/types/*.test-d.ts']);
  return { passed: status === 0 ? fs.readdirSync(at('test/types')).length : 0, failed: status === 0 ? 0 : 1, status };
}

async function main() {
  const tools = requireTools();
  run(process.execPath, [at('scripts/build.js')]);
  run(process.execPath, [at('scripts/build.js'), '--debug']);
  const suites = { go: goTests, native: nativeTests, mocha: mochaTests, types: typeTests };
  const only = process.argv.length > 2 ? ['mocha'] : Object.keys(suites); // npm test -- FILE
  const rows = [];
  for (const name of only) {
    console.log(`\n== ${name}`);
    rows.push({ name, ...(await suites[name](tools)) });
  }
  console.log('');
  for (const { name, passed, failed } of rows) console.log(`${name.padEnd(7)} ${passed} passed, ${failed} failed`);
  const sum = (key) => rows.reduce((total, row) => total + row[key], 0);
  console.log(`total: ${sum('passed')} passed, ${sum('failed')} failed`);
  process.exitCode = rows.some((row) => row.status !== 0 || row.passed === 0) ? 1 : 0;
}

main();
