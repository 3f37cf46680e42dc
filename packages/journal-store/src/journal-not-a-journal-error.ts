import { ThroughlineError } from '@throughline/core';

/** The directory holds something else. Code `THROUGHLINE_JOURNAL_NOT_A_JOURNAL`. */
export class JournalNotAJournalError extends ThroughlineError {
  readonly directory: string;

  constructor(directory: string, found: string, options?: { readonly cause?: unknown }) {
    super(
      'THROUGHLINE_JOURNAL_NOT_A_JOURNAL',
      `${directory} is not a journal: ${found}. Give an empty directory, one that does not exist yet, or a journal.`,
      options,
    );
    this.directory = directory;
  }
}
