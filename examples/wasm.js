'use strict';

const path = require('node:path');

// The guest of all examples: rust/hello, with the .d.ts that wasm-bindgen wrote beside it.
exports.hello = path.join(__dirname, '../test/fixtures/wasm/hello/hello_bg.wasm');
