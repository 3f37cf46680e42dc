import { ThroughlineError } from '@throughline/core';

/**
 * The schema is about to become one, or is one already, that this version of the package cannot work with. Code
 * `THROUGHLINE_PGCONDUCTOR_WORKER_OUTDATED`.
 *
 * `start` and `drain` of an orchestrator reject with it. Invocations still work.
 */
export class WorkerOutdatedError extends ThroughlineError {
  constructor(cause: unknown) {
    super(
      'THROUGHLINE_PGCONDUCTOR_WORKER_OUTDATED',
      'The database is migrated to a schema that this version of the package cannot work with: deploy the newer one.',
      { cause },
    );
  }

  override get name(): string {
    return 'WorkerOutdatedError';
  }
}

/** Whether the database refuses a worker for its version. */
export function isOutdated(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'TL002';
}
