import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostGlobalUses } from '../typescript/host-globals.mjs';
import { moduleSpecifiers } from '../typescript/module-specifiers.mjs';
import { root } from '../workspace/root.mjs';

/**
 * Reads one file of a package for the dependency rules.
 *
 * @param {string} path from the folder
 * @param {import('../workspace/packages.mjs').Package} owner
 * @param {{ shipped: boolean, folder?: string }} options `folder` is where the package lies; by default in the workspace
 * @returns {import('./dependency-rules.mjs').CodeFile}
 */
export function codeFile(path, owner, { shipped, folder = join(root, owner.folder) }) {
  const text = readFileSync(join(folder, path), 'utf8');
  return {
    path: `${owner.folder}/${path}`,
    owner,
    shipped,
    modules: moduleSpecifiers(path, text),
    hostGlobals: shipped && !path.endsWith('.cjs') ? hostGlobalUses(path, text) : [],
  };
}
