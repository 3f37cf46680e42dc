import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { inParallel } from '../workspace/in-parallel.mjs';
import { publishedPackages } from '../workspace/packages.mjs';
import { root } from '../workspace/root.mjs';
import { runPnpm } from '../workspace/run-program.mjs';

/**
 * Packs every published package just as `pnpm publish` does.
 *
 * @param {string} destination
 * @returns {Promise<string[]>} what went wrong
 */
export async function packPackages(destination) {
  mkdirSync(destination, { recursive: true });
  const results = await inParallel(publishedPackages(), ({ folder }) =>
    runPnpm(['pack', '--pack-destination', destination], { cwd: join(root, folder) }),
  );
  return results.filter(({ code }) => code !== 0).map(({ output }) => output);
}

/**
 * Where the tarball of a package lies.
 *
 * @param {import('../workspace/packages.mjs').Manifest} manifest
 * @param {string} folder
 */
export function tarballOf({ name, version }, folder) {
  return join(folder, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`);
}
