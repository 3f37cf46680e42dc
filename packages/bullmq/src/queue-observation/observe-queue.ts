import {
  ATTR_MESSAGING_DESTINATION_NAME,
  ATTR_MESSAGING_SYSTEM,
  ATTR_THROUGHLINE_QUEUE_STATE,
  type Attributes,
  countFailure,
  METRIC_THROUGHLINE_QUEUE_DEPTH,
  METRIC_THROUGHLINE_QUEUE_OLDEST_AGE,
  METRIC_THROUGHLINE_QUEUE_POLL_TIMESTAMP,
  noopTelemetry,
  type ObservedInstrument,
  OptionInvalidError,
} from '@throughline/core';
import { OutcomeAttributes } from '../job/outcome-attributes.ts';
import { portOf, type TelemetrySource } from '../settings/port-of.ts';
import { type ObserveQueueOptions, resolveObserveQueue } from './observe-queue-options.ts';
import { queuePollFailed } from './queue-poll-failed.ts';
import { type PolledQueue, QueuePoller } from './queue-poller.ts';
import { hasRedisClient } from './script-client.ts';

/** What {@link observeQueue} needs of a queue; every BullMQ queue in Redis fits. */
export interface ObservableQueue extends PolledQueue {
  readonly name: string;
}

const depth: ObservedInstrument = Object.freeze({
  kind: 'gauge',
  name: METRIC_THROUGHLINE_QUEUE_DEPTH,
  unit: '{message}',
  description: 'Number of jobs in the queue, by state.',
});

const oldestAge: ObservedInstrument = Object.freeze({
  kind: 'gauge',
  name: METRIC_THROUGHLINE_QUEUE_OLDEST_AGE,
  unit: 's',
  description: 'How long the oldest waiting job has been due.',
});

const polledAt: ObservedInstrument = Object.freeze({
  kind: 'gauge',
  name: METRIC_THROUGHLINE_QUEUE_POLL_TIMESTAMP,
  unit: 's',
  description: 'When the queue was last asked, in seconds since the epoch.',
});

/**
 * Reports how many jobs a queue holds by state (`throughline.queue.depth`), and for how long the oldest one that waits
 * has been due (`throughline.queue.oldest.age`).
 * `throughline.queue.poll.timestamp` says when that was.
 *
 * Call it in as many processes as you like: one of them polls at a time, the others report nothing, so a queue is never
 * counted twice. A lease in Redis decides; when its holder stops, is killed or loses its connection, another process
 * takes over within three intervals. Values come from the last poll; when that is too old, there are
 * none. (The OpenTelemetry SDK for JavaScript goes on to export what it was told last; the timestamp then stands still, by
 * which the ready-made dashboard knows.) The poller sends two commands per interval, every other process at most one.
 *
 * It never throws or rejects once it has begun. A poll that fails is counted (`throughline.queue.poll.failures`, by
 * `error.type`; `bullmq.poll` in `telemetryHealth`, with the error) and tried again later and later, up to once a minute.
 *
 * @returns ends it. It also ends when the queue is closed, and holds no process open
 * @throws OptionInvalidError `THROUGHLINE_OPTION_INVALID` for an option that cannot be meant or does not exist, and
 * for a queue that is not in Redis
 * @throws TelemetryInvalidError when `telemetry` is not an object
 * @example
 * ```ts
 * import { observeQueue } from '@throughline/bullmq';
 * import { createOtelTelemetry } from '@throughline/otel';
 * import { Queue } from 'bullmq';
 *
 * const queue = new Queue('mail', { connection: { host: '127.0.0.1', port: 6379 } });
 * const stopObserving = observeQueue(queue, createOtelTelemetry(), { states: ['waiting', 'delayed', 'failed'] });
 * ```
 */
export function observeQueue(
  queue: ObservableQueue,
  telemetry: TelemetrySource,
  options?: ObserveQueueOptions,
): () => void {
  const settings = resolveObserveQueue(options);
  if (!hasRedisClient(queue)) throw new OptionInvalidError('observeQueue.queue', queue, 'a queue in Redis');
  const port = portOf(telemetry);
  if (port === noopTelemetry) return () => {};

  const base: Attributes = Object.freeze({
    [ATTR_MESSAGING_SYSTEM]: 'bullmq',
    [ATTR_MESSAGING_DESTINATION_NAME]: queue.name,
  });
  const failures = new OutcomeAttributes(base);
  const poller = new QueuePoller(queue, {
    ...settings,
    isWanted: () => port.isEnabled('measurements'),
    onFailure: (error) => {
      countFailure(port, 'bullmq.poll', error);
      port.emitEvent(queuePollFailed, { attributes: failures.of('error', { error }) });
    },
    onClosed: () => stop(),
  });
  const stopDepth = port.observe(depth, (observe) => {
    for (const [state, count] of Object.entries(poller.snapshot?.counts ?? {}))
      observe(count, { ...base, [ATTR_THROUGHLINE_QUEUE_STATE]: state });
  });
  const stopPolledAt = port.observe(polledAt, (observe) => {
    const seconds = poller.snapshot?.polledAt;
    if (seconds !== undefined) observe(seconds, base);
  });
  const stopAge = port.observe(oldestAge, (observe) => {
    const age = poller.snapshot?.oldestAge;
    if (age !== undefined) observe(age, base);
  });
  function stop(): void {
    poller.stop();
    stopDepth();
    stopAge();
    stopPolledAt();
  }
  // Polls belong to nobody's request, whoever calls this.
  port.withContext(undefined, () => poller.start());
  return stop;
}
