import { ThroughlineError } from '@throughline/core';

/**
 * A payload or a result cannot be stored: it has no JSON (circular, BigInt), or is larger than `maxPayloadBytes`. Code
 * `THROUGHLINE_PGCONDUCTOR_VALUE_UNSTORABLE`.
 *
 * `invoke` rejects with it. An execution whose result it is fails for good: what it did is done, and would be done again.
 */
export class ValueUnstorableError extends ThroughlineError {
  /**
   * @param what `the result of task "greet"`
   * @param problem as the rest of the sentence
   */
  constructor(what: string, problem: string, cause?: unknown) {
    super('THROUGHLINE_PGCONDUCTOR_VALUE_UNSTORABLE', `${what} ${problem}.`, { cause });
  }

  override get name(): string {
    return 'ValueUnstorableError';
  }
}
