'use strict';

// What the files of stories have in common.

/** Whether a call throws anything, where hosts need not agree on what. */
function fails(fn) {
  try {
    fn();
    return false;
  } catch {
    return true;
  }
}

/** What a call returns or what it throws, with the guest's Err taken out of our error. */
function ending(fn) {
  try {
    return ['returned', fn()];
  } catch (error) {
    return ['threw', error?.code === 'ERR_GUEST_ERROR' ? error.value : error];
  }
}

function story(name, covers, run, more = {}) {
  return { name, covers, inputs: () => [[]], run, throws: false, ...more };
}

const objects = (name, covers, run, more) => story(name, covers, run, { objects: true, ...more });
const both = (name, covers, run, more) => story(name, covers, run, { objects: true, imports: true, ...more });

module.exports = { fails, ending, story, objects, both };
