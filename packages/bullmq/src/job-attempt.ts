import type { Span, SpanOutcome, Telemetry } from '@throughline/core';
import { controlFlowOutcome } from './attempt-outcome.ts';
import { attempts } from './attempt-registry.ts';
import { originOf } from './carrier-origin.ts';
import { jobLockLost, jobProcessed } from './job-events.ts';
import { jobEntity, type ObservedJob } from './observed-job.ts';
import { reportBackoff, reportDelay } from './report-pauses.ts';
import { processAttributes } from './span-attributes.ts';
import { queueWaitSeconds } from './start-pauses.ts';
import type { TracedQueue } from './traced-queue.ts';

/**
 * One start of a job: its `process` span, from the moment a worker takes the job up until its result is settled.
 *
 * ```
 *   started ──▶ completed()  ok
 *          ├──▶ failed()     retry when BullMQ keeps the job, else error
 *          ├──▶ threw()      delayed, rate_limited, waiting, released: the processor handed the job back
 *          └──▶ close()      lost when BullMQ refused the result, else what the caller knows
 * ```
 *
 * The first to end it wins. BullMQ tells `completed` and `failed` before the worker's own promise settles.
 */
export class JobAttempt {
  readonly span: Span;
  readonly #telemetry: Telemetry;
  readonly #queue: TracedQueue;
  readonly #startedAt = performance.now();
  #job: ObservedJob | undefined;
  #waitSeconds: number | undefined;
  #thrown: { readonly error: unknown } | undefined;
  #settled = false;

  constructor(telemetry: Telemetry, queue: TracedQueue, span: Span) {
    this.#telemetry = telemetry;
    this.#queue = queue;
    this.span = span;
  }

  /** The job, once it is known. */
  get job(): ObservedJob | undefined {
    return this.#job;
  }

  /** What was thrown first, in an object because it may be `undefined`. */
  get thrown(): { readonly error: unknown } | undefined {
    return this.#thrown;
  }

  /** From now on, until it is settled, `job` stands for this start. */
  register(job: ObservedJob, waitSeconds: number | undefined): void {
    if (this.#job === undefined) reportDelay(this.#telemetry, this.#queue, job);
    this.#job = job;
    this.#waitSeconds = waitSeconds;
    if (!this.#settled) attempts.set(job, this);
  }

  /** Names the job of a span that was started before the job was known. */
  identify(job: ObservedJob): void {
    this.register(job, queueWaitSeconds(job));
    this.span.identify(jobEntity(this.#queue, job, job.attemptsStarted));
    this.span.setAttributes(processAttributes(this.#queue, job, this.#waitSeconds, undefined));
  }

  /**
   * A job that was handed back ends here; a failure is kept, for the case that BullMQ tells less of it or nothing. The
   * first one counts: what is thrown while BullMQ moves the failed job is not why the job failed.
   */
  threw(error: unknown): void {
    this.#thrown ??= { error };
    const outcome = controlFlowOutcome(error);
    if (outcome !== undefined) this.#settle(outcome);
  }

  completed(): void {
    this.#settle('ok');
  }

  failed(error: unknown, willRetry: boolean): void {
    this.#settle(willRetry ? 'retry' : 'error', { error });
  }

  /** @param unknown the outcome of a start that ended without a word and without an error */
  close(unknown: 'lost' | 'released'): void {
    this.#settle(this.#thrown ? 'lost' : unknown, this.#thrown);
  }

  #settle(outcome: SpanOutcome, failure?: { readonly error: unknown }): void {
    if (this.#settled) return;
    this.#settled = true;
    if (this.#job) attempts.delete(this.#job);
    this.#telemetry.emitEvent(jobProcessed, {
      attributes: this.#queue.processed.of(outcome, failure),
      durationSeconds: (performance.now() - this.#startedAt) / 1_000,
      waitSeconds: this.#waitSeconds,
    });
    if (outcome === 'retry' && this.#job) reportBackoff(this.#telemetry, this.#queue, this.#job);
    if (outcome === 'lost') this.#telemetry.emitEvent(jobLockLost, { attributes: this.#queue.processing });
    this.span.end(failure ? { outcome, error: failure.error } : { outcome });
  }
}

/** Starts the `process` span of a job under the context in its carrier, or as a trace of its own. */
export function startAttempt(
  telemetry: Telemetry,
  queue: TracedQueue,
  job: ObservedJob,
  clientId: string | undefined,
): JobAttempt {
  const waitSeconds = queueWaitSeconds(job);
  const origin = originOf(telemetry, job.opts?.telemetry?.metadata);
  const attributes = processAttributes(queue, job, waitSeconds, clientId);
  const span = telemetry.startSpan(queue.processSpan, {
    kind: 'consumer',
    parent: origin.parent,
    links: origin.links,
    subject: 'job',
    entity: jobEntity(queue, job, job.attemptsStarted),
    attributes: origin.attributes ? { ...attributes, ...origin.attributes } : attributes,
  });
  const attempt = new JobAttempt(telemetry, queue, span);
  attempt.register(job, waitSeconds);
  return attempt;
}
