import type { Telemetry } from '@throughline/core';
import { jobBackedOff, jobDelayed } from '../job/job-events.ts';
import type { ObservedJob } from '../job/observed-job.ts';
import type { TracedQueue } from '../job/traced-queue.ts';
import { chosenBackoffSeconds, scheduledDelaySeconds } from './start-pauses.ts';

/** Measures the scheduled delay of a job that has just been started. A job without one costs a comparison. */
export function reportDelay(telemetry: Telemetry, { processing }: TracedQueue, job: ObservedJob): void {
  const seconds = scheduledDelaySeconds(job);
  if (seconds !== undefined) telemetry.emitEvent(jobDelayed, { attributes: processing, seconds });
}

/** Measures the backoff of a job that has just failed and that BullMQ keeps. */
export function reportBackoff(telemetry: Telemetry, { processing }: TracedQueue, job: ObservedJob): void {
  const seconds = chosenBackoffSeconds(job);
  if (seconds !== undefined) telemetry.emitEvent(jobBackedOff, { attributes: processing, seconds });
}
