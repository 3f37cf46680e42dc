import { ThroughlineError } from '@throughline/core';

const uses = { step: 'a step', sleep: 'a sleep', child: 'a child', event: 'a wait for an event' } as const;

/**
 * A name is used for two different things in one execution: the handler has changed since an earlier run, or takes another
 * way each time. Code `THROUGHLINE_PGCONDUCTOR_STEP_MISMATCH`.
 */
export class StepMismatchError extends ThroughlineError {
  /** The name that is used twice. */
  readonly step: string;

  constructor(step: string, before: keyof typeof uses, now: keyof typeof uses) {
    super(
      'THROUGHLINE_PGCONDUCTOR_STEP_MISMATCH',
      `${JSON.stringify(step)} is ${uses[now]} here and was ${uses[before]} before; give each its own name, and new names to what has changed.`,
    );
    this.step = step;
  }

  override get name(): string {
    return 'StepMismatchError';
  }
}
