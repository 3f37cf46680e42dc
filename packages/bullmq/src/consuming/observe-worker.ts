import { noopTelemetry, type Telemetry } from '@throughline/core';
import { BoundedMap } from '../job/bounded-map.ts';
import type { ObservedJob } from '../job/observed-job.ts';
import { TracedQueue } from '../job/traced-queue.ts';
import type { BullmqSettings } from '../settings/bullmq-settings.ts';
import { carriedBy } from '../settings/carried-telemetry.ts';
import { portOf, settingsOf, type TelemetrySource } from '../settings/port-of.ts';
import { announceJob, attempts, selfTraced } from './attempt-registry.ts';
import { type JobAttempt, startAttempt } from './job-attempt.ts';
import { locksLost } from './locks-lost.ts';
import { observedWorkers } from './observed-workers.ts';
import { settleAttempt } from './settle-attempt.ts';
import { StallReports } from './stall-reports.ts';

/** Of starts that nobody says the end of: jobs that were handed back, and go on in another process. */
const mostOpen = 10_000;

type ObservedEvent = 'active' | 'completed' | 'failed' | 'stalled' | 'lockRenewalFailed' | 'closed';

/** What {@link observeWorker} needs of a worker; every BullMQ worker fits. */
export interface ObservableWorker {
  readonly id: string;
  readonly name: string;
  readonly qualifiedName: string;
  readonly opts: { readonly name?: string | undefined; readonly telemetry?: unknown };
  readonly closing?: unknown;
  on(event: ObservedEvent, listener: (...args: never[]) => void): unknown;
  off(event: ObservedEvent, listener: (...args: never[]) => void): unknown;
}

/**
 * Observes a worker that somebody else constructed, by its own events: attempt number, queue wait, the error itself and
 * whether another attempt follows.
 *
 * A worker that has {@link bullmqTelemetry} keeps the spans made there, and they learn all this. A worker without it
 * gets its `process` spans here; add {@link wrapProcessor} so that they are active while the processor runs, and so that
 * jobs which the processor handed back (`DelayedError` …) say so. The drop-in `Worker` needs none of this and is left
 * alone, and so is a worker that is observed already.
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
  if (port === noopTelemetry || selfTraced.has(worker) || observedWorkers.has(worker)) return () => {};
  const own = carriedBy(worker.opts.telemetry);
  const stop =
    own && own.telemetry !== noopTelemetry
      ? announcing(worker, own.telemetry, own.settings)
      : tracing(worker, port, settingsOf(telemetry));
  observedWorkers.add(worker);
  return () => {
    observedWorkers.delete(worker);
    stop();
  };
}

/** The worker's own telemetry object makes the spans; it meets the job right after this, and ends them. */
function announcing(worker: ObservableWorker, telemetry: Telemetry, settings: BullmqSettings): () => void {
  const queue = new TracedQueue(worker.name, worker.qualifiedName, settings);
  return listening(worker, {
    ...interruptionListeners(worker, telemetry, queue),
    active: (job: ObservedJob) => announceJob(worker.id, job),
    completed: (...args: unknown[]) => settleAttempt('completed', args),
    failed: (...args: unknown[]) => settleAttempt('failed', args),
  });
}

/** Nobody makes spans: the attempt begins with the `active` event. */
function tracing(worker: ObservableWorker, telemetry: Telemetry, settings: BullmqSettings): () => void {
  const queue = new TracedQueue(worker.name, worker.qualifiedName, settings);
  const clientId = worker.opts.name ?? worker.id;
  const open = new BoundedMap<string | undefined, JobAttempt>(mostOpen);
  let isStopping = false;

  const stopStarting = listening(worker, {
    active: (job: ObservedJob) => {
      // No event tells that a job was handed back, or lost; a new start of the same job does.
      const before = open.take(job.id);
      before?.close(hasStalledSince(before, job) ? 'lost' : 'released');
      open.set(job.id, startAttempt(telemetry, queue, job, clientId))?.close('released');
    },
  });
  const settled = (event: 'completed' | 'failed', args: readonly unknown[]): void => {
    const job = args[0] as ObservedJob | undefined;
    if (job && attempts.get(job) === open.get(job.id)) open.take(job.id);
    settleAttempt(event, args);
    if (isStopping && open.size === 0) stopSettling();
  };
  const stopSettling = listening(worker, {
    ...interruptionListeners(worker, telemetry, queue),
    completed: (...args: unknown[]) => settled('completed', args),
    failed: (...args: unknown[]) => settled('failed', args),
    closed: () => {
      // What a wrapped processor hands back is told at once: without a word, it still runs or its result was refused.
      for (const attempt of open.takeAll()) attempt.close(attempt.hasRun ? 'lost' : 'released');
    },
  });
  return () => {
    stopStarting();
    isStopping = true;
    if (open.size === 0) stopSettling();
  };
}

function hasStalledSince({ job }: JobAttempt, now: ObservedJob): boolean {
  return (now.stalledCounter ?? 0) > (job?.stalledCounter ?? 0);
}

/** What BullMQ tells by id alone. */
function interruptionListeners(
  worker: ObservableWorker,
  telemetry: Telemetry,
  queue: TracedQueue,
): Listeners {
  const stalls = new StallReports(worker, telemetry, queue);
  return {
    stalled: (jobId: string) => stalls.add(jobId),
    lockRenewalFailed: (jobIds: readonly string[]) => locksLost(worker.qualifiedName, jobIds),
  };
}

type Listeners = Partial<Record<ObservedEvent, (...args: never[]) => void>>;

/** @returns takes the listeners back */
function listening(worker: ObservableWorker, listeners: Listeners): () => void {
  const entries = Object.entries(listeners) as [ObservedEvent, (...args: never[]) => void][];
  for (const [event, listener] of entries) worker.on(event, listener);
  return () => {
    for (const [event, listener] of entries) worker.off(event, listener);
  };
}
