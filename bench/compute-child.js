'use strict';

// One process of one guest: node --expose-gc compute-child.js <guest as JSON> <settings as JSON>. Prints the nanoseconds
// of every round of each side as JSON; a wrong output is an exception.

const { spawnSync } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const [guest, settings] = process.argv.slice(2).map((text) => JSON.parse(text));
const file = path.join(__dirname, 'guests/wasm', `${guest.name}.wasm`);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wasmgate-bench-'));

const ns = (start) => (performance.now() - start) * 1e6;

/** Limits that are never reached, so that what watches them is at work. */
const TIMEOUT = { timeoutMs: 600_000 };
const FUEL = { fuel: 10n ** 15n };

const MODES = {
  off: [{ interruptible: false, metering: false }, {}],
  epochs: [{ interruptible: true, metering: false }, TIMEOUT],
  fuel: [{ interruptible: false, metering: true }, FUEL],
  both: [
    { interruptible: true, metering: true },
    { ...TIMEOUT, ...FUEL },
  ],
};

let counted; // instructions of a run: the same in every one

/** Our side in one of the modes: compiled here, timed from a new instance to its end. */
function ours(mode) {
  const { Module, runSync } = require('..');
  const [profile, limits] = MODES[mode];
  const module = Module.load(file, profile);
  return () => {
    const start = performance.now();
    const { exitCode, stdout, stats } = runSync(module, { args: [guest.size], stdout: 'buffer', limits });
    const took = ns(start);
    if (profile.metering) {
      counted ??= stats.instructions;
      if (!(counted > 0) || stats.instructions !== counted)
        throw new Error(`counted ${stats.instructions} instructions, not ${counted}`);
    }
    return { took, exitCode, output: stdout };
  };
}

/** Gives `run` a file for what it prints, and reads it afterwards. */
function intoFile(run) {
  return () => {
    const fd = fs.openSync(path.join(folder, 'output'), 'w+');
    try {
      return { ...run(fd), output: fs.readFileSync(path.join(folder, 'output')) };
    } finally {
      fs.closeSync(fd);
    }
  };
}

function v8() {
  const { WASI } = require('node:wasi');
  const module = new WebAssembly.Module(fs.readFileSync(file));
  return intoFile((fd) => {
    const start = performance.now();
    const wasi = new WASI({ version: 'preview1', args: [guest.name, guest.size], stdout: fd, returnOnExit: true });
    const exitCode = wasi.start(new WebAssembly.Instance(module, wasi.getImportObject()));
    return { took: ns(start), exitCode };
  });
}

/** The twin takes the time itself, which leaves out the start of its process. */
function native() {
  const program = path.join(settings.twins, guest.name);
  return intoFile((fd) => {
    const options = { stdio: ['ignore', fd, 'pipe'], encoding: 'utf8' };
    const { status, error, stderr } = spawnSync(program, [guest.size, '--time'], options);
    if (error) throw error;
    return { took: Number(stderr), exitCode: status };
  });
}

/** Runs a side once; its output must be right for the time to count. */
function once(name, run) {
  const { took, exitCode, output } = run();
  const hash = crypto.createHash('sha256').update(output).digest('hex');
  if (exitCode !== 0) throw new Error(`${guest.name}, ${name}: exit code ${exitCode}`);
  if (hash !== guest.sha256) throw new Error(`${guest.name}, ${name}: wrong output, sha256 ${hash}`);
  if (!(took > 0)) throw new Error(`${guest.name}, ${name}: no time, but ${took}`);
  return took;
}

function main() {
  const sides = Object.entries({
    ...Object.fromEntries(Object.keys(MODES).map((mode) => [mode, ours(mode)])),
    v8: v8(),
    ...(settings.twins && { native: native() }),
  });
  const samples = Object.fromEntries(sides.map(([name]) => [name, []]));
  const warm = performance.now() + settings.warmupMs;
  for (let round = 0; round < settings.warmups || performance.now() < warm; round++) {
    for (const [name, run] of sides) once(name, run);
  }
  for (let round = 0; round < settings.rounds; round++) {
    // Each side is first in turn, and follows another one every other round.
    const turned = sides.map((_, i) => sides[(i + round) % sides.length]);
    for (const [name, run] of round % 2 === 0 ? turned : turned.reverse()) {
      globalThis.gc({ type: 'minor' });
      samples[name].push(once(name, run));
    }
  }
  console.log(JSON.stringify(samples));
}

try {
  main();
} finally {
  fs.rmSync(folder, { recursive: true });
}
