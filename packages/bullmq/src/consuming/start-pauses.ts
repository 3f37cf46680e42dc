import { type Backoff, isCountedAnew, maxAttemptsOf, type ObservedJob } from '../job/observed-job.ts';
import { isMarkedAsParent } from '../producing/flow-parent-mark.ts';

// Why a job did not start earlier, in seconds. Clocks of two hosts may disagree: no number is ever negative.

/**
 * How long a job was put off on purpose before its first start; what is left of it when the job was promoted.
 *
 * @returns `undefined` for a job without a delay, and for every start but the first
 */
export function scheduledDelaySeconds(job: ObservedJob): number | undefined {
  const delayMs = job.opts?.delay;
  if (!isPositive(delayMs) || !isFirstStart(job)) return undefined;
  return seconds(Math.min(delayMs, job.processedOn - job.timestamp));
}

/**
 * How long a due job waited for a free worker: from the end of its scheduled delay to its first start.
 *
 * @returns `undefined` for every start but the first, and for the parent of a flow: a job says neither when the start
 * before it ended nor when its children were done
 */
export function queueWaitSeconds(job: ObservedJob): number | undefined {
  if (!isFirstStart(job) || isMarkedAsParent(job)) return undefined;
  const delayMs = job.opts?.delay;
  return seconds(job.processedOn - job.timestamp - (isPositive(delayMs) ? delayMs : 0));
}

/**
 * The backoff that BullMQ chose when the start before this one failed, computed as BullMQ does.
 *
 * @returns `undefined` where it cannot be known: chance (jitter) or a strategy of the application's chose it, or the
 * start before did not fail, but stalled or handed the job back
 */
export function backoffSeconds(job: ObservedJob): number | undefined {
  const backoff = job.opts?.backoff;
  if (!backoff || !isAutomaticRetry(job)) return undefined;
  const { type, delay, jitter }: Backoff =
    typeof backoff === 'number' ? { type: 'fixed', delay: backoff } : backoff;
  const delayMs = jitter ? undefined : backoffMs(type, delay, job.attemptsMade);
  return isPositive(delayMs) ? delayMs / 1_000 : undefined;
}

/**
 * The backoff that BullMQ chose for a job that has just failed and is kept, whatever strategy chose it, chance included.
 *
 * @returns `undefined` when the job is started again at once
 */
export function chosenBackoffSeconds({ delay }: ObservedJob): number | undefined {
  return isPositive(delay) ? delay / 1_000 : undefined;
}

/** Every start so far failed, and nobody asked for this one. */
function isAutomaticRetry({ attemptsStarted, attemptsMade, failedReason, opts }: ObservedJob): boolean {
  return (
    attemptsMade > 0 &&
    attemptsStarted === attemptsMade + 1 &&
    attemptsMade < maxAttemptsOf(opts) &&
    Boolean(failedReason)
  );
}

/** @see {@link https://docs.bullmq.io/guide/retrying-failing-jobs#built-in-backoff-strategies | Built-in strategies} */
function backoffMs(type: string, delay: number | undefined, failures: number): number | undefined {
  if (type === 'fixed') return delay;
  return type === 'exponential' && delay !== undefined ? Math.round(2 ** (failures - 1) * delay) : undefined;
}

function isFirstStart(job: ObservedJob): job is ObservedJob & { readonly processedOn: number } {
  return job.attemptsStarted === 1 && job.processedOn !== undefined && !isCountedAnew(job);
}

function isPositive(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value < Number.POSITIVE_INFINITY;
}

function seconds(ms: number): number {
  return ms > 0 ? ms / 1_000 : 0;
}
