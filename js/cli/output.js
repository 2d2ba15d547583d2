'use strict';

// What goes to a terminal. Names and messages come out of modules that nobody
// needs to trust, so nothing of them may control it.

/** Whether a stream shows colours: by NO_COLOR and FORCE_COLOR, else if it is a terminal that can. */
function hasColors(stream, env = process.env) {
  if (env.FORCE_COLOR !== undefined) return !['0', 'false'].includes(env.FORCE_COLOR);
  if (env.NO_COLOR) return false;
  return stream.isTTY === true && env.TERM !== 'dumb';
}

const STYLES = { bold: [1, 22], dim: [2, 22], red: [31, 39], yellow: [33, 39], cyan: [36, 39] };

/** Functions that style a text, or leave it as it is. */
function styles(colored) {
  const make = ([on, off]) => (colored ? (text) => (text === '' ? '' : `\x1b[${on}m${text}\x1b[${off}m`) : String);
  return Object.fromEntries(Object.entries(STYLES).map(([name, codes]) => [name, make(codes)]));
}

const escaped = (character) => `\\u{${character.codePointAt(0).toString(16)}}`;

/** A text with its line ends and tabs, but without anything else that moves the cursor or hides. */
const clean = (text) =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (c) => (c === '\n' || c === '\t' ? c : escaped(c)));

/** A name, on one line. */
const visible = (text) => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escaped);

/** A message of several lines as one. */
const oneLine = (text) =>
  clean(text)
    .trim()
    .replace(/\s*\n\s*/g, ' ');

/** Writes a text to standard output, with a line end if it has none. */
function print(text) {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** The lines of a text of words, none longer than `width` unless a single word is. */
function wrap(text, width) {
  const lines = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines;
}

/** Widest name that shares a line with its text. */
const NAME_WIDTH = 36;

/**
 * Rows of [name, text, style?] in two columns. Texts are wrapped; `name`
 * styles the first column. What is too long for its column gets lines of its own.
 */
function table(rows, width, { name: nameStyle = String, indent = 2 } = {}) {
  const fitting = rows.map(([name]) => name.length).filter((length) => length <= NAME_WIDTH);
  const column = Math.max(0, ...fitting);
  const pad = ' '.repeat(indent);
  const gap = ' '.repeat(indent + column + 2);
  const lines = [];
  for (const [name, text, style = String] of rows) {
    const wrapped = wrap(text, Math.max(20, width - gap.length));
    const own = name.length > column;
    const first = own ? '' : `  ${style(wrapped.shift())}`;
    const padding = own || first === '  ' ? '' : ' '.repeat(column - name.length);
    lines.push(`${pad}${nameStyle(name)}${padding}${first}`.trimEnd());
    for (const line of wrapped) if (line !== '') lines.push(`${gap}${style(line)}`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

module.exports = { hasColors, styles, clean, visible, oneLine, print, wrap, table };
