import { ThroughlineError } from '@throughline/core';

/** The directory holds something else, a spool where a journal is asked for, or the other way round. Code `THROUGHLINE_JOURNAL_NOT_A_JOURNAL`. */
export class JournalNotAJournalError extends ThroughlineError {
  readonly directory: string;

  /** @param found what is there instead, as a clause */
  constructor(
    directory: string,
    what: 'journal' | 'spool',
    found: string,
    options?: { readonly cause?: unknown },
  ) {
    super(
      'THROUGHLINE_JOURNAL_NOT_A_JOURNAL',
      `${directory} is not a ${what}: ${found}. Give an empty directory, one that does not exist yet, or one that is a ${what}.`,
      options,
    );
    this.directory = directory;
  }
}
