import { BoundedMap } from '../job/bounded-map.ts';
import type { ObservedJob, ObservedJobOptions } from '../job/observed-job.ts';

/**
 * Which jobs won a deduplication, as far as one queue object was told.
 *
 * BullMQ answers an add that was deduplicated with the id of the job that was there before, and says no more. It is
 * recognised by that id: another one than was asked for, or one that was answered before, because BullMQ gives no number
 * twice, unless the queue was obliterated: by this object, which then forgets, or by another one, of which nothing is heard
 * here. A job that another process had added first is not recognised until it is answered a second time.
 */
export class DeduplicatedJobs {
  readonly #winners = new BoundedMap<string, string>(1_000);

  /** The winner that was known before the add was sent: answers to commands that overlap say nothing of their order. */
  winnerOf(deduplicationId: string): string | undefined {
    return this.#winners.get(deduplicationId);
  }

  won(deduplicationId: string, jobId: string): void {
    this.#winners.set(deduplicationId, jobId);
  }

  /** BullMQ counts from 1 again. */
  forget(): void {
    this.#winners.takeAll();
  }
}

/** An add of a job that may be deduplicated. */
export class DeduplicatedAdd {
  readonly #jobs: DeduplicatedJobs;
  readonly #id: string;
  readonly #winner: string | undefined;

  constructor(jobs: DeduplicatedJobs, id: string) {
    this.#jobs = jobs;
    this.#id = id;
    this.#winner = jobs.winnerOf(id);
  }

  /**
   * Whether BullMQ's answer is a job that was there before.
   *
   * @param requestedId the job id that was asked for
   * @param earlier answers to the commands before this one in the same call
   */
  isKnown({ id }: ObservedJob, requestedId: string | undefined, earlier: Set<string> | undefined): boolean {
    if (id === undefined) return false;
    if (requestedId !== undefined) return id !== requestedId;
    const isKnown = id === this.#winner || Boolean(earlier?.has(id));
    this.#jobs.won(this.#id, id);
    earlier?.add(id);
    return isKnown;
  }
}

/** The id by which BullMQ deduplicates a job. */
export function deduplicationIdOf(
  opts: ObservedJobOptions | undefined,
  defaults: ObservedJobOptions | undefined,
): string | undefined {
  const deduplication =
    opts?.deduplication ?? opts?.debounce ?? defaults?.deduplication ?? defaults?.debounce;
  return deduplication?.id;
}
