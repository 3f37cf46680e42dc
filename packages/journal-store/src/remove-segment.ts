import { readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { indexPath } from './index-file.ts';

const ASIDE = '.removed';

/**
 * Deletes a segment that nobody seems to write to, and its indexes.
 *
 * It is put aside first and looked at again: when something was written to it since it was judged, it comes back. Its
 * writer looks after every write whether the file still is in its place, and writes again what was not. So nothing is
 * lost, whoever was wrong about whom.
 *
 * @param size of the segment when it was judged
 * @returns whether it was deleted
 */
export async function removeSegment(path: string, size: number): Promise<boolean> {
  const aside = `${path}${ASIDE}`;
  try {
    await rename(path, aside);
    if ((await stat(aside)).size !== size) {
      await rename(aside, path);
      return false;
    }
    await unlink(aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false; // somebody else was faster
    throw error;
  }
  await rm(indexPath(path, 'lines'), { force: true });
  await rm(indexPath(path, 'facts'), { force: true });
  return true;
}

/** Brings back what was put aside by a process that ended before it could look again. */
export async function restoreRemoved(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.endsWith(ASIDE)) continue;
    const aside = join(directory, name);
    await rename(aside, aside.slice(0, -ASIDE.length)).catch(() => undefined);
  }
}
