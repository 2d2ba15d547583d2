'use strict';

const assert = require('node:assert/strict');
const { Blob } = require('node:buffer');
const http = require('node:http');
const { URLSearchParams } = require('node:url');
const zlib = require('node:zlib');
const { createApp, openGuest, LIMITS, MAX_BODY_BYTES } = require('../../examples/express/server');
const { Guest } = require('../../examples/express/guest');
const { fixture } = require('../fixtures');

const MAX_U64 = '18446744073709551615';

/** Listens on a free port; resolves to the server and its address. */
async function serve(options) {
  const server = http.createServer(createApp(options));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${server.address().port}` };
}

async function stop(server) {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

describe('examples/express', function () {
  this.timeout(30000);

  let guest;
  let server;
  let url;
  const logged = [];

  before(async () => {
    guest = openGuest();
    ({ server, url } = await serve({ guest, log: (error) => logged.push(error) }));
  });

  after(async () => {
    await stop(server);
    guest.close();
  });

  afterEach(() => assert.deepEqual(logged.splice(0), [], 'what the server logged'));

  const get = (target, options) => fetch(url + target, options);
  const post = (target, body, headers = {}) => fetch(url + target, { method: 'POST', body, headers });

  /** Expects an error answer, in full. */
  async function refused(promise, status, code, message) {
    const response = await promise;
    const answer = await response.json();
    assert.deepEqual([response.status, answer.code], [status, code], answer.error);
    assert.deepEqual(Object.keys(answer), ['error', 'code']);
    if (message instanceof RegExp) assert.match(answer.error, message);
    else assert.equal(answer.error, message);
    return response;
  }

  /** Expects an answer of that type which tells how long the guest took. */
  async function ok(promise, type) {
    const response = await promise;
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), type);
    assert.match(response.headers.get('server-timing'), /^wasm;dur=\d+\.\d{4}$/);
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
    return response;
  }

  describe('GET /', () => {
    it('is a page that needs nothing else', async () => {
      const response = await get('/');
      const page = await response.text();
      assert.equal(response.status, 200);
      assert.equal(response.headers.get('content-type'), 'text/html; charset=utf-8');
      assert.match(response.headers.get('content-security-policy'), /default-src 'none'/);
      assert.doesNotMatch(page, /https?:\/\/|<script src|<link(?! rel="icon" href="data:,")|@import|url\(/);
      for (const id of ['say', 'lcm', 'reverse', 'words']) assert.ok(page.includes(`<form id="${id}"`), id);
    });
  });

  describe('GET /say', () => {
    const say = async (name) => {
      const response = await ok(get(`/say?${new URLSearchParams({ name })}`), 'text/plain; charset=utf-8');
      return response.text();
    };

    for (const name of ['Ada', '', 'Zoë 🎉', '<b>', 'a&b=c+d', '\0', 'x'.repeat(8000)]) {
      it(`greets ${JSON.stringify(name).slice(0, 20)}`, async () => assert.equal(await say(name), `hello ${name}`));
    }

    it('answers HEAD without a body', async () => {
      const response = await ok(get('/say?name=Ada', { method: 'HEAD' }), 'text/plain; charset=utf-8');
      assert.equal(response.headers.get('content-length'), '9');
      assert.equal(await response.text(), '');
    });

    it('needs a name', () => refused(get('/say'), 400, 'ERR_INPUT_MISSING', 'name: missing'));

    it('needs the name under that name', () => refused(get('/say?nam=Ada'), 400, 'ERR_INPUT_MISSING', 'name: missing'));

    it('needs one name', () =>
      refused(get('/say?name=a&name=b'), 400, 'ERR_INPUT_REPEATED', 'name: expected once, got 2 times'));

    it('does not tell the time of a call that was not made', async () => {
      assert.equal((await get('/say')).headers.get('server-timing'), null);
    });
  });

  describe('POST /reverse', () => {
    const reverse = async (body, headers) => {
      const response = await ok(post('/reverse', body, headers), 'application/octet-stream');
      return Buffer.from(await response.arrayBuffer());
    };
    const bytes = (length) => Buffer.from(Uint8Array.from({ length }, (_, i) => (i * 7) ^ (i >> 8)));

    for (const length of [1, 255, 65537, MAX_BODY_BYTES]) {
      it(`reverses ${length} bytes`, async () => {
        assert.ok((await reverse(bytes(length))).equals(bytes(length).reverse()));
      });
    }

    it('reverses nothing', async () => {
      assert.equal((await reverse('')).length, 0);
      assert.equal((await reverse(undefined)).length, 0);
    });

    it('takes bytes of any declared type', async () => {
      assert.equal((await reverse('{"a', { 'content-type': 'application/json' })).toString(), 'a"{');
    });

    it('takes compressed bytes', async () => {
      const sent = zlib.gzipSync(bytes(MAX_BODY_BYTES));
      assert.ok((await reverse(sent, { 'content-encoding': 'gzip' })).equals(bytes(MAX_BODY_BYTES).reverse()));
    });

    it('refuses a byte too many', () =>
      refused(
        post('/reverse', bytes(MAX_BODY_BYTES + 1)),
        413,
        'ERR_INPUT_TOO_LARGE',
        'body: expected at most 1048576 bytes, got 1048577',
      ));

    it('refuses too much of an undeclared length', () => {
      const body = new Blob([bytes(MAX_BODY_BYTES + 1)]).stream();
      const sent = get('/reverse', { method: 'POST', body, duplex: 'half' });
      return refused(sent, 413, 'ERR_INPUT_TOO_LARGE', 'body: expected at most 1048576 bytes, got more');
    });

    it('refuses what is too large when decompressed', () => {
      const sent = post('/reverse', zlib.gzipSync(bytes(MAX_BODY_BYTES + 1)), { 'content-encoding': 'gzip' });
      return refused(sent, 413, 'ERR_INPUT_TOO_LARGE', /^body: expected at most 1048576 bytes/);
    });

    it('refuses what is not compressed as declared', () =>
      refused(post('/reverse', 'plain', { 'content-encoding': 'gzip' }), 400, 'ERR_INPUT_BODY', /^body: /));

    it('refuses an unknown compression', () =>
      refused(post('/reverse', 'x', { 'content-encoding': 'rot13' }), 415, 'ERR_INPUT_BODY', /rot13/));
  });

  describe('GET /lcm', () => {
    const good = [
      ['4', '6', '12'],
      ['0', '5', '0'],
      ['007', '1', '7'],
      ['-0', '1', '0'],
      ['9007199254740993', '1', '9007199254740993'],
      ['4294967296', '4294967295', '18446744069414584320'],
      [MAX_U64, MAX_U64, MAX_U64],
      [MAX_U64, '1', MAX_U64],
    ];
    for (const [a, b, lcm] of good) {
      it(`of ${a} and ${b} is ${lcm}`, async () => {
        const response = await ok(get(`/lcm?a=${a}&b=${b}`), 'application/json; charset=utf-8');
        assert.deepEqual(await response.json(), { lcm });
      });
    }

    const bad = [
      ['b=1', 'ERR_INPUT_MISSING', 'a: missing'],
      ['a=1', 'ERR_INPUT_MISSING', 'b: missing'],
      ['a=1&a=2&b=1', 'ERR_INPUT_REPEATED', 'a: expected once, got 2 times'],
      ['a=x&b=1', 'ERR_INPUT_INTEGER', 'a: expected an integer, got "x"'],
      ['a=&b=1', 'ERR_INPUT_INTEGER', 'a: expected an integer, got ""'],
      ['a=1&b=1.5', 'ERR_INPUT_INTEGER', 'b: expected an integer, got "1.5"'],
      ['a=1e3&b=1', 'ERR_INPUT_INTEGER', 'a: expected an integer, got "1e3"'],
      ['a=0x10&b=1', 'ERR_INPUT_INTEGER', 'a: expected an integer, got "0x10"'],
      ['a=1n&b=1', 'ERR_INPUT_INTEGER', 'a: expected an integer, got "1n"'],
      ['a=%201&b=1', 'ERR_INPUT_INTEGER', 'a: expected an integer, got " 1"'],
      ['a=1%0A&b=1', 'ERR_INPUT_INTEGER', 'a: expected an integer, got "1\\n"'],
      ['a=%D9%A3&b=1', 'ERR_INPUT_INTEGER', 'a: expected an integer, got "٣"'],
      ['a=-1&b=1', 'ERR_INPUT_RANGE', `a: expected 0 to ${MAX_U64}, got "-1"`],
      ['a=1&b=18446744073709551616', 'ERR_INPUT_RANGE', `b: expected 0 to ${MAX_U64}, got "18446744073709551616"`],
      [`a=${'9'.repeat(5000)}&b=1`, 'ERR_INPUT_RANGE', `a: expected 0 to ${MAX_U64}, got "${'9'.repeat(40)}…"`],
    ];
    for (const [query, code, message] of bad) {
      it(`refuses ${query.slice(0, 30)}`, () => refused(get(`/lcm?${query}`), 400, code, message));
    }

    it('passes on what the guest refuses, with its time', async () => {
      const message = `lcm(${MAX_U64}, 2) does not fit in 64 bits`;
      const response = await refused(get(`/lcm?a=${MAX_U64}&b=2`), 400, 'ERR_GUEST_ERROR', message);
      assert.match(response.headers.get('server-timing'), /^wasm;dur=/);
    });
  });

  describe('POST /words', () => {
    const words = async (body, headers) => {
      const response = await ok(post('/words', body, headers), 'application/json; charset=utf-8');
      return response.json();
    };

    it("gives the guest's JSON", async () => {
      assert.deepEqual(await words('Über über,\nunter'), {
        bytes: 18,
        chars: 16,
        lines: 2,
        words: 3,
        unique: 2,
        longest: 'unter',
        top: [
          { word: 'über', count: 2 },
          { word: 'unter', count: 1 },
        ],
      });
    });

    it('counts nothing', async () => assert.equal((await words('')).words, 0));

    it('keeps a byte order mark', async () => assert.equal((await words('\ufeffa')).bytes, 4));

    it('counts as much text as is allowed', async () => {
      const { bytes, top } = await words('ab '.repeat(MAX_BODY_BYTES / 3) + 'c');
      assert.deepEqual([bytes, top[0]], [MAX_BODY_BYTES, { word: 'ab', count: 349525 }]);
    });

    it('refuses a byte too many', () =>
      refused(post('/words', 'a'.repeat(MAX_BODY_BYTES + 1)), 413, 'ERR_INPUT_TOO_LARGE', /got 1048577$/));

    for (const hex of ['ff', 'c3', '61c328', 'eda080', 'c0af', 'f4908080']) {
      it(`refuses the bytes ${hex}, which are not UTF-8`, () =>
        refused(post('/words', Buffer.from(hex, 'hex')), 400, 'ERR_INPUT_UTF8', 'body: not valid UTF-8'));
    }
  });

  describe('what is not there', () => {
    const routes = { '/': 'GET, HEAD', '/say': 'GET, HEAD', '/lcm': 'GET, HEAD', '/reverse': 'POST', '/words': 'POST' };
    for (const [route, allowed] of Object.entries(routes)) {
      for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS']) {
        if (allowed.includes(method)) continue;
        it(`${method} ${route}`, async () => {
          const response = await refused(
            get(route, { method }),
            405,
            'ERR_METHOD',
            `${route}: expected ${allowed}, got ${method}`,
          );
          assert.equal(response.headers.get('allow'), allowed);
        });
      }
    }

    for (const target of ['/nothing', '/page.html', '/server.js', '/..%2fpackage.json', '/%ff']) {
      it(target, () => refused(get(target), 404, 'ERR_NOT_FOUND', `there is nothing at ${target}`));
    }
  });

  it('answers 200 requests at the same time, each with its own result', async () => {
    const one = async (i) => {
      const body = Buffer.alloc(i * 100, i);
      body[0] = 255;
      const [said, reversed, lcm, bad] = await Promise.all([
        get(`/say?name=${i}`).then((response) => response.text()),
        post('/reverse', body).then((response) => response.arrayBuffer()),
        get(`/lcm?a=${i}&b=${2 ** 40}`).then((response) => response.json()),
        get(`/lcm?a=${MAX_U64}&b=${2 * i}`).then((response) => response.status),
      ]);
      assert.equal(said, `hello ${i}`);
      assert.ok(Buffer.from(reversed).equals(body.reverse()));
      const power = BigInt(i) & -BigInt(i);
      assert.equal(lcm.lcm, String((BigInt(i) / power) * 2n ** 40n));
      assert.equal(bad, 400);
    };
    await Promise.all(Array.from({ length: 50 }, (_, i) => one(i + 1)));
  });

  describe('a guest that fails', () => {
    /** Serves the fixture of panics: /say?name=… calls the export of that name. */
    async function served(action) {
      const failing = new Guest(fixture('panics'));
      const call = (_, name) => String(name === 'ok' ? failing.call('ok') : failing.call(name, 0n));
      const { server, url } = await serve({ guest: { call }, log: (error) => logged.push(error.code ?? error.name) });
      try {
        await action((name) => fetch(`${url}/say?name=${name}`));
      } finally {
        await stop(server);
        failing.close();
      }
    }

    it('answers 500 with the code, logs it, and the next request is served', () =>
      served(async (say) => {
        for (let i = 0; i < 3; i++) {
          const response = await say('recurse');
          assert.equal(response.status, 500);
          const { error, code } = await response.json();
          assert.equal(code, 'ERR_TRAP');
          assert.match(error, /\(ERR_TRAP\)$/);
          assert.match(response.headers.get('server-timing'), /^wasm;dur=/);
          assert.deepEqual(logged.splice(0), ['ERR_TRAP']);
          assert.equal(await (await say('ok')).text(), '7');
        }
      }));

    it('answers 500 without details to what is no failure of the guest', () =>
      served(async (say) => {
        const response = await say('no_such_export');
        assert.equal(response.status, 500);
        assert.deepEqual(await response.json(), { error: 'internal error', code: 'ERR_INTERNAL' });
        assert.deepEqual(logged.splice(0), ['TypeError']);
      }));

    it('answers 503 to what takes too long, logs it, and the next request is served', async () => {
      const endless = '(func (export "endless") (loop (br 0))) (func (export "ok") (result i32) (i32.const 7))';
      const slow = new Guest(Buffer.from(`(module ${endless})`), { limits: LIMITS });
      const call = (_, name) => String(slow.call(name));
      const { server, url } = await serve({ guest: { call }, log: (error) => logged.push(error.code) });
      try {
        for (let i = 0; i < 2; i++) {
          const response = await fetch(`${url}/say?name=endless`);
          assert.equal(response.status, 503);
          assert.match(response.headers.get('server-timing'), /^wasm;dur=\d{4}\./);
          const { error, code } = await response.json();
          assert.equal(code, 'ERR_TIMEOUT');
          assert.match(error, /1000 ms/);
          assert.deepEqual(logged.splice(0), ['ERR_TIMEOUT']);
          assert.equal(await (await fetch(`${url}/say?name=ok`)).text(), '7');
        }
      } finally {
        await stop(server);
        slow.close();
      }
    });

    it('has no more memory than its limit, and goes on after that', () => {
      const own = openGuest();
      try {
        const large = new Uint8Array(LIMITS.memoryBytes);
        assert.throws(() => own.call('reverse', large), { code: /^ERR_(ALLOCATOR|PANIC|TRAP)$/ });
        assert.equal(own.call('say', 'Ada'), 'hello Ada');
      } finally {
        own.close();
      }
    });

    it('never shows ERR_POISONED: a new instance takes over', () => {
      const failing = new Guest(fixture('panics'));
      try {
        assert.throws(() => failing.call('unwrap_none'), { code: /^ERR_(PANIC|TRAP)$/ });
        assert.equal(failing.call('ok'), 7);
        assert.throws(() => failing.call('panic_with', 'no'), { code: /^ERR_(PANIC|TRAP)$/ });
        assert.throws(() => failing.call('panic_with', 'no'), { code: /^ERR_(PANIC|TRAP)$/ });
        assert.equal(failing.call('ok'), 7);
      } finally {
        failing.close();
      }
    });
  });
});
