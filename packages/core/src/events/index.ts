export type { Clock } from '../internal/clock.ts';
export type { CollectedTrace, CollectTraceOptions, TraceCutOff } from './collect-trace.ts';
export { collectTrace } from './collect-trace.ts';
export type { EncodeOptions } from './encode-trace-event.ts';
export { encodeTraceEvent } from './encode-trace-event.ts';
export type { Unfinished } from './event-facts.ts';
export { entityOf, linksOf, textsOf, unfinishedAfter } from './event-facts.ts';
export { eventId } from './event-id.ts';
export type { EventSpool, SpooledBatch } from './event-spool.ts';
export type { EventType } from './event-type.ts';
export { splitEventType } from './event-type.ts';
export type { EmittedEvent, WriterFlushResult } from './event-writer.ts';
export { EventWriter } from './event-writer.ts';
export type { EventWriterOptions } from './event-writer-options.ts';
export { matchesTraceQuery } from './matches-trace-query.ts';
export type { MemoryTraceStoreOptions } from './memory-trace-store.ts';
export { MemoryTraceStore } from './memory-trace-store.ts';
export { pageOfTraces } from './page-of-traces.ts';
export type { TraceEventReading } from './parse-trace-event.ts';
export { parseTraceEvent } from './parse-trace-event.ts';
export type { RedactOptions } from './redact.ts';
export { redactText } from './redact.ts';
export { summarizeTrace } from './summarize-trace.ts';
export { formatTimestamp, parseTimestamp } from './timestamp.ts';
export type {
  StoredEntity,
  StoredError,
  StoredLink,
  TraceEvent,
  TraceEventData,
  TraceEventPhase,
  TraceEventStatus,
} from './trace-event.ts';
export type {
  AbortSignalLike,
  AppendResult,
  ReadOptions,
  StoreCapabilities,
  TraceListPage,
  TraceListQuery,
  TraceStore,
  TraceSummary,
} from './trace-store.ts';
