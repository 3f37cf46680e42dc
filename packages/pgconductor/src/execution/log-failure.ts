import type { Execution } from './execution.ts';

/**
 * Tells the logger what a run failed with, once its row says what becomes of it: without a telemetry nobody else would.
 *
 * @param dueAt when it is tried again, by the database's clock, in milliseconds since the epoch; where that is known
 */
export function logFailure(
  execution: Execution,
  committed: 'failed' | 'dead',
  dueAt: number | null | undefined,
): void {
  const { id, task, attempt, failures, outcome, logger } = execution;
  const fields = {
    task: task.name,
    executionId: String(id),
    attempt,
    failures: failures + 1,
    maxAttempts: task.maxAttempts,
    error: outcome !== undefined && 'error' in outcome ? outcome.error : undefined,
  };
  if (committed === 'dead') logger.error('pgconductor: an execution has failed for good', fields);
  else
    logger.warn('pgconductor: an execution has failed and will be tried again', {
      ...fields,
      nextAt: typeof dueAt === 'number' ? new Date(dueAt) : undefined,
    });
}
