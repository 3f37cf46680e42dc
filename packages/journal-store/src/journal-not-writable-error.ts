import { ThroughlineError } from '@throughline/core';

/** The directory cannot be created or written by this user. Code `THROUGHLINE_JOURNAL_NOT_WRITABLE`. */
export class JournalNotWritableError extends ThroughlineError {
  readonly directory: string;
  /** An `EventWriter` keeps the events: permissions can be mended. */
  readonly retryable = true;

  constructor(directory: string, cause: NodeJS.ErrnoException) {
    super(
      'THROUGHLINE_JOURNAL_NOT_WRITABLE',
      `${directory} cannot be written (${cause.code ?? cause.message}). Give a directory this user may write, or mend its permissions.`,
      { cause },
    );
    this.directory = directory;
  }
}
