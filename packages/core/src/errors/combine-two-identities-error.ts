import { ThroughlineError } from './throughline-error.ts';

/**
 * Two telemetries to combine choose their own span ids, so the same work would have two identities. Thrown by
 * `combineTelemetry`. Code `THROUGHLINE_COMBINE_TWO_IDENTITIES`.
 */
export class CombineTwoIdentitiesError extends ThroughlineError {
  /** Index of the follower that chooses its own ids, from 0. */
  readonly follower: number;

  constructor(follower: number) {
    super(
      'THROUGHLINE_COMBINE_TWO_IDENTITIES',
      `Follower ${follower} chooses its own span ids, which only the primary may do; put it first, or leave one of them out.`,
    );
    this.follower = follower;
  }
}
