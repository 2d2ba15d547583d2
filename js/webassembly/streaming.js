'use strict';

// Modules out of responses of fetch.

const { describe } = require('../errors');

/** The essence of a media type, as the WebAssembly Web API compares it: no parameters. */
const isWasm = (type) => /^[\t\n\r ]*application\/wasm[\t\n\r ]*$/i.test(type ?? '');

/** The bytes of a Response, or of the promise of one. */
async function bytesOfResponse(source, where) {
  const response = await source;
  if (typeof Response !== 'function' || !(response instanceof Response)) {
    throw new TypeError(`${where}: expected a Response or a promise of one, got ${describe(response)}`);
  }
  if (!response.ok) throw new TypeError(`${where}: the response has the status ${response.status}`);
  if (!isWasm(response.headers.get('Content-Type'))) {
    const type = describe(response.headers.get('Content-Type') ?? undefined);
    throw new TypeError(`${where}: the response must have the media type application/wasm, got ${type}`);
  }
  return response.arrayBuffer();
}

module.exports = { bytesOfResponse };
