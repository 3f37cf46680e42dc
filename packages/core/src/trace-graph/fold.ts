import type { TraceEvent } from '../events/trace-event.ts';
import { factsOf, parentsDiffer } from './span-facts.ts';
import { SpanTable } from './span-table.ts';

/** Events grouped into spans, not linked yet. */
export interface Fold {
  readonly table: SpanTable;
  /** How many entries had no trace id, span id or event type: nothing can be said about them. */
  readonly unusable: number;
}

/** Folds events into spans: one look-up per event, no sort. */
export function foldEvents(input: Iterable<TraceEvent>): Fold {
  const events = Array.isArray(input) ? (input as readonly TraceEvent[]) : [...input];
  const table = new SpanTable(events);
  let unusable = 0;
  let traceId: string | undefined;
  let rows = new Map<string, number>();
  let spanId: string | undefined;
  let row = 0;
  for (let position = 0; position < events.length; position++) {
    const event = events[position] as TraceEvent;
    if (!isUsable(event)) {
      unusable += 1;
      continue;
    }
    if (event.trace_id !== traceId) {
      traceId = event.trace_id;
      rows = rowsOf(table, traceId);
      spanId = undefined;
    }
    const facts = factsOf(event);
    // The events of a span often arrive together, and comparing two ids is cheaper than hashing one.
    const known = event.span_id === spanId ? row : rows.get(event.span_id);
    spanId = event.span_id;
    if (known === undefined) {
      row = table.open(position, facts);
      rows.set(spanId, row);
    } else {
      row = known;
      const isSameParent = event.parent_span_id === table.firstEventOf(row)?.parent_span_id;
      table.append(row, position, isSameParent ? facts : facts | parentsDiffer);
    }
  }
  return { table, unusable };
}

function isUsable(event: TraceEvent | null | undefined): boolean {
  return (
    typeof event?.span_id === 'string' &&
    typeof event.trace_id === 'string' &&
    typeof event.event_type === 'string'
  );
}

function rowsOf({ index }: SpanTable, traceId: string): Map<string, number> {
  let rows = index.get(traceId);
  if (rows === undefined) {
    rows = new Map();
    index.set(traceId, rows);
  }
  return rows;
}
