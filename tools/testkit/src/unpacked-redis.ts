import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from './cache-folder.ts';
import { findOnPath } from './find-on-path.ts';
import { withLibraries } from './with-libraries.ts';

const run = promisify(execFile);
const folder = path.join(cacheFolder, 'redis');

/** A `redis-server` that was unpacked, not installed, and the environment that its shared libraries need. */
export interface UnpackedRedis {
  readonly command: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Unpacks the distribution's own Redis packages into the cache folder: no root, nothing installed, signatures
 * checked by apt. Debian and Ubuntu only; `undefined` elsewhere.
 */
export async function unpackedRedis(): Promise<UnpackedRedis | undefined> {
  if (
    process.platform !== 'linux' ||
    findOnPath(['apt-get']) === undefined ||
    findOnPath(['dpkg']) === undefined
  )
    return undefined;
  const command = path.join(folder, 'usr/bin/redis-server');
  if (!(await exists(command))) await unpack();
  return { command, env: withLibraries(await libraryFolders(folder)) };
}

async function unpack(): Promise<void> {
  await mkdir(cacheFolder, { recursive: true });
  const work = await mkdtemp(`${folder}-`);
  try {
    const archives = await download(work);
    const root = path.join(work, 'root');
    await mkdir(root);
    for (const archive of archives) await run('dpkg', ['-x', archive, root]);
    // Another process may have been faster: its folder is as good as ours.
    await rename(root, folder).catch(() => access(path.join(folder, 'usr/bin/redis-server')));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Packages that `redis-server` needs and this machine lacks: first from the lists that are there, then from fresh ones. */
async function download(work: string): Promise<string[]> {
  const apt = aptWithOwnCache(work);
  try {
    return await fetchArchives(apt, work);
  } catch {
    const own = [...apt, '-o', `Dir::State::lists=${path.join(work, 'lists')}`];
    await run('apt-get', [...own, 'update'], { timeout: 120_000 });
    return fetchArchives(own, work);
  }
}

/** No lock of the system is taken and no folder of it written, so this works without root and beside another apt. */
function aptWithOwnCache(work: string): string[] {
  const options = [
    'Debug::NoLocking=1',
    'APT::Sandbox::User=',
    'Acquire::Languages=none',
    `Dir::Cache=${work}`,
  ];
  return ['-qq', ...options.flatMap((option) => ['-o', option])];
}

async function fetchArchives(apt: readonly string[], work: string): Promise<string[]> {
  const archives = path.join(work, 'archives');
  await mkdir(path.join(archives, 'partial'), { recursive: true });
  await mkdir(path.join(work, 'lists/partial'), { recursive: true });
  const wanted = ['install', '--yes', '--download-only', '--reinstall', '--no-install-recommends'];
  await run('apt-get', [...apt, ...wanted, 'redis-server'], { timeout: 120_000 });
  const names = (await readdir(archives)).filter((name) => name.endsWith('.deb'));
  return names.map((name) => path.join(archives, name));
}

/** `usr/lib/<triplet>` and the like: `x86_64-linux-gnu`. */
async function libraryFolders(root: string): Promise<string[]> {
  const found: string[] = [];
  for (const base of ['usr/lib', 'lib']) {
    const names = await readdir(path.join(root, base)).catch(() => []);
    found.push(
      ...names.filter((name) => name.includes('-linux-')).map((name) => path.join(root, base, name)),
    );
  }
  return found;
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
