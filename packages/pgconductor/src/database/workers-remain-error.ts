import { ThroughlineError } from '@throughline/core';

/** A worker that a migration waits for. */
export interface RemainingWorker {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  /** The newest migration that it knows. */
  readonly schemaVersion: string;
}

/**
 * Workers of a version before were asked to leave, and did not in time; the migration was not applied. Code
 * `THROUGHLINE_PGCONDUCTOR_WORKERS_REMAIN`.
 */
export class WorkersRemainError extends ThroughlineError {
  readonly migration: string;
  readonly workers: readonly RemainingWorker[];

  constructor(migration: string, workers: readonly RemainingWorker[]) {
    const where = workers.map(({ host, pid }) => `process ${pid} on ${host}`).join(', ');
    super(
      'THROUGHLINE_PGCONDUCTOR_WORKERS_REMAIN',
      `Migration ${migration} cannot go beside workers of the version before, which did not leave in time: ${where}. Stop them, or wait longer.`,
    );
    this.migration = migration;
    this.workers = workers;
  }

  override get name(): string {
    return 'WorkersRemainError';
  }
}
