'use strict';

const path = require('node:path');
const express = require('express');
const { Instance, Module } = require('wasmgate');

const wasm = path.join(__dirname, 'target/wasm32-unknown-unknown/release/{{crate}}.wasm');

/** The application. It does not listen yet. */
function createApp() {
  const module = Module.load(wasm);
  let guest = new Instance(module);

  /** Calls a function of the guest. After a panic a guest is not used again: the next call gets a new one. */
  function call(name, ...args) {
    if (guest.state === 'poisoned') {
      guest.close();
      guest = new Instance(module);
    }
    return guest.call(name, ...args);
  }

  const app = express();
  app.disable('x-powered-by');

  app.get('/say', (req, res) => {
    const { name } = req.query;
    if (typeof name === 'string') res.type('text').send(call('say', name));
    else res.status(400).type('text').send('name: expected once');
  });

  app.post('/reverse', express.raw({ type: () => true, limit: '1mb' }), (req, res) => {
    const body = req.body ?? new Uint8Array();
    res.type('application/octet-stream').send(Buffer.from(call('reverse', body)));
  });

  return app;
}

if (require.main === module) {
  const port = Number(process.env.PORT ?? 3000);
  createApp().listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}/say?name=Ada`));
}

module.exports = { createApp };
