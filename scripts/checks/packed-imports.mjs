import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeFile } from '../dependency-rules/code-file.mjs';
import { brokenRules } from '../dependency-rules/dependency-rules.mjs';
import { installedPackages } from '../packed/consumer.mjs';
import { filesIn } from '../packed/files-in.mjs';

/** The dependency rules hold over what is published: code and declarations as they lie in the tarballs. */
export function run() {
  const packages = installedPackages();
  const workspace = { manifests: packages.map(({ manifest }) => manifest), rootTools: [] };
  const problems = packages.flatMap((owner) => [
    ...leftovers(owner),
    ...filesIn(owner.installed)
      .filter((path) => /\.(js|cjs|d\.ts|d\.cts)$/.test(path))
      .map((path) => codeFile(path, owner, { shipped: true, folder: owner.installed }))
      .flatMap((file) => brokenRules(file, workspace)),
  ]);
  return { problems };
}

/** What is right in the workspace and wrong in a registry. */
function leftovers(/** @type {ReturnType<typeof installedPackages>[number]} */ { folder, installed }) {
  const manifest = readFileSync(join(installed, 'package.json'), 'utf8');
  return ['workspace:', 'catalog:', '@throughline/source']
    .filter((leftover) => manifest.includes(`"${leftover}`))
    .map((leftover) => `${folder}: the published package.json still says ${leftover}`);
}
