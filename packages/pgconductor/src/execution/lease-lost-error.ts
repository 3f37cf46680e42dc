import { ThroughlineError } from '@throughline/core';

/**
 * The lease ran out before it was renewed, and another worker may run the execution: the reason with which its signal
 * aborts. Code `THROUGHLINE_PGCONDUCTOR_LEASE_LOST`.
 *
 * Whatever this run still does, it changes nothing in the database.
 */
export class LeaseLostError extends ThroughlineError {
  constructor() {
    super(
      'THROUGHLINE_PGCONDUCTOR_LEASE_LOST',
      'The lease ran out before it was renewed; another worker may go on.',
    );
  }

  override get name(): string {
    return 'LeaseLostError';
  }
}
