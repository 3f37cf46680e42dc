import { isValidTraceContext, type TraceContext } from '../trace-context/trace-context.ts';
import type { Span } from './span.ts';

// What a hook has to answer. Each function takes the answer over or throws, and the guard counts that as a failure.

export function toBoolean(answer: unknown): boolean {
  if (typeof answer !== 'boolean') throw new TypeError('not a boolean');
  return answer;
}

export function toFunction(answer: unknown): () => unknown {
  if (typeof answer !== 'function') throw new TypeError('not a function');
  return answer as () => unknown;
}

export function toSpan(answer: Span): Span {
  if (typeof answer.end !== 'function') throw new TypeError('not a span');
  return answer;
}

/**
 * A copy of the context, or `null` when its ids identify nothing, as without an SDK. Each field is read once, so that a
 * context with accessors cannot change after it was checked.
 */
export function toContext(answer: TraceContext): TraceContext | null {
  const { traceId, spanId, traceFlags, traceState, isRemote } = answer;
  const copy = { traceId, spanId, traceFlags, traceState, isRemote };
  if (isValidTraceContext(copy)) return copy;
  if (typeof traceId !== 'string') throw new TypeError('not a trace context');
  return null;
}

/** For hooks that may answer `undefined`; a hook that fails is `undefined` to the guard, so this is `null`. */
export function toContextIfAny(answer: TraceContext | undefined): TraceContext | null {
  return answer === undefined ? null : toContext(answer);
}
