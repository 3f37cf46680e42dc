import { w3cPropagation } from '../trace-context/propagation.ts';
import { isValidTraceContext, type TraceContext } from '../trace-context/trace-context.ts';
import type { Span, SpanOptions } from './span.ts';
import type { FlushResult, Telemetry } from './telemetry.ts';

/** The context of a span without identity: all zero, so that `inject` writes nothing and no child continues it. */
export const noContext: TraceContext = Object.freeze({
  traceId: '00000000000000000000000000000000',
  spanId: '0000000000000000',
  traceFlags: 0,
});

const nothing = (): void => {};

/** A span that goes nowhere. Its context is the one it was given, so that what is enqueued inside keeps the thread. */
class NoopSpan implements Span {
  readonly context: TraceContext;
  readonly isRecording = false;
  constructor(context: TraceContext) {
    this.context = context;
  }
  identify(): void {}
  setAttributes(): void {}
  addEvent(): void {}
  addLink(): void {}
  run<T>(fn: () => T): T {
    return fn();
  }
  end(): void {}
}

const spanWithoutContext: Span = Object.freeze(new NoopSpan(noContext));

/** A span that goes nowhere and passes `context` on. Shared, and nothing allocated, when there is no context. */
export function noopSpan(context: TraceContext | null | undefined): Span {
  return isValidTraceContext(context) ? new NoopSpan(context) : spanWithoutContext;
}

const nothingToFlush: Promise<FlushResult> = Promise.resolve(Object.freeze({ complete: true }));

/**
 * The telemetry that is used when none is given: frozen, shared, and free of allocations.
 *
 * "Off" is still correct: a span that is started with a parent carries the parent's context, so that a service
 * without telemetry passes the thread on instead of cutting it. Without a parent the context is all zero, which
 * `inject` does not write.
 *
 * @example
 * ```ts
 * import { noopTelemetry, resolveTelemetry } from '@throughline/core';
 *
 * const telemetry = resolveTelemetry(undefined);
 * if (telemetry === noopTelemetry) console.log('telemetry is off');
 * ```
 */
export const noopTelemetry: Telemetry = Object.freeze<Telemetry>({
  startSpan: (_name: string, options?: SpanOptions) => noopSpan(options?.context ?? options?.parent),
  activeContext: nothing as () => undefined,
  withContext: (_context, fn) => fn(),
  propagation: w3cPropagation,
  emitEvent: nothing,
  observe: () => nothing,
  isEnabled: () => false,
  flush: () => nothingToFlush,
  shutdown: () => nothingToFlush,
});
