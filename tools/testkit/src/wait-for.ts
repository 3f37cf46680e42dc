import { setTimeout as delay } from 'node:timers/promises';

/** How long {@link waitFor} waits, and what it says when that was not enough. */
export interface WaitOptions {
  /** Deadline in ms. @default 5000 */
  readonly timeoutMs?: number | undefined;
  /** Pause between two looks in ms. @default 10 */
  readonly intervalMs?: number | undefined;
  /** What is waited for, as a noun phrase of the error: `'the second attempt'`. @default 'the condition' */
  readonly what?: string | undefined;
}

/**
 * Waits until `condition` returns something truthy, and returns that.
 *
 * A condition that throws has not come true yet, so `expect` may be used inside; its last error becomes the `cause`.
 *
 * @throws Error `Waited <timeoutMs> ms for <what>.` at the deadline, also when the condition itself never settles
 * @example
 * ```ts
 * import { waitFor } from '@throughline/testkit';
 *
 * const seen: string[] = [];
 * setTimeout(() => seen.push('done'), 20);
 * await waitFor(() => seen.length === 1, { what: 'the first entry' });
 * ```
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 5_000, intervalMs = 10, what = 'the condition' }: WaitOptions = {},
): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs;
  const abort = new AbortController();
  const late = delay(timeoutMs, 'late' as const, { signal: abort.signal }).catch(() => 'late' as const);
  let cause: unknown;
  try {
    do {
      try {
        const value = await Promise.race([condition(), late]);
        if (value === 'late') break;
        if (value) return value;
        cause = undefined;
      } catch (error) {
        cause = error;
      }
      await delay(intervalMs);
    } while (performance.now() < deadline);
  } finally {
    abort.abort();
  }
  throw new Error(`Waited ${timeoutMs} ms for ${what}.`, { cause });
}
