import type { TraceEvent } from '../events/trace-event.ts';
import { FoldedSpan } from './folded-span.ts';

/** Spans by id, per trace: ids of old data are only unique within their trace. */
export type SpanIndex = Map<string, Map<string, FoldedSpan>>;

/** Events grouped into spans, not linked yet. */
export interface Fold {
  /** In order of arrival. */
  readonly spans: FoldedSpan[];
  readonly index: SpanIndex;
  /** Entries without a trace id, a span id or an event type: nothing can be said about them. */
  readonly unusable: readonly unknown[];
}

/** Folds events into spans: one look-up per event, no sort. */
export function foldEvents(events: Iterable<TraceEvent>): Fold {
  const spans: FoldedSpan[] = [];
  const unusable: unknown[] = [];
  const index: SpanIndex = new Map();
  let traceId: string | undefined;
  let trace = new Map<string, FoldedSpan>();
  let span: FoldedSpan | undefined;
  for (const event of events) {
    if (!isUsable(event)) {
      unusable.push(event);
      continue;
    }
    if (event.trace_id !== traceId) {
      traceId = event.trace_id;
      trace = traceOf(index, traceId);
      span = undefined;
    }
    // A span's events often arrive together; comparing two ids is cheaper than hashing one.
    if (span?.spanId !== event.span_id) span = trace.get(event.span_id);
    if (span === undefined) {
      span = new FoldedSpan(event.trace_id, event.span_id, spans.length);
      trace.set(event.span_id, span);
      spans.push(span);
    }
    span.take(event);
  }
  return { spans, index, unusable };
}

function isUsable(event: TraceEvent | null | undefined): boolean {
  return (
    typeof event?.span_id === 'string' &&
    typeof event.trace_id === 'string' &&
    typeof event.event_type === 'string'
  );
}

function traceOf(index: SpanIndex, traceId: string): Map<string, FoldedSpan> {
  let trace = index.get(traceId);
  if (trace === undefined) {
    trace = new Map();
    index.set(traceId, trace);
  }
  return trace;
}
