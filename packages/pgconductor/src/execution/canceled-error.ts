import { ThroughlineError } from '@throughline/core';

/**
 * The execution was cancelled: the reason with which its signal aborts. Code `THROUGHLINE_PGCONDUCTOR_CANCELED`.
 *
 * A handler that rejects with it has ended as cancelled.
 */
export class CanceledError extends ThroughlineError {
  /** As `cancel` was told. */
  readonly reason: string;

  constructor(reason: string) {
    super('THROUGHLINE_PGCONDUCTOR_CANCELED', `The execution was cancelled: ${reason}`);
    this.reason = reason;
  }

  override get name(): string {
    return 'CanceledError';
  }
}
