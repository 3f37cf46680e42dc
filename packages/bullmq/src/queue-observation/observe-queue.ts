import {
  ATTR_MESSAGING_DESTINATION_NAME,
  ATTR_MESSAGING_SYSTEM,
  type Attributes,
  countFailure,
  noopTelemetry,
  OptionInvalidError,
  OutcomeAttributes,
  observeQueueReadings,
} from '@throughline/core';
import { portOf, type TelemetrySource } from '../settings/port-of.ts';
import { type ObserveQueueOptions, resolveObserveQueue } from './observe-queue-options.ts';
import { queuePollFailed } from './queue-poll-failed.ts';
import { type PolledQueue, QueuePoller } from './queue-poller.ts';
import { hasRedisClient } from './script-client.ts';

/** What {@link observeQueue} needs of a queue; every BullMQ queue in Redis fits. */
export interface ObservableQueue extends PolledQueue {
  readonly name: string;
}

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
  const stopShowing = observeQueueReadings(port, () => {
    const { snapshot } = poller;
    return snapshot === undefined ? [] : [{ attributes: base, ...snapshot }];
  });
  function stop(): void {
    poller.stop();
    stopShowing();
  }
  // Polls belong to nobody's request, whoever calls this.
  port.withContext(undefined, () => poller.start());
  return stop;
}
