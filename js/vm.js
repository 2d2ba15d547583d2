'use strict';
module.exports = { VM: class VM {} };
