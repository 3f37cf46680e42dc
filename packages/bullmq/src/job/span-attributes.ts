import {
  ATTR_MESSAGING_CLIENT_ID,
  ATTR_MESSAGING_DESTINATION_NAME,
  ATTR_MESSAGING_MESSAGE_ID,
  ATTR_MESSAGING_OPERATION_NAME,
  ATTR_MESSAGING_OPERATION_TYPE,
  ATTR_MESSAGING_SYSTEM,
  ATTR_THROUGHLINE_ATTEMPT,
  ATTR_THROUGHLINE_JOB_NAME,
  ATTR_THROUGHLINE_MAX_ATTEMPTS,
  type Attributes,
  METRIC_THROUGHLINE_BACKOFF_DURATION,
  METRIC_THROUGHLINE_DELAY_DURATION,
  METRIC_THROUGHLINE_WAIT_DURATION,
} from '@throughline/core';
import { backoffSeconds, scheduledDelaySeconds } from '../consuming/start-pauses.ts';
import { maxAttemptsOf, type ObservedJob } from './observed-job.ts';
import type { TracedQueue } from './traced-queue.ts';

// Made once per job, so each is one literal: spreading one set into another costs V8 several times as much.

/**
 * What a `send` span starts with.
 *
 * @see {@link https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/ | Messaging spans}
 */
export function sendAttributes(queue: TracedQueue, jobName: string | undefined): Attributes {
  const attributes = {
    [ATTR_MESSAGING_SYSTEM]: 'bullmq',
    [ATTR_MESSAGING_OPERATION_TYPE]: 'send',
    [ATTR_MESSAGING_OPERATION_NAME]: 'send',
    [ATTR_MESSAGING_DESTINATION_NAME]: queue.name,
    [ATTR_THROUGHLINE_JOB_NAME]: jobName,
  };
  return queue.otherNames ? { ...attributes, ...queue.otherNames.adding(jobName) } : attributes;
}

/** What a `send` span says once BullMQ has taken the job. */
export function sentAttributes(queue: TracedQueue, jobId: string | undefined): Attributes {
  const attributes = { [ATTR_MESSAGING_MESSAGE_ID]: jobId };
  return queue.otherNames ? { ...attributes, ...queue.otherNames.added(jobId) } : attributes;
}

/** What a `process` span says of the start it stands for. */
export function processAttributes(
  queue: TracedQueue,
  job: ObservedJob,
  waitSeconds: number | undefined,
  clientId: string | undefined,
): Attributes {
  const attributes = {
    [ATTR_MESSAGING_SYSTEM]: 'bullmq',
    [ATTR_MESSAGING_OPERATION_TYPE]: 'process',
    [ATTR_MESSAGING_OPERATION_NAME]: 'process',
    [ATTR_MESSAGING_DESTINATION_NAME]: queue.name,
    [ATTR_MESSAGING_MESSAGE_ID]: job.id,
    [ATTR_MESSAGING_CLIENT_ID]: clientId,
    [ATTR_THROUGHLINE_JOB_NAME]: job.name,
    [ATTR_THROUGHLINE_ATTEMPT]: job.attemptsStarted,
    [ATTR_THROUGHLINE_MAX_ATTEMPTS]: maxAttemptsOf(job.opts),
    [METRIC_THROUGHLINE_DELAY_DURATION]: scheduledDelaySeconds(job),
    [METRIC_THROUGHLINE_WAIT_DURATION]: waitSeconds,
    [METRIC_THROUGHLINE_BACKOFF_DURATION]: backoffSeconds(job),
  };
  return queue.otherNames ? { ...attributes, ...queue.otherNames.processing(job) } : attributes;
}
