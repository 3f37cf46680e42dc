import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { root } from '../workspace/root.mjs';

/**
 * @typedef {object} SizeBudget
 * @property {string} name
 * @property {string} what
 * @property {string} code a module that imports what is measured
 * @property {number} limitBytes minified and gzipped, 1 kB = 1,000 bytes; larger fails the check
 * @property {number} [targetBytes] what the design asks for, where it is not reached: told at every check
 *
 * @typedef {object} Budgets
 * @property {SizeBudget[]} size
 * @property {Record<string, string[]>} dependencies package → the only dependencies it may have
 */

/** @returns {Budgets} */
export function readBudgets() {
  return JSON.parse(readFileSync(join(root, 'budgets.json'), 'utf8'));
}

/**
 * What a user's bundle grows by, per budget: bundled from the built packages, minified, gzipped, in bytes.
 *
 * @param {readonly SizeBudget[]} budgets
 * @returns {Promise<Map<string, number>>}
 */
export async function measuredSizes(budgets) {
  const sizes = new Map();
  for (const { name, code } of budgets) sizes.set(name, await bundledBytes(code));
  return sizes;
}

async function bundledBytes(/** @type {string} */ code) {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: join(root, 'docs') },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    logLevel: 'error',
  });
  return outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0);
}
