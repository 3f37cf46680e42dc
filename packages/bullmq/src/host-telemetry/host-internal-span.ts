import { ATTR_MESSAGING_DESTINATION_NAME, ATTR_MESSAGING_MESSAGE_ID, type Span } from '@throughline/core';
import { TelemetryAttributes } from 'bullmq';
import { type BullmqSettings, defaultSettings } from '../settings/bullmq-settings.ts';
import { tellable } from '../settings/capture.ts';
import { hostNames } from './bullmq-otel-names.ts';
import { type HostAttributes, HostSpan, textOf } from './host-span.ts';

/** Told when an operation names the job it is about. */
export type JobListener = (queueName: string, jobId: string) => void;

/**
 * One of BullMQ's INTERNAL operations. Of its attributes only the queue and the job id are taken: others hold results,
 * progress and options, which are the user's.
 */
export class HostInternalSpan extends HostSpan {
  readonly #span: Span | undefined;
  readonly #onJob: JobListener | undefined;
  readonly #settings: BullmqSettings;
  #queueName = '';
  #failure: { readonly error: unknown } | undefined;

  /** @param span absent when the operation is only listened to */
  constructor(
    span: Span | undefined,
    onJob: JobListener | undefined,
    settings: BullmqSettings = defaultSettings,
  ) {
    super();
    this.#span = span;
    this.#onJob = onJob;
    this.#settings = settings;
  }

  override setSpanOnContext(context: unknown): unknown {
    return this.#span ? this : context;
  }

  override setAttributes(attributes: HostAttributes): void {
    const queueName = textOf(attributes, TelemetryAttributes.QueueName);
    if (this.#settings.names === 'bullmq-otel') this.#span?.setAttributes(hostNames(attributes));
    const jobId = textOf(attributes, TelemetryAttributes.JobId);
    if (queueName !== undefined) {
      this.#queueName = queueName;
      this.#span?.setAttributes({ [ATTR_MESSAGING_DESTINATION_NAME]: queueName });
    }
    if (jobId !== undefined) {
      this.#onJob?.(this.#queueName, jobId);
      this.#span?.setAttributes({ [ATTR_MESSAGING_MESSAGE_ID]: jobId });
    }
  }

  override recordException(error: unknown): void {
    this.#failure = { error };
  }

  override run<T>(fn: () => T): T {
    return this.#span ? this.#span.run(fn) : fn();
  }

  override end(): void {
    const failure = this.#failure;
    this.#span?.end(failure && { outcome: 'error', error: tellable(this.#settings.capture, failure.error) });
  }
}
