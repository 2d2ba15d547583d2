'use strict';

// Loads a module, calls it, prints what it says. In a project of yours: require('wasmgate').

const { Instance } = require('..');
const wasm = require('./wasm');

const guest = new Instance(wasm.hello);
console.log(guest.exports.say('Ada'));
console.log(guest.exports.add(2, 40));
guest.close();
