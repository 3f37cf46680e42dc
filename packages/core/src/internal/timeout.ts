import type { FlushOptions } from '../telemetry/telemetry.ts';

const defaultMs = 5_000;
/** Runtimes fire a timer with a longer delay at once. */
const longestMs = 2_147_483_647;

/** The deadline of a flush, in milliseconds: the default for what cannot be meant, and never more than a timer takes. */
export function timeoutOf({ timeoutMs = defaultMs }: FlushOptions = {}): number {
  return timeoutMs >= 0 ? Math.min(timeoutMs, longestMs) : defaultMs;
}
