import {
  ATTR_THROUGHLINE_REASON,
  type Attributes,
  METRIC_THROUGHLINE_LOCK_LOST,
  type Span,
  type SpanEnd,
  type SpanLink,
  type SpanOutcome,
  type Telemetry,
  type TraceContext,
} from '@throughline/core';
import { carriedMetadata } from '../carrier/carried-metadata.ts';
import { originOf } from '../carrier/carrier-origin.ts';
import { jobLockLost, jobProcessed } from '../job/job-events.ts';
import { jobEntity, type ObservedJob } from '../job/observed-job.ts';
import { processAttributes } from '../job/span-attributes.ts';
import type { TracedQueue } from '../job/traced-queue.ts';
import { capturedAtEnd, capturedData, tellable } from '../settings/capture.ts';
import { controlFlowOutcome, isRateLimit } from './attempt-outcome.ts';
import { attempts, fetchedJobs } from './attempt-registry.ts';
import { type FailureReason, lossOf, neverRanReason } from './failure-reason.ts';
import { reportBackoff, reportDelay } from './report-pauses.ts';
import type { RunningStart } from './running-start.ts';
import { forgetStarts, historyOf, rememberEnd } from './start-history.ts';
import { queueWaitSeconds } from './start-pauses.ts';

/**
 * One start of a job: its `process` span, from the moment a worker takes the job up until its result is settled.
 *
 * ```
 *   started ──▶ completed()  ok
 *          ├──▶ failed()     retry when BullMQ keeps the job, else error
 *          ├──▶ threw()      delayed, rate_limited, waiting, released: the processor handed the job back
 *          ├──▶ refused()    lost: the lock is gone or the job is, so the result does not count
 *          └──▶ close()      what the caller knows of a start that ends without a word
 * ```
 *
 * The first to end it wins. BullMQ tells `completed` and `failed` before the worker's own promise settles.
 */
export class JobAttempt implements RunningStart {
  readonly span: Span;
  readonly #telemetry: Telemetry;
  readonly #queue: TracedQueue;
  readonly #startedAt = performance.now();
  #job: ObservedJob | undefined;
  #waitSeconds: number | undefined;
  #thrown: { readonly error: unknown } | undefined;
  #signal: AbortSignal | undefined;
  #hasRun = false;
  #isNamedLate = false;
  #isLockLost = false;
  #settled = false;

  constructor(telemetry: Telemetry, queue: TracedQueue, span: Span) {
    this.#telemetry = telemetry;
    this.#queue = queue;
    this.span = span;
  }

  get job(): ObservedJob | undefined {
    return this.#job;
  }

  get queue(): TracedQueue {
    return this.#queue;
  }

  get isSettled(): boolean {
    return this.#settled;
  }

  /** Whether its processor was called, as far as this package was there. */
  get hasRun(): boolean {
    return this.#hasRun;
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

  identify(job: ObservedJob): void {
    this.#isNamedLate = true;
    this.register(job, queueWaitSeconds(job));
    this.span.identify(jobEntity(this.#queue, job, job.attemptsStarted));
    this.span.setAttributes(processAttributes(this.#queue, job, this.#waitSeconds, undefined));
    const history = historyOf(job);
    if (history === undefined) return;
    this.span.setAttributes(history.attributes);
    for (const link of history.links) this.span.addLink(link);
  }

  runProcessor<T>(call: () => T, signal: AbortSignal | undefined): T {
    this.#hasRun = true;
    this.#signal = signal;
    return this.span.run(call);
  }

  threw(error: unknown): void {
    this.#thrown ??= { error };
    const outcome = controlFlowOutcome(error);
    if (outcome !== undefined) this.#settle(outcome);
  }

  threwBeforeMove(error: unknown): void {
    if (isRateLimit(error)) this.#thrown ??= { error };
    else this.threw(error);
  }

  moved(): void {
    if (this.#isRateLimited()) this.#settle('rate_limited');
  }

  completed(): void {
    this.#settle('ok');
  }

  failed(error: unknown, willRetry: boolean): void {
    const reason = this.#hasRun ? undefined : neverRanReason(this.#job, error);
    this.#settle(
      willRetry ? 'retry' : 'error',
      { error },
      reason ?? (this.#signal?.aborted ? 'canceled' : undefined),
    );
  }

  handedBack(outcome: SpanOutcome): void {
    this.#settle(outcome);
  }

  lockLost(): void {
    if (this.#isLockLost || this.#settled) return;
    this.#isLockLost = true;
    this.span.setAttributes({ [METRIC_THROUGHLINE_LOCK_LOST]: true });
  }

  refused(refusal: unknown): void {
    const loss = lossOf(refusal);
    if (loss === undefined) return;
    if (loss === 'lock_lost') this.lockLost();
    this.#settle('lost', this.#thrown, loss === 'removed' ? loss : undefined);
  }

  close(unknown: 'lost' | 'released', reason?: FailureReason): void {
    const thrown = this.#thrown;
    if (reason === undefined && this.#isRateLimited()) this.#settle('rate_limited');
    else this.#settle(thrown ? 'lost' : unknown, thrown, reason);
  }

  #isRateLimited(): boolean {
    return this.#thrown !== undefined && isRateLimit(this.#thrown.error);
  }

  #settle(outcome: SpanOutcome, failure?: { readonly error: unknown }, reason?: FailureReason): void {
    if (this.#settled) return;
    this.#settled = true;
    if (this.#job) this.#leave(this.#job, outcome);
    this.#telemetry.emitEvent(jobProcessed, {
      attributes: this.#queue.processed.of(outcome, failure),
      durationSeconds: (performance.now() - this.#startedAt) / 1_000,
      waitSeconds: this.#waitSeconds,
    });
    if (outcome === 'retry' && this.#job) reportBackoff(this.#telemetry, this.#queue, this.#job);
    const attributes = this.#isLockLost ? this.#afterLockLoss(outcome, reason) : reasonAttribute(reason);
    this.span.end(this.#endOf(outcome, failure, attributes));
  }

  #endOf(
    outcome: SpanOutcome,
    failure: { readonly error: unknown } | undefined,
    known?: Attributes,
  ): SpanEnd {
    const { otherNames, settings } = this.#queue;
    const job = this.#job;
    const attributes = otherNames && job ? { ...known, ...otherNames.processed(job) } : known;
    const data = job && capturedAtEnd(settings.capture, outcome, job, this.#isNamedLate);
    return failure
      ? { outcome, error: tellable(settings.capture, failure.error), attributes, data }
      : { outcome, attributes, data };
  }

  #recorded(): TraceContext | undefined {
    const { isRecording, context } = this.span;
    return isRecording ? context : undefined;
  }

  /** A renewal that crosses the end of the job fails as well: a result that BullMQ took says that the lock was there. */
  #afterLockLoss(outcome: SpanOutcome, reason: FailureReason | undefined): Attributes {
    const isLost = outcome === 'lost';
    if (isLost) this.#telemetry.emitEvent(jobLockLost, { attributes: this.#queue.processing });
    return { ...reasonAttribute(reason), [METRIC_THROUGHLINE_LOCK_LOST]: isLost };
  }

  #leave(job: ObservedJob, outcome: SpanOutcome): void {
    attempts.delete(job);
    if (fetchedJobs.size > 0) fetchedJobs.take(job);
    if (outcome === 'ok') forgetStarts(job);
    else rememberEnd(job, { context: this.#recorded(), outcome, startedAt: this.#startedAt });
  }
}

function reasonAttribute(reason: FailureReason | undefined): Attributes | undefined {
  return reason && { [ATTR_THROUGHLINE_REASON]: reason };
}

/** Starts the `process` span of a job under the context in its carrier, or as a trace of its own. */
export function startAttempt(
  telemetry: Telemetry,
  queue: TracedQueue,
  job: ObservedJob,
  clientId: string | undefined,
): JobAttempt {
  const waitSeconds = queueWaitSeconds(job);
  const origin = originOf(telemetry, queue.settings, carriedMetadata(job.opts), job);
  const attributes = processAttributes(queue, job, waitSeconds, clientId);
  const history = historyOf(job);
  const span = telemetry.startSpan(queue.processSpan, {
    kind: 'consumer',
    parent: origin.parent,
    links: history ? joined(origin.links, history.links) : origin.links,
    subject: 'job',
    entity: jobEntity(queue, job, job.attemptsStarted),
    data: capturedData(queue.settings.capture, job),
    attributes:
      origin.attributes || history
        ? { ...attributes, ...origin.attributes, ...history?.attributes }
        : attributes,
  });
  const attempt = new JobAttempt(telemetry, queue, span);
  attempt.register(job, waitSeconds);
  return attempt;
}

function joined(
  origins: readonly SpanLink[] | undefined,
  links: readonly SpanLink[],
): readonly SpanLink[] | undefined {
  return origins && links.length > 0 ? [...origins, ...links] : (origins ?? links);
}
