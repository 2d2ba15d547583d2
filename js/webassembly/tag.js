'use strict';

const binding = require('../load');
const { tagModule } = require('./assemble');
const { dictionary, makeInterface, sequence } = require('./idl');
const { valueType } = require('./global');
const { makeSignature } = require('./types');

const KEY = Symbol('wasmgate.tag');

/** TagType, checked: the names of the types of its parameters. */
function parametersOf(value) {
  const where = 'WebAssembly.Tag()';
  const { parameters } = dictionary(value, where);
  return sequence(parameters, `${where}: parameters`).map((type) => valueType(type, `${where}: parameters`).text);
}

/** The class Tag of a space, and the ways in and out of it for the other classes. */
function makeTag(space) {
  class Tag {
    #id;
    #signature;

    constructor(type) {
      if (type === KEY) {
        this.#id = arguments[1];
        this.#signature = arguments[2];
        return;
      }
      const signature = makeSignature({ parameters: parametersOf(type) });
      this.#id = create(space, signature);
      this.#signature = space.addTag(this.#id, signature);
      space.register(this.#id, this);
    }

    /** As the proposal for type reflection has it. */
    type() {
      return { parameters: this.#signature.parameters.map(({ text }) => text) };
    }

    static unwrap(value) {
      return typeof value === 'object' && value !== null && #id in value ? value.#id : undefined;
    }

    static signature(tag) {
      return tag.#signature;
    }
  }
  const { unwrap, signature } = Tag;
  delete Tag.unwrap;
  delete Tag.signature;
  makeInterface('Tag', Tag);
  const wrap = (id, type, kinds) =>
    space.object(id, () => new Tag(KEY, id, space.addTag(id, makeSignature(type, kinds))));
  return { Tag, wrap, unwrap, signature };
}

/** A tag whose values all cross is made by their letters; any other needs a module. */
function create({ handle }, { parameters, plan }) {
  const letters = parameters.map(({ letter }) => letter ?? 'v').join('');
  return plan === undefined ? binding.make(handle, tagModule(parameters), letters) : binding.tagNew(handle, letters);
}

module.exports = { makeTag };
