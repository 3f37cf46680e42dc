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
