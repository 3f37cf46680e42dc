import {
  ATTR_MESSAGING_DESTINATION_NAME,
  ATTR_MESSAGING_OPERATION_NAME,
  ATTR_MESSAGING_OPERATION_TYPE,
  ATTR_MESSAGING_SYSTEM,
  type Attributes,
  OutcomeAttributes,
} from '@throughline/core';
import { BullmqOtelNames } from '../host-telemetry/bullmq-otel-names.ts';
import { DeduplicatedJobs } from '../producing/deduplicated-jobs.ts';
import { type BullmqSettings, defaultSettings } from '../settings/bullmq-settings.ts';

/**
 * What all spans and measurements of one queue share. Made once per queue, so that a job costs no string work.
 *
 * @see {@link https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/ | Messaging spans}
 */
export class TracedQueue {
  /** As given to BullMQ: `mail`. */
  readonly name: string;
  /** With the key prefix, as BullMQ builds it: `bull:mail`. Stored events name the queue so. */
  readonly qualifiedName: string;
  readonly settings: BullmqSettings;
  /** Set where spans have other names than ours, too. */
  readonly otherNames: BullmqOtelNames | undefined;
  readonly sendSpan: string;
  readonly processSpan: string;
  readonly deduplicatedJobs: DeduplicatedJobs = new DeduplicatedJobs();
  /** Of measurements of processing that have no outcome. */
  readonly processing: Attributes;
  readonly sent: OutcomeAttributes;
  readonly processed: OutcomeAttributes;

  constructor(name: string, qualifiedName: string, settings: BullmqSettings = defaultSettings) {
    this.name = name;
    this.qualifiedName = qualifiedName;
    this.settings = settings;
    this.otherNames = settings.names === 'bullmq-otel' ? new BullmqOtelNames(name) : undefined;
    this.sendSpan = `send ${name}`;
    this.processSpan = `process ${name}`;
    this.sent = new OutcomeAttributes(operation('send', name));
    this.processing = processing(name);
    this.processed = new OutcomeAttributes(this.processing);
  }
}

/** What spans of an operation have in common. */
export function operation(name: 'send' | 'process', queue: string): Attributes {
  return Object.freeze({
    [ATTR_MESSAGING_SYSTEM]: 'bullmq',
    [ATTR_MESSAGING_OPERATION_TYPE]: name,
    [ATTR_MESSAGING_OPERATION_NAME]: name,
    [ATTR_MESSAGING_DESTINATION_NAME]: queue,
  });
}

/**
 * What measurements of processing have in common: the convention gives the type of the operation to those of client
 * operations only, and every attribute of a measurement costs a sink its hashing.
 *
 * @see {@link https://opentelemetry.io/docs/specs/semconv/messaging/messaging-metrics/ | Messaging metrics}
 */
function processing(queue: string): Attributes {
  return Object.freeze({
    [ATTR_MESSAGING_SYSTEM]: 'bullmq',
    [ATTR_MESSAGING_OPERATION_NAME]: 'process',
    [ATTR_MESSAGING_DESTINATION_NAME]: queue,
  });
}
