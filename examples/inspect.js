'use strict';

// Says what a module is, has and needs, without compiling or running any of it:
//
//   node examples/inspect.js [module]

const { inspect } = require('..');
const wasm = require('./wasm');

const described = inspect(process.argv[2] ?? wasm.hello);

console.log('kind:', described.kind);
console.log('made by:', Object.keys(described.producers).join(', '));
console.log('needs WASI:', described.needs.wasi ? 'yes' : 'no');
console.log('missing imports:', described.needs.missing.join(', ') || 'none');

console.log('functions:');
for (const { kind, name, type, signature, unsupported, internal } of described.exports) {
  if (kind !== 'function' || internal) continue;
  const typed = signature ?? `(${type.parameters.join(', ')}) -> (${type.results.join(', ')})`;
  console.log(`  ${name}${typed}${unsupported === undefined ? '' : ` cannot be called: ${unsupported}`}`);
}
