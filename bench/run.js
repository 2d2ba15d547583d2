'use strict';

// Runs the benchmarks; see README.md.
//
//   node bench/run.js [--smoke] [--keep[=name]] [group or part of a row's name]...

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { environment } = require('./environment');
const { estimate, median } = require('./stats');

const CALLS = ['call-i32', 'call-i64', 'call-string', 'call-bytes', 'call-json'];
const CROSSING = ['raw', 'class', 'vectors', 'values', 'imports', 'plugins', 'serde', 'bulk'];
const GROUPS = [...CALLS, ...CROSSING, 'instantiate', 'sandbox', 'load', 'compute'];

const FULL = { processes: 5, rounds: 40, roundMs: 10, warmupMs: 800, loads: 40 };
const SMOKE = { processes: 1, rounds: 8, roundMs: 2, warmupMs: 80, loads: 5 };

function options(args) {
  const chosen = { smoke: false, keep: undefined, words: [] };
  for (const arg of args) {
    const keep = /^--keep(?:=([\w.-]+))?$/.exec(arg);
    if (keep) chosen.keep = keep[1] ?? `${process.platform}-${process.arch}-node${process.versions.node.split('.')[0]}`;
    else if (arg === '--smoke') chosen.smoke = true;
    else if (!arg.startsWith('-')) chosen.words.push(arg);
    else throw new Error(`unknown option ${arg}; there are --smoke and --keep[=name]`);
  }
  if (chosen.smoke && chosen.keep) throw new Error('a smoke run is not worth keeping');
  return chosen;
}

/** The rows whose group is one of the words, or whose name holds one; all without words. */
function choose(words) {
  const rows = GROUPS.flatMap((group) => require(`./${group}`).rows.map((row) => ({ group, ...row })));
  if (words.length === 0) return rows;
  const chosen = rows.filter((row) => words.some((word) => row.group === word || row.name.includes(word)));
  if (chosen.length === 0) throw new Error(`nothing is called ${words.join(' or ')}; groups: ${GROUPS.join(', ')}`);
  return chosen;
}

/** Measures a row of two functions, in fresh processes. */
function measurePair(row, settings) {
  const own = { ...settings, ...(settings === FULL ? row.settings : row.smoke) };
  const samples = [];
  for (let i = 0; i < own.processes; i++) {
    const args = ['--expose-gc', path.join(__dirname, 'pair.js'), row.group, row.name, JSON.stringify(own)];
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    if (status !== 0) throw new Error(stderr.trim() || `killed by ${signal}`);
    samples.push(JSON.parse(stdout));
  }
  const scale = (row.unit === 'ms' ? 1e6 : 1) * (row.per ?? 1); // `per`: a call does it so many times
  const all = (side) => median(samples.flatMap((run) => run.samples[side])) / scale;
  const relate = row.compare === 'difference' ? (ours, peer) => (ours - peer) / scale : (ours, peer) => ours / peer;
  const relations = samples.map(({ samples: [ours, peer] }) => ours.map((ns, i) => relate(ns, peer[i])));
  return { ours: all(0), peer: all(1), ...estimate(relations), samples };
}

function verdict({ target, value, low, high }) {
  if (target === undefined) return '';
  const word = value <= target ? 'yes' : 'no';
  return low <= target && high > target && low !== high ? `${word}, within noise` : word;
}

function runRow(row, settings) {
  const { group, name, target, compare = 'ratio', unit = 'ns', peer = 'V8 with glue' } = row;
  const about = { group, name, peer: compare === 'value' ? undefined : peer, unit, compare, target };
  const load = environment.load();
  try {
    const result = row.measure ? row.measure(settings) : measurePair(row, settings);
    if (result.missing) return { ...about, load, missing: result.missing };
    return { ...about, ours: result.ours, peerValue: result.peer, ...pick(result), load, samples: result.samples };
  } catch (error) {
    return { ...about, load, error: error.message };
  }
}

const pick = ({ value, low, high }) => ({ value, low, high });

/** Three significant digits, in a unit that suits. */
function quantity(value, unit) {
  if (value === undefined) return '';
  const [scaled, name] =
    unit !== 'ns' || value < 1e3 ? [value, unit] : value < 1e6 ? [value / 1e3, 'µs'] : [value / 1e6, 'ms'];
  return `${scaled < 100 ? scaled.toPrecision(3) : Math.round(scaled)} ${name}`;
}

function cells(row) {
  if (row.error) return [row.name, 'FAILED', '', '', '', '', ''];
  if (row.missing) return [row.name, `not measured: ${row.missing}`];
  const times = row.compare === 'ratio';
  const digits = (number) => (times ? `${number.toFixed(number < 0.1 ? 3 : 2)}` : number.toFixed(1));
  const sign = row.compare === 'difference' && row.value >= 0 ? '+' : '';
  return [
    row.name,
    quantity(row.ours, row.unit),
    quantity(row.peerValue, row.unit),
    row.compare === 'value' ? '' : `${sign}${digits(row.value)}${times ? ' ×' : ` ${row.unit}`}`,
    row.compare === 'value' ? '' : `${digits(row.low)} – ${digits(row.high)}`,
    row.target === undefined
      ? ''
      : `≤ ${row.compare === 'difference' ? '+' : ''}${row.target} ${times ? '×' : row.unit}`,
    verdict(row),
  ];
}

const WIDTHS = [33, 9, 9, 10, 15, 11, 0];
const line = (texts) => texts.map((text, i) => text.padEnd(WIDTHS[i])).join('  ');

function main() {
  const chosen = options(process.argv.slice(2));
  const rows = choose(chosen.words);
  const settings = chosen.smoke ? SMOKE : FULL;
  const about = environment.describe();
  console.log(`wasmgate ${about.wasmgate}, ${about.engine}, Node.js ${about.node}, V8 ${about.v8}`);
  console.log(`${about.cpu} × ${about.cpus}, ${about.platform}, load ${about.load.join(' ')}, ${about.date}`);
  if (chosen.smoke) console.log('A smoke run: results are checked, but its figures are too few to mean anything.');
  console.log(`\n${line(['', 'wasmgate', 'peer', 'relation', '95 %', 'target', 'reached'])}`);

  const results = [];
  for (const row of rows) {
    const result = runRow(row, settings);
    results.push(result);
    console.log(line(cells(result)).trimEnd());
    if (result.error) console.error(result.error);
  }

  const folder = path.join(__dirname, chosen.keep ? 'data' : 'results');
  const file = path.join(folder, `${chosen.keep ?? about.date.replace(/[:.]/g, '-')}.json`);
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(file, `${JSON.stringify({ about, settings, smoke: chosen.smoke, rows: results }, rounded)}\n`);
  console.log(`\nAll samples: ${path.relative(process.cwd(), file)}`);
  process.exitCode = results.some((result) => result.error) ? 1 : 0;
}

/** Six significant digits are more than a clock gives. */
const rounded = (key, value) => (typeof value === 'number' ? Number(value.toPrecision(6)) : value);

try {
  main();
} catch (error) {
  console.error(`bench: ${error.message}`);
  process.exitCode = 2;
}
