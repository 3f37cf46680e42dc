export { CombineTwoIdentitiesError } from './errors/combine-two-identities-error.ts';
export type { KnownOptions } from './errors/demand-option.ts';
export { demandOption, demandOptions } from './errors/demand-option.ts';
export type { DescribeErrorOptions } from './errors/describe-error.ts';
export { describeError } from './errors/describe-error.ts';
export { OptionInvalidError } from './errors/option-invalid-error.ts';
export { StoreClosedError } from './errors/store-closed-error.ts';
export { StoreFullError } from './errors/store-full-error.ts';
export { StoreUnavailableError } from './errors/store-unavailable-error.ts';
export { StoreUnsupportedError } from './errors/store-unsupported-error.ts';
export { TelemetryInvalidError } from './errors/telemetry-invalid-error.ts';
export { isThroughlineError, ThroughlineError } from './errors/throughline-error.ts';
export {
  ATTR_ERROR_TYPE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from './semantic-conventions/general.ts';
export {
  ATTR_MESSAGING_BATCH_MESSAGE_COUNT,
  ATTR_MESSAGING_CLIENT_ID,
  ATTR_MESSAGING_DESTINATION_NAME,
  ATTR_MESSAGING_MESSAGE_ID,
  ATTR_MESSAGING_OPERATION_NAME,
  ATTR_MESSAGING_OPERATION_TYPE,
  ATTR_MESSAGING_SYSTEM,
  METRIC_MESSAGING_CLIENT_CONSUMED_MESSAGES,
  METRIC_MESSAGING_CLIENT_OPERATION_DURATION,
  METRIC_MESSAGING_CLIENT_SENT_MESSAGES,
  METRIC_MESSAGING_PROCESS_DURATION,
  SEMANTIC_CONVENTIONS_VERSION,
} from './semantic-conventions/messaging.ts';
export {
  ATTR_THROUGHLINE_ATTEMPT,
  ATTR_THROUGHLINE_JOB_NAME,
  ATTR_THROUGHLINE_MAX_ATTEMPTS,
  ATTR_THROUGHLINE_ORIGIN_TRACE_ID,
  ATTR_THROUGHLINE_OUTCOME,
  ATTR_THROUGHLINE_QUEUE_STATE,
  ATTR_THROUGHLINE_REASON,
  ATTR_THROUGHLINE_RELATION,
  ATTR_THROUGHLINE_WILL_RETRY,
  METRIC_THROUGHLINE_BACKOFF_DURATION,
  METRIC_THROUGHLINE_DELAY_DURATION,
  METRIC_THROUGHLINE_LOCK_LOST,
  METRIC_THROUGHLINE_QUEUE_DEPTH,
  METRIC_THROUGHLINE_QUEUE_OLDEST_AGE,
  METRIC_THROUGHLINE_QUEUE_POLL_FAILURES,
  METRIC_THROUGHLINE_QUEUE_POLL_TIMESTAMP,
  METRIC_THROUGHLINE_STALLED,
  METRIC_THROUGHLINE_WAIT_DURATION,
} from './semantic-conventions/throughline.ts';
export type { AmbientContext } from './telemetry/ambient-context.ts';
export type { Attributes, AttributeValue, JsonObject, JsonValue } from './telemetry/attributes.ts';
export { combineTelemetry } from './telemetry/combine.ts';
export { countFailure } from './telemetry/count-failure.ts';
export { createLink } from './telemetry/create-link.ts';
export type { EventInstrument, TelemetryEventKind } from './telemetry/event-kind.ts';
export { defineEventKind } from './telemetry/event-kind.ts';
export { createEventTelemetry } from './telemetry/event-telemetry.ts';
export type { EventTelemetryOptions, TraceEventSink } from './telemetry/event-telemetry-options.ts';
export type { FailureReport } from './telemetry/failure-log.ts';
export type { ResolveTelemetryOptions } from './telemetry/guard.ts';
export { resolveTelemetry } from './telemetry/guard.ts';
export { noopTelemetry } from './telemetry/noop.ts';
export { OutcomeAttributes } from './telemetry/outcome-attributes.ts';
export type { QueueReading } from './telemetry/queue-readings.ts';
export { observeQueueReadings } from './telemetry/queue-readings.ts';
export type { RecordEventOptions } from './telemetry/record-event.ts';
export { recordEvent } from './telemetry/record-event.ts';
export type { Relation, RelationSetting } from './telemetry/relation.ts';
export { isRelation, relationOf } from './telemetry/relation.ts';
export type {
  FinishedSpan,
  Span,
  SpanEnd,
  SpanKind,
  SpanLink,
  SpanOptions,
  SpanOutcome,
  SpanRelation,
  WorkEntity,
} from './telemetry/span.ts';
export type {
  FlushOptions,
  FlushResult,
  ObservedInstrument,
  ObservedReader,
  Telemetry,
  TelemetryHealth,
  WriterStats,
} from './telemetry/telemetry.ts';
export { telemetryHealth } from './telemetry/telemetry-health.ts';
export type { TracedOptions } from './telemetry/traced.ts';
export { outcomeOf, traced } from './telemetry/traced.ts';
export type { BaggageMember, BaggageProperty, BaggageReading } from './trace-context/baggage.ts';
export { formatBaggage, forwardBaggage, parseBaggage } from './trace-context/baggage.ts';
export type { CarriedRelation, Carrier, CarrierReading, CarrierRejection } from './trace-context/carrier.ts';
export {
  extractTraceContext,
  formatCarrier,
  injectTraceContext,
  readCarrier,
} from './trace-context/carrier.ts';
export type { ContainerRejection } from './trace-context/carrier-fields.ts';
export type { Propagation } from './trace-context/propagation.ts';
export { w3cPropagation } from './trace-context/propagation.ts';
export type { CreateTraceContextOptions, TraceContext } from './trace-context/trace-context.ts';
export { createTraceContext, isValidTraceContext } from './trace-context/trace-context.ts';
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
