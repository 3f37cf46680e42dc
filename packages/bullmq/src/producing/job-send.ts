import { ATTR_THROUGHLINE_REASON, type Span, type SpanLink, type TraceContext } from '@throughline/core';
import type { SentJob } from '../carrier/carried-relation.ts';
import { ownTelemetryOf, parentFromOwnCarrier, withCarrier } from '../carrier/job-carrier.ts';
import { jobEntity, type ObservedJob, type ObservedJobOptions } from '../job/observed-job.ts';
import { sendAttributes, sentAttributes } from '../job/span-attributes.ts';
import type { TracedQueue } from '../job/traced-queue.ts';
import { tellable } from '../settings/capture.ts';
import { DeduplicatedAdd, deduplicationIdOf } from './deduplicated-jobs.ts';

/** How a job is sent. */
export interface JobSendOptions<Options extends ObservedJobOptions> extends SentJob<Options> {
  /** The span this job is sent under. @default the active one, else the one in the caller's own carrier */
  readonly parent?: TraceContext | undefined;
}

/** A job on its way into the queue: its `send` span, and the options that carry the span's context. */
export class JobSend<Options extends ObservedJobOptions> {
  /** To be given to BullMQ in place of the caller's. */
  readonly opts: Options | undefined;
  readonly #span: Span;
  readonly #queue: TracedQueue;
  readonly #name: string;
  readonly #deduplicated: DeduplicatedAdd | undefined;

  constructor(job: JobSendOptions<Options>) {
    const { telemetry, queue, name, opts, defaults, parent } = job;
    const own = ownTelemetryOf(opts, defaults);
    this.#queue = queue;
    this.#name = name;
    this.#span = telemetry.startSpan(queue.otherNames?.addSpan(name) ?? queue.sendSpan, {
      kind: 'producer',
      parent: parent ?? parentFromOwnCarrier(telemetry, own),
      subject: 'job',
      attributes: sendAttributes(queue, name),
    });
    try {
      this.opts = withCarrier(job, own, this.#span.context);
      this.#deduplicated = deduplicatedAdd(job);
    } catch (error) {
      // Options that throw when they are read: nothing is sent.
      this.#span.end({ outcome: 'error', error: tellable(queue.settings.capture, error) });
      throw error;
    }
  }

  get context(): TraceContext {
    return this.#span.context;
  }

  addLink(link: SpanLink): void {
    this.#span.addLink(link);
  }

  /**
   * @param job what BullMQ returned; `undefined` when it had nothing to add
   * @param earlier ids that BullMQ returned before, in the same call
   */
  sent(job: ObservedJob | undefined, earlier?: Set<string>): void {
    if (job?.id !== undefined) this.#span.identify(jobEntity(this.#queue, job));
    const isKnown = job && this.#deduplicated?.isKnown(job, this.opts?.jobId, earlier);
    const attributes = sentAttributes(this.#queue, job?.id);
    this.#span.end({
      attributes: isKnown ? { ...attributes, [ATTR_THROUGHLINE_REASON]: 'deduplicated' } : attributes,
    });
  }

  failed(error: unknown): void {
    const id = this.opts?.jobId;
    if (id !== undefined)
      this.#span.identify(jobEntity(this.#queue, { id, name: this.#name, opts: this.opts ?? {} }));
    this.#span.end({ outcome: 'error', error: tellable(this.#queue.settings.capture, error) });
  }
}

function deduplicatedAdd({ queue, opts, defaults }: SentJob): DeduplicatedAdd | undefined {
  const id = deduplicationIdOf(opts, defaults);
  return id === undefined ? undefined : new DeduplicatedAdd(queue.deduplicatedJobs, id);
}
