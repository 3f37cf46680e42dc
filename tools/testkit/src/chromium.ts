import { execFile } from 'node:child_process';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { brotliDecompress, createBrotliDecompress } from 'node:zlib';
import { cacheFolder } from './cache-folder.ts';
import { findOnPath } from './find-on-path.ts';
import { ServerUnavailableError } from './server-unavailable-error.ts';
import { withLibraries } from './with-libraries.ts';

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const folder = path.join(cacheFolder, 'chromium');
const unpackedBinary = path.join(folder, 'chromium');
/** Inside {@link folder}; only there when the machine lacks one of the browser's shared libraries. */
const libraries = path.join(folder, 'lib');

/** What Playwright's `chromium.launch` and vitest's browser provider take. */
export interface ChromiumLaunchOptions {
  executablePath?: string;
  channel?: string;
  env?: NodeJS.ProcessEnv;
}

/**
 * How to launch the Chromium of this machine: `CHROMIUM_BIN`, else one on `PATH`, else the one inside the npm
 * package `@sparticuz/chromium` (Linux x64), else an installed Chrome (macOS, Windows).
 *
 * Only looks, so that a configuration may call it: {@link prepareChromium} unpacks what is named here. It adds no
 * switch: tests must meet the web security of a real browser, which the switches of that package turn off.
 */
export function chromiumLaunchOptions(): ChromiumLaunchOptions {
  const given = process.env.CHROMIUM_BIN || findOnPath(['chromium', 'chromium-browser', 'google-chrome']);
  if (given !== undefined) return { executablePath: given };
  if (packagedFolder() === undefined) return { channel: 'chrome' };
  return { executablePath: unpackedBinary, env: withLibraries([libraries]) };
}

/**
 * Makes sure that what {@link chromiumLaunchOptions} names can run, unpacking it once when it comes from npm.
 *
 * @throws ServerUnavailableError when there is no Chromium that runs; the message says what to set
 * @example
 * ```ts
 * import { prepareChromium } from '@throughline/testkit';
 * import { chromium } from 'playwright';
 *
 * const browser = await chromium.launch(await prepareChromium());
 * await browser.close();
 * ```
 */
export async function prepareChromium(): Promise<ChromiumLaunchOptions> {
  const options = chromiumLaunchOptions();
  const { executablePath } = options;
  try {
    if (executablePath === unpackedBinary) await unpack();
    else if (executablePath !== undefined) await run(executablePath, ['--version']);
    else if (process.platform === 'linux') throw new Error('there is none on PATH');
  } catch (error) {
    const advice = 'set CHROMIUM_BIN to a Chromium or Chrome program, or put chromium on PATH.';
    throw new ServerUnavailableError('Chromium', 'CHROMIUM_BIN', advice, error);
  }
  return options;
}

/** Folder with the compressed browser of `@sparticuz/chromium`, where that fits this machine. */
function packagedFolder(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const name = path.join('@sparticuz', 'chromium');
  try {
    const entry = require.resolve('@sparticuz/chromium');
    return path.join(entry.slice(0, entry.lastIndexOf(name) + name.length), 'bin');
  } catch {
    return undefined;
  }
}

async function unpack(): Promise<void> {
  const packaged = packagedFolder();
  if (packaged === undefined || existsSync(unpackedBinary)) return;
  await mkdir(cacheFolder, { recursive: true });
  const work = await mkdtemp(`${folder}-`);
  try {
    const binary = path.join(work, 'chromium');
    await pipeline(
      createReadStream(path.join(packaged, 'chromium.br')),
      createBrotliDecompress(),
      createWriteStream(binary),
    );
    await chmod(work, 0o755);
    await chmod(binary, 0o755);
    await run(binary, ['--version']).catch(() => unpackLibraries(packaged, work));
    await rename(work, folder).catch((error: unknown) => {
      if (!existsSync(unpackedBinary)) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** A bare image has no libnss3, libnspr4, libexpat; the package carries them for Amazon Linux, and they fit. */
async function unpackLibraries(packaged: string, work: string): Promise<void> {
  const tar = await promisify(brotliDecompress)(await readFile(path.join(packaged, 'al2023.tar.br')));
  const unpacking = run('tar', ['-x', '-C', work]);
  unpacking.child.stdin?.end(tar);
  await unpacking;
  await run(path.join(work, 'chromium'), ['--version'], { env: withLibraries([path.join(work, 'lib')]) });
}
