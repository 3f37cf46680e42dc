import { ThroughlineError } from '@throughline/core';
import { type StepKind, usesOfNames } from './kept-step.ts';

/**
 * A name is used for two different things in one execution: the handler has changed since an earlier run, or takes another
 * way each time. Code `THROUGHLINE_PGCONDUCTOR_STEP_MISMATCH`.
 */
export class StepMismatchError extends ThroughlineError {
  /** The name that is used twice. */
  readonly step: string;

  constructor(step: string, before: StepKind, now: StepKind) {
    super(
      'THROUGHLINE_PGCONDUCTOR_STEP_MISMATCH',
      `${JSON.stringify(step)} is ${usesOfNames[now]} here and was ${usesOfNames[before]} before; give each its own name, and new names to what has changed.`,
    );
    this.step = step;
  }

  override get name(): string {
    return 'StepMismatchError';
  }
}
