'use strict';

// For programs and generated files that do require('ssvm').VM: alias "ssvm" to
// this entry (see README).
const { VM } = require('./vm');

module.exports = { VM };
