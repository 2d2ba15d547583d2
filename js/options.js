'use strict';

// Checks options as a person would want to be told about them: an unknown key
// is an error that names the nearest known one, undefined counts as absent, and
// 0, '' and [] are values. Go checks the result once more.

const { codedError, describe, nearest } = require('./errors');
const { importLayers } = require('./globals');

/** Each check returns the value to use, or throws. */
const checks = {
  boolean(path, value) {
    if (typeof value !== 'boolean') throw wrongType(path, 'a boolean', value);
    return value;
  },

  positiveInteger(path, value) {
    if (typeof value !== 'number') throw wrongType(path, 'a number', value);
    if (!Number.isSafeInteger(value) || value < 1) {
      throw codedError('ERR_OPTION_RANGE', `${path}: expected a positive integer, got ${value}`, { option: path });
    }
    return value;
  },

  stringMap(path, value) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw wrongType(path, 'an object of strings', value);
    }
    const copy = Object.create(null);
    for (const [key, text] of Object.entries(value)) {
      if (typeof text !== 'string') throw wrongType(`${path}.${key}`, 'a string', text);
      copy[key] = text;
    }
    return copy;
  },
};

const MODULE = {
  maxModuleBytes: checks.positiveInteger,
  signatures: checks.stringMap,
  sidecar: checks.boolean,
};

function wrongType(path, expected, value) {
  return codedError('ERR_OPTION_TYPE', `${path}: expected ${expected}, got ${describe(value)}`, { option: path });
}

/**
 * Copies and checks an options object against a table of checks. Getters of
 * the object run once each; what they throw comes out as it is.
 */
function parse(options, table, where) {
  if (options === undefined) return {};
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw wrongType('options', 'an object', options);
  }
  const out = {};
  for (const key of Object.keys(options)) {
    if (!Object.hasOwn(table, key)) {
      throw codedError('ERR_OPTION_UNKNOWN', `${key}: ${where} has no such option${nearest(key, Object.keys(table))}`, {
        option: key,
      });
    }
    const value = options[key];
    if (value !== undefined) out[key] = table[key](key, value);
  }
  return out;
}

/** Options of Module.load, loadAsync and inspect. */
const moduleOptions = (options) => parse(options, MODULE, 'a module');

const INSTANCE = {
  imports: (path, value) => importLayers(value),
};

/** Options of an instance of a module that is loaded already. */
const instanceOptions = (options) => parse(options, INSTANCE, 'an instance of a loaded module');

/** Options of an instance and of the module that it loads: one list for each. */
function bothOptions(options) {
  const all = parse(options, { ...MODULE, ...INSTANCE }, 'an instance');
  const { imports, ...module } = all;
  return [module, { imports }];
}

module.exports = { moduleOptions, instanceOptions, bothOptions };
