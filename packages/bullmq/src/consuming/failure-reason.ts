import type { ObservedJob } from '../job/observed-job.ts';
import { wordsOf } from './attempt-outcome.ts';

/** What `throughline.reason` says beside a failure, or beside a result that does not count. */
export type FailureReason =
  /** A start that was given up without having run: the job had stalled too often. */
  | 'max_stalled'
  /** As above: the worker's `maxStartedAttempts`. */
  | 'max_started'
  /** As above: a child of it failed, and had `failParentOnFailure`. */
  | 'child_failed'
  /** As above, for a reason that this version does not know. */
  | 'never_ran'
  /** It failed after `worker.cancelJob` or `cancelAllJobs`. */
  | 'canceled'
  /** The job is gone: it was removed while it ran. */
  | 'removed'
  /** The worker was closed without waiting for it. */
  | 'worker_closed';

const tooManyStalls = 'job stalled more than allowable limit';
const tooManyStarts = 'job started more than allowable limit';
const childFailed = /^child .* failed$/s;

/**
 * Why a job failed without having run: BullMQ had decided so before this start, or decided it by the number of starts.
 *
 * @returns `undefined` for a failure of the processor's
 */
export function neverRanReason(job: ObservedJob | undefined, error: unknown): FailureReason | undefined {
  const message = wordsOf(error)?.message;
  if (message === tooManyStarts) return 'max_started';
  if (typeof message !== 'string' || message !== job?.deferredFailure) return undefined;
  if (message === tooManyStalls) return 'max_stalled';
  return childFailed.test(message) ? 'child_failed' : 'never_ran';
}

/** BullMQ's error codes, the same in both majors, that say: what became of the job does not count. */
const lossByCode: ReadonlyMap<unknown, Loss> = new Map([
  [-1, 'removed'],
  [-2, 'lock_lost'],
  [-3, 'not_active'],
  [-6, 'lock_lost'],
]);
/** How the messages of these errors begin: where BullMQ passes on nothing else. */
const lossByWords: readonly (readonly [words: RegExp, loss: Loss])[] = [
  [/^Missing key for job /, 'removed'],
  [/^Missing lock for job /, 'lock_lost'],
  [/^Lock mismatch for job /, 'lock_lost'],
  [/^Job .* is not in the active state/s, 'not_active'],
];

/** Why a result does not count: the job is gone, its lock is, or somebody has taken it out of the active jobs. */
export type Loss = 'removed' | 'lock_lost' | 'not_active';

/**
 * What BullMQ's refusal of a result says of the job.
 *
 * @param refusal an error of BullMQ's, or its message alone
 * @returns `undefined` when the worker still has the job
 */
export function lossOf(refusal: unknown): Loss | undefined {
  if (typeof refusal === 'string') return lossByWords.find(([words]) => words.test(refusal))?.[1];
  return lossByCode.get(wordsOf(refusal)?.code);
}
