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
 * Folds events into spans, page by page and without a sort.
 *
 * Events of one span mostly arrive together, and children after their parent or beside a sibling; to compare two ids is
 * cheaper than to look one up. So the ids before are remembered, and in most traces there is one look-up per span.
 */
export class Folding implements Fold {
  readonly rows: SpanRows;
  readonly unlinked: number[] = [];
  readonly contested: number[] = [];
  unusable = 0;
  /** Of the event before. */
  #traceId: string | undefined;
  #spanId: string | undefined;
  #row = none;
  /** The parent that was looked for last, in the same trace. */
  #parentId: string | undefined;
  #parent = none;

  /** @param firstTraces the traces that are parts of another one, with that one */
  constructor(firstTraces?: ReadonlyMap<string, string>) {
    this.rows = new SpanRows(firstTraces);
  }

  add(page: readonly TraceEvent[]): void {
    const { rows } = this;
    const first = rows.events.length;
    rows.takePage(page);
    // To make room for a page, the index enters traces of its own.
    this.#traceId = undefined;
    const { events } = rows;
    for (let position = first; position < events.length; position++) {
      const event = events[position] as TraceEvent;
      if (isUsable(event)) this.#take(event, position);
      else this.unusable += 1;
    }
  }

  #take(event: TraceEvent, position: number): void {
    const { rows } = this;
    if (event.trace_id !== this.#traceId) this.#enter(event.trace_id);
    const spanBefore = this.#spanId;
    const rowBefore = this.#row;
    const row = event.span_id === spanBefore ? rowBefore : rows.index.findOrAdd(event.span_id);
    this.#spanId = event.span_id;
    this.#row = row;
    const facts = factsOf(event);
    const mark = (facts & hasEntity) === 0 ? unmarked : markOf(event);
    if (row < rows.count) {
      const isSameParent = event.parent_span_id === rows.firstEventOf(row)?.parent_span_id;
      rows.append(row, position, isSameParent ? facts : facts | parentsDiffer, mark);
      if (!isSameParent) this.contested.push(row);
      return;
    }
    rows.open(position, facts, mark);
    const parentId = asText(event.parent_span_id);
    if (parentId === undefined) return;
    const parent = parentId === spanBefore ? rowBefore : this.#find(parentId);
    if (parent === none || parent === row) this.unlinked.push(row);
    else rows.setParent(row, parent);
  }

  #enter(traceId: string): void {
    this.#traceId = traceId;
    this.rows.index.enter(traceId);
    this.#spanId = undefined;
    this.#parentId = undefined;
  }

  #find(parentId: string): number {
    if (parentId !== this.#parentId) {
      this.#parentId = parentId;
      this.#parent = this.rows.index.findHere(parentId);
    }
    return this.#parent;
  }
}

function isUsable(event: TraceEvent | null | undefined): boolean {
  return (
    typeof event?.span_id === 'string' &&
    typeof event.trace_id === 'string' &&
    typeof event.event_type === 'string'
  );
}
