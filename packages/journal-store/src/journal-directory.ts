import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreUnavailableError } from '@throughline/core';
import { type JournalPlace, writeFailure } from './journal-failure.ts';
import { JournalNotAJournalError } from './journal-not-a-journal-error.ts';
import { SEGMENT_SUFFIX } from './segment-name.ts';

const MARKER = 'journal.json';
const VERSION = 1;

/**
 * Makes sure that `directory` is a journal, or a spool: creates it with mode 0700 when it does not exist, marks it when
 * it is empty, and refuses a directory that holds something else. Several processes may do so at the same moment.
 *
 * @throws {JournalNotAJournalError} it holds other files, or a journal of a version this package does not know
 * @throws {JournalNotWritableError} it cannot be created or marked
 * @throws {StoreFullError} the disk has no room for the marker
 */
export async function prepareJournalDirectory(place: JournalPlace): Promise<void> {
  await demandMarker(place, await listOrCreate(place));
}

/**
 * Marks a directory that lost its mark under a running writer, because somebody deleted it and made it anew: without it,
 * nobody could open again what is written there. A directory that is gone is not made again: its disk may be gone with it.
 *
 * @throws {StoreUnavailableError} it holds something else by now
 */
export async function markJournalDirectory(place: JournalPlace): Promise<void> {
  try {
    await demandMarker(place, await readdir(place.directory));
  } catch (error) {
    throw error instanceof JournalNotAJournalError
      ? new StoreUnavailableError(error.message, { cause: error })
      : error;
  }
}

async function demandMarker(place: JournalPlace, names: readonly string[]): Promise<void> {
  if (names.includes(MARKER)) return checkMarker(place);
  const foreign = names.find((name) => !name.startsWith(MARKER));
  if (foreign !== undefined)
    throw new JournalNotAJournalError(place.directory, place.what, `it holds ${JSON.stringify(foreign)}`);
  await writeMarker(place);
}

/** The names of the segments in a directory, oldest first. A call into the system of some microseconds, made at once. */
export function segmentNamesIn(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith(SEGMENT_SUFFIX))
    .sort();
}

async function listOrCreate(place: JournalPlace): Promise<string[]> {
  const { directory } = place;
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return await readdir(directory);
  } catch (error) {
    const failure = error as NodeJS.ErrnoException;
    if (failure.code === 'EEXIST' || failure.code === 'ENOTDIR') {
      throw new JournalNotAJournalError(directory, place.what, 'it is, or lies below, a file', {
        cause: error,
      });
    }
    throw writeFailure(failure, place);
  }
}

async function checkMarker(place: JournalPlace): Promise<void> {
  const { what, directory } = place;
  const marker = parseMarker(await readMarker(place));
  if (marker?.format !== formatOf(what))
    throw new JournalNotAJournalError(directory, what, `its ${MARKER} does not say ${formatOf(what)}`);
  if (marker.version !== VERSION) {
    throw new JournalNotAJournalError(
      directory,
      what,
      `it has format version ${marker.version}, known is ${VERSION}`,
    );
  }
}

function formatOf(what: JournalPlace['what']): string {
  return `throughline-${what}`;
}

async function readMarker({ what, directory }: JournalPlace): Promise<string> {
  try {
    return await readFile(join(directory, MARKER), 'utf8');
  } catch (cause) {
    throw new JournalNotAJournalError(directory, what, `its ${MARKER} cannot be read`, { cause });
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
async function writeMarker(place: JournalPlace): Promise<void> {
  const marker = join(place.directory, MARKER);
  const draft = `${marker}.${randomUUID()}`;
  try {
    await writeFile(draft, `${JSON.stringify({ format: formatOf(place.what), version: VERSION })}\n`, {
      mode: 0o600,
    });
    await rename(draft, marker);
  } catch (error) {
    throw writeFailure(error as NodeJS.ErrnoException, place);
  }
}
