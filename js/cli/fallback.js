'use strict';

// The `api` of a description. Where there is none it is that of the function
// exports.

const { TYPESCRIPT, signatureOf } = require('./signature');

const text = ({ type, optional }) => {
  const name = TYPESCRIPT[type] ?? 'any';
  return optional ? `${name} | undefined` : name;
};

function resultText(results) {
  if (results.length === 0) return 'void';
  if (results.length > 1) return `[${results.map(text).join(', ')}]`;
  return results[0].type === '()' ? 'void' : text(results[0]);
}

function functionOf(entry) {
  const { parameters, results, typed } = signatureOf(entry);
  return {
    name: entry.name,
    namespace: [],
    export: entry.name,
    docs: [],
    parameters: parameters.map(({ name, type, optional }) => ({
      name,
      type: `${TYPESCRIPT[type] ?? 'any'}${optional ? ' | undefined' : ''}`,
      optional,
    })),
    result: resultText(results),
    variadic: false,
    async: false,
    unsupported: entry.unsupported,
    typed,
  };
}

/** The API of a description; `typed` is false for functions that are called with their wasm type. */
function apiOf({ api, exports }) {
  const entries = exports.filter(({ kind, internal }) => kind === 'function' && !internal);
  if (api === undefined) {
    return { functions: entries.map(functionOf), classes: [], enums: [], stringEnums: [], typescript: [] };
  }
  const plain = new Set(entries.filter(({ signature }) => signature === undefined).map(({ name }) => name));
  return { ...api, functions: api.functions.map((fn) => ({ ...fn, typed: !plain.has(fn.export) })) };
}

module.exports = { apiOf };
