import { BoundedMap } from '../job/bounded-map.ts';

/**
 * Carriers that came with a tick of a schedule. BullMQ hands the carrier of a schedule on from tick to tick, so whatever
 * comes with the same one is a tick, too.
 *
 * For BullMQ's own tracing, which is given no more than a carrier when it starts a span. It learns what kind of job that
 * was from the job's id, when the span of the first tick is already started: that one is still in the trace of the schedule.
 */
const scheduled = new BoundedMap<string, true>(1_000);

/** What BullMQ calls the ticks of a schedule. */
const tickId = 'repeat:';

/** Learns from the id of a job and the carrier it came with. */
export function noteScheduled(jobId: string, metadata: unknown): void {
  if (jobId.startsWith(tickId) && typeof metadata === 'string') scheduled.set(metadata, true);
}

/** Whether a tick came with this carrier before. */
export function isOfSchedule(metadata: unknown): boolean {
  return scheduled.size > 0 && scheduled.get(metadata as string) === true;
}
