'use strict';
// Rebuilds bench/guests/wasm: `node bench/guests/build.js`. The native twins are no business of this file: the benchmark
// makes them (bench/twins.js), with whatever Rust is there.
//
// Environment:
//   RUST_1_96  folder into which the Debian packages of Rust 1.96.0 were unpacked; see test/fixtures/build.js
//   WASI_LIBC  folder with crt1-command.o and libc.a, such as lib/rustlib/wasm32-wasi/lib/self-contained of the Debian
//              package libstd-rust-dev-wasm32
//   WORK       folder for crates and build results; kept between runs
//   JOBS       parallel jobs of cargo, 2 by default

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const TARGET = 'wasm32-wasip1';

// Vectors, because the native twins have them. No bulk memory: copies of a few bytes, as fannkuch makes them all the
// time, are calls out of the guest in every engine, and dearer there than the loop that stands in for them.
const FEATURES = '+simd128,-bulk-memory,-bulk-memory-opt';

function setting(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; see the top of bench/guests/build.js`);
  return path.resolve(value);
}

/** What must not show in the modules: where things lie on this machine. */
function renamed(usr, cargoHome) {
  const rust = path.join(usr, 'lib/rustlib/src/rust');
  const registries = path.join(cargoHome, 'registry/src');
  const names = fs.existsSync(registries) ? fs.readdirSync(registries) : [];
  return {
    [__dirname]: 'guests',
    [fs.realpathSync(rust)]: 'rust',
    [rust]: 'rust',
    ...Object.fromEntries(names.map((name) => [path.join(registries, name), 'crates'])),
  };
}

function cargo(usr, work, args, flags = []) {
  const cargoHome = path.join(work, 'cargo');
  const env = {
    ...process.env,
    CARGO_HOME: cargoHome,
    CARGO_TARGET_DIR: path.join(work, 'target'),
    CARGO_TARGET_WASM32_WASIP1_LINKER: path.join(usr, 'bin/wasm-ld-22'),
    CARGO_ENCODED_RUSTFLAGS: flags.join('\x1f'),
    LD_LIBRARY_PATH: path.join(usr, 'lib/x86_64-linux-gnu'),
    RUSTC: path.join(usr, 'bin/rustc'),
    RUSTC_BOOTSTRAP: '1', // for -Zbuild-std: the packages hold no standard library for wasm
  };
  const { status, error } = spawnSync(path.join(usr, 'bin/cargo'), args, { cwd: __dirname, env, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) throw new Error(`cargo ${args[0]}: exit code ${status}`);
}

function main() {
  const usr = path.join(setting('RUST_1_96'), 'usr');
  const libc = setting('WASI_LIBC');
  const work = setting('WORK');
  // No backtraces: nobody would see them, and the modules are a tenth smaller.
  const std = ['-Zbuild-std=std,panic_abort', '-Zbuild-std-features=', '--target', TARGET];
  cargo(usr, work, ['fetch', ...std.filter((option) => !option.startsWith('-Zbuild-std-features'))]);
  const paths = Object.entries(renamed(usr, path.join(work, 'cargo')));
  cargo(
    usr,
    work,
    ['build', '--release', '-j', process.env.JOBS || '2', ...std],
    [
      ...paths.map(([from, to]) => `--remap-path-prefix=${from}=${to}`),
      `-Ctarget-feature=${FEATURES}`,
      '-Clink-self-contained=no',
      `-L${libc}`,
      `-Clink-arg=${path.join(libc, 'crt1-command.o')}`,
    ],
  );

  const built = path.join(work, 'target', TARGET, 'release');
  const into = path.join(__dirname, 'wasm');
  fs.rmSync(into, { recursive: true, force: true });
  fs.mkdirSync(into);
  for (const name of fs.readdirSync(built).filter((file) => file.endsWith('.wasm'))) {
    const content = fs.readFileSync(path.join(built, name));
    for (const folder of [work, usr, libc, __dirname, process.env.HOME].filter(Boolean)) {
      if (content.includes(`${folder}/`)) throw new Error(`${name} contains the path ${folder}`);
    }
    fs.writeFileSync(path.join(into, name), content);
    console.log(`${name}  ${content.length} bytes`);
  }
}

main();
