import { isValidTraceContext, type TraceContext } from '../trace-context/trace-context.ts';

/**
 * Copies a context of unknown origin, or tells by `undefined` that it identifies nothing. Each field is read once, so
 * that a context with accessors cannot change after it was checked. Total.
 */
export function usableContext(context: unknown): TraceContext | undefined {
  try {
    const { traceId, spanId, traceFlags, traceState, isRemote } = context as TraceContext;
    const copy = { traceId, spanId, traceFlags, traceState, isRemote };
    return isValidTraceContext(copy) ? copy : undefined;
  } catch {
    return undefined;
  }
}
