'use strict';

// One implementation of everything that the crate `types` imports: the glue gets it as globals and
// modules, ours through the option `imports`. Each call is written down, so that two hosts can be
// compared by what their guests asked for.

const assert = require('node:assert/strict');

/** Imports that return what they are given. */
const PASSING = [
  ...['i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'i64', 'u64', 'isize', 'usize', 'i128', 'u128', 'f32', 'f64'],
  ...['bool', 'char', 'string', 'value', 'thing', 'color', 'suit', 'counter', 'point', 'clamped'],
  ...['opt_i8', 'opt_u16', 'opt_i32', 'opt_u32', 'opt_i64', 'opt_u64', 'opt_i128', 'opt_f32', 'opt_f64'],
  ...['opt_bool', 'opt_char', 'opt_string', 'opt_thing', 'opt_size', 'opt_suit', 'opt_counter', 'opt_vec'],
  ...['vec_i8', 'vec_u8', 'vec_i16', 'vec_u16', 'vec_i32', 'vec_u32', 'vec_i64', 'vec_u64', 'vec_f32', 'vec_f64'],
  ...['vec_value', 'vec_string', 'vec_point'],
  ...['str', 'opt_str', 'ref_value', 'ref_thing', 'opt_ref_thing'],
  ...['slice_u8', 'slice_i32', 'slice_u64', 'slice_f64'],
];

/** Imports that throw their last argument, unless that is undefined, and otherwise return their first one. */
const CATCHING = ['bool', 'i32', 'i64', 'f64', 'string', 'vec', 'opt_u32', 'opt_f64', 'value'];

/** What an argument was at the time of the call; objects stay themselves. */
function remember(value) {
  if (ArrayBuffer.isView(value)) return value.slice();
  if (Array.isArray(value)) return value.map(remember);
  return isGuestObject(value) ? `a ${value.constructor.name}` : value;
}

/** Whether a value is an object of a class of the guest, which are different classes for each host. */
function isGuestObject(value) {
  return typeof value === 'object' && value !== null && typeof value.free === 'function';
}

/** The classes of JavaScript that the guest imports, fresh ones for each host. */
function classes(note) {
  class Thing {
    static made = 0;

    constructor(name, fail) {
      note('new Thing', name, fail);
      if (fail) throw new RangeError(`no thing named ${name}`);
      this.name = name;
      this.size_ = 1;
      Thing.made++;
    }

    static create(name) {
      note('Thing.create', name);
      return new Thing(`created ${name}`);
    }

    get size() {
      return this.size_;
    }

    set size(size) {
      this.size_ = size;
    }

    greet(greeting) {
      if (greeting === '') throw new TypeError('no greeting');
      return `${greeting}, ${this.name}`;
    }

    sum(...numbers) {
      return numbers.reduce((a, b) => a + b, 0);
    }
  }

  class SpecialThing extends Thing {
    special() {
      return `special ${this.name}`;
    }
  }

  class WebGadget {
    kind() {
      return 'gadget with a prefix';
    }
  }

  class Tool {
    constructor(power) {
      this.power = power;
    }
  }

  class Box3 {
    constructor(side) {
      this.side = side;
    }

    volume() {
      return this.side ** 3;
    }
  }

  class KeptError {
    constructor(error) {
      this.error = error;
    }
  }

  return { Thing, SpecialThing, WebGadget, Tool, Box3, KeptError };
}

/** Functions that get functions of Rust. */
function callers(note, host) {
  return {
    js_map(times, f) {
      let sum = 0;
      for (let i = 0; i < times; i++) sum = (sum + f(i)) | 0;
      return sum;
    },
    js_each(f) {
      for (const text of ['a', '', 'b\u{1f600}', 'c']) assert.equal(f(text), undefined);
    },
    js_apply: (f) =>
      f('text', -0, undefined, new Uint8Array([1, 2]), 'a value') + f('', 0.5, 7, new Uint8Array(), null),
    js_keep_borrowed(f) {
      host.kept = f;
      return f(1) + f(2);
    },
    js_recurse(f) {
      host.recurse = f;
      f(1);
      return host.thrown instanceof Error ? 'an Error' : typeof host.thrown;
    },
    js_subscribe(f) {
      note('js_subscribe', typeof f);
      host.subscriber = f;
      f(1);
      return 2;
    },
  };
}

/** Functions that do one thing each. */
function functions(note, host) {
  return {
    js_add: (a, b) => (a + b) | 0,
    jsRenamed: (text) => `renamed ${text}`,
    js_sum: (...numbers) => numbers.reduce((a, b) => (a + b) | 0, 0),
    js_throw(value) {
      throw value;
    },
    js_reenter: (depth) => host.guest.add_again(depth),
    js_panicked(message) {
      host.panics.push(message);
    },
    js_catch_unit(error) {
      if (error !== undefined) throw error;
    },
    js_nothing: () => undefined,
    js_slice_clamped(bytes) {
      assert.ok(bytes instanceof Uint8ClampedArray);
      return new Uint8Array(bytes);
    },
    js_fill_u8: (numbers, number) => void numbers.fill(number),
    js_fill_i16: (numbers, number) => void numbers.fill(number),
    js_fill_f64: (numbers, number) => void numbers.fill(number),
    js_mixed(...values) {
      note('js_mixed', ...values);
      return `${values.length} arguments`;
    },
  };
}

/** Copies, because the guest's memory behind a borrowed slice is only valid during the call. */
const passed = (name, value) => (/slice/.test(name) ? value.slice() : value);

/**
 * A host for one guest: `imports` for the guest, `log` of the calls, and what the imports keep. Set
 * `guest` to the guest's exports before the first call.
 */
function makeHost() {
  const host = { guest: undefined, log: [], panics: [], kept: undefined, subscriber: undefined, answer: { is: 42 } };
  const note = (name, ...values) => void host.log.push([name, ...values.map(remember)]);
  const { Thing, SpecialThing, WebGadget, Tool, Box3, KeptError } = classes(note);

  const imports = { Object, Function, Thing, SpecialThing, webGadget: WebGadget, KeptError };
  for (const kind of PASSING) {
    imports[`js_${kind}`] = (value) => {
      note(`js_${kind}`, value);
      return passed(kind, value);
    };
  }
  for (const kind of CATCHING) {
    imports[`js_catch_${kind}`] = (value, error) => {
      note(`js_catch_${kind}`, value, error);
      if (error !== undefined) throw error;
      return value;
    };
  }
  Object.assign(imports, functions(note, host), callers(note, host));
  imports.jsVersion = 'version ä';
  imports.host = {
    shout: (text) => `${text}!`,
    level: -0.5,
    whisperQuietly: (text) => `(${text})`,
    count_values: (...values) => values.length,
    Tool,
    deep: { echo: (text) => `${text} ${text}` },
  };
  imports['guest-helpers'] = {
    double: (text) => text + text,
    default: (text) => `<${text}>`,
    Box3,
    answer: host.answer,
  };
  imports['guest-raw'] = { tools: { triple: (value) => value * 3 } };

  return Object.assign(host, { imports, Thing, SpecialThing, KeptError });
}

module.exports = { makeHost, isGuestObject };
