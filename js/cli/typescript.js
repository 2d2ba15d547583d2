'use strict';

// The pieces of TypeScript declarations. Names come out of modules that need
// not be trusted: what is no identifier is quoted or renamed, never copied.

const { visible } = require('./output');

const RESERVED = new Set(
  (
    'arguments await break case catch class const continue debugger default delete do else enum eval export extends ' +
    'false finally for function if implements import in instanceof interface let new null package private protected ' +
    'public return static super switch this throw true try typeof undefined var void while with yield'
  ).split(' '),
);

/** Names that are free for functions, but not for what is a type. */
const TYPES = new Set('any bigint boolean never number object string symbol unknown'.split(' '));

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u;

const isIdentifier = (name) => IDENTIFIER.test(name);
const canDeclare = (name) => isIdentifier(name) && !RESERVED.has(name);
const canDeclareType = (name) => canDeclare(name) && !TYPES.has(name);

/** A text in quotes, without line ends and other characters that could hide something. */
function quoted(text) {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const inner = text.replace(/[\\'\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (c) => {
    if (c === '\\' || c === quote) return `\\${c}`;
    return c === "'" ? c : `\\u{${c.codePointAt(0).toString(16)}}`;
  });
  return `${quote}${inner}${quote}`;
}

/** A comment of one line. */
const comment = (text) => `// ${visible(text.replace(/\s+/g, ' ').trim())}`;

/** The JSDoc of documentation lines; Rust's have a space in front. */
function jsdoc(docs) {
  if (!docs?.length) return [];
  const lines = docs.flatMap((line) => line.replace(/\*\//g, '*\\/').split(/\r\n|[\n\r\u2028\u2029]/));
  const indented = lines.every((line) => line === '' || line.startsWith(' '));
  const trimmed = lines.map((line) => (indented ? line.slice(1) : line).trimEnd());
  if (trimmed.length === 1) return [`/** ${trimmed[0].trim()} */`];
  return ['/**', ...trimmed.map((line) => ` * ${line}`.trimEnd()), ' */'];
}

/** Rest parameters have to be arrays; a typed array is made from one. */
function restType(type) {
  if (/\]$|^(?:Readonly)?Array</.test(type)) return type;
  if (/^(?:any|unknown)$/.test(type)) return `${type}[]`;
  const typed = /^(Big)?(?:Int|Uint|Float)\d+(?:Clamped)?Array\b/.exec(type);
  if (typed !== null) return typed[1] === undefined ? 'number[]' : 'bigint[]';
  return `Array<${type}>`;
}

/** "(a: number, b?: string)". What may be left out must come last. */
function parameterList(parameters, variadic) {
  const used = new Set();
  let required = false;
  const texts = [];
  for (const [index, { name, type, optional }] of [...parameters.entries()].reverse()) {
    let own = canDeclare(name) ? name : isIdentifier(name) ? `_${name}` : `arg${index}`;
    while (used.has(own)) own = `${own}_`;
    used.add(own);
    const rest = variadic && index === parameters.length - 1;
    if (rest) texts.unshift(`...${own}: ${restType(type)}`);
    else if (optional && !required) texts.unshift(`${own}?: ${type.replace(/ \| undefined$/, '')}`);
    else texts.unshift(`${own}: ${type}${optional && !/\bundefined\b/.test(type) ? ' | undefined' : ''}`);
    required ||= !optional && !rest;
  }
  return `(${texts.join(', ')})`;
}

function resultType({ result, async }) {
  return async && !/^Promise\s*</.test(result) ? `Promise<${result}>` : result;
}

/** "(a: number): string", or with another separator. */
const signature = (fn, separator = ': ') => `${parameterList(fn.parameters, fn.variadic)}${separator}${resultType(fn)}`;

const refusal = (what, reason) => comment(`${what} cannot be called: ${reason}`);

/** The name of a member as it is declared. */
function memberName(name) {
  if (name === 'constructor') return `['constructor']`;
  return isIdentifier(name) || /^\[Symbol\.\w+\]$/.test(name) ? name : quoted(name);
}

function constructorLines({ constructor }) {
  if (!constructor) return ['private constructor();'];
  const { docs, parameters, variadic, unsupported } = constructor;
  if (unsupported !== undefined) return [refusal('constructor', unsupported), 'private constructor();'];
  return [...jsdoc(docs), `constructor${parameterList(parameters, variadic)};`];
}

function classLines(entry) {
  const groups = [constructorLines(entry)];
  for (const { name, type, readonly, static: isStatic, docs, unsupported } of entry.properties) {
    const head = `${isStatic ? 'static ' : ''}${readonly ? 'readonly ' : ''}${memberName(name)}`;
    if (unsupported === undefined) groups.push([...jsdoc(docs), `${head}: ${type};`]);
    else groups.push([comment(`${name} cannot be used: ${unsupported}`)]);
  }
  for (const method of entry.methods) {
    const { name, static: isStatic, docs, unsupported } = method;
    if (unsupported === undefined) {
      groups.push([...jsdoc(docs), `${isStatic ? 'static ' : ''}${memberName(name)}${signature(method)};`]);
    } else {
      groups.push([refusal(name, unsupported)]);
    }
  }
  const own = [...entry.methods, ...entry.properties].filter((member) => !member.static).map(({ name }) => name);
  for (const [name, doc] of [
    ['free', 'Drops the Rust value; it cannot be used any more.'],
    ['[Symbol.dispose]', 'The same as `free`, for `using`.'],
  ]) {
    if (!own.includes(name)) groups.push([...jsdoc([doc]), `${name}(): void;`]);
  }
  return groups;
}

const enumLines = ({ variants }) =>
  variants.map(({ name, value, docs }) => [
    ...jsdoc(docs),
    `${isIdentifier(name) ? name : quoted(name)} = ${Number(value)},`,
  ]);

module.exports = {
  canDeclareType,
  canDeclare,
  isIdentifier,
  quoted,
  comment,
  jsdoc,
  signature,
  refusal,
  classLines,
  enumLines,
};
