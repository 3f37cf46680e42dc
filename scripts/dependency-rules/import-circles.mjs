import { posix } from 'node:path';

/** @typedef {Pick<import('./dependency-rules.mjs').CodeFile, 'path' | 'modules'>} ImportingFile */

/**
 * Files that import one another in a circle, be it for types alone: none of them can be understood, moved or tested
 * without the others. Each is told by the first of its files, with the shortest circle that goes through it.
 *
 * @param {readonly ImportingFile[]} files by paths from the root
 * @returns {string[]} `a.ts is in a circle of imports: a.ts → b.ts → a.ts`
 */
export function importCircles(files) {
  const imports = importsOf(files);
  /** @type {Set<string>} */
  const told = new Set();
  return [...imports.keys()].sort().flatMap((path) => {
    const circle = told.has(path) ? undefined : shortestCircle(path, imports);
    for (const member of circle ?? []) told.add(member);
    return circle === undefined ? [] : [`${path} is in a circle of imports: ${circle.join(' → ')}`];
  });
}

/** @returns {Map<string, readonly string[]>} files by the files that import them */
function importsOf(/** @type {readonly ImportingFile[]} */ files) {
  const known = new Set(files.map(({ path }) => path));
  return new Map(
    files.map(({ path, modules }) => [
      path,
      modules
        .filter(({ specifier }) => specifier.startsWith('.'))
        .map(({ specifier }) => posix.join(posix.dirname(path), specifier))
        .filter((target) => known.has(target)),
    ]),
  );
}

/**
 * Looks at all that `start` reaches, the nearest first, until something leads back.
 *
 * @param {string} start
 * @param {ReadonlyMap<string, readonly string[]>} imports
 * @returns {string[] | undefined} from `start` to `start`
 */
function shortestCircle(start, imports) {
  /** @type {Map<string, string>} */
  const reachedFrom = new Map();
  const waiting = [start];
  for (const path of waiting)
    for (const target of imports.get(path) ?? []) {
      if (target === start) return [...wayTo(path, reachedFrom), start];
      if (reachedFrom.has(target)) continue;
      reachedFrom.set(target, path);
      waiting.push(target);
    }
  return undefined;
}

/** @returns {string[]} */
function wayTo(/** @type {string} */ path, /** @type {ReadonlyMap<string, string>} */ reachedFrom) {
  const before = reachedFrom.get(path);
  return before === undefined ? [path] : [...wayTo(before, reachedFrom), path];
}
