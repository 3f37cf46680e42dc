import { statfs } from 'node:fs/promises';
import { freemem } from 'node:os';

/** Where Linux keeps files in memory; small in a container that was not told otherwise. */
const FOLDER = '/dev/shm';
const TMPFS = 0x0102_1994;
const ROOM_BYTES = 2 * 2 ** 30;

/** A folder whose files are in memory, with room for the data of a test server; `undefined` where there is none. */
export async function memoryFolder(): Promise<string | undefined> {
  const found = await statfs(FOLDER).catch(() => undefined);
  if (found === undefined || found.type !== TMPFS) return undefined;
  const room = Math.min(found.bavail * found.bsize, freemem());
  return room < ROOM_BYTES ? undefined : FOLDER;
}
