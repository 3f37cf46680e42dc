import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { encodeJournalLines, readJournalLine } from './journal-line.ts';

/** Which of the two indexes of a segment: where the lines of each trace are, and what is known of each trace. */
export type IndexKind = 'lines' | 'facts';

/** The state of a segment that an index file belongs to. */
export interface IndexedState {
  /** The segment's file name. */
  readonly segment: string;
  /** Its size in bytes. */
  readonly size: number;
  /** When it was last written, in ms since the epoch. */
  readonly mtimeMs: number;
}

interface IndexHeader extends IndexedState {
  readonly index: IndexKind;
  readonly version: number;
  /** How far of the segment the index knows, in bytes: up to its last line feed. */
  readonly position: number;
  readonly bytes: number;
  readonly crc32: number;
}

/** What an index file holds. */
export interface IndexContent {
  readonly position: number;
  readonly content: Buffer;
}

const VERSION = 2;
const LINE_FEED = 0x0a;

/** The index file of a segment lies beside it. */
export function indexPath(segmentPath: string, kind: IndexKind): string {
  return `${segmentPath}.${kind}`;
}

/**
 * Reads an index file. It is believed only when it is whole, undamaged and of exactly this state of the segment.
 *
 * @returns `undefined` when there is none to believe
 */
export async function readIndexFile(
  segmentPath: string,
  kind: IndexKind,
  state: IndexedState,
): Promise<IndexContent | undefined> {
  const bytes = await readFile(indexPath(segmentPath, kind)).catch(() => undefined);
  const end = bytes?.indexOf(LINE_FEED) ?? -1;
  if (bytes === undefined || end === -1) return undefined;
  const header = parseHeader(readJournalLine(bytes, 0, end));
  if (header === undefined) return undefined;
  const content = bytes.subarray(end + 1);
  const isOurs = header.index === kind && header.version === VERSION;
  const isFresh =
    header.segment === state.segment && header.size === state.size && header.mtimeMs === state.mtimeMs;
  const isWhole = header.bytes === content.length && header.crc32 === crc32(content);
  return isOurs && isFresh && isWhole ? { position: header.position, content } : undefined;
}

/**
 * Writes an index file: beside its place, then renamed, so that no reader ever sees a part of one.
 *
 * @returns whether that could be done; a reader may have no right to write
 */
export async function writeIndexFile(
  segmentPath: string,
  kind: IndexKind,
  state: IndexedState,
  { position, content }: IndexContent,
): Promise<boolean> {
  const header: IndexHeader = {
    index: kind,
    version: VERSION,
    segment: state.segment,
    size: state.size,
    mtimeMs: state.mtimeMs,
    position,
    bytes: content.length,
    crc32: crc32(content),
  };
  const path = indexPath(segmentPath, kind);
  const draft = `${path}.${process.pid}`;
  try {
    await writeFile(draft, [encodeJournalLines([JSON.stringify(header)]), content], { mode: 0o600 });
    await rename(draft, path);
    return true;
  } catch {
    await rm(draft, { force: true }).catch(() => undefined);
    return false;
  }
}

function parseHeader(json: string | undefined): IndexHeader | undefined {
  try {
    const header: unknown = JSON.parse(json ?? 'null');
    return typeof header === 'object' && header !== null ? (header as IndexHeader) : undefined;
  } catch {
    return undefined;
  }
}
