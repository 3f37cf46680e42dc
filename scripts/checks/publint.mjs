import { readFileSync } from 'node:fs';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { tarballFolder } from '../packed/scratch-folder.mjs';
import { tarballOf } from '../packed/tarballs.mjs';
import { inParallel } from '../workspace/in-parallel.mjs';
import { publishedPackages } from '../workspace/packages.mjs';

/** Each tarball's package.json says what every bundler and runtime needs; a suggestion counts as a problem. */
export async function run() {
  const problems = await inParallel(publishedPackages(), async ({ folder, manifest }) => {
    const tarball = new Uint8Array(readFileSync(tarballOf(manifest, tarballFolder))).buffer;
    const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
    return messages.map((message) => `${folder}: ${formatMessage(message, pkg, { color: false })}`);
  });
  return { problems: problems.flat() };
}
