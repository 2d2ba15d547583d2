'use strict';

// Finds and loads the native library, and when that fails says why and what to
// do about it. The only place that loads native code.

const fs = require('node:fs');
const path = require('node:path');
const { WasmError, attachStack, createError, hasMemory } = require('./errors');
const { make: makeNative } = require('./native');
const { version } = require('../package.json');

/** Platforms with a prebuilt package. */
const PREBUILT = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'];

const platform = `${process.platform}-${process.arch}`;

/** Where the library may be, in the order in which it is tried. */
function candidates() {
  const list = [];
  if (process.env.WASMGATE_BINARY) {
    list.push({ what: 'WASMGATE_BINARY', file: path.resolve(process.env.WASMGATE_BINARY) });
    return list; // who names a file wants that one or an error
  }
  list.push({ what: 'a build of this checkout', file: path.join(__dirname, '../build/Release/wasmgate.node') });
  list.push({ what: `the package @wasmgate/${platform}`, file: packaged(`@wasmgate/${platform}`) });
  return list;
}

function packaged(name) {
  try {
    return path.join(path.dirname(require.resolve(`${name}/package.json`)), 'wasmgate.node');
  } catch {
    return null; // not installed: the diagnosis tells
  }
}

function load() {
  const tried = [];
  for (const { what, file } of candidates()) {
    if (file === null || !fs.existsSync(file)) {
      tried.push(`${what}: not there${file === null ? '' : ` (${file})`}`);
      continue;
    }
    try {
      return checked(require(file), file);
    } catch (error) {
      if (error instanceof WasmError) throw error;
      tried.push(`${what}: ${error.message}`);
    }
  }
  throw diagnosis(tried);
}

/** Both halves must come from the same build of the same version. */
function checked(binding, file) {
  const [library, shim, built] = binding.handshake();
  if (library !== shim || built !== version) {
    throw new WasmError(
      `the native library is of another version: package ${version}, library ${built} ` +
        `(ABI ${library}, expected ${shim}): ${file}. Reinstall wasmgate, or run "npm run build" in a checkout.`,
      { code: 'ERR_LOAD_VERSION' },
    );
  }
  binding.setHooks(createError, hasMemory, attachStack, makeNative);
  return binding;
}

function diagnosis(tried) {
  const lines = [`cannot load the native library for ${platform}, Node.js ${process.version}:`];
  for (const line of tried) lines.push(`  - ${line}`);
  for (const hint of hints(tried.join('\n'))) lines.push(`  * ${hint}`);
  return new WasmError(lines.join('\n'), { code: 'ERR_LOAD', tried });
}

function hints(text) {
  const out = [];
  if (isMusl()) {
    out.push('this system uses musl libc, which cannot load a Go library; use a glibc image such as node:22-slim');
  }
  const old = /version `(GLIBC_[\d.]+)' not found/.exec(text);
  if (old) out.push(`this system's C library is too old: ${old[1]} is needed`);
  const others = installedPlatforms().filter((name) => name !== platform);
  if (others.length > 0) {
    out.push(
      `packages for ${others.join(', ')} are installed: node_modules was made on another machine; reinstall here`,
    );
  }
  if (!PREBUILT.includes(platform)) {
    out.push(`there is no prebuilt package for ${platform} (there is for ${PREBUILT.join(', ')})`);
  } else if (fs.existsSync(path.join(__dirname, '../binding.gyp'))) {
    out.push('this is a checkout: run "npm install" or "npm run build" in it');
  } else {
    out.push(`install with optional dependencies (npm install --include=optional), or add @wasmgate/${platform}`);
  }
  return out;
}

function isMusl() {
  if (process.platform !== 'linux') return false;
  return !process.report?.getReport().header.glibcVersionRuntime;
}

function installedPlatforms() {
  const found = new Set();
  for (const dir of require.resolve.paths('@wasmgate/any') ?? []) {
    try {
      for (const name of fs.readdirSync(path.join(dir, '@wasmgate'))) found.add(name);
    } catch {
      // no such folder
    }
  }
  return [...found];
}

module.exports = load();
