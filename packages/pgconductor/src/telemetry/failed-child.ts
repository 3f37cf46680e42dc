import type { SpanLink, Telemetry } from '@throughline/core';
import { ChildFailedError } from '../execution/child-failed-error.ts';
import type { Execution } from '../execution/execution.ts';

const mostCauses = 8;

/**
 * To the span that invoked the child with whose failure a run failed, so that a reader knows that the one is the other's
 * consequence.
 *
 * @returns `undefined` for a run that failed with something of its own
 */
export function failedChildLink(
  { propagation }: Telemetry,
  { batch, id }: Execution,
  error: unknown,
): SpanLink | undefined {
  const failed = childFailedIn(error);
  const kept = failed && batch.stepsOf(id)?.values();
  for (const { child, trace } of kept ?? [])
    if (trace !== null && String(child) === failed?.executionId) {
      const context = propagation.extract(trace);
      return context && { context, relation: 'waits_for' };
    }
  return undefined;
}

/** The error itself or what caused it. Anything can be thrown, also what refuses to be looked at. */
function childFailedIn(error: unknown): ChildFailedError | undefined {
  try {
    let one = error;
    for (let depth = 0; depth < mostCauses && one instanceof Error; depth++) {
      if (one instanceof ChildFailedError) return one;
      one = one.cause;
    }
  } catch {}
  return undefined;
}
