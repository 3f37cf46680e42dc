import { openSync } from 'node:fs';

/**
 * Opens a file for reading.
 *
 * @returns `undefined` when it is gone: segments are deleted by retention, and when a spool is done with them
 */
export function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
