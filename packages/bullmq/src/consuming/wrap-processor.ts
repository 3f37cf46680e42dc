import { demandOption, noopTelemetry, type Telemetry } from '@throughline/core';
import type { Job } from 'bullmq';
import { maxAttemptsOf, type ObservedJob } from '../job/observed-job.ts';
import { TracedQueue } from '../job/traced-queue.ts';
import type { BullmqSettings } from '../settings/bullmq-settings.ts';
import { portOf, settingsOf, type TelemetrySource } from '../settings/port-of.ts';
import { isUnrecoverable } from './attempt-outcome.ts';
import { attempts, takeOver } from './attempt-registry.ts';
import { type JobAttempt, startAttempt } from './job-attempt.ts';
import type { RunningStart } from './running-start.ts';
import { watched } from './watched-call.ts';

/**
 * Wraps a processor for a worker that somebody else constructs: the `process` span is active while it runs, and what it
 * throws is seen where it is thrown. Arguments, `this`, result, error and `length` stay as they are (BullMQ gives an
 * `AbortSignal` only to processors of three parameters).
 *
 * Below {@link bullmqTelemetry}, {@link observeWorker} or a drop-in `Worker` it adds to the span made there. By itself
 * it makes the span, and then has to predict from the job's options whether a failure is retried.
 *
 * @returns `processor` itself when telemetry is off
 * @throws TelemetryInvalidError when `telemetry` is not an object
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID` for a processor that is no function: the path of a
 * file, for example
 * @example
 * ```ts
 * import { wrapProcessor } from '@throughline/bullmq';
 * import { createOtelTelemetry } from '@throughline/otel';
 * import { type Job, Worker } from 'bullmq';
 *
 * const send = async (job: Job<{ to: string }>) => `sent to ${job.data.to}`;
 * const worker = new Worker('mail', wrapProcessor(send, createOtelTelemetry()), {
 *   connection: { host: '127.0.0.1', port: 6379 },
 * });
 * await worker.close();
 * ```
 */
export function wrapProcessor<
  // biome-ignore lint/suspicious/noExplicitAny: a processor of jobs of any type
  Processor extends (job: Job<any, any, any>, token: string, signal: AbortSignal) => unknown,
>(processor: Processor, telemetry: TelemetrySource): Processor {
  demandOption(typeof processor === 'function', 'wrapProcessor.processor', processor, 'a function');
  const port = portOf(telemetry);
  if (port === noopTelemetry) return processor;
  const startOwn = ownAttempts(port, settingsOf(telemetry));
  function traced(this: unknown, ...args: never[]): unknown {
    const call = (): unknown => Reflect.apply(processor, this, args);
    const job: ObservedJob | null | undefined = args[0];
    if (typeof job !== 'object' || job === null) return call();
    const known = attempts.get(job) ?? adopted(job);
    const signal: AbortSignal | undefined = args[2];
    if (known)
      return watched(() => known.runProcessor(call, signal), { threw: (error) => known.threw(error) });
    const own = startOwn(job);
    return watched(() => own.runProcessor(call, signal), {
      returned: () => own.completed(),
      threw: (error) => endFailed(own, job, error),
    });
  }
  Object.defineProperty(traced, 'length', { value: processor.length, configurable: true });
  return traced as unknown as Processor;
}

/** The attempt whose span BullMQ's telemetry object has just started for this very call. */
function adopted(job: ObservedJob): RunningStart | undefined {
  const attempt = takeOver(job);
  attempt?.identify(job);
  return attempt;
}

function ownAttempts(telemetry: Telemetry, settings: BullmqSettings): (job: ObservedJob) => JobAttempt {
  const queues = new Map<string, TracedQueue>();
  return (job) => {
    let queue = queues.get(job.queueQualifiedName);
    if (queue === undefined) {
      queue = new TracedQueue(job.queueName, job.queueQualifiedName, settings);
      queues.set(job.queueQualifiedName, queue);
    }
    return startAttempt(telemetry, queue, job, undefined);
  };
}

function endFailed(attempt: JobAttempt, job: ObservedJob, error: unknown): void {
  attempt.threw(error);
  attempt.failed(error, isRetryExpected(job, error));
}

function isRetryExpected(job: ObservedJob, error: unknown): boolean {
  return job.attemptsMade + 1 < maxAttemptsOf(job.opts) && !isUnrecoverable(error);
}
