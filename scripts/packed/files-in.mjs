import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/**
 * Every file of an installed package, as paths from its folder; what it has installed itself is not its own.
 *
 * @param {string} folder
 * @returns {string[]}
 */
export function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes(`${folder}/node_modules`))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}
