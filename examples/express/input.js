'use strict';

// Reads what a request brings, and says what is wrong with it.

/** What the sender of a request did wrong. */
class InputError extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}
InputError.prototype.name = 'InputError';

const MAX_U64 = 2n ** 64n - 1n;

const shown = (value) => JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);

/** A parameter of the query that must be there, once. It may be empty. */
function text(query, name) {
  const value = query[name];
  if (value === undefined) throw new InputError(400, 'ERR_INPUT_MISSING', `${name}: missing`);
  if (Array.isArray(value)) {
    throw new InputError(400, 'ERR_INPUT_REPEATED', `${name}: expected once, got ${value.length} times`);
  }
  return value;
}

/** The same as an unsigned integer of 64 bits. */
function u64(query, name) {
  const value = text(query, name);
  if (!/^-?\d+$/.test(value)) {
    throw new InputError(400, 'ERR_INPUT_INTEGER', `${name}: expected an integer, got ${shown(value)}`);
  }
  const number = BigInt(value);
  if (number < 0n || number > MAX_U64) {
    throw new InputError(400, 'ERR_INPUT_RANGE', `${name}: expected 0 to ${MAX_U64}, got ${shown(value)}`);
  }
  return number;
}

/** A body as text. */
function utf8(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new InputError(400, 'ERR_INPUT_UTF8', 'body: not valid UTF-8');
  }
}

module.exports = { InputError, text, u64, utf8 };
