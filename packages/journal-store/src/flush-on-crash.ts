import { OptionInvalidError } from '@throughline/core';

/** What a crash flush needs of a writer; every `EventWriter` fits. */
export interface CrashFlushed {
  /** Keeps everything that is in memory before it returns. */
  spoolSync(): unknown;
}

/**
 * Keeps what a writer has in memory when the process dies of an uncaught exception or an unhandled rejection.
 *
 * The writer brings it to its spool, or to its store where that has an `appendSync`, before Node ends the process. Exit code,
 * output and handlers stay as they are: this only watches (`uncaughtExceptionMonitor`). Signals and `process.exit` are not
 * crashes: close the writer where you handle them.
 *
 * @returns takes it back
 * @throws {OptionInvalidError} `THROUGHLINE_OPTION_INVALID`: not a writer
 * @example
 * ```ts
 * import { EventWriter } from '@throughline/core/events';
 * import { flushOnCrash, openJournalStore } from '@throughline/journal-store';
 *
 * const store = await openJournalStore({ directory: '.throughline' });
 * const writer = new EventWriter(store);
 * const uninstall = flushOnCrash(writer);
 * ```
 * @see {@link https://nodejs.org/api/process.html#event-uncaughtexceptionmonitor | Node: uncaughtExceptionMonitor}
 */
export function flushOnCrash(writer: CrashFlushed): () => void {
  if (typeof writer?.spoolSync !== 'function')
    throw new OptionInvalidError('flushOnCrash.writer', writer, 'an EventWriter');
  const flush = (): void => {
    try {
      writer.spoolSync();
    } catch {
      // The error that the process dies of is the one to be seen.
    }
  };
  process.on('uncaughtExceptionMonitor', flush);
  return () => {
    process.off('uncaughtExceptionMonitor', flush);
  };
}
