import { isThroughlineError, StoreFullError, StoreUnavailableError } from '@throughline/core';
import { JournalNotWritableError } from './journal-not-writable-error.ts';

/** The disk, the user's share of it, or the size that a file of this process may have. */
const noRoom: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const noRight: ReadonlySet<string | undefined> = new Set(['EACCES', 'EPERM', 'EROFS']);

/** What a failure is about: `journal`, and where it is. */
export interface JournalPlace {
  readonly what: 'journal' | 'spool';
  readonly directory: string;
}

/** The error to reject with when the system refuses a write. What explains itself stays as it is. */
export function writeFailure(cause: NodeJS.ErrnoException, place: JournalPlace): Error {
  if (isThroughlineError(cause)) return cause;
  if (noRoom.has(cause.code)) return new StoreFullError(nameOf(place), { cause });
  if (noRight.has(cause.code)) return new JournalNotWritableError(place.directory, cause);
  return unavailable(cause, place, 'written');
}

/** The error to reject with when the system refuses to read. */
export function readFailure(cause: NodeJS.ErrnoException, place: JournalPlace): Error {
  return unavailable(cause, place, 'read');
}

/** `The journal in /var/lib/app/journal`. */
export function nameOf({ what, directory }: JournalPlace): string {
  return `The ${what} in ${directory}`;
}

function unavailable(cause: NodeJS.ErrnoException, place: JournalPlace, done: string): Error {
  return new StoreUnavailableError(`${nameOf(place)} cannot be ${done}: ${cause.message}`, { cause });
}
