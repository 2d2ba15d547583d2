'use strict';

const fs = require('node:fs/promises');
const os = require('node:os');
const path = require('node:path');
const express = require('express');
const { VM } = require('wasmgate');

const wasm = path.join(__dirname, 'target/wasm32-wasip1/release/{{crate}}.wasm');

/** The application. It does not listen yet. */
function createApp() {
  /** Runs the program on a text, with a directory that nothing else is in. */
  async function reverse(text) {
    const dir = await fs.mkdtemp(path.join(os.tmpdir(), '{{name}}-'));
    try {
      await fs.writeFile(path.join(dir, 'in.txt'), text);
      const code = new VM(wasm, { preopens: { '/data': dir } }).Start();
      if (code !== 0) throw new Error(`the program ended with code ${code}`);
      return await fs.readFile(path.join(dir, 'out.txt'), 'utf8');
    } finally {
      await fs.rm(dir, { recursive: true });
    }
  }

  const app = express();
  app.disable('x-powered-by');

  app.post('/reverse', express.text({ type: () => true, limit: '1mb' }), async (req, res) => {
    res.type('text').send(await reverse(req.body ?? ''));
  });

  return app;
}

if (require.main === module) {
  const port = Number(process.env.PORT ?? 3000);
  createApp().listen(port, '127.0.0.1', () => console.log(`curl --data drawer http://127.0.0.1:${port}/reverse`));
}

module.exports = { createApp };
