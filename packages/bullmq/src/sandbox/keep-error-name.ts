import { describeError } from '@throughline/core';

/** BullMQ takes an error of such a name for a decision about the job. */
const hostWords: ReadonlySet<string> = new Set([
  'DelayedError',
  'RateLimitError',
  'UnrecoverableError',
  'WaitingChildrenError',
  'WaitingError',
]);

/**
 * Lets the class of an error survive the way out of a sandbox: BullMQ sends an error's own properties, and a name is
 * usually one of its class. Without this every `TypeError` arrives as `Error`.
 *
 * Total: what cannot be looked at or changed stays as it is.
 */
export function keepErrorName(error: unknown): void {
  try {
    if (!(error instanceof Error) || Object.hasOwn(error, 'name')) return;
    const { type } = describeError(error);
    if (type === 'Error' || hostWords.has(type)) return;
    Object.defineProperty(error, 'name', { value: type, writable: true, configurable: true });
  } catch {
    // A frozen error, or a proxy: its name is not worth more than the job's own failure.
  }
}
