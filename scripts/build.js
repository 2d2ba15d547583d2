'use strict';

// Builds the Go library and the shim of a checkout:
//
//   node scripts/build.js            release build, in build/Release
//   node scripts/build.js --debug    with counters, in build/Debug
//
// Nothing is downloaded but the modules that go.mod pins and what npm has
// installed. A build whose inputs have not changed since takes no time.

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { root, run, capture, requireTools } = require('./tools');

const MODULE = 'github.com/bytecodealliance/wasmtime-go/v44';
const config = process.argv.includes('--debug') ? 'Debug' : 'Release';
const { version } = require('../package.json');

const at = (...parts) => path.join(root, ...parts);
const libraryName = { darwin: 'libwasmgate.dylib', win32: 'wasmgate.dll' }[process.platform] ?? 'libwasmgate.so';

function main() {
  const tools = requireTools();
  const unlock = lock();
  try {
    build(tools);
  } finally {
    unlock();
  }
}

// Two builds of one checkout would overwrite each other's files: the second
// waits for the first.
function lock() {
  const file = at('build/lock');
  fs.mkdirSync(path.dirname(file), { recursive: true });
  for (let waited = false; ; waited = true) {
    try {
      fs.writeFileSync(file, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (!isRunning(Number(fs.readFileSync(file, 'utf8')))) fs.rmSync(file, { force: true });
    if (!waited) console.log('wasmgate: another build is under way, waiting for it');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
  const unlock = () => fs.rmSync(file, { force: true });
  process.on('exit', unlock); // a failing step ends the process
  return unlock;
}

function isRunning(pid) {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function build(tools) {
  const started = Date.now();
  const headers = step('wasmtime headers', ['go.mod', 'go.sum'], [at('build/include/wasmtime.h')], copyHeaders);
  const library = step(
    `Go library (${config})`,
    ['go.mod', 'go.sum', 'go', 'scripts/build.js', 'package.json'],
    [at('build/library', config, libraryName)],
    () => buildLibrary(tools),
  );
  const shim = step(
    `shim (${config})`,
    ['binding', 'binding.gyp', 'go/cabi', 'scripts/build.js', 'package.json'],
    [at('build', config, 'wasmgate.node')],
    buildShim,
    [process.version, process.arch],
  );
  if (library || shim || !fs.existsSync(at('build', config, libraryName))) place(libraryName);
  const done = headers || library || shim ? `built in ${Math.round((Date.now() - started) / 1000)} s` : 'up to date';
  console.log(`wasmgate ${version} (${config}): ${done}`);
}

// Puts the library beside the shim. A rename, because processes that have the
// old one mapped must keep it.
function place(name) {
  const target = at('build', config, name);
  fs.copyFileSync(at('build/library', config, name), `${target}.new`);
  fs.renameSync(`${target}.new`, target);
}

// Runs `action` unless its inputs are what they were at the last run and its
// outputs are there.
function step(name, inputs, outputs, action, extra = []) {
  const stamp = at('build/stamps', `${name.replace(/\W+/g, '-')}.sha256`);
  const digest = hash(inputs, extra);
  const known = fs.existsSync(stamp) ? fs.readFileSync(stamp, 'utf8') : '';
  if (known === digest && outputs.every((file) => fs.existsSync(file))) return false;
  console.log(`wasmgate: building the ${name}`);
  action();
  fs.mkdirSync(path.dirname(stamp), { recursive: true });
  fs.writeFileSync(stamp, digest);
  return true;
}

function hash(inputs, extra) {
  const sum = crypto.createHash('sha256').update(JSON.stringify(extra));
  const add = (file) => {
    const full = at(file);
    if (fs.statSync(full).isDirectory()) {
      for (const entry of fs.readdirSync(full).sort()) add(path.join(file, entry));
    } else if (!file.endsWith('_test.go')) {
      sum.update(`${file}\0`).update(fs.readFileSync(full));
    }
  };
  inputs.forEach(add);
  return sum.digest('hex');
}

// wasmtime's C headers come out of the Go module, so that they cannot drift
// from the library that is linked.
function copyHeaders() {
  run('go', ['mod', 'download', MODULE]);
  const from = capture('go', ['list', '-m', '-f', '{{.Dir}}', MODULE]);
  const into = at('build/include');
  fs.rmSync(into, { recursive: true, force: true });
  fs.cpSync(path.join(from, 'build/include'), into, { recursive: true });
  for (const entry of fs.readdirSync(into, { recursive: true })) {
    fs.chmodSync(path.join(into, entry), fs.statSync(path.join(into, entry)).isDirectory() ? 0o755 : 0o644);
  }
}

function buildLibrary(tools) {
  const output = at('build/library', config, libraryName);
  fs.mkdirSync(path.dirname(output), { recursive: true });
  // Without asynchronous preemption Go needs no SIGURG (go/cabi/signals.c).
  const link = ['-s', '-w', '-X', `main.version=${version}`, '-X', 'runtime.godebugDefault=asyncpreemptoff=1'];
  link.push('-extldflags', `"${externalLinkerFlags()}"`);
  const env = { ...process.env, CGO_ENABLED: '1', CC: tools.cc, CXX: tools.cxx };
  if (config === 'Debug') env.CGO_CFLAGS = '-O2 -g -DWG_DEBUG';
  run('go', ['build', '-trimpath', '-buildmode=c-shared', '-ldflags', link.join(' '), '-o', output, './go/cabi'], env);
}

// Only wg_* is exported: the rest of Go and wasmtime stays private to the
// library, where no other addon can clash with it. The Go runtime cannot be
// unloaded, so the library says so to the loader.
function externalLinkerFlags() {
  if (process.platform === 'darwin') return '-Wl,-exported_symbol,_wg_*';
  if (process.platform === 'win32') return '';
  const script = at('build/library/exports.map');
  fs.mkdirSync(path.dirname(script), { recursive: true });
  fs.writeFileSync(script, '{ global: wg_*; local: *; };\n');
  return `-Wl,--version-script=${script} -Wl,-soname,${libraryName} -Wl,-z,nodelete -Wl,--gc-sections`;
}

function buildShim() {
  const gyp = require.resolve('node-gyp/bin/node-gyp.js');
  const args = [gyp, 'configure', 'build', config === 'Debug' ? '--debug' : '--release', '--loglevel=warn'];
  args.push(`--wasmgate_library_dir=${at('build/library', config)}`);
  const headers = nodeHeaders();
  if (headers) args.push(`--nodedir=${headers}`);
  run(process.execPath, args, { ...process.env, MAKEFLAGS: '-j4 --silent' });
}

// Node's headers lie beside its installation; then nothing is downloaded.
function nodeHeaders() {
  const prefix = path.resolve(path.dirname(fs.realpathSync(process.execPath)), '..');
  return fs.existsSync(path.join(prefix, 'include/node/node_api.h')) ? prefix : null;
}

main();
