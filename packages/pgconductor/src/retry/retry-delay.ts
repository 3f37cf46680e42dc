import { type Backoff, defaultBackoff, type Failure, longestMs } from './backoff.ts';

/** For how long an execution is put off. */
export interface RetryDelay {
  /** Whole milliseconds from 0. */
  readonly delayMs: number;
  /** Why the function of the setting was not believed; the delay is that of the default then. */
  readonly problem?: unknown;
}

/**
 * For how long to put an execution off that has just failed. Total.
 *
 * @param random from 0 to 1, without 1
 */
export function retryDelay(
  backoff: Backoff,
  failure: Failure,
  random: () => number = Math.random,
): RetryDelay {
  if (backoff.type === 'function') return toldDelay(backoff.delayOf, failure, random);
  const whole = backoff.type === 'list' ? listed(backoff.delaysMs, failure) : grown(backoff, failure);
  return { delayMs: Math.round(whole * (1 - backoff.jitter * random())) };
}

function listed(delaysMs: readonly number[], { failures }: Failure): number {
  return delaysMs[Math.min(Math.max(failures, 1), delaysMs.length) - 1] ?? 0;
}

/** Caps infinity, too: 10,000 failures in, the power is beyond what a number holds; zero times that is no number. */
function grown({ delayMs, factor, maxDelayMs }: typeof defaultBackoff, { failures }: Failure): number {
  if (delayMs === 0) return 0;
  return Math.min(delayMs * factor ** (Math.max(failures, 1) - 1), maxDelayMs);
}

function toldDelay(
  delayOf: (failure: Failure) => number,
  failure: Failure,
  random: () => number,
): RetryDelay {
  try {
    const told: unknown = delayOf(failure);
    if (typeof told === 'number' && told >= 0) return { delayMs: Math.round(Math.min(told, longestMs)) };
    Promise.resolve(told).catch(() => {}); // Nobody waits for it, and nobody would hear it reject.
    return {
      ...retryDelay(defaultBackoff, failure, random),
      problem: new TypeError(`${typeof told} is no delay`),
    };
  } catch (problem) {
    return { ...retryDelay(defaultBackoff, failure, random), problem };
  }
}
