'use strict';

// An Express server whose handlers run Rust, compiled to WebAssembly, in a sandbox:
//
//   npm start                     http://127.0.0.1:3000/
//   PORT=8080 npm start           another port; 0 picks a free one
//   HOST=0.0.0.0 npm start        reachable from other machines
//
// A call blocks the event loop as long as it takes, like any other function, but no longer than its limit. Work of more
// than a few milliseconds belongs into worker threads: see ../workers.js.

const express = require('express');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { WasmError } = require('../..');
const wasm = require('../wasm');
const { Guest } = require('./guest');
const { InputError, text, u64, utf8 } = require('./input');

/** Largest body that is accepted, in bytes, also after decompression. */
const MAX_BODY_BYTES = 1024 * 1024;

/** What a request may cost: its time holds up all others, its memory stays with the guest. */
const LIMITS = { timeoutMs: 1000, memoryBytes: 64 * 1024 * 1024 };

/** How long requests that are under way may take after SIGINT or SIGTERM. */
const SHUTDOWN_MS = 5000;

/** The page brings its own style and script, and talks to nobody but this server. */
const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
};

/** The demo guest. A .d.ts does not tell that a bigint is unsigned, so the signature of `lcm` does. */
function openGuest() {
  return new Guest(wasm.hello, { limits: LIMITS, signatures: { lcm: '(a: u64, b: u64) -> result<u64>' } });
}

/**
 * The application. It does not listen yet. `guest` has call(name, ...args); closing it is up to who opened it. `log`
 * gets what is not the sender's fault.
 */
function createApp({ guest = openGuest(), log = console.error } = {}) {
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.use((req, res, next) => {
    res.set(HEADERS);
    next();
  });

  const page = fs.readFileSync(path.join(__dirname, 'page.html'), 'utf8');
  const body = express.raw({ type: () => true, limit: MAX_BODY_BYTES });

  app
    .route('/')
    .get((req, res) => res.type('html').send(page))
    .all(only('GET, HEAD'));

  app
    .route('/say')
    .get((req, res) => {
      const name = text(req.query, 'name');
      res.type('text/plain').send(timed(res, () => guest.call('say', name)));
    })
    .all(only('GET, HEAD'));

  app
    .route('/reverse')
    .post(body, (req, res) => {
      const bytes = bytesOf(req);
      res.type('application/octet-stream').send(timed(res, () => guest.call('reverse', bytes)));
    })
    .all(only('POST'));

  app
    .route('/lcm')
    .get((req, res) => {
      const [a, b] = [u64(req.query, 'a'), u64(req.query, 'b')];
      const lcm = timed(res, () => guest.call('lcm', a, b));
      res.json({ lcm: String(lcm) }); // JSON has no integers of 64 bits that every reader keeps exact
    })
    .all(only('GET, HEAD'));

  app
    .route('/words')
    .post(body, (req, res) => {
      const content = utf8(bytesOf(req));
      res.type('json').send(timed(res, () => guest.call('words', content))); // is JSON already
    })
    .all(only('POST'));

  app.use(notFound);

  // Four parameters make it Express's error handler.
  // eslint-disable-next-line no-unused-vars
  app.use((error, req, res, next) => {
    const { status, code, message } = answerTo(error);
    if (status >= 500) log(error);
    res.status(status).json({ error: message, code });
  });
  return app;
}

/** Without a body, req.body is not set. */
const bytesOf = (req) => req.body ?? new Uint8Array(0);

function notFound(req) {
  throw new InputError(404, 'ERR_NOT_FOUND', `there is nothing at ${req.path.slice(0, 100)}`);
}

/** Refuses every method that was not handled before. */
function only(methods) {
  return (req, res) => {
    res.set('Allow', methods);
    throw new InputError(405, 'ERR_METHOD', `${req.path}: expected ${methods}, got ${req.method}`);
  };
}

/** Runs `call` and tells the client how long that took, in milliseconds. */
function timed(res, call) {
  const start = performance.now();
  try {
    return call();
  } finally {
    res.set('Server-Timing', `wasm;dur=${(performance.now() - start).toFixed(4)}`);
  }
}

/** What to answer when a handler threw. */
function answerTo(error) {
  if (error instanceof InputError) return error;
  if (error.type === 'entity.too.large') {
    const message = `body: expected at most ${MAX_BODY_BYTES} bytes, got ${error.length ?? 'more'}`;
    return { status: 413, code: 'ERR_INPUT_TOO_LARGE', message };
  }
  // The body could not be read: cut off, wrongly compressed, …
  if (error.expose && error.status < 500) {
    return { status: error.status, code: 'ERR_INPUT_BODY', message: `body: ${error.message}` };
  }
  // The guest returned Err: it was asked for something that cannot be.
  if (error.code === 'ERR_GUEST_ERROR')
    return { status: 400, code: error.code, message: error.value?.message ?? error.message };
  // The guest was stopped, as others wait. The next request gets a fresh instance here too.
  if (error.code === 'ERR_TIMEOUT') return { status: 503, code: error.code, message: error.message };
  // A trap, a panic: the guest's fault, and the next request gets a new instance.
  if (error instanceof WasmError) return { status: 500, code: error.code, message: error.message };
  return { status: 500, code: 'ERR_INTERNAL', message: 'internal error' };
}

function main() {
  const { PORT = '3000', HOST = '127.0.0.1' } = process.env;
  if (!/^\d{1,5}$/.test(PORT) || Number(PORT) > 65535) {
    return fail(`PORT: expected an integer from 0 to 65535, got ${JSON.stringify(PORT)}`);
  }
  const guest = openGuest();
  const server = http.createServer(createApp({ guest }));

  server.on('error', (error) => {
    if (error.code === 'EADDRINUSE') fail(`port ${PORT} is taken (EADDRINUSE); try another one: PORT=8080 npm start`);
    else if (error.code === 'EACCES') fail(`port ${PORT} is not for everyone (EACCES); try one from 1024 on`);
    else fail(`cannot listen on ${HOST}, port ${PORT}: ${error.message}`);
  });
  server.on('listening', () => {
    const { address, family, port } = server.address();
    console.log(`wasmgate demo: http://${family === 'IPv6' ? `[${address}]` : address}:${port}/`);
  });

  // Answers what is under way, then lets go of everything, and so ends. A second signal ends it at once.
  const shutDown = () => {
    process.off('SIGINT', shutDown).off('SIGTERM', shutDown);
    server.close(() => guest.close());
    server.keepAliveTimeout = 1; // in ms: whoever has an answer need not be waited for
    setTimeout(() => server.closeAllConnections(), SHUTDOWN_MS).unref();
  };
  process.on('SIGINT', shutDown).on('SIGTERM', shutDown);

  server.listen(Number(PORT), HOST);
}

function fail(message) {
  console.error(`wasmgate demo: ${message}`);
  process.exitCode = 1;
}

if (require.main === module) main();

module.exports = { createApp, openGuest, LIMITS, MAX_BODY_BYTES };
