import {
  ATTR_MESSAGING_CLIENT_ID,
  ATTR_MESSAGING_MESSAGE_ID,
  ATTR_THROUGHLINE_ATTEMPT,
  ATTR_THROUGHLINE_JOB_NAME,
  ATTR_THROUGHLINE_MAX_ATTEMPTS,
  type Attributes,
  METRIC_THROUGHLINE_WAIT_DURATION,
  type Span,
  type SpanOutcome,
  type Telemetry,
} from '@throughline/core';
import { controlFlowOutcome } from './attempt-outcome.ts';
import { originOf } from './carrier-origin.ts';
import { jobProcessed } from './job-events.ts';
import { jobEntity, maxAttemptsOf, type ObservedJob } from './observed-job.ts';
import { queueWaitSeconds } from './queue-wait.ts';
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

  constructor(telemetry: Telemetry, queue: TracedQueue, span: Span, waitSeconds?: number) {
    this.#telemetry = telemetry;
    this.#queue = queue;
    this.span = span;
    this.#waitSeconds = waitSeconds;
  }

  /** The job, where a span had to be started before the job was known. */
  get job(): ObservedJob | undefined {
    return this.#job;
  }

  /** What the processor threw, in an object because it may be `undefined`. */
  get thrown(): { readonly error: unknown } | undefined {
    return this.#thrown;
  }

  /** Names the job of a span that was started before the job was known. */
  identify(job: ObservedJob): void {
    this.#job = job;
    this.#waitSeconds = queueWaitSeconds(job);
    this.span.identify(jobEntity(this.#queue, job, job.attemptsStarted));
    this.span.setAttributes(attemptAttributes(job, this.#waitSeconds));
  }

  /** A job that was handed back ends here; a failure is kept, for the case that BullMQ tells less of it or nothing. */
  threw(error: unknown): void {
    this.#thrown = { error };
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
    this.#telemetry.emitEvent(jobProcessed, {
      attributes: this.#queue.processed.of(outcome, failure),
      durationSeconds: (performance.now() - this.#startedAt) / 1_000,
      waitSeconds: this.#waitSeconds,
    });
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
  const { parent, links, attributes } = originOf(telemetry, job.opts?.telemetry?.metadata);
  const span = telemetry.startSpan(queue.processSpan, {
    kind: 'consumer',
    parent,
    links,
    subject: 'job',
    entity: jobEntity(queue, job, job.attemptsStarted),
    attributes: {
      ...queue.processAttributes,
      ...attemptAttributes(job, waitSeconds),
      [ATTR_MESSAGING_CLIENT_ID]: clientId,
      ...attributes,
    },
  });
  return new JobAttempt(telemetry, queue, span, waitSeconds);
}

function attemptAttributes(job: ObservedJob, waitSeconds: number | undefined): Attributes {
  return {
    [ATTR_MESSAGING_MESSAGE_ID]: job.id,
    [ATTR_THROUGHLINE_JOB_NAME]: job.name,
    [ATTR_THROUGHLINE_ATTEMPT]: job.attemptsStarted,
    [ATTR_THROUGHLINE_MAX_ATTEMPTS]: maxAttemptsOf(job.opts),
    [METRIC_THROUGHLINE_WAIT_DURATION]: waitSeconds,
  };
}
