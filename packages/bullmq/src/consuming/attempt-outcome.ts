import type { SpanOutcome } from '@throughline/core';
import { DelayedError, UnrecoverableError, WaitingChildrenError, WaitingError } from 'bullmq';

/** The message by which BullMQ recognises a manual rate limit, whatever the class of the error. */
const rateLimitMessage = 'bullmq:rateLimitExceeded';

/** BullMQ recognises these by class, so that applications can extend them, and by name, so that two copies agree. */
const controlFlow = [
  { type: DelayedError, name: 'DelayedError', outcome: 'delayed' },
  { type: WaitingError, name: 'WaitingError', outcome: 'released' },
  { type: WaitingChildrenError, name: 'WaitingChildrenError', outcome: 'waiting' },
] as const;

/**
 * What a thrown value means when it is BullMQ's way to hand a job back rather than a failure. Total: a value that
 * throws when it is looked at is a failure.
 *
 * @returns `undefined` for a failure
 * @see {@link https://docs.bullmq.io/patterns/process-step-jobs | Process step jobs}
 */
export function controlFlowOutcome(thrown: unknown): SpanOutcome | undefined {
  return recognised(thrown, ({ message, name }) =>
    message === rateLimitMessage
      ? 'rate_limited'
      : controlFlow.find((known) => thrown instanceof known.type || name === known.name)?.outcome,
  );
}

/**
 * Whether BullMQ gives the job up at once, whatever attempts are left. Total, as {@link controlFlowOutcome} is.
 *
 * @see {@link https://docs.bullmq.io/patterns/stop-retrying-jobs | Stop retrying jobs}
 */
export function isUnrecoverable(thrown: unknown): boolean {
  const isIt = ({ name }: Words): boolean =>
    thrown instanceof UnrecoverableError || name === 'UnrecoverableError';
  return recognised(thrown, isIt) ?? false;
}

/** A manual rate limit: the one way to hand a job back that BullMQ carries out itself, after it was thrown. */
export function isRateLimit(thrown: unknown): boolean {
  return wordsOf(thrown)?.message === rateLimitMessage;
}

/** The words of an error by which BullMQ itself knows it. Total, as {@link controlFlowOutcome} is. */
export function wordsOf(thrown: unknown): Words | undefined {
  return recognised(thrown, ({ message, name, code }) => ({ message, name, code }));
}

export type Words = { readonly message?: unknown; readonly name?: unknown; readonly code?: unknown };

/** Processors may throw anything, a proxy with traps included. */
function recognised<T>(thrown: unknown, look: (words: Words) => T): T | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  try {
    return look(thrown);
  } catch {
    return undefined;
  }
}
