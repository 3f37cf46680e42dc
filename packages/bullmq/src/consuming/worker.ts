import { noopTelemetry, type Telemetry } from '@throughline/core';
import {
  Worker as BullWorker,
  type WorkerOptions as HostOptions,
  type Span as HostSpan,
  type Job,
  type Processor,
  type SpanKind,
  type WorkerListener,
} from 'bullmq';
import { untraced } from '../host-telemetry/untraced.ts';
import { TracedQueue } from '../job/traced-queue.ts';
import { hideNextTicks } from '../producing/schedule-telemetry.ts';
import { carryIntoSandbox } from '../sandbox/carry-into-sandbox.ts';
import { carriedBy } from '../settings/carried-telemetry.ts';
import { resolveOptions, silences, type WithTelemetry } from '../settings/telemetry-option.ts';
import { attempts, selfTraced } from './attempt-registry.ts';
import { followFetchedJob } from './fetched-job.ts';
import { startAttempt } from './job-attempt.ts';
import { locksLost } from './locks-lost.ts';
import { fetchesInto } from './run-fetched-job.ts';
import { settleAttempt } from './settle-attempt.ts';
import { StallReports } from './stall-reports.ts';

/** BullMQ's worker options with a `telemetry` that may be one of Throughline. */
export type WorkerOptions = WithTelemetry<HostOptions>;

const flushTimeoutMs = 5_000;

/**
 * BullMQ's `Worker`, traced: a `process` span for every start of a job, under the `send` span of the job, active while
 * the processor runs, with attempt number, queue wait and the outcome that BullMQ settled on. Everything else is
 * BullMQ's: the processor's arguments (its `AbortSignal` too), order, concurrency, results and errors.
 *
 * A job without a carrier, or with one that is not believed, starts a trace of its own. A worker that is constructed
 * while a span is active does not adopt it.
 *
 * @example
 * ```ts
 * import { Worker } from '@throughline/bullmq';
 * import { createOtelTelemetry } from '@throughline/otel';
 *
 * const worker = new Worker(
 *   'mail',
 *   async (job) => {
 *     console.log('sending to', job.data.to);
 *   },
 *   { connection: { host: '127.0.0.1', port: 6379 }, telemetry: createOtelTelemetry() },
 * );
 * await worker.close();
 * ```
 * @see {@link https://docs.bullmq.io/guide/workers | BullMQ: Workers}
 */
export class Worker<
  // biome-ignore lint/suspicious/noExplicitAny: BullMQ's own defaults; a drop-in keeps them
  DataType = any,
  // biome-ignore lint/suspicious/noExplicitAny: as above
  ResultType = any,
  NameType extends string = string,
> extends BullWorker<DataType, ResultType, NameType> {
  readonly #telemetry: Telemetry;
  readonly #traced: TracedQueue;
  readonly #clientId: string;
  readonly #isSandboxed: boolean;
  readonly #stalls: StallReports | undefined;
  #flushed: Promise<unknown> | undefined;
  #isForced = false;

  /**
   * @param name the queue
   * @param processor as in BullMQ: a function, or a file for a sandboxed processor
   * @param opts BullMQ's options and `telemetry`
   * @param backend handed on: BullMQ 6's backend factory, BullMQ 5's `Connection` class
   * @throws TelemetryInvalidError when `telemetry` is not an object
   */
  constructor(
    name: string,
    processor?: string | URL | null | Processor<DataType, ResultType, NameType>,
    opts?: WorkerOptions,
    backend?: unknown,
  ) {
    const resolved = resolveOptions(opts);
    // The two majors type these differently; each gets what it documents. BullMQ starts the worker in here, so the
    // overridden methods it calls (`run`, `trace`) must not touch the fields below.
    super(name, processor, resolved.opts as never, backend as never);
    this.#telemetry = resolved.telemetry;
    this.#traced = new TracedQueue(name, this.qualifiedName, resolved.settings);
    this.#clientId = opts?.name ?? this.id;
    this.#traced.otherNames?.workedBy(this.id, opts?.name);
    this.#isSandboxed = typeof processor === 'string' || processor instanceof URL;
    if (resolved.telemetry === noopTelemetry) return;
    selfTraced.add(this);
    fetchesInto(this, this.#traced);
    this.#stalls = new StallReports(this, resolved.telemetry, this.#traced);
  }

  /** Detached from whatever is active: the loop outlives the request in which the worker may have been made. */
  override run(): Promise<void> {
    const carried = carriedBy(this.opts.telemetry);
    return carried ? carried.telemetry.withContext(undefined, () => super.run()) : super.run();
  }

  /** Detached for the same reason: an application that fetches its jobs by hand starts this timer itself. */
  override startStalledCheckTimer(): Promise<void> {
    const carried = carriedBy(this.opts.telemetry);
    const start = (): Promise<void> => super.startStalledCheckTimer();
    return carried ? carried.telemetry.withContext(undefined, start) : start();
  }

  /**
   * As in BullMQ; the job has its `process` span from here on, until the application moves it on by a method of this job
   * object (`moveToCompleted`, `moveToFailed` …).
   */
  override getNextJob(
    ...args: Parameters<BullWorker<DataType, ResultType, NameType>['getNextJob']>
  ): ReturnType<BullWorker<DataType, ResultType, NameType>['getNextJob']> {
    const fetched = super.getNextJob(...args);
    return this.#telemetry === noopTelemetry ? fetched : fetched.then((job) => this.#followed(job));
  }

  /** Adds the next tick of a schedule. */
  override get jobScheduler(): BullWorker<DataType, ResultType, NameType>['jobScheduler'] {
    return super.jobScheduler.then(hideNextTicks);
  }

  override processJob(
    job: Job<DataType, ResultType, NameType>,
    token: string,
    fetchNextCallback?: () => boolean,
  ): ReturnType<BullWorker<DataType, ResultType, NameType>['processJob']> {
    if (this.#telemetry === noopTelemetry) return super.processJob(job, token, fetchNextCallback);
    const attempt = startAttempt(this.#telemetry, this.#traced, job, this.#clientId);
    const processed = super.processJob(job, token, fetchNextCallback);
    const close = (): void => attempt.close('lost', this.closing ? 'worker_closed' : undefined);
    processed.then(close, close);
    return processed;
  }

  protected override callProcessJob(
    job: Job<DataType, ResultType, NameType>,
    token: string,
    signal?: AbortSignal,
  ): Promise<ResultType> {
    const attempt = attempts.get(job);
    if (attempt === undefined) return super.callProcessJob(job, token, signal);
    const call = (): Promise<ResultType> => super.callProcessJob(job, token, signal);
    if (!this.#isSandboxed) return attempt.runProcessor(call, signal);
    const { context } = attempt.span;
    return attempt.runProcessor(() => carryIntoSandbox(this.#telemetry, context, job, call), signal);
  }

  protected override handleFailed(
    error: Error,
    job: Job<DataType, ResultType, NameType>,
    token: string,
    fetchNextCallback?: () => boolean,
    span?: HostSpan,
  ): Promise<Job<DataType, ResultType, NameType>> {
    const attempt = attempts.get(job);
    attempt?.threwBeforeMove(error);
    const handled = super.handleFailed(error, job, token, fetchNextCallback, span);
    const moved = (): void => {
      if (!this.#isForced) attempt?.moved(); // BullMQ leaves the job as it is then, without a word.
    };
    if (attempt) handled.then(moved, (refusal) => attempt.refused(refusal));
    return handled;
  }

  /** After the listeners, so that they still find the span open; they cannot be removed together with this. */
  override emit<Event extends keyof WorkerListener<DataType, ResultType, NameType>>(
    event: Event,
    ...args: Parameters<WorkerListener<DataType, ResultType, NameType>[Event]>
  ): boolean {
    const heard = super.emit(event, ...args);
    if (event === 'completed' || event === 'failed') settleAttempt(event, args);
    else if (event === 'stalled') this.#stalls?.add(args[0] as string);
    else if (event === 'lockRenewalFailed') locksLost(this.qualifiedName, args[0] as readonly string[]);
    return heard;
  }

  /** BullMQ's own spans: made by the methods above instead. */
  override trace<T>(
    kind: SpanKind,
    operation: string,
    destination: string,
    callback: (span?: HostSpan, metadata?: string) => Promise<T> | T,
    metadata?: string,
  ): Promise<T | Promise<T>> {
    if (silences(this.opts.telemetry, kind)) return untraced(callback);
    return super.trace(kind, operation, destination, callback, metadata);
  }

  /**
   * Closes the worker as BullMQ does, ends the spans of the jobs that it did not wait for, and then waits for pending
   * telemetry, 5 seconds at the most.
   */
  override async close(force?: boolean): Promise<void> {
    this.#isForced ||= force === true && this.closing === undefined;
    try {
      await super.close(force);
    } finally {
      if (this.#stalls) this.#abandonJobs();
      this.#flushed ??= this.#telemetry.flush({ timeoutMs: flushTimeoutMs });
      await this.#flushed;
    }
  }

  #followed(job: NextJob<DataType, ResultType, NameType>): NextJob<DataType, ResultType, NameType> {
    if (job) followFetchedJob(job, startAttempt(this.#telemetry, this.#traced, job, this.#clientId));
    return job;
  }

  /** Nobody holds their locks any more, so that another worker will find them stalled. */
  #abandonJobs(): void {
    for (const attempt of [...attempts.values()])
      if (attempt.queue === this.#traced) attempt.close('lost', 'worker_closed');
  }
}

/** BullMQ 6 does not say that there may be none. */
type NextJob<DataType, ResultType, NameType extends string> = Awaited<
  ReturnType<BullWorker<DataType, ResultType, NameType>['getNextJob']>
>;
