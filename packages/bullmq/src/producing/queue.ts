import { noopTelemetry, type Telemetry } from '@throughline/core';
import {
  Queue as BullQueue,
  type QueueOptions as HostOptions,
  type Span as HostSpan,
  type JobsOptions,
  type SpanKind,
} from 'bullmq';
import type { SentAs } from '../carrier/carried-relation.ts';
import { untraced } from '../host-telemetry/untraced.ts';
import { TracedQueue } from '../job/traced-queue.ts';
import { resolveOptions, silences, type WithTelemetry } from '../settings/telemetry-option.ts';
import { JobSend } from './job-send.ts';
import { reportSent } from './report-sent.ts';
import { traceUpserts } from './schedule-telemetry.ts';

/** BullMQ's queue options with a `telemetry` that may be one of Throughline. */
export type QueueOptions = WithTelemetry<HostOptions>;

/**
 * BullMQ's `Queue`, traced: a `send` span for every job that is added, and a carrier of its context in the job's
 * *options*, written in the same command as the job. Job data, the caller's options object and the number of Redis
 * commands stay as they are. Everything else is BullMQ's.
 *
 * A job whose options bring a carrier of their own (`telemetry.metadata`) or want none (`telemetry.omitContext`) is
 * added as it is.
 *
 * @example
 * ```ts
 * import { Queue } from '@throughline/bullmq';
 * import { createOtelTelemetry } from '@throughline/otel';
 *
 * const queue = new Queue('mail', {
 *   connection: { host: '127.0.0.1', port: 6379 },
 *   telemetry: createOtelTelemetry(),
 * });
 * await queue.add('welcome', { to: 'ada@example.com' });
 * await queue.close();
 * ```
 * @see {@link https://docs.bullmq.io/guide/queues | BullMQ: Queues}
 */
export class Queue<
  // biome-ignore lint/suspicious/noExplicitAny: BullMQ's own defaults; a drop-in keeps them
  DataTypeOrJob = any,
  // biome-ignore lint/suspicious/noExplicitAny: as above
  ResultType = any,
  NameType extends string = string,
> extends BullQueue<DataTypeOrJob, ResultType, NameType> {
  readonly #telemetry: Telemetry;
  readonly #traced: TracedQueue;

  /**
   * @param name the queue
   * @param opts BullMQ's options and `telemetry`
   * @param backend handed on: BullMQ 6's backend factory, BullMQ 5's `Connection` class
   * @throws TelemetryInvalidError when `telemetry` is not an object
   */
  constructor(name: string, opts?: QueueOptions, backend?: unknown) {
    const resolved = resolveOptions(opts);
    // The two majors type these differently; each gets what it documents.
    super(name, resolved.opts as never, backend as never);
    this.#telemetry = resolved.telemetry;
    this.#traced = new TracedQueue(name, this.qualifiedName, resolved.settings);
  }

  protected override addJob(
    ...[name, data, opts]: Parameters<BullQueue<DataTypeOrJob, ResultType, NameType>['add']>
  ): ReturnType<BullQueue<DataTypeOrJob, ResultType, NameType>['add']> {
    return this.#telemetry === noopTelemetry
      ? super.addJob(name, data, opts)
      : this.#addTraced(name, data, opts);
  }

  override addBulk(
    jobs: Parameters<BullQueue<DataTypeOrJob, ResultType, NameType>['addBulk']>[0],
  ): ReturnType<BullQueue<DataTypeOrJob, ResultType, NameType>['addBulk']> {
    return this.#telemetry === noopTelemetry ? super.addBulk(jobs) : this.#addBulkTraced(jobs);
  }

  /** Sets schedules up; the `send` span of an upsert is made there. */
  override get jobScheduler(): BullQueue<DataTypeOrJob, ResultType, NameType>['jobScheduler'] {
    return super.jobScheduler.then((scheduler) => traceUpserts(scheduler, this.#traced));
  }

  /** Job ids count from 1 again. */
  override async obliterate(opts?: Parameters<BullQueue['obliterate']>[0]): Promise<void> {
    this.#traced.deduplicatedJobs.forget();
    return super.obliterate(opts);
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

  async #addTraced(
    ...[name, data, opts]: Parameters<BullQueue<DataTypeOrJob, ResultType, NameType>['add']>
  ): ReturnType<BullQueue<DataTypeOrJob, ResultType, NameType>['add']> {
    const startedAt = performance.now();
    const send = this.#startSend(name, data, opts, 'single');
    try {
      const job = await super.addJob(name, data, send.opts);
      send.sent(job);
      reportSent(this.#telemetry, this.#traced, { count: 1, startedAt });
      return job;
    } catch (error) {
      send.failed(error);
      reportSent(this.#telemetry, this.#traced, { count: 1, startedAt, failure: { error } });
      throw error;
    }
  }

  async #addBulkTraced(
    jobs: Parameters<BullQueue<DataTypeOrJob, ResultType, NameType>['addBulk']>[0],
  ): ReturnType<BullQueue<DataTypeOrJob, ResultType, NameType>['addBulk']> {
    const startedAt = performance.now();
    const sends: JobSend<JobsOptions>[] = [];
    const sentAs = jobs.length >= this.#traced.settings.bulkThreshold ? 'bulk' : 'single';
    try {
      const added = await super.addBulk(
        jobs.map(({ name, data, opts }) => {
          const send = this.#startSend(name, data, opts, sentAs);
          sends.push(send);
          return send.opts ? { name, data, opts: send.opts } : { name, data };
        }),
      );
      const earlier = new Set<string>();
      for (const [index, send] of sends.entries()) send.sent(added[index], earlier);
      reportSent(this.#telemetry, this.#traced, { count: added.length, startedAt });
      return added;
    } catch (error) {
      for (const send of sends) send.failed(error);
      reportSent(this.#telemetry, this.#traced, { count: sends.length, startedAt, failure: { error } });
      throw error;
    }
  }

  #startSend(
    name: string,
    data: unknown,
    opts: JobsOptions | undefined,
    sentAs: SentAs,
  ): JobSend<JobsOptions> {
    return new JobSend({
      telemetry: this.#telemetry,
      queue: this.#traced,
      name,
      data,
      opts,
      defaults: this.jobsOpts,
      sentAs,
    });
  }
}
