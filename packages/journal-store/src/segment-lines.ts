import { read } from 'node:fs';
import { promisify } from 'node:util';

const LINE_FEED = 0x0a;
/** Small enough that going through a chunk does not keep the event loop for more than a few milliseconds. */
const CHUNK_BYTES = 256 * 1024;
const readBytes = promisify(read);

/** Whole lines of a segment, as they follow one another. */
export interface LineChunk {
  /** Ends with a line feed. Overwritten by the next chunk. */
  readonly bytes: Buffer;
  /** Where in the segment `bytes` begins. */
  readonly position: number;
}

/**
 * Reads whole lines, without locks, while the segment's process may go on writing.
 *
 * @param from where a line begins
 * @param to reads no further; a line that is not whole by then is left out
 */
export async function* readLines(fd: number, from: number, to: number): AsyncGenerator<LineChunk> {
  let buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, Math.max(to - from, 1)));
  let position = from;
  let held = 0;
  while (position + held < to) {
    if (held === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2);
    const wanted = Math.min(buffer.length - held, to - position - held);
    const { bytesRead } = await readBytes(fd, buffer, held, wanted, position + held);
    if (bytesRead === 0) return;
    held += bytesRead;
    const end = buffer.lastIndexOf(LINE_FEED, held - 1) + 1;
    if (end === 0) continue;
    yield { bytes: buffer.subarray(0, end), position };
    buffer.copyWithin(0, end, held);
    held -= end;
    position += end;
  }
}

/** Visits each line of a chunk; `end` is where its line feed is. Empty lines are passed over. */
export function forEachLine(bytes: Buffer, visit: (start: number, end: number) => void): void {
  let start = 0;
  for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, start)) {
    if (end > start) visit(start, end);
    start = end + 1;
  }
}

/** Reads one stretch of a segment. @returns fewer bytes than asked for when the file ends before */
export async function readStretch(fd: number, start: number, end: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(end - start);
  let held = 0;
  while (held < bytes.length) {
    const { bytesRead } = await readBytes(fd, bytes, held, bytes.length - held, start + held);
    if (bytesRead === 0) break;
    held += bytesRead;
  }
  return bytes.subarray(0, held);
}

/** Where the line begins that holds the byte before `position`; `position` itself when that byte ends a line. */
export async function lineStartBefore(fd: number, position: number): Promise<number> {
  for (let end = position; end > 0; end -= CHUNK_BYTES) {
    const start = Math.max(0, end - CHUNK_BYTES);
    const feed = (await readStretch(fd, start, end)).lastIndexOf(LINE_FEED);
    if (feed !== -1) return start + feed + 1;
  }
  return 0;
}
