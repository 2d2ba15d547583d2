'use strict';

// Reads the signatures of a module's description: those that wasmgate writes
// itself, so what does not parse is a form that is newer than this file.

const NUMBERS = ['i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'f32', 'f64', 'number'];

/** TypeScript's name of each type that a signature can have, apart from names of classes and enumerations. */
const TYPESCRIPT = {
  ...Object.fromEntries(NUMBERS.map((name) => [name, 'number'])),
  i64: 'bigint',
  u64: 'bigint',
  bigint: 'bigint',
  i128: 'bigint',
  u128: 'bigint',
  bool: 'boolean',
  char: 'string',
  string: 'string',
  bytes: 'Uint8Array',
  v128: 'Uint8Array',
  'i8[]': 'Int8Array',
  'u8[]': 'Uint8Array',
  'u8clamped[]': 'Uint8ClampedArray',
  'i16[]': 'Int16Array',
  'u16[]': 'Uint16Array',
  'i32[]': 'Int32Array',
  'u32[]': 'Uint32Array',
  'i64[]': 'BigInt64Array',
  'u64[]': 'BigUint64Array',
  'f32[]': 'Float32Array',
  'f64[]': 'Float64Array',
  '()': 'undefined',
};

const TOKEN = /\s*(->|\(\)|[\w$]+(?:\[\])?|[(),:?<>])/y;

/** { parameters: [{ name, type, optional }], results: [{ type, optional }] }, or undefined if it cannot be read. */
function parseSignature(text) {
  const tokens = [];
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < text.length;) {
    const match = TOKEN.exec(text);
    if (match === null) return undefined;
    tokens.push(match[1]);
  }
  try {
    return signature(tokens);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function signature(tokens) {
  const expect = (token) => {
    if (tokens.shift() !== token) throw new SyntaxError(token);
  };
  const type = () => {
    const base = tokens.shift();
    if (base === undefined || !/^(?:[\w$]+(?:\[\])?|\(\))$/.test(base)) throw new SyntaxError(base);
    const optional = tokens[0] === '?';
    if (optional) tokens.shift();
    return { type: base, optional };
  };
  const list = (item) => {
    const items = [];
    if (tokens[0] === '()') {
      tokens.shift();
      return items;
    }
    expect('(');
    do items.push(item(items.length));
    while (tokens[0] === ',' && tokens.shift());
    expect(')');
    return items;
  };
  const parameter = (index) => {
    const named = tokens[1] === ':';
    const name = named ? tokens.splice(0, 2)[0] : `arg${index}`;
    return { name, ...type() };
  };
  const result = () => {
    if (tokens[0] === 'result' && tokens[1] === '<') {
      tokens.splice(0, 2);
      const inner = result();
      expect('>');
      return inner;
    }
    return tokens[0] === '(' || tokens[0] === '()' ? list(type) : [type()];
  };
  const parameters = list(parameter);
  let results = [];
  if (tokens[0] === '->') {
    tokens.shift();
    results = result();
  }
  if (tokens.length > 0) throw new SyntaxError(tokens[0]);
  return { parameters, results };
}

/** The same form for an export that is called with its wasm type. */
function wasmSignature({ parameters, results }) {
  const plain = (type) => ({ type, optional: false });
  return {
    parameters: parameters.map((type, index) => ({ name: `arg${index}`, ...plain(type) })),
    results: results.map(plain),
  };
}

/** How a function export is called; `typed` tells whether by a signature of its own. */
function signatureOf(entry) {
  const parsed = entry.signature === undefined ? undefined : parseSignature(entry.signature);
  return { ...(parsed ?? wasmSignature(entry.type)), typed: parsed !== undefined };
}

module.exports = { TYPESCRIPT, NUMBERS, parseSignature, signatureOf };
