import { ThroughlineError } from '@throughline/core';
import { type StepKind, usesOfNames } from './kept-step.ts';

/**
 * A name is used twice in one run, as in a loop that gives the same name each time: nobody could tell one from the other at the
 * next run. Code `THROUGHLINE_PGCONDUCTOR_STEP_REPEATED`.
 *
 * The name of a step that failed may be used again: nothing was kept under it.
 *
 * @example
 * ```ts
 * import type { TaskContext } from '@throughline/pgconductor';
 *
 * export async function mailAll(ctx: TaskContext, users: readonly string[], mail: (user: string) => Promise<void>): Promise<void> {
 *   for (const user of users) await ctx.step(`mail ${user}`, () => mail(user)); // and not 'mail' for each
 * }
 * ```
 */
export class StepRepeatedError extends ThroughlineError {
  /** The name that is used twice. */
  readonly step: string;

  constructor(step: string, kind: StepKind) {
    super(
      'THROUGHLINE_PGCONDUCTOR_STEP_REPEATED',
      `${JSON.stringify(step)} is the name of ${usesOfNames[kind]} that this run has had already; give each its own name, in a loop one with the item in it.`,
    );
    this.step = step;
  }

  override get name(): string {
    return 'StepRepeatedError';
  }
}
