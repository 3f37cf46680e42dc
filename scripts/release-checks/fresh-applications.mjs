/**
 * Each package is installed as a user would, from its tarball and the registry with npm, into an empty application,
 * one with ESM and one with CommonJS, and its entries load and type-check there.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packPackages, tarballOf } from '../packed/tarballs.mjs';
import { entriesOf, publishedPackages } from '../workspace/packages.mjs';
import { root } from '../workspace/root.mjs';

/** @typedef {import('../workspace/packages.mjs').Package} Package */

const scratch = mkdtempSync(join(tmpdir(), 'throughline-applications-'));
process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));

const unpacked = await packPackages(join(scratch, 'tarballs'));
if (unpacked.length > 0) throw new Error(unpacked.join('\n'));
for (const member of publishedPackages()) {
  for (const type of /** @type {const} */ (['module', 'commonjs'])) tryOut(member, type);
}

function tryOut(/** @type {Package} */ { manifest }, /** @type {'module' | 'commonjs'} */ type) {
  const folder = join(scratch, `${manifest.name.slice('@throughline/'.length)}-${type}`);
  mkdirSync(folder);
  const own = [manifest.name, ...Object.keys(manifest.dependencies ?? {})].filter(isOurs).map(installable);
  const peers = Object.entries(manifest.peerDependencies ?? {}).map(([name, range]) => `${name}@${range}`);
  const names = entriesOf(manifest);
  const dependencies = Object.fromEntries(own.map(([name, tarball]) => [name, `file:${tarball}`]));
  write('package.json', JSON.stringify({ name: 'application', private: true, type, dependencies }));
  write(
    'index.js',
    names.map((name) => (type === 'module' ? `import '${name}';` : `require('${name}');`)).join('\n'),
  );
  write(
    'types.ts',
    names.map((name, at) => `import * as entry${at} from '${name}';\nvoid entry${at};`).join('\n'),
  );

  run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...peers]);
  run(process.execPath, ['index.js']);
  const strict = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--skipLibCheck',
    'types.ts',
  ];
  run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '--ignoreConfig', ...strict]);
  console.log(`✓ ${manifest.name} in a ${type} application`);

  function write(/** @type {string} */ name, /** @type {string} */ text) {
    writeFileSync(join(folder, name), text);
  }

  function run(/** @type {string} */ command, /** @type {string[]} */ args) {
    const shell = process.platform === 'win32' && command === 'npm';
    const { status } = spawnSync(command, args, { cwd: folder, stdio: 'inherit', shell });
    if (status !== 0) throw new Error(`${manifest.name}: "${command} ${args.join(' ')}" failed in ${folder}`);
  }
}

function isOurs(/** @type {string} */ name) {
  return name.startsWith('@throughline/');
}

/** @returns {[name: string, tarball: string]} */
function installable(/** @type {string} */ name) {
  const found = publishedPackages().find(({ manifest }) => manifest.name === name);
  if (found === undefined) throw new Error(`${name} is not a package of this repository`);
  return [name, tarballOf(found.manifest, join(scratch, 'tarballs'))];
}
