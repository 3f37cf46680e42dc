import { noopTelemetry, type TraceContext } from '@throughline/core';

/** The context of what nobody traces: all zero. */
export const untraced: TraceContext = noopTelemetry.startSpan('').context;
