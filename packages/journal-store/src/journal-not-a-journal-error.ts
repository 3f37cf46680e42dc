import { ThroughlineError } from '@throughline/core';

/** The directory holds something else, a spool where a journal is asked for, or the other way round. Code `THROUGHLINE_JOURNAL_NOT_A_JOURNAL`. */
export class JournalNotAJournalError extends ThroughlineError {
  readonly directory: string;

  constructor(directory: string, found: string, options?: { readonly cause?: unknown }) {
    super(
      'THROUGHLINE_JOURNAL_NOT_A_JOURNAL',
      `${directory} is no such journal: ${found}. Give an empty directory, one that does not exist yet, or one of this kind.`,
      options,
    );
    this.directory = directory;
  }
}
