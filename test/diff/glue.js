'use strict';

// Loads the JavaScript that the wasm-bindgen tool wrote, on V8: what it does is right by definition.

const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');

/**
 * A fresh instance of the module of a glue file; returns its exports. Of `imports`, names are globals of the file and
 * all others modules that it may require.
 */
function loadGlue(file, imports) {
  const isName = (name) => /^\w+$/.test(name);
  const globals = Object.keys(imports).filter(isName);
  const load = (name) => (Object.hasOwn(imports, name) && !isName(name) ? imports[name] : require(name));
  const module = { exports: {} };
  const run = vm.compileFunction(
    fs.readFileSync(file, 'utf8'),
    ['exports', 'require', 'module', '__filename', '__dirname', ...globals],
    { filename: file },
  );
  run(module.exports, load, module, file, path.dirname(file), ...globals.map((name) => imports[name]));
  return module.exports;
}

module.exports = { loadGlue };
