import { tarballFolder } from '../packed/scratch-folder.mjs';
import { tarballOf } from '../packed/tarballs.mjs';
import { inParallel } from '../workspace/in-parallel.mjs';
import { publishedPackages } from '../workspace/packages.mjs';
import { runNode } from '../workspace/run-program.mjs';

/** Types and code agree for every way to resolve them; node10 has no subpaths and is left out. */
export async function run() {
  const results = await inParallel(publishedPackages(), ({ manifest }) => {
    const attw = [
      tarballOf(manifest, tarballFolder),
      '--profile',
      'node16',
      '--format',
      'ascii',
      '--no-color',
      '--no-emoji',
    ];
    return runNode('node_modules/@arethetypeswrong/cli/dist/index.js', attw);
  });
  return { problems: results.filter(({ code }) => code !== 0).map(({ output }) => output) };
}
