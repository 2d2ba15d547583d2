'use strict';

// The standard streams of a guest whose calls run on this thread: functions and
// Writables of JavaScript, made into the two functions that the native side calls.

const { types } = require('node:util');
const { codedError, describe } = require('./errors');

/** Errno of WASI for a stream that takes nothing any more. */
const EPIPE = 64;

/** What a Writable may hold back: nothing leaves it while the guest runs. */
const MOST_HELD = 16 * 1024 * 1024;

const NAMES = ['stdin', 'stdout', 'stderr'];

/** What a source of input gave, as bytes; null is the end. */
function bytesOf(given, source) {
  if (given === null || given === undefined) return null;
  if (typeof given === 'string') return Buffer.from(given);
  if (types.isUint8Array(given) && !types.isSharedArrayBuffer(given.buffer)) return given;
  throw codedError('ERR_OPTION_TYPE', `stdin: ${source} gave ${describe(given)} instead of text, bytes or null`, {
    option: 'stdin',
  });
}

/** (most) => bytes | null out of a function that may give more than it was asked for. */
function reader(source) {
  let rest = null;
  let ended = false;
  return (most) => {
    while (rest === null && !ended) {
      const given = bytesOf(source(most), 'the function');
      if (given === null) ended = true;
      else if (given.length > 0) rest = given;
      else return given; // nothing now: the guest decides what to make of it
    }
    if (ended) return null;
    const chunk = rest.subarray(0, most);
    rest = rest.length > most ? rest.subarray(most) : null;
    return chunk;
  };
}

/** Whether a Writable takes nothing any more. */
const isOver = (sink) => sink.destroyed || sink.writableEnded;

/** (stream, bytes) => undefined | errno */
function writer(hooks) {
  return (stream, bytes) => {
    const sink = hooks[NAMES[stream]];
    if (typeof sink === 'function') {
      sink(bytes);
      return undefined;
    }
    if (isOver(sink)) return EPIPE;
    sink.write(bytes);
    if (sink.writableLength > MOST_HELD) {
      throw codedError('ERR_OUTPUT_LIMIT', `${NAMES[stream]}: the stream holds more than ${MOST_HELD} bytes already`);
    }
    return undefined;
  };
}

module.exports = { NAMES, bytesOf, isOver, reader, writer };
