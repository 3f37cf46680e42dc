import {
  ATTR_MESSAGING_BATCH_MESSAGE_COUNT,
  ATTR_MESSAGING_MESSAGE_ID,
  ATTR_THROUGHLINE_JOB_NAME,
  type CarriedRelation,
  type Span,
  type Telemetry,
} from '@throughline/core';
import { TelemetryAttributes } from 'bullmq';
import { carrierText } from '../carrier/carrier-text.ts';
import { operation, type TracedQueue } from '../job/traced-queue.ts';
import { reportSent } from '../producing/report-sent.ts';
import { tellable } from '../settings/capture.ts';
import { hostNames } from './bullmq-otel-names.ts';
import { type HostAttributes, HostSpan, textOf } from './host-span.ts';

/** The `send` span of one `add`, one `addBulk` or one node of a flow, as BullMQ's own tracing tells it. */
export class HostSendSpan extends HostSpan {
  readonly #telemetry: Telemetry;
  readonly #queueNamed: (name: string) => TracedQueue;
  readonly #hostName: string;
  readonly #relation: CarriedRelation | undefined;
  readonly #startedAt = performance.now();
  #started: { readonly span: Span; readonly queue: TracedQueue } | undefined;
  #count = 1;
  #failure: { readonly error: unknown } | undefined;
  #ended = false;

  /**
   * @param hostName what BullMQ calls the span
   * @param relation what the carrier asks the consumer to do
   */
  constructor(
    telemetry: Telemetry,
    queueNamed: (name: string) => TracedQueue,
    hostName: string,
    relation: CarriedRelation | undefined,
  ) {
    super();
    this.#telemetry = telemetry;
    this.#queueNamed = queueNamed;
    this.#hostName = hostName;
    this.#relation = relation;
  }

  override setSpanOnContext(_context: unknown): unknown {
    return this;
  }

  override setAttributes(attributes: HostAttributes): void {
    const { span, queue } = this.#start(attributes);
    if (queue.otherNames) span.setAttributes(hostNames(attributes));
    const id = textOf(attributes, TelemetryAttributes.JobId);
    const count = attributes?.[TelemetryAttributes.BulkCount];
    if (id !== undefined) {
      const name = textOf(attributes, TelemetryAttributes.JobName) ?? this.#jobName(queue);
      span.identify({ system: 'bullmq', queue: queue.qualifiedName, name, id });
      span.setAttributes({ [ATTR_MESSAGING_MESSAGE_ID]: id, [ATTR_THROUGHLINE_JOB_NAME]: name });
    }
    if (typeof count === 'number') {
      this.#count = count;
      span.setAttributes({ [ATTR_MESSAGING_BATCH_MESSAGE_COUNT]: count });
    }
  }

  override recordException(error: unknown): void {
    this.#failure = { error };
  }

  override run<T>(fn: () => T): T {
    return this.#start().span.run(fn);
  }

  override carrier(): string {
    return carrierText(this.#telemetry, this.#start().span.context, this.#relation) ?? '';
  }

  override end(): void {
    if (this.#ended) return;
    this.#ended = true;
    const { span, queue } = this.#start();
    const failure = this.#failure;
    span.end(failure && { outcome: 'error', error: tellable(queue.settings.capture, failure.error) });
    reportSent(this.#telemetry, queue, { count: this.#count, startedAt: this.#startedAt, failure });
  }

  /** Of a schedule, BullMQ tells the job name in the name of the span only. */
  #jobName({ name }: TracedQueue): string | undefined {
    const before = `add ${name}.`;
    return this.#hostName.startsWith(before) ? this.#hostName.slice(before.length) : undefined;
  }

  /** BullMQ names the queue with its first attributes, right after the start: a span has its name from the start. */
  #start(attributes?: HostAttributes): { readonly span: Span; readonly queue: TracedQueue } {
    if (this.#started) return this.#started;
    const queue = this.#queueNamed(textOf(attributes, TelemetryAttributes.QueueName) ?? '');
    const span = this.#telemetry.startSpan(queue.otherNames ? this.#hostName : queue.sendSpan, {
      kind: 'producer',
      subject: 'job',
      attributes: operation('send', queue.name),
    });
    this.#started = { span, queue };
    return this.#started;
  }
}
