'use strict';

// Programs that compute, as WASI commands: what metering and being stoppable cost, and where that is next to V8 and to
// the same sources as native programs. All sides of a guest alternate in the same processes; rows are relations of two.

const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { estimate, estimateMean, median } = require('./stats');
const { twins } = require('./twins');

// A run takes some 20 to 60 ms. sha256 is that of the output.
const GUESTS = [
  { name: 'nbody', size: '800000', sha256: '6c0e0d4afb7a1635943e9f9a386d4de6136b95ef8d28c396e58d0dfd455a1658' },
  { name: 'fannkuch', size: '9', sha256: '8240a83dc671a1906b1f4ce51a46866362bec862c62128f4429ec1f3e7bf1bb8' },
  { name: 'mandelbrot', size: '2000', sha256: '42444f9a249913b9fa01fde926562f8c2d9ea862d1ff7a219056e9a7dcf5d404' },
  { name: 'binary_trees', size: '14', sha256: 'b0af3a8c1c6ccf57c7f99716bffd9c6f7365dac78fc307ef6c1903ba1a1b87a3' },
  { name: 'fasta', size: '800000', sha256: 'ae9e9b76dd8f60307dcc5895d021a8e32623dd38c1ba10e992f1361e28062823' },
  // Not one of the five, and not in their mean: a loop in which each check shows.
  {
    name: 'mandelbrot_plain',
    size: '1000',
    sha256: '66b74292639771ac7a6d9307c2a1985b0be22b09f28159cc142f0af988532789',
    extra: true,
  },
];

/** Rows of each guest and of the mean: which side is related to which. */
const RELATIONS = [
  { name: 'off to V8', sides: ['off', 'v8'], peer: 'V8 with node:wasi', target: 0.95 },
  { name: 'off to native', sides: ['off', 'native'], peer: 'native twin', target: 1.3 },
  { name: 'epochs to off', sides: ['epochs', 'off'], peer: 'wasmgate, off', target: 1.12 },
  { name: 'fuel to off', sides: ['fuel', 'off'], peer: 'wasmgate, off' },
  { name: 'both to off', sides: ['both', 'off'], peer: 'wasmgate, off', target: 1.25 },
];

/** A round is one run of each side, dear next to a round of calls; V8 needs some runs until all is optimised. */
const own = ({ processes, rounds, warmupMs }) => ({ processes, rounds: Math.ceil(rounds / 4), warmupMs, warmups: 3 });

const cache = new Map();

/** Samples of a guest by process: [{ off: [ns...], epochs: [...], ... }, ...]. A failure fails all of its rows. */
function samplesOf(guest, settings) {
  if (!cache.has(guest.name)) {
    try {
      cache.set(guest.name, { samples: measure(guest, settings) });
    } catch (error) {
      cache.set(guest.name, { error });
    }
  }
  const { samples, error } = cache.get(guest.name);
  if (error) throw error;
  return samples;
}

function measure(guest, settings) {
  const all = { ...own(settings), twins: twins().folder };
  const child = path.join(__dirname, 'compute-child.js');
  const args = ['--expose-gc', '--no-warnings', child, JSON.stringify(guest), JSON.stringify(all)];
  return Array.from({ length: all.processes }, () => {
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr.trim() || `killed by ${signal}`);
    return JSON.parse(stdout);
  });
}

/** Ratios of two sides by process, of runs in the same round. */
const ratios = (processes, [ours, peer]) => processes.map((run) => run[ours].map((ns, i) => ns / run[peer][i]));

const lacking = ({ sides }) => sides.includes('native') && twins().missing;

const guestRow = (guest, relation) => ({
  name: `${guest.name.replace('_', '-')}, ${relation.name}`,
  peer: relation.peer,
  measure(settings) {
    if (lacking(relation)) return { missing: lacking(relation) };
    const processes = samplesOf(guest, settings);
    const all = (side) => median(processes.flatMap((run) => run[side]));
    const pairs = processes.map((run) => ({ calls: 1, samples: relation.sides.map((side) => run[side]) }));
    const [ours, peer] = relation.sides.map(all);
    return { ours, peer, ...estimate(ratios(processes, relation.sides)), samples: pairs };
  },
});

/** The geometric mean over the five; its samples are those of their rows. */
const meanRow = (relation) => ({
  name: `mean of five, ${relation.name}`,
  peer: relation.peer,
  target: relation.target,
  measure(settings) {
    if (lacking(relation)) return { missing: lacking(relation) };
    const five = GUESTS.filter(({ extra }) => !extra).map((guest) => samplesOf(guest, settings));
    return { ...estimateMean(five.map((processes) => ratios(processes, relation.sides))), samples: [] };
  },
});

exports.rows = [
  ...GUESTS.flatMap((guest) => RELATIONS.map((relation) => guestRow(guest, relation))),
  ...RELATIONS.map(meanRow),
];
