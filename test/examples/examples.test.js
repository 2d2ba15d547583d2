'use strict';

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');
const { root } = require('../helpers');

const run = promisify(execFile);
const dir = path.join(root, 'examples');
const names = ['bytes', 'hello', 'inspect', 'sandbox', 'workers'];

describe('examples', function () {
  this.timeout(30000);

  it('every expected output is compared below', () => {
    const outputs = fs.readdirSync(dir).filter((entry) => entry.endsWith('.out'));
    assert.deepEqual(
      outputs.sort(),
      names.map((name) => `${name}.out`),
    );
  });

  for (const name of names) {
    it(`${name}.js prints ${name}.out`, async () => {
      const expected = fs.readFileSync(path.join(dir, `${name}.out`), 'utf8');
      const { stdout, stderr } = await run(process.execPath, [path.join(dir, `${name}.js`)], { cwd: os.tmpdir() });
      assert.deepEqual({ stdout, stderr }, { stdout: expected, stderr: '' });
    });
  }

  it("inspect.js takes a module of one's own", async () => {
    const file = path.join(root, 'test/fixtures/wasm/panics/panics_bg.wasm');
    const { stdout } = await run(process.execPath, [path.join(dir, 'inspect.js'), file]);
    assert.match(stdout, /^ {2}panic_with\(message: string\)/m);
  });
});
