import type { FlushResult } from '@throughline/core';

const DEFAULT_TIMEOUT_MS = 5_000;
/** Runtimes fire a timer with a longer delay at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** How to flush what a telemetry writes to; `undefined` when there is no way to ask. */
export type Flush = () => unknown;

/**
 * A provider that can be asked to flush. The OpenTelemetry API leaves `forceFlush` to SDKs; every SDK provider has it.
 *
 * @see {@link https://opentelemetry.io/docs/specs/otel/trace/sdk/#forceflush | OpenTelemetry: ForceFlush}
 */
export function flushOf(provider: object | undefined): Flush | undefined {
  const candidate: { readonly forceFlush?: unknown } | undefined = provider;
  const forceFlush = candidate?.forceFlush;
  return typeof forceFlush === 'function' ? () => forceFlush.call(provider) : undefined;
}

/**
 * Runs all flushes within the deadline.
 *
 * @param timeoutMs milliseconds; 5000 when it is absent or cannot be meant
 * @returns never rejects: `complete` is what the providers said, `failed` when one rejected, `timeout` when one was
 * still busy, and `unknown` when somebody could not be asked
 */
export async function flushWithin(
  timeoutMs: number | undefined,
  flushes: readonly (Flush | undefined)[],
): Promise<FlushResult> {
  const known = flushes.filter((flush) => flush !== undefined);
  const unknown = known.length === 0 || known.length < flushes.length;
  const flushed = Promise.all(known.map(async (flush) => flush()));
  const failure = await withinDeadline(usable(timeoutMs), flushed);
  if (failure) return { complete: false, ...failure };
  return unknown ? { complete: 'unknown', reason: 'unsupported' } : { complete: true };
}

/** Why the work did not get done, if it did not. */
type Failure = Pick<FlushResult, 'reason' | 'error'> | undefined;

async function withinDeadline(timeoutMs: number, work: Promise<unknown>): Promise<Failure> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<Failure>((resolve) => {
    timer = setTimeout(() => resolve({ reason: 'timeout' }), timeoutMs);
  });
  const outcome = work.then(
    (): Failure => undefined,
    (error: unknown): Failure => ({ reason: 'failed', error: firstError(error) }),
  );
  try {
    return await Promise.race([outcome, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/** Providers of the SDK reject with a list: the errors of their processors. */
function firstError(error: unknown): unknown {
  return Array.isArray(error) ? error[0] : error;
}

function usable(timeoutMs = DEFAULT_TIMEOUT_MS): number {
  return timeoutMs >= 0 ? Math.min(timeoutMs, LONGEST_TIMEOUT_MS) : DEFAULT_TIMEOUT_MS;
}
