import { ThroughlineError } from '@throughline/core';

/**
 * The orchestrator stops and cannot wait any longer: the reason with which signals abort then. Code
 * `THROUGHLINE_PGCONDUCTOR_RELEASED`.
 *
 * The execution is given back and runs elsewhere; it has not failed.
 */
export class ReleasedError extends ThroughlineError {
  constructor() {
    super('THROUGHLINE_PGCONDUCTOR_RELEASED', 'The orchestrator stops; the execution is given back.');
  }

  override get name(): string {
    return 'ReleasedError';
  }
}
