import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { JournalNotAJournalError } from './journal-not-a-journal-error.ts';
import { JournalNotWritableError } from './journal-not-writable-error.ts';

const MARKER = 'journal.json';
const FORMAT = 'throughline-journal';
const VERSION = 1;
const SEGMENT_SUFFIX = '.ndjson';

/**
 * Makes sure that `directory` is a journal: creates it with mode 0700 when it does not exist, marks it when it is
 * empty, and refuses a directory that holds something else. Several processes may do so at the same moment.
 *
 * @throws {JournalNotAJournalError} it holds other files, or a journal of a version this package does not know
 * @throws {JournalNotWritableError} it cannot be created or marked
 */
export async function prepareJournalDirectory(directory: string): Promise<void> {
  const names = await listOrCreate(directory);
  if (names.includes(MARKER)) return checkMarker(directory);
  const foreign = names.find((name) => !name.startsWith(MARKER));
  if (foreign !== undefined)
    throw new JournalNotAJournalError(directory, `it holds ${JSON.stringify(foreign)}`);
  await writeMarker(directory);
}

/** The segments of a journal, oldest first: their names begin with the time at which they were opened. */
export async function listSegments(directory: string): Promise<string[]> {
  const names = await readdir(directory);
  return names
    .filter((name) => name.endsWith(SEGMENT_SUFFIX))
    .sort()
    .map((name) => join(directory, name));
}

/** A path for a new segment, unique for the process and boot that `bootId` names. */
export function segmentPath(directory: string, openedAt: Date, bootId: string): string {
  const time = openedAt.toISOString().replaceAll(/[-:.]/g, '');
  return join(directory, `${time}-${process.pid}-${bootId}${SEGMENT_SUFFIX}`);
}

async function listOrCreate(directory: string): Promise<string[]> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return await readdir(directory);
  } catch (error) {
    const failure = error as NodeJS.ErrnoException;
    if (failure.code === 'EEXIST' || failure.code === 'ENOTDIR') {
      throw new JournalNotAJournalError(directory, 'it is, or lies below, a file', { cause: error });
    }
    throw new JournalNotWritableError(directory, failure);
  }
}

async function checkMarker(directory: string): Promise<void> {
  const marker = parseMarker(await readMarker(directory));
  if (marker?.format !== FORMAT) throw new JournalNotAJournalError(directory, `its ${MARKER} is not ours`);
  if (marker.version !== VERSION) {
    throw new JournalNotAJournalError(
      directory,
      `it has format version ${marker.version}, known is ${VERSION}`,
    );
  }
}

async function readMarker(directory: string): Promise<string> {
  try {
    return await readFile(join(directory, MARKER), 'utf8');
  } catch (cause) {
    throw new JournalNotAJournalError(directory, `its ${MARKER} cannot be read`, { cause });
  }
}

function parseMarker(text: string): { format?: unknown; version?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Writes beside and renames, so that no reader ever sees half a marker. */
async function writeMarker(directory: string): Promise<void> {
  const marker = join(directory, MARKER);
  const draft = `${marker}.${randomUUID()}`;
  try {
    await writeFile(draft, `${JSON.stringify({ format: FORMAT, version: VERSION })}\n`, { mode: 0o600 });
    await rename(draft, marker);
  } catch (error) {
    throw new JournalNotWritableError(directory, error as NodeJS.ErrnoException);
  }
}
