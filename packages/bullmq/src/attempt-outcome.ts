import type { SpanOutcome } from '@throughline/core';

/** The message by which BullMQ recognises a manual rate limit, whatever the class of the error. */
const rateLimitMessage = 'bullmq:rateLimitExceeded';

/** BullMQ recognises these by name, so that two copies of it agree. */
const controlFlow: Readonly<Record<string, SpanOutcome>> = {
  DelayedError: 'delayed',
  WaitingError: 'released',
  WaitingChildrenError: 'waiting',
};

/**
 * What a thrown value means when it is BullMQ's way to hand a job back rather than a failure.
 *
 * @returns `undefined` for a failure
 * @see {@link https://docs.bullmq.io/patterns/process-step-jobs | Process step jobs}
 */
export function controlFlowOutcome(thrown: unknown): SpanOutcome | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  const { message, name } = thrown as { message?: unknown; name?: unknown };
  if (message === rateLimitMessage) return 'rate_limited';
  return typeof name === 'string' && Object.hasOwn(controlFlow, name) ? controlFlow[name] : undefined;
}
