import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publishedPackages, readManifest } from '../workspace/packages.mjs';
import { root } from '../workspace/root.mjs';
import { runPnpm } from '../workspace/run-program.mjs';
import { consumerFolder, tarballFolder } from './scratch-folder.mjs';
import { tarballOf } from './tarballs.mjs';

/**
 * Installs an application whose dependencies are the tarballs. What they need from elsewhere (peers, leaf
 * libraries) is linked to the copies this repository has installed, so that no registry is asked.
 *
 * @returns {Promise<string[]>} what went wrong
 */
export async function installConsumer() {
  const packages = publishedPackages();
  const ours = Object.fromEntries(
    packages.map(({ manifest }) => [manifest.name, `file:${tarballOf(manifest, tarballFolder)}`]),
  );
  const theirs = Object.fromEntries(packages.flatMap(linksOfForeignDependencies));
  mkdirSync(consumerFolder, { recursive: true });
  writeJson('package.json', {
    name: 'consumer',
    private: true,
    dependencies: { ...ours, ...theirs },
    pnpm: { overrides: { ...ours, ...theirs } },
  });
  const install = [
    'install',
    '--offline',
    '--ignore-workspace',
    '--ignore-scripts',
    '--strict-peer-dependencies',
  ];
  const { code, output } = await runPnpm(install, { cwd: consumerFolder });
  return code === 0 ? [] : [output];
}

/**
 * The published packages as they are installed in the application.
 *
 * @returns {(import('../workspace/packages.mjs').Package & { installed: string })[]}
 */
export function installedPackages() {
  return publishedPackages().map(({ folder, manifest: { name } }) => {
    const installed = realpathSync(join(consumerFolder, 'node_modules', name));
    return { folder, installed, manifest: readManifest(installed) };
  });
}

/** @returns {[name: string, link: string][]} */
function linksOfForeignDependencies(
  /** @type {import('../workspace/packages.mjs').Package} */ { folder, manifest },
) {
  const { dependencies, peerDependencies, optionalDependencies } = manifest;
  return Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies })
    .filter((name) => !name.startsWith('@throughline/'))
    .map((name) => [name, `link:${realpathSync(join(root, folder, 'node_modules', name))}`]);
}

function writeJson(/** @type {string} */ name, /** @type {unknown} */ content) {
  writeFileSync(join(consumerFolder, name), JSON.stringify(content, null, 2));
}
