import { ThroughlineError } from '@throughline/core';

/**
 * The database did not answer, and asking again did not help. Code `THROUGHLINE_PGCONDUCTOR_DATABASE_UNAVAILABLE`.
 *
 * Whether the statement took effect is not known unless `wasSent` is false.
 */
export class DatabaseUnavailableError extends ThroughlineError {
  /** What was asked: `invoke`. */
  readonly operation: string;
  /** Whether the statement may have reached the database. */
  readonly wasSent: boolean;

  constructor(operation: string, wasSent: boolean, cause: unknown) {
    super(
      'THROUGHLINE_PGCONDUCTOR_DATABASE_UNAVAILABLE',
      `The database did not answer ${operation}; see the cause, and whether the server is up and reachable.`,
      { cause },
    );
    this.operation = operation;
    this.wasSent = wasSent;
  }

  override get name(): string {
    return 'DatabaseUnavailableError';
  }
}
