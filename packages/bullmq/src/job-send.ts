import { ATTR_MESSAGING_MESSAGE_ID, type Span, type Telemetry, type TraceContext } from '@throughline/core';
import { ownTelemetryOf, parentFromOwnCarrier, withCarrier } from './job-carrier.ts';
import { jobEntity, type ObservedJob, type ObservedJobOptions } from './observed-job.ts';
import { sendAttributes } from './span-attributes.ts';
import type { TracedQueue } from './traced-queue.ts';

/** How a job is sent. */
export interface JobSendOptions<Options extends ObservedJobOptions> {
  readonly telemetry: Telemetry;
  readonly queue: TracedQueue;
  readonly name: string;
  readonly opts: Options | undefined;
  /** The queue's `defaultJobOptions`. */
  readonly defaults: ObservedJobOptions | undefined;
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

  constructor({ telemetry, queue, name, opts, defaults, parent }: JobSendOptions<Options>) {
    const own = ownTelemetryOf(opts, defaults);
    this.#queue = queue;
    this.#name = name;
    this.#span = telemetry.startSpan(queue.sendSpan, {
      kind: 'producer',
      parent: parent ?? parentFromOwnCarrier(telemetry, own),
      subject: 'job',
      attributes: sendAttributes(queue, name),
    });
    try {
      this.opts = withCarrier(telemetry, opts, own, this.#span.context);
    } catch (error) {
      // Options that throw when they are read: nothing is sent.
      this.#span.end({ outcome: 'error', error });
      throw error;
    }
  }

  get context(): TraceContext {
    return this.#span.context;
  }

  /** @param job what BullMQ returned; `undefined` when it had nothing to add */
  sent(job: ObservedJob | undefined): void {
    if (job?.id !== undefined) this.#span.identify(jobEntity(this.#queue, job));
    this.#span.end({ attributes: { [ATTR_MESSAGING_MESSAGE_ID]: job?.id } });
  }

  failed(error: unknown): void {
    const id = this.opts?.jobId;
    if (id !== undefined)
      this.#span.identify(jobEntity(this.#queue, { id, name: this.#name, opts: this.opts ?? {} }));
    this.#span.end({ outcome: 'error', error });
  }
}
