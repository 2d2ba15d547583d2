'use strict';

// WebAssembly namespaces: the JavaScript API of the WebAssembly specification on this
// engine. All instances of a namespace share a space (js/webassembly/space.js), which
// lives as long as anything of the namespace.

const { namespaceLimits } = require('../options');
const { CompileError, LinkError, RuntimeError } = require('./errors');
const { makeException } = require('./exception');
const { makeFunction } = require('./function');
const { makeGlobal } = require('./global');
const { importsOf, makeInstance } = require('./instance');
const { makeMemory } = require('./memory');
const { Module, compile, internals, isModule, validate } = require('./module');
const { Space } = require('./space');
const { bytesOfResponse } = require('./streaming');
const { makeTable } = require('./table');
const { makeTag } = require('./tag');

/** The classes of a space, with the ways in and out of them by kind of export. */
function makeClasses(space) {
  const ways = { memory: makeMemory(space), table: makeTable(space), global: makeGlobal(space), tag: makeTag(space) };
  const exceptions = makeException(space, ways.tag);
  space.exceptionParts = exceptions.parts;
  space.makeException = exceptions.wrap;
  const instances = makeInstance(space, ways);
  const { Memory } = ways.memory;
  const { Table } = ways.table;
  const { Global } = ways.global;
  const { Tag } = ways.tag;
  const { Exception } = exceptions;
  const { Instance } = instances;
  const Function = makeFunction(space);
  space.functionPrototype = Function.prototype;
  return { instances, ways, classes: { Module, Instance, Table, Memory, Global, Tag, Exception, Function } };
}

/** The functions of a namespace: what Web IDL calls its operations. */
function makeOperations({ read, instantiate }) {
  /** An instance of a compiled module. The engine runs in a task of its own. */
  async function instanceOf(module, importObject) {
    const inner = internals(module, 'WebAssembly.instantiate()');
    const ids = read(inner, importObject);
    await undefined;
    return instantiate(inner, ids);
  }

  async function both(promise, importObject) {
    const module = await promise;
    return { module, instance: await instanceOf(module, importObject) };
  }

  return {
    async compile(bytes, ...rest) {
      return compile(bytes, rest[0], 'WebAssembly.compile()');
    },
    validate(bytes, ...rest) {
      return validate(bytes, rest[0], 'WebAssembly.validate()');
    },
    async instantiate(source, ...rest) {
      const where = 'WebAssembly.instantiate()';
      if (isModule(source)) return instanceOf(source, importsOf(rest[0], where));
      // As Web IDL has it: arguments first, and what is wrong with them is no CompileError.
      const module = compile(source, rest[1], where);
      module.catch(() => {});
      const importObject = importsOf(rest[0], where);
      return both(module, importObject);
    },
    async compileStreaming(source, ...rest) {
      const where = 'WebAssembly.compileStreaming()';
      return compile(await bytesOfResponse(source, where), rest[0], where);
    },
    async instantiateStreaming(source, ...rest) {
      const where = 'WebAssembly.instantiateStreaming()';
      const importObject = importsOf(rest[0], where);
      const module = bytesOfResponse(source, where).then((bytes) => compile(bytes, rest[1], where));
      return both(module, importObject);
    },
  };
}

const hidden = (value) => ({ value, writable: true, enumerable: false, configurable: true });

/** A namespace and the space behind it. */
function makeNamespace(limits) {
  const space = new Space(limits === undefined ? '' : JSON.stringify({ limits }), limits);
  const { instances, ways, classes } = makeClasses(space);
  const namespace = makeOperations(instances);
  for (const [name, value] of Object.entries({ ...classes, CompileError, LinkError, RuntimeError })) {
    Object.defineProperty(namespace, name, hidden(value));
  }
  Object.defineProperty(namespace, 'JSTag', {
    get: () => ways.tag.wrap(space.jsTag, { parameters: ['externref'] }),
    set: undefined,
    enumerable: true,
    configurable: true,
  });
  Object.defineProperty(namespace, Symbol.toStringTag, { value: 'WebAssembly', configurable: true });
  return { namespace, space };
}

/** The namespace of this thread, without limits. */
const { namespace: WebAssembly } = makeNamespace();

/** A further namespace with a space, and limits, of its own. It can be closed. */
function createWebAssembly(options) {
  const { namespace, space } = makeNamespace(namespaceLimits(options));
  const close = () => space.close();
  Object.defineProperty(namespace, 'close', hidden(close));
  Object.defineProperty(namespace, 'closed', { get: () => space.closed, configurable: true });
  Object.defineProperty(namespace, Symbol.dispose, hidden(close));
  return namespace;
}

module.exports = { WebAssembly, createWebAssembly };
