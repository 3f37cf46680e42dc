import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { inParallel } from '../workspace/in-parallel.mjs';
import { publishedPackages } from '../workspace/packages.mjs';
import { root } from '../workspace/root.mjs';
import { runPnpm } from '../workspace/run-program.mjs';
import { tarballFolder } from './scratch-folder.mjs';

/**
 * Packs every published package just as `pnpm publish` does.
 *
 * @returns {Promise<string[]>} what went wrong
 */
export async function packPackages() {
  mkdirSync(tarballFolder, { recursive: true });
  const results = await inParallel(publishedPackages(), ({ folder }) =>
    runPnpm(['pack', '--pack-destination', tarballFolder], { cwd: join(root, folder) }),
  );
  return results.filter(({ code }) => code !== 0).map(({ output }) => output);
}

/** @param {import('../workspace/packages.mjs').Manifest} manifest */
export function tarballOf({ name, version }) {
  return join(tarballFolder, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`);
}
