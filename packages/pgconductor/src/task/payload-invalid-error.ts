import { ThroughlineError } from '@throughline/core';

/**
 * A payload does not fit the schema of its task or event. Code `THROUGHLINE_PGCONDUCTOR_PAYLOAD_INVALID`.
 *
 * `invoke` and `emit` reject with it, and nothing is stored. An execution whose stored payload does not fit fails for
 * good with it, without another attempt: the payload would be the same.
 */
export class PayloadInvalidError extends ThroughlineError {
  /** Of the task or the event. */
  readonly of: string;
  /** What is wrong, in one line that quotes nothing of the payload. */
  readonly issues: string;

  /**
   * @param kind whose payload it is
   * @param of name of the task or the event
   * @param issues of the validation
   */
  constructor(kind: 'task' | 'event', of: string, issues: string) {
    super(
      'THROUGHLINE_PGCONDUCTOR_PAYLOAD_INVALID',
      `The payload does not fit ${kind} ${JSON.stringify(of)}: ${issues}. Give what its schema asks for.`,
    );
    this.of = of;
    this.issues = issues;
  }

  override get name(): string {
    return 'PayloadInvalidError';
  }
}
