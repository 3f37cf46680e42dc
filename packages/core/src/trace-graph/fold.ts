import type { TraceEvent } from '../events/trace-event.ts';
import { markOf, unmarked } from './entity-mark.ts';
import { asText } from './event-data.ts';
import { factsOf, hasEntity, parentsDiffer } from './span-facts.ts';
import { none } from './span-index.ts';
import { SpanRows } from './span-rows.ts';

/** Events grouped into spans, and linked as far as parents arrived before their children. */
export interface Fold {
  readonly rows: SpanRows;
  /** Rows that name a parent which had not arrived, or themselves. */
  readonly unlinked: readonly number[];
  /** Rows whose events do not agree on the parent; some of them more than once. */
  readonly contested: readonly number[];
  /** How many entries had no trace id, span id or event type: nothing can be said about them. */
  readonly unusable: number;
}

/**
 * Folds events into spans, page by page and without a sort: one look-up per span, as long as events of one span arrive
 * together, and children after their parent or next to a sibling.
 */
export class Folding implements Fold {
  readonly rows: SpanRows;
  readonly unlinked: number[] = [];
  readonly contested: number[] = [];
  unusable = 0;

  /** @param firstTraces the traces that are parts of another one, with that one */
  constructor(firstTraces?: ReadonlyMap<string, string>) {
    this.rows = new SpanRows(firstTraces);
  }

  add(page: readonly TraceEvent[]): void {
    const { rows } = this;
    const { index } = rows;
    const first = rows.events.length;
    rows.takePage(page);
    const { events } = rows;
    let traceId: string | undefined;
    // Of the event before. To compare two ids is cheaper than to look one up.
    let spanId: string | undefined;
    let row = none;
    let parentId: string | undefined;
    let parent = none;
    for (let position = first; position < events.length; position++) {
      const event = events[position] as TraceEvent;
      if (!isUsable(event)) {
        this.unusable += 1;
        continue;
      }
      if (event.trace_id !== traceId) {
        traceId = event.trace_id;
        index.enter(traceId);
        spanId = undefined;
        parentId = undefined;
      }
      const before = spanId;
      const rowBefore = row;
      spanId = event.span_id;
      if (spanId !== before) row = index.findOrAdd(spanId);
      const facts = factsOf(event);
      const mark = (facts & hasEntity) === 0 ? unmarked : markOf(event);
      if (row < rows.count) {
        const isSameParent = event.parent_span_id === rows.firstEventOf(row)?.parent_span_id;
        rows.append(row, position, isSameParent ? facts : facts | parentsDiffer, mark);
        if (!isSameParent) this.contested.push(row);
        continue;
      }
      rows.open(position, facts, mark);
      const named = asText(event.parent_span_id);
      if (named === undefined) continue;
      if (named !== parentId) {
        parentId = named;
        parent = named === before ? rowBefore : index.find(traceId, named);
      }
      if (parent === none || parent === row) this.unlinked.push(row);
      else rows.setParent(row, parent);
    }
  }
}

function isUsable(event: TraceEvent | null | undefined): boolean {
  return (
    typeof event?.span_id === 'string' &&
    typeof event.trace_id === 'string' &&
    typeof event.event_type === 'string'
  );
}
