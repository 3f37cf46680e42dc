import type { JsonObject } from '../telemetry/attributes.ts';
import type { SpanKind, SpanRelation } from '../telemetry/span.ts';

/** Phases with a fixed meaning. Any other word is a free phase: a point in time. */
export type TraceEventPhase =
  | 'queued'
  | 'started'
  | 'progress'
  | 'suspended'
  | 'retrying'
  | 'completed'
  | 'failed'
  | 'canceled'
  | 'stalled';

export type TraceEventStatus = 'success' | 'failed' | 'pending';

/** An error as it is stored. */
export interface StoredError {
  readonly type: string;
  readonly message: string;
  readonly code?: string | undefined;
  readonly stack?: string | undefined;
  readonly cause?: StoredError | undefined;
}

/** A link as it is stored. */
export interface StoredLink {
  readonly trace_id: string;
  readonly span_id: string;
  readonly relation?: SpanRelation | undefined;
}

/** The work an event is about, as it is stored. */
export interface StoredEntity {
  readonly system: string;
  readonly queue?: string | undefined;
  readonly name?: string | undefined;
  readonly id: string;
}

/** Free JSON with a few reserved keys that the trace graph understands. */
export interface TraceEventData {
  /** Span name; on the first event of a span. */
  readonly name?: string | undefined;
  /** Span kind; on the first event of a span. */
  readonly kind?: SpanKind | undefined;
  /** What was set; on the end event only what came since the start. */
  readonly attributes?: JsonObject | undefined;
  /** On the first event a writer emits into a trace. */
  readonly resource?: JsonObject | undefined;
  readonly attempt?: number | undefined;
  readonly max_attempts?: number | undefined;
  readonly outcome?: string | undefined;
  /** `false` when the attempt ended but the work did not. */
  readonly final?: boolean | undefined;
  readonly step?: boolean | undefined;
  readonly compensation?: 'required' | 'none' | undefined;
  /** The span that this one undoes. */
  readonly original_span_id?: string | undefined;
  readonly error?: StoredError | undefined;
  readonly links?: readonly StoredLink[] | undefined;
  readonly entity?: StoredEntity | undefined;
  /** `true` when user keys were cut to keep the event within its cap. */
  readonly truncated?: boolean | undefined;
  readonly [key: string]: unknown;
}

/**
 * One stored record, schema version 1. Several events share a span: `started` and `completed` carry the same
 * `span_id`, and both carry the parent.
 *
 * Writers produce W3C ids and RFC 3339 UTC timestamps with six fractional digits; readers accept any non-empty
 * string as an id and keep an event whose timestamp cannot be parsed.
 */
export interface TraceEvent {
  readonly trace_id: string;
  readonly span_id: string;
  readonly parent_span_id?: string | undefined;
  /** `subject:phase`, split at the last colon. */
  readonly event_type: string;
  /** RFC 3339, for example `2026-01-31T12:00:00.000000Z`. */
  readonly timestamp: string;
  /** Absent makes no claim. */
  readonly status?: TraceEventStatus | undefined;
  readonly data?: TraceEventData | undefined;
  readonly tags?: readonly string[] | undefined;
  /** Unique per event; makes `append` idempotent. Given by the writer when absent. */
  readonly event_id?: string | undefined;
  /** The clock domain: events of one source have comparable clocks. */
  readonly source?: string | undefined;
  /** Counter of the writer within its source. */
  readonly seq?: number | undefined;
}
