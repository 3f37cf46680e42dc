import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../workspace/root.mjs';
import { sourceFiles } from '../workspace/source-files.mjs';

/** What a text of the project never says, and why. */
const foreignWords = [
  {
    pattern: /(?<![\w.~-])\/(home|root|Users|work|workspace)\/[\w.-]+/,
    why: 'names a folder of one machine',
  },
  { pattern: /\b[A-Z]:\\Users\\/, why: 'names a folder of one machine' },
  {
    pattern: /\bhttps?:\/\/(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|[\w.-]+\.(internal|local|lan|corp)\b)/,
    why: 'names a host that readers cannot reach',
  },
  { pattern: /\b(TODO|FIXME|XXX)\b/, why: 'leaves work undone: do it or write it down as a decision' },
  {
    pattern: /\b(co-authored-by|generated (with|by) an?)\b/i,
    why: 'speaks of its making, not of the project',
  },
  {
    pattern: /\b(AI|coding) (assistant|agent)\b|\blanguage model\b|\bprompt engineering\b/i,
    why: 'speaks of its making, not of the project',
  },
];

/** The rules above have to name what they forbid. */
const itself = /^scripts\/checks\/project-language(\.test)?\.mjs$/;
const binary = /\.(png|jpg|gif|ico|woff2?|gz|tgz|pb|bin)$/;

/** The repository speaks of the project alone, and its lockfile of no registry. */
export function run() {
  const files = sourceFiles().filter((file) => !binary.test(file) && !itself.test(file));
  const problems = files.flatMap((file) => foreignWordsIn(file, readFileSync(join(root, file), 'utf8')));
  return { problems };
}

/**
 * @param {string} file
 * @param {string} text
 * @returns {string[]}
 */
export function foreignWordsIn(file, text) {
  if (file === 'pnpm-lock.yaml') return addressesIn(text);
  return text.split('\n').flatMap((line, index) =>
    foreignWords.flatMap(({ pattern, why }) => {
      const match = pattern.exec(line);
      return match === null ? [] : [`${file}:${index + 1} "${match[0]}" ${why}`];
    }),
  );
}

/** A lockfile that names a registry installs from nowhere else. */
function addressesIn(/** @type {string} */ lockfile) {
  return lockfile.split('\n').flatMap((line, index) => {
    const namesOne = /\b(tarball|registry): *['"]?https?:/.test(line);
    return namesOne ? [`pnpm-lock.yaml:${index + 1} names a registry: ${line.trim()}`] : [];
  });
}
