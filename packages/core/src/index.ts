export { CombineTwoIdentitiesError } from './errors/combine-two-identities-error.ts';
export type { DescribeErrorOptions } from './errors/describe-error.ts';
export { describeError } from './errors/describe-error.ts';
export { OptionInvalidError } from './errors/option-invalid-error.ts';
export { TelemetryInvalidError } from './errors/telemetry-invalid-error.ts';
export { isThroughlineError, ThroughlineError } from './errors/throughline-error.ts';
export type { AmbientContext } from './telemetry/ambient-context.ts';
export { combineTelemetry } from './telemetry/combine.ts';
export type { EventInstrument, TelemetryEventKind } from './telemetry/event-kind.ts';
export { defineEventKind } from './telemetry/event-kind.ts';
export type { FailureReport } from './telemetry/failure-log.ts';
export type { ResolveTelemetryOptions } from './telemetry/guard.ts';
export { resolveTelemetry } from './telemetry/guard.ts';
export { noopTelemetry } from './telemetry/noop.ts';
export type { RecordEventOptions } from './telemetry/record-event.ts';
export { recordEvent } from './telemetry/record-event.ts';
export type {
  Attributes,
  AttributeValue,
  FinishedSpan,
  FlushOptions,
  FlushResult,
  JsonObject,
  JsonValue,
  ObservedInstrument,
  ObservedReader,
  Propagation,
  Span,
  SpanEnd,
  SpanKind,
  SpanLink,
  SpanOptions,
  SpanOutcome,
  SpanRelation,
  Telemetry,
  TelemetryHealth,
  WorkEntity,
  WriterStats,
} from './telemetry/telemetry.ts';
export { telemetryHealth } from './telemetry/telemetry-health.ts';
export type { TracedOptions } from './telemetry/traced.ts';
export { outcomeOf, traced } from './telemetry/traced.ts';
export type { Carrier, CarrierReading, CarrierRejection } from './trace-context/carrier.ts';
export {
  extractTraceContext,
  formatCarrier,
  injectTraceContext,
  readCarrier,
  w3cPropagation,
} from './trace-context/carrier.ts';
export type { CreateTraceContextOptions, TraceContext } from './trace-context/trace-context.ts';
export { createLink, createTraceContext, isValidTraceContext } from './trace-context/trace-context.ts';
export type { TraceFields } from './trace-context/trace-fields.ts';
export { traceFields } from './trace-context/trace-fields.ts';
export { randomSpanId, randomTraceId } from './trace-context/trace-ids.ts';
export type { TraceparentReading, TraceparentRejection } from './trace-context/traceparent.ts';
export { formatTraceparent, parseTraceparent, readTraceparent } from './trace-context/traceparent.ts';
export type {
  FormatTraceStateOptions,
  TraceStateMember,
  TraceStateReading,
  TraceStateRejection,
} from './trace-context/tracestate.ts';
export {
  deleteTraceStateKey,
  formatTraceState,
  getTraceStateValue,
  parseTraceState,
  setTraceStateValue,
} from './trace-context/tracestate.ts';
