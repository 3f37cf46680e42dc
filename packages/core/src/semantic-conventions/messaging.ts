/**
 * Names from OpenTelemetry's messaging conventions, as of semantic conventions 1.45, status "Development": they may
 * change there before they are stable, and are therefore written down once, here.
 *
 * @see {@link https://opentelemetry.io/docs/specs/semconv/messaging/ | OpenTelemetry: semantic conventions for messaging}
 * @module
 */

/** The version of the OpenTelemetry semantic conventions that these names follow. */
export const SEMANTIC_CONVENTIONS_VERSION = '1.45.0';

/**
 * The messaging system: `bullmq`, `pgconductor`. Version 1.45 renames it to `messaging.system.name`; this is the name that
 * backends and dashboards look for.
 */
export const ATTR_MESSAGING_SYSTEM = 'messaging.system';
/** What kind of step this is: `create`, `send`, `receive`, `process` or `settle`. */
export const ATTR_MESSAGING_OPERATION_TYPE = 'messaging.operation.type';
/** What the system itself calls the step: `add`, `addBulk`, `ack`. */
export const ATTR_MESSAGING_OPERATION_NAME = 'messaging.operation.name';
/** The queue. */
export const ATTR_MESSAGING_DESTINATION_NAME = 'messaging.destination.name';
/** The job id or execution id, as text. */
export const ATTR_MESSAGING_MESSAGE_ID = 'messaging.message.id';
/** How many messages a batch operation covers; never set for a single message. */
export const ATTR_MESSAGING_BATCH_MESSAGE_COUNT = 'messaging.batch.message_count';
/** Which producer or consumer did it: a worker's name. */
export const ATTR_MESSAGING_CLIENT_ID = 'messaging.client.id';

/** Counter, `{message}`: messages a producer tried to send. */
export const METRIC_MESSAGING_CLIENT_SENT_MESSAGES = 'messaging.client.sent.messages';
/** Counter, `{message}`: messages delivered to a consumer. */
export const METRIC_MESSAGING_CLIENT_CONSUMED_MESSAGES = 'messaging.client.consumed.messages';
/** Histogram, `s`: how long an operation of the client took. */
export const METRIC_MESSAGING_CLIENT_OPERATION_DURATION = 'messaging.client.operation.duration';
/** Histogram, `s`: how long processing took. */
export const METRIC_MESSAGING_PROCESS_DURATION = 'messaging.process.duration';
