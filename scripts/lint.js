'use strict';

// Formatters and linters for Go, C, C++ and JavaScript, and the rules of the
// architecture that a search can check.
//
//   node scripts/lint.js          checks
//   node scripts/lint.js --fix    formats first

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { root, tryCapture } = require('./tools');

const fix = process.argv.includes('--fix');
const at = (...parts) => path.join(root, ...parts);
const files = tryCapture('git', ['ls-files', '--cached', '--others', '--exclude-standard'])
  .split('\n')
  .filter((file) => fs.existsSync(at(file)));
const matching = (pattern) => files.filter((file) => pattern.test(file));
let failures = 0;

function report(name, problems) {
  if (problems.length === 0) {
    console.log(`ok    ${name}`);
    return;
  }
  failures++;
  console.log(`FAIL  ${name}\n${problems.map((line) => `      ${line}`).join('\n')}`);
}

/** A tool that says nothing on standard output when all is well. */
function tool(name, command, args, env = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  const output = `${stdout ?? ''}${status === 0 ? '' : stderr}`.trim();
  if (error) report(name, [error.message]);
  else report(name, status === 0 && output === '' ? [] : (output || `exit status ${status}`).split('\n').slice(0, 40));
}

const node = (name, script, args) => tool(name, process.execPath, [at('node_modules', script), ...args]);

function go() {
  const gofumpt = ['run', 'mvdan.cc/gofumpt@v0.9.2'];
  tool('gofumpt', 'go', [...gofumpt, fix ? '-w' : '-l', 'go']);
  tool('go vet', 'go', ['vet', './go/...']);
  tool('staticcheck', 'go', ['run', 'honnef.co/go/tools/cmd/staticcheck@v0.7.0', './go/...']);
  const generated = ['go/cabi/wg_codes.h', 'js/codes.js', 'README.md'];
  const before = generated.map((file) => fs.readFileSync(at(file), 'utf8'));
  tool('go generate', 'go', ['generate', './go/errs']);
  report(
    'generated files are committed',
    generated.filter((file, i) => fs.readFileSync(at(file), 'utf8') !== before[i]),
  );
}

function native() {
  const sources = matching(/^(binding|go|test\/native)\/.*\.(cc|c|h)$/).filter((file) => !file.endsWith('wg_codes.h'));
  const format = at('node_modules/clang-format/index.js');
  if (fix) spawnSync(process.execPath, [format, '-i', ...sources], { cwd: root });
  report(
    'clang-format',
    sources.filter((file) => {
      const { stdout } = spawnSync(process.execPath, [format, file], {
        cwd: root,
        encoding: 'utf8',
        maxBuffer: 1 << 26,
      });
      return stdout !== fs.readFileSync(at(file), 'utf8');
    }),
  );
  if (tryCapture('clang-tidy', ['--version']) === null) {
    report('clang-tidy', process.env.CI ? ['not installed'] : []);
    if (!process.env.CI) console.log('      (clang-tidy is not installed here; CI runs it)');
    return;
  }
  const headers = path.resolve(path.dirname(fs.realpathSync(process.execPath)), '../include/node');
  const shim = matching(/^binding\/.*\.cc$/);
  tool('clang-tidy (shim)', 'clang-tidy', [
    '--quiet',
    ...shim,
    '--',
    '-std=c++17',
    '-DNAPI_VERSION=8',
    '-Igo/cabi',
    `-isystem${headers}`,
  ]);
  const plane = matching(/^go\/(engine|plugin)\/.*\.c$/);
  tool('clang-tidy (data plane)', 'clang-tidy', [
    '--quiet',
    ...plane,
    '--',
    '-std=gnu11',
    '-Igo/cabi',
    '-Igo/plugin',
    '-isystembuild/include',
  ]);
}

function javascript() {
  const paths = ['js', 'scripts', 'test', 'bench', 'examples', '*.json', 'eslint.config.mjs'];
  node('prettier', 'prettier/bin/prettier.cjs', [fix ? '--write' : '--check', '--log-level=warn', ...paths]);
  node('eslint', 'eslint/bin/eslint.js', ['--max-warnings=0', '.']);
}

/** [rule, which files, pattern that must not occur, files where it may] */
const RULES = [
  ['wasmtime-go is imported by go/engine alone', /^go\/.*\.go$/, /bytecodealliance\/wasmtime-go/, /^go\/engine\//],
  ['cgo is used by cabi, engine and plugin alone', /^go\/.*\.go$/, /^import "C"/m, /^go\/(cabi|engine|plugin)\//],
  ['native code is loaded by js/load.js alone', /^js\/.*\.js$/, /\.node\b|process\.dlopen/, /^js\/load\.js$/],
  ['Node-API only, no V8', /^binding\//, /#include <(v8|nan|node)\.h>/, /^$/],
  [
    'nothing is left open',
    /\.(go|c|cc|h|js|mjs|ts|rs)$/,
    /\b(TODO|FIXME|XXX)\b/,
    /^(scripts\/lint\.js$|test\/fixtures\/wasm\/)/,
  ],
  ['no test is skipped or alone', /^test\/.*\.js$/, /\b(it|describe)\.(only|skip)\(|\bthis\.skip\(/, /^$/],
  [
    'no paths of a machine',
    /\.(go|c|cc|h|js|mjs|ts|rs|md|json|gyp|toml)$/,
    /\/(home|root|Users|work)\//,
    /^scripts\/lint\.js$/,
  ],
];

function architecture() {
  for (const [rule, which, forbidden, allowed] of RULES) {
    const watched = matching(which);
    const broken = watched.filter((file) => !allowed.test(file) && forbidden.test(fs.readFileSync(at(file), 'utf8')));
    report(rule, watched.length === 0 ? ['the rule watches no file'] : broken);
  }
  const code = matching(/\.(go|c|cc|h|js|mjs|rs)$/).filter((file) => !/fixtures\/wasm|codes\.(h|js)$/.test(file));
  report(
    'no file is longer than 500 lines',
    code.filter((file) => fs.readFileSync(at(file), 'utf8').split('\n').length > 501),
  );
}

go();
native();
javascript();
architecture();
console.log(failures === 0 ? '\nall checks passed' : `\n${failures} checks failed`);
process.exitCode = failures === 0 ? 0 : 1;
