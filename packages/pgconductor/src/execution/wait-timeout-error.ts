import { ThroughlineError } from '@throughline/core';

/**
 * A child or an event did not come in time. Code `THROUGHLINE_PGCONDUCTOR_WAIT_TIMEOUT`.
 *
 * The same each time that the handler runs, even when the event came later. A child that was waited for has been cancelled.
 */
export class WaitTimeoutError extends ThroughlineError {
  /** The name that the handler gave the wait. */
  readonly step: string;

  /** @param awaited as the middle of the sentence: `task "resize"` */
  constructor(step: string, awaited: string) {
    super(
      'THROUGHLINE_PGCONDUCTOR_WAIT_TIMEOUT',
      `${JSON.stringify(step)} waited for ${awaited} as long as its timeoutMs, and it did not come.`,
    );
    this.step = step;
  }

  override get name(): string {
    return 'WaitTimeoutError';
  }
}
