import { readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { root } from './root.mjs';

/** What a build, an install or a run leaves behind, in any folder. */
const generated = new Set(['node_modules', 'dist', 'coverage', '.git', '.turbo', '.throughline']);

/**
 * The files people write, as paths from the root, sorted.
 *
 * @param {readonly string[]} [extensions] `['.ts', '.md']`; without it every file
 * @param {string} [folder] from the root; the whole repository by default
 * @returns {string[]}
 */
export function sourceFiles(extensions, folder = '') {
  const files = readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return isGenerated(path, entry.name) ? [] : sourceFiles(extensions, path);
    return entry.isFile() && (extensions === undefined || extensions.includes(extname(path))) ? [path] : [];
  });
  return files.sort();
}

function isGenerated(/** @type {string} */ path, /** @type {string} */ name) {
  return generated.has(name) || path === 'bench/results';
}
