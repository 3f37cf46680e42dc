import { ThroughlineError } from './throughline-error.ts';

/**
 * Two telemetries to combine choose their own span ids, so the same work would have two identities. Thrown by
 * `combineTelemetry`. Code `THROUGHLINE_COMBINE_TWO_IDENTITIES`.
 */
export class CombineTwoIdentitiesError extends ThroughlineError {
  /** Which argument is the second one to choose ids, from 0. */
  readonly position: number;

  constructor(position: number) {
    super(
      'THROUGHLINE_COMBINE_TWO_IDENTITIES',
      `Argument ${position} of combineTelemetry chooses its own span ids, which only the first may do; put it first, or leave one of them out.`,
    );
    this.position = position;
  }
}
