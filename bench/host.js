'use strict';

// The functions of JavaScript that the crate `types` imports.

const { makeHost } = require('../test/diff/imports');

/** Those that are measured. */
const SOURCE = `
  return {
    js_add: (a, b) => (a + b) | 0,
    js_map(times, f) {
      let sum = 0;
      for (let i = 0; i < times; i++) sum = (sum + f(i)) | 0;
      return sum;
    },
    jsRenamed: (text) => text + '.',
    host: { shout: (text) => text + '!', whisperQuietly: (text) => text + '?' },
  };`;

/** All imports, for the side of that name: functions of its own, so that V8 sees one caller of each. */
const hostOf = (name) => ({ ...makeHost().imports, ...new Function(`// ${name}${SOURCE}`)() });

module.exports = { hostOf };
