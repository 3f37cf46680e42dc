import {
  type Attributes,
  defineEventKind,
  METRIC_THROUGHLINE_QUEUE_POLL_FAILURES,
  type TelemetryEventKind,
} from '@throughline/core';

/** A poll of a queue got no answer. */
export interface QueuePollFailed {
  /** The same frozen object for the same queue and error type. */
  readonly attributes: Attributes;
}

/** Feeds `throughline.queue.poll.failures`. */
export const queuePollFailed: TelemetryEventKind<QueuePollFailed> = defineEventKind<QueuePollFailed>(
  'bullmq.queue.poll_failed',
  [
    {
      kind: 'counter',
      name: METRIC_THROUGHLINE_QUEUE_POLL_FAILURES,
      unit: '{failure}',
      description: 'Number of times a queue was asked for its depth and did not answer.',
      value: () => 1,
      attributes: (event) => event.attributes,
    },
  ],
);
