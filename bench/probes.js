'use strict';

// The loops that are timed, made of text.

/** Inputs of a row: a power of two of them, used in turn. */
const INPUTS = 8;

const CHECKS = {
  same: 'if (result !== wanted) wrong++;',
  string: `
    const last = result.length - 1;
    if (last + 1 !== wanted.length || result.charCodeAt(last) !== wanted.charCodeAt(last)) wrong++;`,
  bytes: `
    const last = result.length - 1;
    if (last + 1 !== wanted.length || result[0] !== wanted[0] || result[last] !== wanted[last]) wrong++;`,
  record: 'if (result.id !== wanted.id || result.tags.length !== wanted.tags.length) wrong++;',
};

/**
 * How each kind of row calls and checks, in the body of a loop over i, with k the number of the input in turn: statements
 * that set `result`, what it must be, and a check. Checks are cheap and the same on both sides; the full comparison is
 * done once, before timing. `call` is what the side gives, a function or an object.
 */
const PROBES = {
  add: { run: 'const result = call(i, k);', wanted: '(i + k) | 0' },
  empty: { run: 'const result = call();', wanted: 'undefined' },
  create: { run: 'const result = call();' },
  same: { run: 'const result = call(inputs[k]);' },
  bigint: { run: `const result = call(inputs[k], inputs[(k + 1) & ${INPUTS - 1}]);` },
  text8: { run: 'const result = call(inputs[k], 8);' },
  text64: { run: 'const result = call(inputs[k], 64);' },
  string: { run: 'const result = call(inputs[k]);', check: 'string' },
  bytes: { run: 'const result = call(inputs[k]);', check: 'bytes' },
  record: { run: 'const result = call(inputs[k]);', check: 'record' },
  json: { run: 'const result = JSON.parse(call(JSON.stringify(inputs[k])));', check: 'record' },
  increment: { run: 'const result = call.increment();' },
  describe: { run: 'const result = call.describe(inputs[k]);', check: 'string' },
  getter: { run: 'const result = call.fullName;', check: 'string' },
  accessors: { run: 'call.fullName = inputs[k]; const result = call.fullName;', check: 'string' },
  object: { run: 'const made = new call(k); made.free(); const result = made instanceof call;' },
  lend: { run: 'const result = call(100, k);' },
  invoke: { run: 'const result = call(inputs[k], undefined);' },
  thrown: {
    run: `
    let result;
    try {
      call(inputs[k], inputs[k]);
    } catch (error) {
      result = error.value ?? error; // ours throws errors, which have the value
    }`,
    check: 'string',
  },
};

const compile = (source, ...parameters) => new Function('call', 'inputs', 'expected', ...parameters, source);

/**
 * The loop of one side. Each side gets code of its own, by its name in the source: in shared code V8 would see two
 * targets at the call, and inline neither.
 */
function loopOf({ name, probe }) {
  const { run, wanted = 'expected[k]', check = 'same' } = PROBES[probe];
  const source = `// ${name}
  let wrong = 0;
  for (let i = 0; i < count; i++) {
    const k = i & ${INPUTS - 1};
    ${run}
    const wanted = ${wanted};
    ${CHECKS[check]}
  }
  return wrong;`;
  return compile(source, 'count');
}

/** Calls a side once, with input k: [result, wanted]. */
function once({ call, probe }, inputs, expected, k) {
  const { run, wanted = 'expected[k]' } = PROBES[probe];
  return compile(`const i = k; ${run} return [result, ${wanted}];`, 'k')(call, inputs, expected, k);
}

module.exports = { INPUTS, loopOf, once };
