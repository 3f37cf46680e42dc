/**
 * @typedef {object} Fence
 * @property {string} language the first word after the backticks, '' without one
 * @property {string} rest what follows it: `no-check needs a running broker`
 * @property {string} code
 * @property {number} line of the first line of code, from 1
 */

const opening = /^(\s*)(`{3,}|~{3,})\s*(\S*)\s*(.*)$/;

/**
 * The fenced code of a Markdown text. A fence that nobody closes reaches to the end.
 *
 * @param {string} markdown
 * @returns {Fence[]}
 */
export function fencedCode(markdown) {
  const lines = markdown.split('\n');
  /** @type {Fence[]} */
  const fences = [];
  for (let index = 0; index < lines.length; index += 1) {
    const match = opening.exec(lines[index] ?? '');
    if (match === null) continue;
    const [, indent = '', ticks = '', language = '', rest = ''] = match;
    const start = index + 1;
    index = endOfFence(lines, start, ticks);
    const code = lines.slice(start, index).map((line) => withoutIndent(line, indent));
    fences.push({ language, rest: rest.trim(), code: code.join('\n'), line: start + 1 });
  }
  return fences;
}

function endOfFence(/** @type {string[]} */ lines, /** @type {number} */ start, /** @type {string} */ ticks) {
  const closing = lines.findIndex((line, index) => index >= start && line.trim().startsWith(ticks));
  return closing === -1 ? lines.length : closing;
}

function withoutIndent(/** @type {string} */ line, /** @type {string} */ indent) {
  return line.startsWith(indent) ? line.slice(indent.length) : line.trimStart();
}
