import { noopTelemetry } from '@throughline/core';
import type { ObservedJob } from '../job/observed-job.ts';
import { TracedQueue } from '../job/traced-queue.ts';
import { carriedBy } from '../settings/carried-telemetry.ts';
import { portOf, settingsOf, type TelemetrySource } from '../settings/port-of.ts';
import { attempts } from './attempt-registry.ts';
import { followedJobs, followFetchedJob } from './fetched-job.ts';
import { type JobAttempt, startAttempt } from './job-attempt.ts';

/** What {@link runFetchedJob} needs of a job; every BullMQ job fits. */
export interface FetchedJob {
  readonly id?: string | undefined;
  readonly name: string;
  readonly queueName: string;
  readonly queueQualifiedName: string;
}

/** By the worker or queue that jobs belong to. */
const queues = new WeakMap<object, TracedQueue>();

/** The jobs of that worker are of that queue, so that the worker ends their starts when it closes. */
export function fetchesInto(worker: object, queue: TracedQueue): void {
  queues.set(worker, queue);
}

/**
 * Runs `fn` with the `process` span of a job active that was fetched by hand: by `worker.getNextJob()`, or made by
 * `Job.fromJSON` of what `moveToCompleted` returned.
 *
 * The drop-in `Worker` starts that span in `getNextJob`; for every other job it is started here. It ends with the move
 * that the application makes on this job object (`moveToCompleted`, `moveToFailed`, `moveToDelayed`, `moveToWait`,
 * `moveToWaitingChildren`), not with `fn`. What is run after that belongs to the same span, which has ended.
 *
 * @param telemetry needed when the job's worker has none; defaults to that of the job's worker
 * @returns what `fn` returns; what it throws is thrown
 * @throws TelemetryInvalidError when `telemetry` is not an object
 * @example
 * ```ts
 * import { runFetchedJob, Worker } from '@throughline/bullmq';
 * import { createOtelTelemetry } from '@throughline/otel';
 *
 * const connection = { host: '127.0.0.1', port: 6379 };
 * const worker = new Worker('mail', null, { connection, telemetry: createOtelTelemetry() });
 * const token = 'mail-loop-1';
 *
 * const job = await worker.getNextJob(token);
 * if (job) {
 *   try {
 *     const sent = await runFetchedJob(job, async () => `sent to ${job.data.to}`);
 *     await job.moveToCompleted(sent, token, false);
 *   } catch (error) {
 *     await job.moveToFailed(error as Error, token, false);
 *   }
 * }
 * await worker.close();
 * ```
 * @see {@link https://docs.bullmq.io/patterns/manually-fetching-jobs | BullMQ: Manually processing jobs}
 */
export function runFetchedJob<T>(job: FetchedJob, fn: () => T, telemetry?: TelemetrySource): T {
  const known = attempts.get(job) ?? followedJobs.get(job);
  const attempt = known ?? startFetched(job as ObservedJob & Owned, telemetry);
  if (attempt === undefined) return fn();
  if (!followedJobs.has(job)) followFetchedJob(job as ObservedJob, attempt);
  return attempt.runProcessor(fn, undefined);
}

/** BullMQ keeps the worker in a field that it does not declare as public. */
interface Owned {
  readonly queue?: { readonly opts?: { readonly telemetry?: TelemetrySource } };
}

function startFetched(job: ObservedJob & Owned, telemetry: TelemetrySource): JobAttempt | undefined {
  const own = job.queue?.opts?.telemetry;
  const source = telemetry ?? (carriedBy(own) && own); // An object that somebody else made for BullMQ is none of ours.
  const port = portOf(source);
  if (port === noopTelemetry) return undefined;
  return startAttempt(port, queueOf(job, source), job, undefined);
}

function queueOf(job: ObservedJob & Owned, source: TelemetrySource): TracedQueue {
  const owner = job.queue ?? job;
  let queue = queues.get(owner);
  if (queue === undefined) {
    queue = new TracedQueue(job.queueName, job.queueQualifiedName, settingsOf(source));
    queues.set(owner, queue);
  }
  return queue;
}
