import {
  ATTR_MESSAGING_DESTINATION_NAME,
  ATTR_MESSAGING_MESSAGE_ID,
  ATTR_MESSAGING_SYSTEM,
  ATTR_THROUGHLINE_JOB_NAME,
  METRIC_THROUGHLINE_STALLED,
  recordEvent,
  type Telemetry,
} from '@throughline/core';
import { Job } from 'bullmq';
import { carriedMetadata } from '../carrier/carried-metadata.ts';
import { originOf } from '../carrier/carrier-origin.ts';
import { jobStalled } from '../job/job-events.ts';
import { jobEntity, type ObservedJob } from '../job/observed-job.ts';
import type { TracedQueue } from '../job/traced-queue.ts';

/** After a host has died with all its jobs, this many are told; the next start of the others tells the rest. */
const mostWaiting = 1_000;

/** What a worker's check for stalled jobs needs to know of the worker; every BullMQ worker fits. */
interface StallFinder {
  readonly closing?: unknown;
}

/**
 * Tells, in the trace of each stalled job, that it stalled: as the point `job:stalled`. The worker that found it knows the
 * id alone, so the job is read, one at a time and beside everything else. That is the only command to Redis that
 * observing adds, and only a stalled job costs one.
 */
export class StallReports {
  readonly #worker: StallFinder;
  readonly #telemetry: Telemetry;
  readonly #queue: TracedQueue;
  readonly #waiting: { readonly jobId: string; readonly time: number }[] = [];
  #isReading = false;

  constructor(worker: StallFinder, telemetry: Telemetry, queue: TracedQueue) {
    this.#worker = worker;
    this.#telemetry = telemetry;
    this.#queue = queue;
  }

  /** The worker has put that job back: nobody held its lock. */
  add(jobId: string): void {
    this.#telemetry.emitEvent(jobStalled, { attributes: this.#queue.processing });
    if (this.#waiting.length >= mostWaiting || !this.#telemetry.isEnabled('spans')) return;
    this.#waiting.push({ jobId, time: Date.now() });
    if (!this.#isReading) void this.#tellAll();
  }

  async #tellAll(): Promise<void> {
    this.#isReading = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift())
      if (!this.#worker.closing) await this.#tell(next.jobId, next.time);
    this.#isReading = false;
  }

  async #tell(jobId: string, time: number): Promise<void> {
    try {
      const job: ObservedJob | undefined = await Job.fromId(this.#worker as never, jobId);
      if (job) this.#record(job, time);
    } catch {
      // The job cannot be read, or is gone. Its next start tells of the stall.
    }
  }

  #record(job: ObservedJob, time: number): void {
    const { parent, links, attributes } = originOf(
      this.#telemetry,
      this.#queue.settings,
      carriedMetadata(job.opts),
      job,
    );
    recordEvent(this.#telemetry, 'job:stalled', {
      parent,
      links,
      time,
      entity: jobEntity(this.#queue, job, stalledAttempt(job)),
      attributes: {
        ...attributes,
        [ATTR_MESSAGING_SYSTEM]: 'bullmq',
        [ATTR_MESSAGING_DESTINATION_NAME]: this.#queue.name,
        [ATTR_MESSAGING_MESSAGE_ID]: job.id,
        [ATTR_THROUGHLINE_JOB_NAME]: job.name,
        [METRIC_THROUGHLINE_STALLED]: job.stalledCounter,
      },
    });
  }
}

/** Another worker may have started the job again before it was read: only of a first start is the number certain. */
function stalledAttempt({ attemptsStarted }: ObservedJob): number | undefined {
  return attemptsStarted === 1 ? attemptsStarted : undefined;
}
