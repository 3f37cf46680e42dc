import { ThroughlineError } from '@throughline/core';

/**
 * The work of a step sleeps, waits or invokes a child. It would never end: a run is put to sleep only when no step of it goes
 * on. Code `THROUGHLINE_PGCONDUCTOR_STEP_NESTED`.
 */
export class StepNestedError extends ThroughlineError {
  /** The step whose work it is. */
  readonly step: string;

  /** @param what as the middle of the sentence: `the child "resize"` */
  constructor(step: string, what: string) {
    super(
      'THROUGHLINE_PGCONDUCTOR_STEP_NESTED',
      `The work of step ${JSON.stringify(step)} waits for ${what}, which begins when no step goes on; wait outside of steps.`,
    );
    this.step = step;
  }

  override get name(): string {
    return 'StepNestedError';
  }
}
