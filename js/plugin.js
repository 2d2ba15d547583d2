'use strict';

// Libraries with host functions in C (docs/plugins.md): loading them, and the options
// that are about them. Only cold paths: a call from the guest never comes here.

const path = require('node:path');
const { fileURLToPath } = require('node:url');
const { types } = require('node:util');
const binding = require('./load');
const { list, member, outOfRange, unusable, wrongType } = require('./checks');
const { codedError, describe, nearest } = require('./errors');

const secret = Symbol('wasmgate.plugin');

/** Those that this thread has seen, by their real paths. */
const known = new Map();

function pathOf(source) {
  if (typeof source === 'string' && !source.startsWith('file:')) return source;
  if (typeof source === 'string' || (source instanceof URL && !types.isProxy(source))) {
    try {
      return fileURLToPath(source);
    } catch (cause) {
      throw codedError('ERR_SOURCE_TYPE', `plugin: expected a file: URL, got ${describe(source)}`, { cause });
    }
  }
  throw codedError('ERR_SOURCE_TYPE', `plugin: expected a path or a file: URL, got ${describe(source)}`);
}

class Plugin {
  #description;

  constructor(key, description) {
    if (key !== secret) throw new TypeError('use Plugin.load');
    description.functions.forEach((entry) => Object.freeze(entry));
    Object.freeze(description.functions);
    this.#description = description;
  }

  get path() {
    return this.#description.path;
  }

  get name() {
    return this.#description.name;
  }

  get version() {
    return this.#description.version;
  }

  get functions() {
    return this.#description.functions;
  }

  /** The directory of wasmgate_plugin.h, for the compiler's -I. */
  static get include() {
    return path.join(__dirname, '../go/plugin');
  }

  static load(source) {
    const described = JSON.parse(binding.loadPlugin(pathOf(source)));
    if (!known.has(described.path)) known.set(described.path, new Plugin(secret, described));
    return known.get(described.path);
  }
}

/** The option `plugins`: those that are not loaded yet are loaded. */
function plugins(at, value) {
  const expected = 'an array of plugins, or paths of them';
  const all = list(at, value, expected, (place, entry) => {
    if (entry instanceof Plugin) return entry;
    if (typeof entry !== 'string' && !(entry instanceof URL)) {
      throw wrongType(place, 'a Plugin, a path or a file: URL', entry);
    }
    return Plugin.load(entry);
  });
  return [...new Set(all)];
}

/** The grants: { plugin: true | [grant, …] } to names as go/config has them. */
function pluginGrants(at, value) {
  const expected = 'an object of { plugin: true or [grant, …] }';
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongType(at, expected, value);
  return Object.entries(value).flatMap(([name, given]) => {
    const place = member(at, name);
    if (name.includes('.')) throw unusable(place, 'no plugin can have that name');
    if (given === true) return [name];
    if (given === undefined || given === false) return [];
    return list(place, given, 'true or an array of grants', (inner, grant) => {
      if (typeof grant !== 'string') throw wrongType(inner, 'a string', grant);
      if (grant === '') throw outOfRange(inner, 'the name of a grant', grant);
      return `${name}.${grant}`;
    });
  });
}

/** Refuses grants that no plugin of the instance has: they would be mistakes. */
function checkGrants(granted, loaded) {
  const names = new Map(loaded.map((plugin) => [plugin.name, new Set(plugin.functions.map(({ grant }) => grant))]));
  for (const entry of granted) {
    const dot = entry.indexOf('.');
    const name = dot < 0 ? entry : entry.slice(0, dot);
    const grant = dot < 0 ? undefined : entry.slice(dot + 1);
    const option = `grants.plugins.${name}`;
    if (!names.has(name)) {
      const hint = nearest(name, [...names.keys()]);
      throw codedError('ERR_GRANT_INVALID', `${option}: no such plugin is among the option plugins${hint}`, { option });
    }
    if (grant !== undefined && !names.get(name).has(grant)) {
      const hint = nearest(grant, [...names.get(name)]);
      throw codedError('ERR_GRANT_INVALID', `${option}: the plugin has no grant "${grant}"${hint}`, { option });
    }
  }
}

module.exports = { Plugin, checkGrants, pluginGrants, plugins };
