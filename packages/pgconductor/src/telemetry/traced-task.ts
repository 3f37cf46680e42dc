import {
  ATTR_MESSAGING_DESTINATION_NAME,
  ATTR_MESSAGING_OPERATION_NAME,
  ATTR_MESSAGING_OPERATION_TYPE,
  ATTR_MESSAGING_SYSTEM,
  ATTR_THROUGHLINE_JOB_NAME,
  type Attributes,
  OutcomeAttributes,
  type WorkEntity,
} from '@throughline/core';
import { ATTR_PGCONDUCTOR_QUEUE, ATTR_PGCONDUCTOR_TASK } from './attribute-names.ts';

/** By which system people look its work up. */
export const system = 'pgconductor';

/**
 * What all spans and measurements of one task share. Made once, so that an execution costs no string work.
 *
 * @see {@link https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/ | Messaging spans}
 */
export class TracedTask {
  readonly name: string;
  readonly queue: string;
  readonly sendSpan: string;
  readonly processSpan: string;
  readonly invokeSpan: string;
  /** With what a span starts: enough for a sampler, and made once. */
  readonly sending: Attributes;
  readonly processing: Attributes;
  /** Of measurements. What SDKs do for each of them grows with the attributes, so each says what it is about and no more. */
  readonly sent: OutcomeAttributes;
  readonly processed: OutcomeAttributes;
  /** Of the handler alone. */
  readonly ran: OutcomeAttributes;
  /** Of what came before the run, whatever comes of that. */
  readonly waited: Attributes;
  /** Ids are unique in a schema, so stored events name the schema with the queue. */
  readonly #qualifiedQueue: string;

  constructor(schemaName: string, name: string, queue: string) {
    this.name = name;
    this.queue = queue;
    this.#qualifiedQueue = `${schemaName}:${queue}`;
    this.sendSpan = `send ${name}`;
    this.processSpan = `process ${name}`;
    this.invokeSpan = `invoke ${name}`;
    this.sending = this.#spanAttributes('send');
    this.processing = this.#spanAttributes('process');
    const byTask = { [ATTR_PGCONDUCTOR_TASK]: name };
    this.sent = new OutcomeAttributes({ ...this.#messaging('send'), ...byTask });
    this.processed = new OutcomeAttributes(this.#messaging('process'));
    this.ran = new OutcomeAttributes(byTask);
    this.waited = Object.freeze({
      [ATTR_MESSAGING_DESTINATION_NAME]: queue,
      [ATTR_MESSAGING_SYSTEM]: system,
      ...byTask,
    });
  }

  /** The words by which people look an execution up. */
  entity(id: string, attempt?: number, maxAttempts?: number): WorkEntity {
    return { system, queue: this.#qualifiedQueue, name: this.name, id, attempt, maxAttempts };
  }

  #spanAttributes(operation: 'send' | 'process'): Attributes {
    return Object.freeze({
      [ATTR_MESSAGING_SYSTEM]: system,
      [ATTR_MESSAGING_OPERATION_TYPE]: operation,
      [ATTR_MESSAGING_OPERATION_NAME]: operation,
      [ATTR_MESSAGING_DESTINATION_NAME]: this.queue,
      [ATTR_THROUGHLINE_JOB_NAME]: this.name,
      [ATTR_PGCONDUCTOR_TASK]: this.name,
      [ATTR_PGCONDUCTOR_QUEUE]: this.queue,
    });
  }

  /** What the convention demands, in the order of names: SDKs sort them for each measurement. */
  #messaging(operation: 'send' | 'process'): Attributes {
    return {
      [ATTR_MESSAGING_DESTINATION_NAME]: this.queue,
      [ATTR_MESSAGING_OPERATION_NAME]: operation,
      [ATTR_MESSAGING_SYSTEM]: system,
    };
  }
}
