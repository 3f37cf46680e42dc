import { ATTR_MESSAGING_MESSAGE_ID, ATTR_THROUGHLINE_JOB_NAME, type Telemetry } from '@throughline/core';
import { TelemetryAttributes } from 'bullmq';
import { newTrace } from '../carrier/carrier-origin.ts';
import { noteScheduled } from '../carrier/scheduled-carriers.ts';
import { forgetHandOver, handOver, takeAnnouncedJob } from '../consuming/attempt-registry.ts';
import { JobAttempt } from '../consuming/job-attempt.ts';
import { operation, type TracedQueue } from '../job/traced-queue.ts';
import { hostNames } from './bullmq-otel-names.ts';
import type { HostOrigin } from './host-contexts.ts';
import { type HostAttributes, HostSpan, textOf } from './host-span.ts';

/** What a `process` span needs of the tracer that made it. */
export interface ProcessSpanHost {
  readonly telemetry: Telemetry;
  queueNamed(name: string): TracedQueue;
  /** Those whose job is known, until they end. */
  readonly open: Set<HostProcessSpan>;
}

/**
 * The `process` span of one start of a job, as BullMQ's own tracing tells it.
 *
 * BullMQ tells the queue right after the start, then job and worker before it calls the processor, and events
 * `job completed` or `job failed` at the end; nothing when the processor handed the job back or the lock was lost.
 */
export class HostProcessSpan extends HostSpan {
  readonly #host: ProcessSpanHost;
  readonly #origin: HostOrigin | undefined;
  #queue: TracedQueue | undefined;
  #attempt: JobAttempt | undefined;
  #jobId: string | undefined;
  #willRetry = false;

  /** @param origin absent for a job without a carrier */
  constructor(host: ProcessSpanHost, origin: HostOrigin | undefined) {
    super();
    this.#host = host;
    this.#origin = origin;
  }

  override setSpanOnContext(_context: unknown): unknown {
    return this;
  }

  override setAttributes(attributes: HostAttributes): void {
    const attempt = this.#start(attributes);
    if (attempt.queue.otherNames) attempt.span.setAttributes(hostNames(attributes));
    const id = textOf(attributes, TelemetryAttributes.JobId);
    if (id !== undefined && this.#jobId === undefined) this.#identify(attempt, id, attributes);
  }

  override addEvent(name: string, attributes?: HostAttributes): void {
    if (name === 'job completed') this.#start().completed();
    if (name === 'job failed') this.#failed(textOf(attributes, TelemetryAttributes.JobFailedReason));
  }

  override recordException(error: unknown): void {
    this.#start().refused(error);
  }

  override run<T>(fn: () => T): T {
    try {
      return this.#start().span.run(fn);
    } finally {
      forgetHandOver(); // BullMQ has called the processor by now: it does so before it first awaits.
    }
  }

  override end(): void {
    this.#host.open.delete(this);
    this.#start().close('released');
  }

  /**
   * BullMQ moves a failed job of that queue and id. It names neither prefix nor attempt, so several spans may be meant: it
   * says so of each before it calls that one failed.
   */
  failedJobMoves(queueName: string, jobId: string, willRetry: boolean): void {
    if (this.#jobId === jobId && this.#queue?.name === queueName) this.#willRetry = willRetry;
  }

  #start(attributes?: HostAttributes): JobAttempt {
    if (this.#attempt) return this.#attempt;
    const { telemetry } = this.#host;
    const queue = this.#host.queueNamed(textOf(attributes, TelemetryAttributes.QueueName) ?? '');
    const origin = this.#origin?.origin ?? newTrace;
    const span = telemetry.startSpan(queue.processSpan, {
      ...origin,
      kind: 'consumer',
      subject: 'job',
      attributes: { ...operation('process', queue.name), ...origin.attributes },
    });
    this.#queue = queue;
    this.#attempt = new JobAttempt(telemetry, queue, span);
    return this.#attempt;
  }

  #identify(attempt: JobAttempt, id: string, attributes: HostAttributes): void {
    const queue = this.#queue as TracedQueue;
    noteScheduled(id, this.#origin?.metadata);
    this.#jobId = id;
    this.#host.open.add(this);
    const job = takeAnnouncedJob(textOf(attributes, TelemetryAttributes.WorkerId), id);
    if (job) attempt.identify(job);
    else {
      const name = textOf(attributes, TelemetryAttributes.JobName);
      attempt.span.identify({ system: 'bullmq', queue: queue.qualifiedName, name, id });
      attempt.span.setAttributes({ [ATTR_MESSAGING_MESSAGE_ID]: id, [ATTR_THROUGHLINE_JOB_NAME]: name });
      handOver(id, attempt);
    }
  }

  #failed(reason: string | undefined): void {
    const attempt = this.#start();
    const { job, thrown } = attempt;
    const error = thrown ? thrown.error : new Error(reason);
    attempt.failed(error, job ? job.finishedOn === undefined : this.#willRetry);
  }
}
