import type { ObservedJob } from './observed-job.ts';

/**
 * Seconds a job waited for a free worker: from the end of its scheduled delay to its first start.
 *
 * Later starts have no queue wait (theirs would be backoff), and clocks of two hosts may disagree, so the value is
 * never negative.
 *
 * @returns `undefined` for every start but the first
 */
export function queueWaitSeconds(job: ObservedJob): number | undefined {
  if (job.attemptsStarted !== 1 || job.processedOn === undefined) return undefined;
  const waitMs = job.processedOn - job.timestamp - (job.opts?.delay ?? 0);
  return waitMs > 0 ? waitMs / 1_000 : 0;
}
