import { ThroughlineError } from '@throughline/core';
import type { StoredError } from '@throughline/core/events';

/**
 * A child has failed for good, or was cancelled. Code `THROUGHLINE_PGCONDUCTOR_CHILD_FAILED`.
 *
 * The same each time that the parent runs; a parent that does not catch it fails with it.
 *
 * @example
 * ```ts
 * import { ChildFailedError, type TaskContext } from '@throughline/pgconductor';
 *
 * export async function book(ctx: TaskContext): Promise<unknown> {
 *   try {
 *     return await ctx.invoke('flight', { name: 'book-flight' });
 *   } catch (error) {
 *     if (!(error instanceof ChildFailedError)) throw error;
 *     return ctx.invoke('train', { name: 'book-train' });
 *   }
 * }
 * ```
 */
export class ChildFailedError extends ThroughlineError {
  /** Name of its task. */
  readonly task: string;
  /** Decimal digits; by it the child is found in the history. */
  readonly executionId: string;
  /** Its last error, as it was stored. */
  readonly error: StoredError;

  constructor(task: string, executionId: string, error: StoredError) {
    super(
      'THROUGHLINE_PGCONDUCTOR_CHILD_FAILED',
      `Task ${JSON.stringify(task)}, invoked as execution ${executionId}, failed: ${error.type}: ${error.message}`,
    );
    this.task = task;
    this.executionId = executionId;
    this.error = error;
  }

  override get name(): string {
    return 'ChildFailedError';
  }
}
