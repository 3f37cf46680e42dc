import type { DeepestFailure } from './failure-forest.ts';
import type { FoldedSpan } from './folded-span.ts';
import { countOf } from './label.ts';
import type { WorkAttempts } from './work-attempts.ts';

/** What a cause is ranked by, beside the others. */
export interface Standing {
  readonly place: DeepestFailure;
  /** The cause that comes next; `undefined` for the last one. */
  readonly next: DeepestFailure | undefined;
  /** In how many places the error shows. */
  readonly places: number;
  /** Failures that follow from it. */
  readonly consequences: number;
}

/** Why a failure is a cause, and why it stands before the next one. */
export function causeReasons(work: WorkAttempts | undefined, standing: Standing): readonly string[] {
  const { place, next, places, consequences } = standing;
  const reasons = [place.hasLaterBelow ? 'what failed below it failed later' : 'nothing below it failed'];
  if (place.isLate) reasons.push('what it ran in had failed before it');
  if (consequences > 0) reasons.push(`${countOf(consequences, 'failure')} above it followed from it`);
  if (work?.state === 'failed') reasons.push(lastAttemptText(work));
  if (places > 1) reasons.push(`the same error shows in ${places} places`);
  if (next !== undefined) reasons.push(whyBefore(place, next));
  return reasons;
}

function whyBefore(place: DeepestFailure, next: DeepestFailure): string {
  if (place.isLate !== next.isLate) return 'the next failed too late to matter';
  return place.depth > next.depth
    ? 'it lies deeper than the next'
    : 'it lies as deep as the next, and before it in the tree';
}

function lastAttemptText({ failures, maxAttempts, attempts, latest }: WorkAttempts): string {
  if (maxAttempts !== undefined && failures >= maxAttempts)
    return maxAttempts === 1
      ? 'its job had one attempt'
      : `all ${maxAttempts} attempts at its job were used up`;
  return attempts.length === 1 && (latest?.attempt ?? 1) === 1
    ? 'its job was not tried again'
    : 'the last attempt at its job failed for good';
}

/** How many failures follow from which, counted once and only when asked for. */
export class Consequences {
  readonly #explained: ReadonlyMap<FoldedSpan, FoldedSpan>;
  #counts: ReadonlyMap<FoldedSpan, number> | undefined;

  /** @param explained each failure with the deepest one below it */
  constructor(explained: ReadonlyMap<FoldedSpan, FoldedSpan>) {
    this.#explained = explained;
  }

  of(causes: readonly FoldedSpan[]): number {
    this.#counts ??= this.#count();
    let sum = 0;
    for (const cause of causes) sum += this.#counts.get(cause) ?? 0;
    return sum;
  }

  #count(): ReadonlyMap<FoldedSpan, number> {
    const counts = new Map<FoldedSpan, number>();
    for (const cause of this.#explained.values()) counts.set(cause, (counts.get(cause) ?? 0) + 1);
    return counts;
  }
}
