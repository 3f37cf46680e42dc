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
import { attempts, selfTraced } from './attempt-registry.ts';
import { carriedBy } from './carried-telemetry.ts';
import { startAttempt } from './job-attempt.ts';
import { settleAttempt } from './settle-attempt.ts';
import { resolveOptions, silences, type WithTelemetry } from './telemetry-option.ts';
import { TracedQueue } from './traced-queue.ts';

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
  #flushed: Promise<unknown> | undefined;

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
    this.#traced = new TracedQueue(name, this.qualifiedName);
    this.#clientId = opts?.name ?? this.id;
    if (resolved.telemetry !== noopTelemetry) selfTraced.add(this);
  }

  /** Detached from whatever is active: the loop outlives the request in which the worker may have been made. */
  override run(): Promise<void> {
    const carried = carriedBy(this.opts.telemetry);
    return carried ? carried.telemetry.withContext(undefined, () => super.run()) : super.run();
  }

  override processJob(
    job: Job<DataType, ResultType, NameType>,
    token: string,
    fetchNextCallback?: () => boolean,
  ): ReturnType<BullWorker<DataType, ResultType, NameType>['processJob']> {
    if (this.#telemetry === noopTelemetry) return super.processJob(job, token, fetchNextCallback);
    const attempt = startAttempt(this.#telemetry, this.#traced, job, this.#clientId);
    const processed = super.processJob(job, token, fetchNextCallback);
    const close = (): void => attempt.close('lost');
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
    return attempt.span.run(() => super.callProcessJob(job, token, signal));
  }

  protected override handleFailed(
    error: Error,
    job: Job<DataType, ResultType, NameType>,
    token: string,
    fetchNextCallback?: () => boolean,
    span?: HostSpan,
  ): Promise<Job<DataType, ResultType, NameType>> {
    attempts.get(job)?.threw(error);
    return super.handleFailed(error, job, token, fetchNextCallback, span);
  }

  /** After the listeners, so that they still find the span open; they cannot be removed together with this. */
  override emit<Event extends keyof WorkerListener<DataType, ResultType, NameType>>(
    event: Event,
    ...args: Parameters<WorkerListener<DataType, ResultType, NameType>[Event]>
  ): boolean {
    const heard = super.emit(event, ...args);
    if (event === 'completed' || event === 'failed') settleAttempt(event, args);
    return heard;
  }

  /** BullMQ's own spans: made by the methods above instead. */
  override async trace<T>(
    kind: SpanKind,
    operation: string,
    destination: string,
    callback: (span?: HostSpan, metadata?: string) => Promise<T> | T,
    metadata?: string,
  ): Promise<T | Promise<T>> {
    if (silences(this.opts.telemetry, kind)) return callback();
    return super.trace(kind, operation, destination, callback, metadata);
  }

  /** Closes the worker as BullMQ does, then waits for pending telemetry, 5 seconds at the most. */
  override async close(force?: boolean): Promise<void> {
    try {
      await super.close(force);
    } finally {
      this.#flushed ??= this.#telemetry.flush({ timeoutMs: flushTimeoutMs });
      await this.#flushed;
    }
  }
}
