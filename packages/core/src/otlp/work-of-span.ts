import type { StoredEntity } from '../events/trace-event.ts';
import {
  ATTR_MESSAGING_DESTINATION_NAME,
  ATTR_MESSAGING_MESSAGE_ID,
  ATTR_MESSAGING_OPERATION_TYPE,
  ATTR_MESSAGING_SYSTEM,
} from '../semantic-conventions/messaging.ts';
import {
  ATTR_THROUGHLINE_ENTITY_ID,
  ATTR_THROUGHLINE_ENTITY_NAME,
  ATTR_THROUGHLINE_ENTITY_QUEUE,
  ATTR_THROUGHLINE_ENTITY_SYSTEM,
} from '../semantic-conventions/otlp.ts';
import { ATTR_THROUGHLINE_JOB_NAME } from '../semantic-conventions/throughline.ts';
import type { JsonObject } from '../telemetry/attributes.ts';
import { asText } from '../trace-graph/event-data.ts';
import type { ImportedSpan } from './imported-span.ts';

/** Names of the consumer group: two groups that read one message do two pieces of work. */
const groupNames = [
  'messaging.consumer.group.name',
  'messaging.destination.subscription.name',
  'messaging.kafka.consumer.group',
];

/** The piece of work that a span is about: what we said ourselves, else the message of the messaging conventions. */
export function entityOf({ kind, attributes }: ImportedSpan): StoredEntity | undefined {
  const id = asText(attributes[ATTR_THROUGHLINE_ENTITY_ID]);
  if (id !== undefined)
    return entity(
      asText(attributes[ATTR_THROUGHLINE_ENTITY_SYSTEM]) ?? '',
      asText(attributes[ATTR_THROUGHLINE_ENTITY_QUEUE]),
      asText(attributes[ATTR_THROUGHLINE_ENTITY_NAME]),
      id,
    );
  const messageId = attributes[ATTR_MESSAGING_MESSAGE_ID];
  const system = messagingSystem(attributes);
  if (system === undefined || (typeof messageId !== 'string' && typeof messageId !== 'number'))
    return undefined;
  if (kind !== 'producer' && !isProcessing(kind, attributes)) return undefined;
  return entity(
    system,
    queueOf(attributes),
    asText(attributes[ATTR_THROUGHLINE_JOB_NAME]),
    String(messageId),
  );
}

/** Receiving and settling a message are no attempts at it. */
function isProcessing(kind: string, attributes: JsonObject): boolean {
  const type = attributes[ATTR_MESSAGING_OPERATION_TYPE] ?? attributes['messaging.operation'];
  return kind === 'consumer' && (type === undefined || type === 'process' || type === 'deliver');
}

function queueOf(attributes: JsonObject): string | undefined {
  const queue = asText(attributes[ATTR_MESSAGING_DESTINATION_NAME] ?? attributes['messaging.destination']);
  const group = groupNames.map((name) => asText(attributes[name])).find((name) => name !== undefined);
  return group === undefined ? queue : `${queue ?? ''}/${group}`;
}

export function messagingSystem(attributes: JsonObject): string | undefined {
  return asText(attributes[ATTR_MESSAGING_SYSTEM] ?? attributes['messaging.system.name']);
}

/** What sources call a message, where it is a source of ours. */
const subjects: Readonly<Record<string, string>> = { bullmq: 'job', pgconductor: 'task' };

/** What the types of a message's events begin with. */
export function messageSubject(system: string): string {
  return Object.hasOwn(subjects, system) ? (subjects[system] ?? '') : 'message';
}

function entity(
  system: string,
  queue: string | undefined,
  name: string | undefined,
  id: string,
): StoredEntity {
  return { system, ...(queue !== undefined && { queue }), ...(name !== undefined && { name }), id };
}
