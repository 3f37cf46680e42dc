import { ThroughlineError } from '@throughline/core';

/**
 * What a handler returned does not fit `returns` of its task. Code `THROUGHLINE_PGCONDUCTOR_RESULT_INVALID`.
 *
 * The execution fails with it.
 */
export class ResultInvalidError extends ThroughlineError {
  readonly task: string;
  /** What is wrong, in one line that quotes nothing of the result. */
  readonly issues: string;

  constructor(task: string, issues: string) {
    super(
      'THROUGHLINE_PGCONDUCTOR_RESULT_INVALID',
      `The result of task ${JSON.stringify(task)} does not fit its schema: ${issues}. Return what \`returns\` asks for.`,
    );
    this.task = task;
    this.issues = issues;
  }

  override get name(): string {
    return 'ResultInvalidError';
  }
}
