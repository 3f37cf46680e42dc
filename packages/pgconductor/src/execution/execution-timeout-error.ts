import { ThroughlineError } from '@throughline/core';

/**
 * A run took longer than `timeoutMs` of its task: the reason with which its signal aborts, and what it failed with. Code
 * `THROUGHLINE_PGCONDUCTOR_EXECUTION_TIMEOUT`.
 */
export class ExecutionTimeoutError extends ThroughlineError {
  readonly timeoutMs: number;

  constructor(task: string, timeoutMs: number) {
    super(
      'THROUGHLINE_PGCONDUCTOR_EXECUTION_TIMEOUT',
      `Task ${JSON.stringify(task)} ran longer than its timeoutMs of ${timeoutMs}; give it more, or let its handler stop in time, by ctx.signal.`,
    );
    this.timeoutMs = timeoutMs;
  }

  override get name(): string {
    return 'ExecutionTimeoutError';
  }
}
