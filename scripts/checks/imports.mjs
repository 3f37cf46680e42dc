import { relative } from 'node:path/posix';
import { codeFile } from '../dependency-rules/code-file.mjs';
import { brokenRules } from '../dependency-rules/dependency-rules.mjs';
import { importCircles } from '../dependency-rules/import-circles.mjs';
import { readManifest, workspacePackages } from '../workspace/packages.mjs';
import { root } from '../workspace/root.mjs';
import { sourceFiles } from '../workspace/source-files.mjs';

/** The dependency rules hold over every import of the sources and the tests, and no imports go in circles. */
export function run() {
  const packages = workspacePackages();
  const workspace = {
    manifests: packages.map(({ manifest }) => manifest),
    rootTools: Object.keys(readManifest(root).devDependencies ?? {}),
  };
  const files = packages.flatMap((owner) =>
    sourceFiles(['.ts', '.mjs'], owner.folder)
      .map((path) => relative(owner.folder, path))
      .filter((path) => !isConfiguration(path))
      .map((path) => codeFile(path, owner, { shipped: isShipped(path, owner) })),
  );
  const broken = files.flatMap((file) => brokenRules(file, workspace));
  return { problems: [...broken, ...importCircles(files)] };
}

function isShipped(
  /** @type {string} */ path,
  /** @type {import('../workspace/packages.mjs').Package} */ { manifest },
) {
  return manifest.private !== true && path.startsWith('src/') && !/\.test(-d)?\.ts$/.test(path);
}

/** Configuration belongs to the repository: it may use the root's. */
function isConfiguration(/** @type {string} */ path) {
  return !path.includes('/') && path.endsWith('.config.ts');
}
