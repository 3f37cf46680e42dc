import type { TraceContext } from './trace-context.ts';

/** The fields by which a log record is found from a trace, and the trace from a log record. */
export interface TraceFields {
  readonly trace_id: string;
  readonly span_id: string;
  /** Two hex digits. */
  readonly trace_flags: string;
}

/**
 * The fields to put on a log record so that it can be joined with its trace; empty without a context.
 *
 * @example
 * ```ts
 * import { createTraceContext, traceFields } from '@throughline/core';
 *
 * console.log(JSON.stringify({ message: 'charged', ...traceFields(createTraceContext()) }));
 * ```
 * @see {@link https://opentelemetry.io/docs/specs/otel/compatibility/logging_trace_context/ | OpenTelemetry: Trace Context in non-OTLP Log Formats}
 */
export function traceFields(context: TraceContext | undefined): TraceFields | Record<string, never> {
  if (context === undefined) return {};
  return { trace_id: context.traceId, span_id: context.spanId, trace_flags: `0${context.traceFlags & 0x03}` };
}
