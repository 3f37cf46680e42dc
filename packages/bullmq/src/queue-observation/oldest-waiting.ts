import type { WaitingJob, WaitingJobs } from './waiting-job.ts';

/**
 * For how long the oldest job has been due and waiting, over a series of polls.
 *
 * A job that was never started became due when it was added, or when its delay was over. One that was started before, or
 * that had to wait for its children, became due at a time that BullMQ keeps nowhere: it counts from the first poll that
 * found it, so its age may be too low and is never too high.
 */
export class OldestWaiting {
  #foundAt: ReadonlyMap<string, number> = new Map();

  /** @returns seconds; 0 when nothing that is due waits */
  ageSeconds({ now, delayedDueAt = now, jobs }: WaitingJobs): number {
    const foundAt = new Map<string, number>();
    let oldest = Math.min(now, delayedDueAt);
    for (const job of jobs) {
      const found = this.#foundAt.get(stayOf(job)) ?? now;
      foundAt.set(stayOf(job), found);
      oldest = Math.min(oldest, dueAt(job, found));
    }
    this.#foundAt = foundAt;
    return (now - oldest) / 1_000;
  }
}

/** A job that was found waiting at `found` was due by then at the latest: promoted, when its delay was not over. */
function dueAt({ addedAt, delayMs, starts, isParent }: WaitingJob, found: number): number {
  const due = addedAt + delayMs;
  return starts > 0 || isParent || !(due < found) ? found : due;
}

/** The same job waits again after each start. */
function stayOf({ id, starts }: WaitingJob): string {
  return `${starts} ${id}`;
}
