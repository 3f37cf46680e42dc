import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../workspace/root.mjs';
import { sourceFiles } from '../workspace/source-files.mjs';
import { docstrings } from './docstrings.mjs';
import { fencedCode } from './fenced-code.mjs';

/**
 * @typedef {object} Snippets
 * @property {{ file: string, line: number, code: string }[]} checked what must compile
 * @property {string[]} unchecked what says `no-check` with its reason, as `path:line reason`
 * @property {string[]} problems what is neither
 */

const typescript = new Set(['ts', 'typescript']);
const evading = new Set(['js', 'javascript', 'mjs', 'cjs', 'tsx', 'jsx', 'mts', 'cts']);

/**
 * Every snippet of the Markdown pages and of the doc comments of published sources.
 *
 * @returns {Snippets}
 */
export function allSnippets() {
  const pages = sourceFiles(['.md']).filter((file) => !file.endsWith('CHANGELOG.md'));
  const sources = sourceFiles(['.ts'], 'packages').filter(
    (file) => file.includes('/src/') && !file.includes('.test'),
  );
  return merged([
    ...pages.map((file) => snippetsOf(file, [read(file)])),
    ...sources.map((file) => snippetsOf(file, docstrings(read(file)))),
  ]);
}

/**
 * @param {string} file
 * @param {readonly string[]} markdowns texts of that file, each with its own lines in place
 * @returns {Snippets}
 */
export function snippetsOf(file, markdowns) {
  /** @type {Snippets} */
  const snippets = { checked: [], unchecked: [], problems: [] };
  for (const markdown of markdowns) {
    const fences = fencedCode(markdown);
    snippets.problems.push(...bareExamples(file, markdown, fences));
    for (const fence of fences) sort(fence, file, snippets);
  }
  return snippets;
}

/** Nothing is passed over silently: code in our languages is compiled, or says why not. */
function sort(
  /** @type {import('./fenced-code.mjs').Fence} */ { language, rest, code, line },
  /** @type {string} */ file,
  /** @type {Snippets} */ snippets,
) {
  const place = `${file}:${line}`;
  const [mark = '', ...reason] = rest.split(/\s+/);
  if (evading.has(language) || (language === '' && /from '@throughline\//.test(code))) {
    snippets.problems.push(`${place} is code that no check reads: make it \`\`\`ts`);
  } else if (!typescript.has(language)) {
    return;
  } else if (mark === 'no-check') {
    if (reason.length > 0) snippets.unchecked.push(`${place} ${reason.join(' ')}`);
    else snippets.problems.push(`${place} says no-check without a reason: \`\`\`ts no-check <why>`);
  } else {
    snippets.checked.push({ file, line, code });
  }
}

/** An `@example` whose code stands in no fence would be seen by no check. */
function bareExamples(
  /** @type {string} */ file,
  /** @type {string} */ markdown,
  /** @type {readonly import('./fenced-code.mjs').Fence[]} */ fences,
) {
  const lines = markdown.split('\n');
  return lines.flatMap((line, index) => {
    if (!/^@example\b/.test(line)) return [];
    const end = lines.findIndex((later, at) => at > index && /^@\w/.test(later));
    const inside = fences.some((fence) => fence.line > index && (end === -1 || fence.line <= end));
    return inside ? [] : [`${file}:${index + 1} has an @example without a \`\`\`ts fence`];
  });
}

/** @returns {Snippets} */
function merged(/** @type {Snippets[]} */ all) {
  return {
    checked: all.flatMap(({ checked }) => checked),
    unchecked: all.flatMap(({ unchecked }) => unchecked),
    problems: all.flatMap(({ problems }) => problems),
  };
}

function read(/** @type {string} */ file) {
  return readFileSync(join(root, file), 'utf8');
}
