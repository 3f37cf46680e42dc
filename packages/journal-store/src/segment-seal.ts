import { readSync } from 'node:fs';
import { encodeJournalLines } from './journal-line.ts';

/** The last line of a segment that was ended in order: nobody writes to it any more. */
export const SEAL_LINE: Buffer = encodeJournalLines(['{"sealed":true}']);

/** Whether the line from `start` to its line feed at `end` is that one. */
export function isSealLine(bytes: Buffer, start: number, end: number): boolean {
  return end - start === SEAL_LINE.length - 1 && SEAL_LINE.compare(bytes, start, end + 1) === 0;
}

/** Whether a segment of `size` bytes ends with that line. */
export function isSealed(fd: number, size: number): boolean {
  const end = Buffer.alloc(SEAL_LINE.length);
  const start = size - end.length;
  if (start < 0 || readSync(fd, end, 0, end.length, start) < end.length) return false;
  return end.equals(SEAL_LINE);
}
