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

  const reverse = async (body) => {
    const response = await fetch(`${url}/reverse`, { method: 'POST', body });
    assert.equal(response.status, 200);
    return response.text();
  };

  it('reverses a text', async () => {
    assert.equal(await reverse('drawer'), 'reward');
    assert.equal(await reverse('añb'), 'bña');
  });

  it('takes an empty one, and several at once', async () => {
    assert.deepEqual(await Promise.all(['', 'ab', 'cd'].map(reverse)), ['', 'ba', 'dc']);
  });
});
