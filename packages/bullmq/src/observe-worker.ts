import { noopTelemetry, type Telemetry } from '@throughline/core';
import { announceJob, attempts, selfTraced } from './attempt-registry.ts';
import { carriedBy } from './carried-telemetry.ts';
import { type JobAttempt, startAttempt } from './job-attempt.ts';
import type { ObservedJob } from './observed-job.ts';
import { portOf, type TelemetrySource } from './port-of.ts';
import { settleAttempt } from './settle-attempt.ts';
import { TracedQueue } from './traced-queue.ts';

/** What {@link observeWorker} needs of a worker; every BullMQ worker fits. */
export interface ObservableWorker {
  readonly id: string;
  readonly name: string;
  readonly qualifiedName: string;
  readonly opts: { readonly name?: string | undefined; readonly telemetry?: unknown };
  on(event: 'active' | 'completed' | 'failed' | 'closed', listener: (...args: never[]) => void): unknown;
  off(event: 'active' | 'completed' | 'failed' | 'closed', listener: (...args: never[]) => void): unknown;
}

/**
 * Observes a worker that somebody else constructed, by its own events: attempt number, queue wait, the error itself and
 * whether another attempt follows.
 *
 * A worker that has {@link bullmqTelemetry} keeps the spans made there, and they learn all this. A worker without it
 * gets its `process` spans here; add {@link wrapProcessor} so that they are active while the processor runs, and so that
 * jobs which the processor handed back (`DelayedError` …) say so. The drop-in `Worker` needs none of this and is left
 * alone.
 *
 * Listeners are synchronous and never throw. Pending telemetry is not flushed by `worker.close()` here: flush it
 * yourself.
 *
 * @returns stops observing; attempts that are running then are ended as they settle
 * @throws TelemetryInvalidError when `telemetry` is not an object
 * @example
 * ```ts
 * import { bullmqTelemetry, observeWorker } from '@throughline/bullmq';
 * import { createOtelTelemetry } from '@throughline/otel';
 * import { Worker } from 'bullmq';
 *
 * const telemetry = createOtelTelemetry();
 * const worker = new Worker('mail', async () => {}, {
 *   connection: { host: '127.0.0.1', port: 6379 },
 *   telemetry: bullmqTelemetry(telemetry),
 * });
 * observeWorker(worker, telemetry);
 * ```
 * @see {@link https://docs.bullmq.io/guide/events | BullMQ: Events}
 */
export function observeWorker(worker: ObservableWorker, telemetry: TelemetrySource): () => void {
  const port = portOf(telemetry);
  if (port === noopTelemetry || selfTraced.has(worker)) return () => {};
  const active = carriedBy(worker.opts.telemetry) ? announcing(worker) : tracing(worker, port);
  const completed = (...args: unknown[]): void => settleAttempt('completed', args);
  const failed = (...args: unknown[]): void => settleAttempt('failed', args);
  worker.on('active', active);
  worker.on('completed', completed);
  worker.on('failed', failed);
  return () => {
    worker.off('active', active);
    worker.off('completed', completed);
    worker.off('failed', failed);
  };
}

/** The worker's own telemetry object makes the spans; it meets the job right after this. */
function announcing(worker: ObservableWorker): (job: ObservedJob) => void {
  return (job) => announceJob(worker.id, job);
}

/** Nobody makes spans: the attempt begins with this event. */
function tracing(worker: ObservableWorker, telemetry: Telemetry): (job: ObservedJob) => void {
  const queue = new TracedQueue(worker.name, worker.qualifiedName);
  const clientId = worker.opts.name ?? worker.id;
  const latest = new Map<string | undefined, JobAttempt>();
  worker.on('closed', () => {
    for (const attempt of latest.values()) attempt.close('released');
    latest.clear();
  });
  return (job) => {
    // No event tells that a job was handed back; a new start of the same job does.
    latest.get(job.id)?.close('released');
    const attempt = startAttempt(telemetry, queue, job, clientId);
    attempts.set(job, attempt);
    latest.set(job.id, attempt);
  };
}
