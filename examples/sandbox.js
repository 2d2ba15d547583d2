'use strict';

// A guest that nobody trusts: it gets what it was granted and no more, is stopped when it goes too far, and what it
// used can be put on a bill. Its source is sandbox.wat.

const path = require('node:path');
const { PassThrough } = require('node:stream');
const { Instance, Module, run } = require('..');

const guest = Module.load(path.join(__dirname, 'sandbox.wat'), { metering: true });

/** Closes the instance afterwards. In TypeScript and newer versions of Node.js: using instance = new Instance(…). */
function withInstance(instance, action) {
  try {
    return action(instance);
  } finally {
    instance.close();
  }
}

/** Runs what has to fail, and prints the code of the error. */
function refused(what, action) {
  try {
    action();
  } catch (error) {
    console.log(`${what}: ${error.code}`);
    return error;
  }
  throw new Error(`${what}: did not fail`);
}

function grants() {
  // Without grants there is no instance of what imports something of the host; the error says what would do.
  const error = refused('no grants', () => new Instance(guest));
  for (const { import: name, grant } of error.grants) console.log(`  ${name} needs ${grant}`);

  // Each decision is told. Random numbers with a seed are the same on each run.
  const onAudit = ({ import: name, allowed, grant }) => console.log(`  ${name}: ${allowed ? 'by' : 'not by'} ${grant}`);
  console.log('granted: output, a seed');
  withInstance(
    new Instance(guest, { grants: { stdout: 'inherit', random: { seed: 'demo' } }, onAudit }),
    ({ exports }) => {
      console.log('dice:', exports.dice(), exports.dice(), exports.dice());
    },
  );
}

function limits() {
  // The time and the fuel are of each call, the memory is of the instance.
  const limited = { timeoutMs: 50, memoryBytes: 1024 * 1024 };
  withInstance(new Instance(guest, { grants: 'wasi', limits: limited }), (instance) => {
    console.log('grow by 15 pages:', instance.exports.grow(15));
    console.log('by one more:', instance.exports.grow(1));

    refused('50 ms', () => instance.exports.spin());
    console.log('sum:', instance.reset().exports.sum(10)); // stopped in the middle of something: start afresh

    refused('1000 instructions', () => instance.with({ fuel: 1000 }).exports.sum(1000000));
    console.log(instance.receipt.outcome, 'is what the receipt says, too');
  });
}

function bill() {
  withInstance(new Instance(guest, { grants: 'wasi' }), (instance) => {
    instance.exports.sum(1000);
    const { export: name, instructions, memoryPeakBytes, outcome } = instance.receipt;
    console.log('receipt:', { export: name, instructions, memoryPeakBytes, outcome });
  });
}

async function program() {
  // A program, on a thread of its own: the event loop goes on meanwhile.
  const { exitCode, stdout, receipt } = await run(guest, { stdin: 'to be\nor not\n', encoding: 'utf8' });
  console.log('exit code', exitCode, 'after', receipt.inputBytes, 'bytes of input:', JSON.stringify(stdout));

  // This one waits for input that never comes, until somebody has enough of it.
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 50);
  try {
    await run(guest, { stdin: new PassThrough(), signal: controller.signal });
  } catch (error) {
    console.log('waiting for input:', error.name);
  }
}

async function main() {
  grants();
  limits();
  bill();
  await program();
  guest.close();
}

main();
