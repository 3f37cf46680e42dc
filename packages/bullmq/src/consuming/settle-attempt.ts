import type { ObservedJob } from '../job/observed-job.ts';
import { attempts } from './attempt-registry.ts';

/**
 * Ends the attempt that one of the worker's own events speaks of.
 *
 * @param args the arguments of the event: `(job, result)` or `(job, error)`; a `failed` job may be unknown
 */
export function settleAttempt(event: 'completed' | 'failed', args: readonly unknown[]): void {
  const job = args[0] as ObservedJob | undefined;
  const attempt = job && attempts.get(job);
  if (event === 'completed') attempt?.completed();
  // BullMQ sets `finishedOn` before it tells, and only when no further attempt follows.
  else attempt?.failed(args[1], job?.finishedOn === undefined);
}
