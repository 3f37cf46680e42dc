import { type Context, context, isSpanContextValid, type SpanContext, trace } from '@opentelemetry/api';
import type { TraceContext } from '@throughline/core';
import { CarriedTraceState } from './carried-trace-state.ts';
import { layered } from './layered-context.ts';

/** Sampled and random; W3C keeps the other bits at zero until they mean something. */
const WIRE_FLAGS = 0x03;

/** A trace context in OpenTelemetry's shape, with tracestate and the remote flag kept. */
export function toSpanContext(from: TraceContext): SpanContext {
  const { traceId, spanId, traceFlags, traceState, isRemote } = from;
  const to: SpanContext = { traceId, spanId, traceFlags: traceFlags & WIRE_FLAGS };
  if (traceState) to.traceState = new CarriedTraceState(traceState);
  if (isRemote) to.isRemote = true;
  return to;
}

/** OpenTelemetry's span context in the port's shape. */
export function toTraceContext(from: SpanContext): TraceContext {
  return {
    traceId: from.traceId,
    spanId: from.spanId,
    traceFlags: from.traceFlags & WIRE_FLAGS,
    traceState: from.traceState?.serialize() || undefined,
    isRemote: from.isRemote,
  };
}

/** The span active in the caller's scope, if there is a valid one. */
export function activeTraceContext(): TraceContext | undefined {
  const spanContext = trace.getSpanContext(context.active());
  return spanContext && isSpanContextValid(spanContext) ? toTraceContext(spanContext) : undefined;
}

/**
 * `base` with `parent` as its active span; everything else in it (baggage, suppression, private keys of a span
 * processor) stays. `base` itself when that span is active already: then the living span stays visible to processors.
 */
export function withActiveSpanContext(base: Context, parent: TraceContext): Context {
  const active = trace.getSpanContext(base);
  if (active?.spanId === parent.spanId && active.traceId === parent.traceId) return base;
  return trace.setSpanContext(layered(base), toSpanContext(parent));
}
