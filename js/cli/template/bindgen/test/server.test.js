'use strict';

const assert = require('node:assert/strict');
const { after, before, describe, it } = require('mocha');
const { createApp } = require('../server');

describe('the server', () => {
  let server;
  let url;

  before((done) => {
    server = createApp().listen(0, '127.0.0.1', () => {
      url = `http://127.0.0.1:${server.address().port}`;
      done();
    });
  });

  after(() => {
    server?.close();
    server?.closeAllConnections();
  });

  it('greets', async () => {
    const response = await fetch(`${url}/say?name=Ada`);
    assert.equal(response.status, 200);
    assert.equal(await response.text(), 'hello Ada');
  });

  it('says what is wrong with a request', async () => {
    assert.equal((await fetch(`${url}/say`)).status, 400);
    assert.equal((await fetch(`${url}/say?name=a&name=b`)).status, 400);
  });

  it('reverses bytes', async () => {
    const response = await fetch(`${url}/reverse`, { method: 'POST', body: new Uint8Array([1, 2, 255]) });
    assert.deepEqual([...new Uint8Array(await response.arrayBuffer())], [255, 2, 1]);
  });
});
