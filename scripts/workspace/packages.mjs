import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.mjs';

/**
 * @typedef {object} Manifest what this repository reads of a package.json
 * @property {string} name
 * @property {string} version
 * @property {boolean} [private]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [peerDependencies]
 * @property {Record<string, string>} [optionalDependencies]
 * @property {Record<string, string>} [devDependencies]
 * @property {Record<string, Record<string, unknown> | string | null>} [exports]
 *
 * @typedef {object} Package one package of the workspace
 * @property {string} folder from the root: `packages/core`
 * @property {Manifest} manifest
 */

const groups = ['packages', 'examples', 'tools'];
const singles = ['bench', 'docs'];

/**
 * Every package of the workspace, in the order of `pnpm-workspace.yaml`.
 *
 * @returns {Package[]}
 */
export function workspacePackages() {
  const grouped = groups.flatMap((group) =>
    existsSync(join(root, group)) ? readdirSync(join(root, group)).map((name) => `${group}/${name}`) : [],
  );
  return [...grouped, ...singles]
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .map((folder) => ({ folder, manifest: readManifest(join(root, folder)) }));
}

/**
 * The packages that are published.
 *
 * @returns {Package[]}
 */
export function publishedPackages() {
  return workspacePackages().filter(({ manifest }) => manifest.private !== true);
}

/**
 * The names by which a package's code is imported: `@throughline/core`, `@throughline/core/events`.
 *
 * @param {Manifest} manifest
 * @returns {string[]}
 */
export function entriesOf({ name, exports = {} }) {
  return Object.entries(exports)
    .filter(([subpath, target]) => target !== null && subpath !== './package.json')
    .map(([subpath]) => name + subpath.slice(1));
}

/**
 * @param {string} folder
 * @returns {Manifest}
 */
export function readManifest(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}
