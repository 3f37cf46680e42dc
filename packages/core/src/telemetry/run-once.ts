import type { TraceContext } from '../trace-context/trace-context.ts';
import { absorb, type FailureLog } from './failure-log.ts';

/**
 * Lets a sink run the host's function and makes sure of what the host gets: `fn` runs exactly once, and the caller
 * receives its very result or its very error, whatever the sink does before, after or instead.
 *
 * @param enter hands the host's function to the sink; static, so that one call costs one closure
 */
export function runOnce<Sink, T>(
  log: FailureLog,
  hook: string,
  enter: (sink: Sink, host: () => T, context: TraceContext | undefined) => unknown,
  sink: Sink,
  fn: () => T,
  context?: TraceContext | undefined,
): T {
  let ran = false;
  let threw = false;
  let outcome: unknown;

  const host = (): T => {
    if (ran) log.count(hook, new Error('it ran its function again'));
    else {
      ran = true;
      try {
        outcome = fn();
      } catch (error) {
        threw = true;
        outcome = error;
      }
    }
    if (threw) throw outcome;
    return outcome as T;
  };

  try {
    const answer = enter(sink, host, context);
    if (!ran || threw || !Object.is(answer, outcome)) {
      log.count(hook, new Error('it did not return the result of its function'));
      absorb(answer);
    }
  } catch (error) {
    if (!threw || error !== outcome) log.count(hook, error);
  }

  if (!ran) return host();
  if (threw) throw outcome;
  return outcome as T;
}
