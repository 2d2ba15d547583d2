'use strict';

// What a guest may do with JavaScript objects, unless it was granted the language
// itself. From nearly any value the way leads to the constructor Function, and with it
// out of the sandbox: value.constructor.constructor('…'). So a guest reaches of an object
// what is the object's own, and what it inherits from a class that the caller provides
// under the name that the guest imports; and a few names never.

const NEVER = new Set(['constructor', '__proto__', 'prototype', 'caller', 'callee', 'arguments']);
for (const name of ['__defineGetter__', '__defineSetter__', '__lookupGetter__', '__lookupSetter__']) NEVER.add(name);

const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

/** Functions that make code of a text. */
const MAKES_CODE = new Set([Function, (async () => {}).constructor, function* () {}.constructor]);
MAKES_CODE.add(async function* () {}.constructor).add(eval);

/** How a guest lets go of a closure of its own (js/closures.js). */
const RELEASE = '_wbg_cb_unref';

/** A function that the guest was handed is there to be called. */
const { call } = Function.prototype;

/** A property key as JavaScript would make it of a value; once, so that it cannot change. */
const keyOf = (value) => (typeof value === 'symbol' ? value : `${value}`);

/** What all objects or functions inherit: no caller has given these. */
const COMMON = new Set([Object.prototype, Function.prototype]);

/** Whether `name` is a property of `holder` that somebody gave it on purpose. */
function isGiven(holder, name) {
  if (!isObject(holder) || NEVER.has(name)) return false;
  for (let at = holder; at !== null && !COMMON.has(at); at = Object.getPrototypeOf(at)) {
    if (Object.hasOwn(at, name)) return true;
  }
  return false;
}

function isInstance(value, class_) {
  try {
    return typeof class_ === 'function' && value instanceof class_;
  } catch {
    return false;
  }
}

/**
 * Whether a guest may read, write or call the property `key` of `value`. `class_` is what the
 * caller provides under the name of the class that the guest imports it from, if anything.
 */
function mayUse(value, key, class_) {
  if (NEVER.has(key)) return false;
  if (value === null || value === undefined || isInstance(value, class_)) return true; // null: JavaScript itself refuses
  if (typeof value === 'function') {
    if (key === RELEASE) return Object.hasOwn(value, key);
    return key === 'call' && value.call === call && !MAKES_CODE.has(value);
  }
  const object = Object(value);
  return Object.hasOwn(object, key) || !(key in object); // what is nowhere reads as undefined
}

/** Objects that are data, which their owner hands over to be changed. */
function isData(value) {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || prototype === Array.prototype;
}

function mayWrite(value, key, class_) {
  if (NEVER.has(key)) return false;
  return (
    isInstance(value, class_) ||
    isData(value) ||
    (isObject(value) && typeof value !== 'function' && Object.hasOwn(value, key))
  );
}

module.exports = { MAKES_CODE, isGiven, isObject, keyOf, mayUse, mayWrite };
