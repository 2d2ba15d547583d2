'use strict';

// Programs: modules with a _start, run from start to end. runSync runs one here, run on
// a thread of its own, which tells what happens through events (binding/run.h).

const audit = require('./audit');
const binding = require('./load');
const { codedError } = require('./errors');
const { makeWords, receiptOf, statsOf } = require('./meters');
const { Module, internals } = require('./module');
const { bind, open } = require('./open');
const { runOptions } = require('./options');
const { NAMES, bytesOf, isOver } = require('./streams');

/** Whether the caller has loaded the module, who then closes it as well. */
const isLoaded = (source) => source instanceof Module;

/** What a program did, whether it came to an end or not. */
function account(module, words, [stdout, stderr], encoding) {
  const { description } = internals(module);
  const { metering } = description.profile;
  const text = (bytes) => (encoding === undefined ? bytes : bytes.toString(encoding));
  const out = { stdout: text(stdout), stderr: text(stderr), stats: statsOf(words, metering) };
  if (metering) out.receipt = receiptOf(words, description, '_start');
  return out;
}

/** The result of a program that ended with `error`, null after a plain end; throws what is no end. */
function settle(error, done) {
  if (error === null) return { exitCode: 0, ...done };
  if (error.code === 'ERR_EXIT') return { exitCode: error.exitCode, ...done };
  throw typeof error === 'object' && Object.isExtensible(error) ? Object.assign(error, done) : error;
}

/** Calls _start of an opened instance; gives the error, or null. */
function start(opened, module) {
  const entry = module.exports.find(({ kind, name }) => kind === 'function' && name === '_start');
  if (entry === undefined || entry.type.parameters.length + entry.type.results.length > 0) {
    throw codedError(
      'ERR_EXPORT_MISSING',
      'the module is no program: it exports no function _start without parameters and results',
      { export: '_start' },
    );
  }
  try {
    bind(opened, module, false, ({ name }) => name === '_start')._start();
    return null;
  } catch (error) {
    return error;
  }
}

function runSync(source, options) {
  const loaded = isLoaded(source);
  const own = runOptions(source, options, { loaded, sync: true });
  const module = loaded ? source : Module.load(source, own.module);
  try {
    const opened = open(module, own.instance);
    try {
      const error = start(opened, module);
      const words = makeWords();
      binding.readMeters(opened.handle, words);
      return settle(error, account(module, words, binding.takeOutput(opened.handle), own.encoding));
    } finally {
      binding.closeInstance(opened.handle);
    }
  } finally {
    if (!loaded) module.close();
  }
}

/** A program on a thread of its own. */
class Run {
  #module;
  #own;
  #job;
  #failure; // of JavaScript: what the program is stopped for
  #failed = false;
  #input; // what inputOf made of standard input
  #pumping = false;
  #taking = new Set(); // what is on its way to its place
  #abort;
  #unlisten = [];
  #onStopped;
  #stopped = new Promise((resolve) => (this.#onStopped = resolve));

  constructor(module, own) {
    this.#module = module;
    this.#own = own;
  }

  /** Resolves like run. */
  start() {
    return new Promise((resolve, reject) => {
      const { document, input, hooks } = this.#own.instance;
      const { handle } = internals(this.#module);
      this.#listen(hooks);
      const events = {
        output: (stream, bytes) => this.#take(hooks[NAMES[stream]], bytes),
        input: () => this.#pump(hooks.stdin),
        meter: (words) => this.#meter(words),
        report: (text) => this.#guard(() => audit.report(JSON.parse(text), this.#own.instance.onAudit)),
        done: (...facts) => this.#done(...facts).then(resolve, reject),
      };
      this.#job = binding.run(handle, JSON.stringify(document), input, 0, (name, ...facts) => events[name](...facts));
      this.#abort = () => this.fail(this.#own.signal.reason);
      this.#own.signal?.addEventListener('abort', this.#abort, { once: true });
      if (this.#own.signal?.aborted) this.#abort();
    });
  }

  /** An error of a stream ends the program; without a listener it would end the process. */
  #listen(hooks) {
    for (const stream of Object.values(hooks)) {
      if (typeof stream === 'function') continue;
      const onError = (error) => this.fail(error);
      stream.on('error', onError);
      this.#unlisten.push(() => stream.off('error', onError));
    }
  }

  /** Stops the program; run rejects with `error`. */
  fail(error) {
    if (!this.#failed) this.#failure = error;
    this.#failed = true;
    this.#onStopped();
    binding.runStop(this.#job);
  }

  #guard(action) {
    try {
      return action();
    } catch (error) {
      this.fail(error);
      return undefined;
    }
  }

  /** Hands output to a function, which may be asynchronous, or a Writable; then there is room for more. */
  #take(sink, bytes) {
    const taken = this.#failed ? undefined : this.#guard(() => deliver(sink, bytes, (error) => this.fail(error)));
    const done = () => binding.runTaken(this.#job, bytes.length);
    if (taken === undefined) {
      done();
      return;
    }
    const pending = taken.then(done, (error) => {
      this.fail(error);
      done();
    });
    this.#taking.add(pending);
    pending.finally(() => this.#taking.delete(pending));
  }

  /** Gives standard input until there is enough of it, or no more. */
  async #pump(source) {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      this.#input ??= inputOf(source);
      for (let full = false; !full && !this.#failed;) {
        const bytes = bytesOf(await this.#input.next(), 'the source');
        full = binding.runInput(this.#job, bytes);
        if (bytes === null) return; // and stays pumping: there is nothing more to ask for
      }
      this.#pumping = false;
    } catch (error) {
      this.fail(error);
    }
  }

  #meter(words) {
    const metered = internals(this.#module).description.profile.metering;
    this.#guard(() => this.#own.instance.onMeter?.call(statsOf(words, metered)));
  }

  async #done(error, stdout, stderr, words) {
    // What a program wrote before it failed is not waited for, and waiting can be given up.
    const ended = error === null || error.code === 'ERR_EXIT';
    if (ended && !this.#failed) await Promise.race([Promise.allSettled(this.#taking), this.#stopped]);
    this.#own.signal?.removeEventListener('abort', this.#abort);
    this.#input?.stop();
    for (const off of this.#unlisten) off();
    if (this.#failed) throw this.#failure;
    return settle(error, account(this.#module, words, [stdout, stderr], this.#own.encoding));
  }
}

/** Undefined when it has arrived, or a promise for that. */
function deliver(sink, bytes, fail) {
  if (typeof sink === 'function') {
    const answer = sink(bytes);
    return typeof answer?.then === 'function' ? Promise.resolve(answer) : undefined;
  }
  if (isOver(sink)) {
    throw codedError('ERR_OPTION_RANGE', 'stdout, stderr: the stream takes nothing any more', { option: 'stdout' });
  }
  return new Promise((resolve) => {
    sink.write(bytes, (error) => {
      if (error) fail(error);
      resolve();
    });
  });
}

/** What gives chunks, null at the end: { next, stop }. A Readable is left as it is when nothing more is wanted. */
function inputOf(source) {
  if (typeof source === 'function') return { next: () => source(65536), stop() {} };
  let wake; // of whoever waits
  const events = ['readable', 'end', 'close'];
  const onEvent = () => wake?.();
  for (const name of events) source.on(name, onEvent);
  return {
    async next() {
      for (;;) {
        const chunk = source.read();
        if (chunk !== null) return chunk;
        if (source.readableEnded || source.destroyed) return null;
        await new Promise((resolve) => (wake = resolve));
      }
    },
    stop() {
      for (const name of events) source.off(name, onEvent);
    },
  };
}

async function run(source, options) {
  const loaded = isLoaded(source);
  const own = runOptions(source, options, { loaded, sync: false });
  own.signal?.throwIfAborted();
  const module = loaded ? source : await Module.loadAsync(source, own.module);
  try {
    own.signal?.throwIfAborted();
    return await new Run(module, own).start();
  } finally {
    if (!loaded) module.close();
  }
}

module.exports = { run, runSync };
