import { ThroughlineError } from '@throughline/core';

/**
 * The handler of a batch returned something else than nothing or one result for each event. All its executions failed with
 * it, for nobody knows which result is whose. Code `THROUGHLINE_PGCONDUCTOR_BATCH_RESULT_INVALID`.
 */
export class BatchResultInvalidError extends ThroughlineError {
  readonly task: string;

  constructor(task: string, expected: number, received: unknown) {
    const what = Array.isArray(received) ? `${received.length} results` : `a ${typeof received}`;
    super(
      'THROUGHLINE_PGCONDUCTOR_BATCH_RESULT_INVALID',
      `The handler of task ${JSON.stringify(task)} returned ${what} for a batch of ${expected}; return nothing, or one result or Error for each event, in order.`,
    );
    this.task = task;
  }

  override get name(): string {
    return 'BatchResultInvalidError';
  }
}
