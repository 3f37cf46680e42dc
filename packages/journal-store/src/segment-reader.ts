import { createReadStream } from 'node:fs';
import { readJournalLine } from './journal-line.ts';

const LINE_FEED = 0x0a;
const CHUNK_BYTES = 1 << 20;

/** What a scan could not read. */
export interface SegmentDamage {
  /** Lines whose checksum did not match. */
  readonly damagedLines: number;
  /** Bytes after the last line feed: a write under way, or one that a crash cut short. */
  readonly tornBytes: number;
}

/**
 * Reads a segment from its beginning, without locks, while its process may go on writing.
 *
 * @param accept decides on the raw line whether it is worth a checksum and a parse
 * @param visit gets the JSON text of each accepted line, in order
 */
export async function scanSegment(
  path: string,
  accept: (line: Buffer) => boolean,
  visit: (json: string) => void,
): Promise<SegmentDamage> {
  let damagedLines = 0;
  let rest: Buffer = Buffer.alloc(0);

  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) {
    const bytes: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, start)) {
      const line = bytes.subarray(start, end);
      start = end + 1;
      if (line.length === 0 || !accept(line)) continue;
      const json = readJournalLine(line);
      if (json === undefined) damagedLines += 1;
      else visit(json);
    }
    rest = bytes.subarray(start);
  }
  return { damagedLines, tornBytes: rest.length };
}
