import {
  ATTR_THROUGHLINE_QUEUE_STATE,
  METRIC_THROUGHLINE_QUEUE_DEPTH,
  METRIC_THROUGHLINE_QUEUE_OLDEST_AGE,
  METRIC_THROUGHLINE_QUEUE_POLL_TIMESTAMP,
} from '../semantic-conventions/throughline.ts';
import type { Attributes } from './attributes.ts';
import type { ObservedInstrument, Telemetry } from './telemetry.ts';

/** What is known of one queue when metrics are collected. */
export interface QueueReading {
  /** Which queue: `messaging.system` and `messaging.destination.name`. */
  readonly attributes: Attributes;
  /** How many messages it holds, by state, in the words of the queue's library. */
  readonly depth: Readonly<Record<string, number>>;
  /** For how long the oldest message that waits has been due, in seconds; `undefined` when nobody looked. */
  readonly oldestAge: number | undefined;
  /** When that was, in seconds since the epoch. */
  readonly polledAt: number;
}

const depth: ObservedInstrument = /* @__PURE__ */ Object.freeze({
  kind: 'gauge',
  name: METRIC_THROUGHLINE_QUEUE_DEPTH,
  unit: '{message}',
  description: 'Number of messages in the queue, by state.',
});
const oldestAge: ObservedInstrument = /* @__PURE__ */ Object.freeze({
  kind: 'gauge',
  name: METRIC_THROUGHLINE_QUEUE_OLDEST_AGE,
  unit: 's',
  description: 'How long the oldest waiting message has been due.',
});
const polledAt: ObservedInstrument = /* @__PURE__ */ Object.freeze({
  kind: 'gauge',
  name: METRIC_THROUGHLINE_QUEUE_POLL_TIMESTAMP,
  unit: 's',
  description: 'When the queue was last counted, in seconds since the epoch.',
});

/**
 * Shows queues as `throughline.queue.depth`, `throughline.queue.oldest.age` and `throughline.queue.poll.timestamp`: for
 * sources that count their queues now and then, and show what they counted last.
 *
 * @param read called once for each of the three whenever metrics are collected: what is shown. Nothing for what is not known,
 * or not any more; of a queue that several processes could count only one of them shows anything
 * @returns ends it
 * @example
 * ```ts
 * import { observeQueueReadings, type Telemetry } from '@throughline/core';
 *
 * export function observeOutbox(telemetry: Telemetry, outbox: { size: number; countedAt: number }): () => void {
 *   const attributes = { 'messaging.system': 'outbox', 'messaging.destination.name': 'mail' };
 *   return observeQueueReadings(telemetry, () => [
 *     { attributes, depth: { waiting: outbox.size }, oldestAge: undefined, polledAt: outbox.countedAt },
 *   ]);
 * }
 * ```
 */
export function observeQueueReadings(telemetry: Telemetry, read: () => Iterable<QueueReading>): () => void {
  const stops = [
    telemetry.observe(depth, (observe) => {
      for (const reading of read())
        for (const [state, count] of Object.entries(reading.depth))
          observe(count, { ...reading.attributes, [ATTR_THROUGHLINE_QUEUE_STATE]: state });
    }),
    telemetry.observe(oldestAge, (observe) => {
      for (const reading of read())
        if (reading.oldestAge !== undefined) observe(reading.oldestAge, reading.attributes);
    }),
    telemetry.observe(polledAt, (observe) => {
      for (const reading of read()) observe(reading.polledAt, reading.attributes);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
